/** What the README tells a user to type, typed. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from './support/local-stack.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/<!-- tested -->\n```sh\n(.*?)```/gs)].map(([, block]) => block as string);
const run = promisify(execFile);

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack();
}, 120_000);
afterAll(() => {
  stack?.child.kill('SIGTERM');
});

describe('the README', () => {
  it('has commands to try', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(2);
  });

  it('names the keys that the start prints', () => {
    for (const { keys } of stack.demo.tenants) for (const key of Object.values(keys)) expect(readme).toContain(key);
  });

  it('names only commands that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const [, name = ''] of readme.matchAll(/npm run ([a-z-]+)/g)) expect(Object.keys(scripts)).toContain(name);
  });

  // In order: later commands use what earlier ones left behind.
  it.each(blocks.map((block) => [block.split('\n')[0], block]))('%s', async (_, block) => {
    const url = stack.demo.apis.invoices as string;
    const here = block
      .replaceAll('http://127.0.0.1:3000', url)
      .replaceAll('localhost:3000', new URL(url).host.replace('127.0.0.1', 'localhost'))
      .replaceAll('npm run', `npm --prefix ${root} run`);
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', here], {
      cwd: stack.folder,
      env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`, DATA_DIR: stack.folder },
    });
    expect(stdout).not.toContain('"success":false');
  });
});
