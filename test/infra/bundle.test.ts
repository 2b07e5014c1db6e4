import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuildResult } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../infra/build.ts';
import { contracts } from '../../lib/contracts/index.ts';
import { type Engine, startEngine } from '../support/engine.ts';

const outdir = mkdtempSync(join(tmpdir(), 'bundles-'));
const names = readdirSync('functions').map((file) => file.replace(/\.ts$/, ''));
const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
let built: BuildResult<{ metafile: true }>;
let engine: Engine;

beforeAll(async () => {
  [built, engine] = await Promise.all([build(outdir), startEngine()]);
});
afterAll(async () => {
  await engine.stop();
  rmSync(outdir, { recursive: true });
});

/** Kilobytes: a little above what they are, so that a large dependency does not slip in. */
const ceilings: Record<string, number> = { authorizer: 225, sweep: 400, 'exchange-rates': 220, events: 600 };

const outputOf = (name: string) =>
  Object.entries(built.metafile.outputs).find(([file]) => file.endsWith(`${name}/index.mjs`))?.[1];

it('there is a function for each contract', () => {
  expect(names).toEqual(expect.arrayContaining([...contracts.map(({ name }) => name), 'authorizer', 'sweep']));
});

describe.each(names)('the bundle of %s', (name) => {
  it('exports a handler, with nothing around it but what Lambda gives', async () => {
    const file = JSON.stringify(join(outdir, name, 'index.mjs'));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', `const { handler } = await import(${file}); console.log(typeof handler)`],
      {
        cwd: outdir,
        env: {
          TABLE_NAME: 'none',
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'local',
          AWS_SECRET_ACCESS_KEY: 'local',
          AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
        },
      },
    );
    expect(stdout).toBe('function\n');
  });

  it('stays small', () => {
    expect((outputOf(name)?.bytes ?? Number.POSITIVE_INFINITY) / 1_000).toBeLessThan(ceilings[name] ?? 470);
  });

  it('holds no development package, no unused locale, no search for credentials', () => {
    const inside = Object.entries(outputOf(name)?.inputs ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path);
    const packages = inside.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? '');
    expect(packages.filter((one) => Object.hasOwn(devDependencies, one))).toEqual([]);
    expect(inside.filter((path) => /zod\/.*locales\/(?!en\.|index\.)/.test(path))).toEqual([]);
    expect(packages.filter((one) => /credential-provider|sso|client-sts/.test(one))).toEqual([]);
  });

  it('imports no builtin the slow way', () => {
    expect(outputOf(name)?.imports.filter(({ external }) => external)).toEqual([]);
  });
});
