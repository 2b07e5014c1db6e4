import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../infra/build.ts';
import { contracts } from '../../lib/contracts/index.ts';
import { filesOf, type Output, startOf } from '../support/bundles.ts';
import { type Engine, startEngine } from '../support/engine.ts';

const outdir = mkdtempSync(join(tmpdir(), 'bundles-'));
const names = readdirSync('functions').map((file) => file.replace(/\.ts$/, ''));
const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
let built: Metafile['outputs'];
let engine: Engine;

beforeAll(async () => {
  [built, engine] = await Promise.all([build(outdir), startEngine()]);
});
afterAll(() => engine.stop());

/** Kilobytes: a little above what they are, so that a large dependency does not slip in. */
const ceilings: Record<string, number> = {
  authorizer: 225,
  sweep: 410,
  dunning: 410,
  'exchange-rates': 220,
  events: 600,
};

const packagesIn = (outputs: readonly Output[]): string[] =>
  outputs
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? '');

it('only functions that send carry what sends, and no cold start reads it', () => {
  const carriers = names.filter((name) =>
    packagesIn(filesOf(built, name).map(([, output]) => output)).includes('@aws-sdk/client-sesv2'),
  );
  const senders = contracts.filter(({ delivers }) => delivers).map(({ name }) => name);
  expect(carriers.sort()).toEqual([...senders, 'events'].sort());
  for (const name of carriers) expect(packagesIn(startOf(built, name)), name).not.toContain('@aws-sdk/client-sesv2');
});

it('functions run wherever the project starts: they use nothing that Node 20 lacks', () => {
  const later = /\b(?:(?:Map|Object)\.groupBy|RegExp\.escape|Promise\.(?:withResolvers|try)|Array\.fromAsync)\(/g;
  for (const name of names) {
    for (const [file] of filesOf(built, name)) expect(readFileSync(file, 'utf8').match(later), file).toBeNull();
  }
});

it('only the function that anchors carries Amazon S3', () => {
  const carriers = names.filter((name) => packagesIn(startOf(built, name)).includes('@aws-sdk/client-s3'));
  expect(carriers).toEqual(['anchors']);
});

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
          EVENT_BUS_NAME: 'none',
          ANCHOR_BUCKET: 'none',
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
    const bytes = startOf(built, name).reduce((total, output) => total + output.bytes, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes / 1_000).toBeLessThan(ceilings[name] ?? 510);
  });

  it('holds no development package, no unused locale, no search for credentials', () => {
    const outputs = filesOf(built, name).map(([, output]) => output);
    const inside = outputs.flatMap(({ inputs }) => Object.keys(inputs));
    const packages = packagesIn(outputs);
    expect(packages.filter((one) => Object.hasOwn(devDependencies, one))).toEqual([]);
    expect(inside.filter((path) => /zod\/.*locales\/(?!en\.|index\.)/.test(path))).toEqual([]);
    expect(packages.filter((one) => /credential-provider|sso|client-sts/.test(one))).toEqual([]);
  });

  it('imports no builtin the slow way', () => {
    const imports = filesOf(built, name).flatMap(([, output]) => output.imports);
    expect(imports.filter(({ external }) => external)).toEqual([]);
  });
});
