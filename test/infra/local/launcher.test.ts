import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { engineBinary } from '../../../infra/local/engine.ts';

const launcher = fileURLToPath(new URL('../../../infra/local/start.ts', import.meta.url));
const newFolder = () => mkdtempSync(join(tmpdir(), 'invoice-data-'));
const children: ChildProcess[] = [];

interface Demo {
  apis: Record<string, string>;
  tenants: { name: string; tenant_id: string; keys: Record<'full' | 'read_only' | 'test', string>; series: string[] }[];
  dynamodb: { endpoint: string; table: string };
  api_gateway: string;
}

/** Starts a process; `ended` gives its exit code and everything that it wrote. */
function run(file: string, args: string[], env: Record<string, string>) {
  const child = spawn(file, args, {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'close').then(([code]) => ({ code, output }));
  return { child, ended, output: () => output };
}

const launch = (env: Record<string, string>) => run(process.execPath, [launcher], env);

/** What a start that succeeds tells. */
async function demoOf(dataDir: string, { output, child }: ReturnType<typeof run>): Promise<Demo> {
  const file = join(dataDir, 'demo.json');
  await expect
    .poll(() => output().includes('Serving') || child.exitCode !== null, { timeout: 60_000, interval: 20 })
    .toBe(true);
  expect(output()).toContain('Serving http://127.0.0.1:');
  expect(existsSync(file)).toBe(true);
  return JSON.parse(readFileSync(file, 'utf8'));
}

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );
const gone = (url: string) => expect.poll(() => answers(url), { interval: 20 }).toBe(false);

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

// The first start after a change bundles and synthesizes.
describe('npm start', { timeout: 120_000 }, () => {
  it('serves, tells where, and ends cleanly with its engine on SIGTERM', async () => {
    const dataDir = newFolder();
    const server = launch({ DATA_DIR: dataDir, TABLE_NAME: 'mine' });
    const demo = await demoOf(dataDir, server);
    const url = demo.apis.invoices as string;
    expect(demo).toMatchObject({
      api_gateway: url,
      dynamodb: { table: 'mine' },
      tenants: [{ series: expect.arrayContaining(['INV']) }, {}],
    });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    for (const { keys } of demo.tenants) {
      expect(server.output()).toContain(keys.full);
      const asked = await fetch(`${url}/invoices/unknown`, { headers: { 'X-Api-Key': keys.read_only } });
      expect(asked.status).toBe(404);
    }
    expect((await fetch(`${url}/invoices/unknown`)).status).toBe(401);

    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0 });
    expect(await answers(demo.dynamodb.endpoint)).toBe(false);

    const again = launch({ DATA_DIR: dataDir, TABLE_NAME: 'mine' });
    await demoOf(dataDir, again);
    again.child.kill('SIGINT');
    expect(await again.ended).toMatchObject({ code: 0 });
  });

  it('runs beside another one over one engine and table, which end when their launcher or npm is killed', async () => {
    const [firstDir, secondDir] = [newFolder(), newFolder()];
    // Stands between, as npm does, and is killed without a chance to tell.
    const npm = run(
      process.execPath,
      ['-e', `require('child_process').spawn(process.execPath, ['${launcher}'], { stdio: 'inherit' })`],
      { DATA_DIR: firstDir, npm_lifecycle_event: 'start' },
    );
    const first = await demoOf(firstDir, npm);
    const server = launch({ DATA_DIR: secondDir, DYNAMODB_ENDPOINT: first.dynamodb.endpoint });
    const second = await demoOf(secondDir, server);
    expect(second.dynamodb).toEqual(first.dynamodb);
    expect(second.tenants).toEqual(first.tenants);
    for (const { apis, tenants } of [first, second]) {
      const headers = { 'X-Api-Key': tenants[0]?.keys.full as string };
      expect((await fetch(`${apis.invoices}/invoices/unknown`, { headers })).status).toBe(404);
    }

    const same = await launch({ DATA_DIR: firstDir }).ended;
    expect(same.code).toBe(1);
    expect(same.output.trim().split('\n')).toEqual([
      expect.stringContaining(`DYNAMODB_ENDPOINT=${first.dynamodb.endpoint}`),
    ]);

    npm.child.kill('SIGKILL');
    await gone(first.api_gateway);
    await gone(first.dynamodb.endpoint);
  });

  it('leaves no engine behind when it is killed', async () => {
    const dataDir = newFolder();
    const server = launch({ DATA_DIR: dataDir });
    const { dynamodb } = await demoOf(dataDir, server);
    server.child.kill('SIGKILL');
    await gone(dynamodb.endpoint);
  });
});

describe('npm start says in one line', () => {
  const refusal = async (env: Record<string, string>) => {
    const { code, output } = await launch({ DATA_DIR: newFolder(), ...env }).ended;
    expect(code).toBe(1);
    const lines = output.trim().split('\n');
    expect(lines).toHaveLength(1);
    return lines[0];
  };

  it('that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await refusal({ PORT: String(port) })).toBe(
      `Port ${port} is in use. Stop what uses it, or choose another: PORT=${port + 1} npm start`,
    );
    other.close();
  });

  it('that nothing answers at the endpoint', async () => {
    expect(await refusal({ DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' })).toContain('http://127.0.0.1:1');
  });

  it.each([
    ['PORT', 'http'],
    ['DYNAMODB_ENDPOINT', 'localhost:8000'],
    ['TABLE_NAME', 'my table'],
  ])('that %s=%s is no setting', async (name, value) => {
    expect(await refusal({ [name]: value })).toContain(`${name} is "${value}"`);
  });

  it('that it takes no options', async () => {
    const { code, output } = await run(process.execPath, [launcher, '--port=1'], { DATA_DIR: newFolder() }).ended;
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/^npm start takes no options.*\n$/) });
  });

  it('that the data folder is none', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    expect(await refusal({ DATA_DIR: file })).toBe(
      `${file} cannot be written to (ENOTDIR). Set DATA_DIR to a folder that can.`,
    );
  });

  it.each(['dynamodb.sqlite', 'queues.sqlite'])('that %s is damaged', async (name) => {
    const folder = newFolder();
    writeFileSync(join(folder, name), 'no database '.repeat(1_000));
    const line = await refusal({ DATA_DIR: folder });
    expect(line).toContain(join(folder, name));
    expect(line).toMatch(/[Mm]ove/);
  });

  it('that there is no engine for the platform', () => {
    vi.stubEnv('npm_config_offline', 'true');
    expect(() => engineBinary('plan9-mips')).toThrow('Run DynamoDB Local or another engine');
  });
});
