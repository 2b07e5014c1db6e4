/** What every command says when it is called in a wrong way, or finds nobody. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

const files = {
  keys: 'keys',
  tenants: 'tenants',
  sources: 'sources',
  redrive: 'redrive',
  import: 'import',
  verify: 'verify',
  restore: 'restore',
  order: 'local/order',
};
type Name = keyof typeof files;
const names = Object.keys(files) as Name[];

const empty = mkdtempSync(join(tmpdir(), 'nothing-'));
const stopped = mkdtempSync(join(tmpdir(), 'stopped-'));
const nobody = 'http://127.0.0.1:1';
writeFileSync(
  join(stopped, 'demo.json'),
  JSON.stringify({
    apis: { invoices: nobody },
    tenants: [{ keys: { full: 'k' } }],
    dynamodb: { endpoint: nobody, table: 'invoices' },
    api_gateway: nobody,
    events: { endpoint: nobody, bus: 'b', source: 's', queue: 'arn:aws:sqs:x:1:q', dead_letters: 'arn:aws:sqs:x:1:d' },
  }),
);

const call = (name: Name, args: string[], DATA_DIR = empty): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const settings = { env: { PATH: process.env.PATH, DATA_DIR } };
    const child = execFile(process.execPath, [`infra/${files[name]}.ts`, ...args], settings, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

it.concurrent.each(names)('npm run %s shows its usage, and no stack, for an option that there is not', async (name) => {
  const { code, out, err } = await call(name, ['--bogus']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`Usage: npm run ${name} --`);
  expect(err).not.toMatch(/^ {4}at /m);
});

it.concurrent.each(names)('npm run %s shows its usage to whoever asks', async (name) => {
  const { code, out, err } = await call(name, ['--help']);
  expect({ code, out, err }).toEqual({ code: 0, out: expect.stringContaining(`Usage: npm run ${name} --`), err: '' });
});

it.concurrent('a command says that nothing was started', async () => {
  const { code, err } = await call('order', []);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('Start the local stack with `npm start`') });
});

// The table is asked for eight seconds.
it.concurrent.each<[Name, string[]]>([
  ['tenants', ['list']],
  ['redrive', []],
  ['order', []],
])('npm run %s says in a line that what was started does not answer any more', async (name, args) => {
  const { code, err } = await call(name, args, stopped);
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^The (table|stack) does not answer.*run\?\n$/),
  });
});

it.concurrent.each<[Name, string[], string]>([
  ['tenants', ['crate'], 'There is no command crate.'],
  ['tenants', ['create', '--file', 'README.md'], 'README.md is not JSON'],
  ['sources', ['add', '--tenant', 't', '--mode', 'prod'], '--mode is live or test, not prod.'],
  ['redrive', ['letters'], 'There are no letters.'],
  ['import', ['--tenant', 't'], 'Name one file to import.'],
  ['restore', ['thaw'], 'There is no command thaw.'],
])('npm run %s -- %j names the fault', async (name, args, fault) => {
  expect((await call(name, args, stopped)).err).toContain(fault);
});
