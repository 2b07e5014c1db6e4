/** The keys command through its front door: a process of its own, the real engine, API Gateway's wire protocol. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issue } from '../../infra/key-desk.ts';
import { apiKeys } from '../../infra/local/api-keys.ts';
import { controlPlane } from '../../infra/local/control-plane.ts';
import { createLocalTable } from '../../infra/local/tables.ts';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { findKey, hashOf, listKeys } from '../../lib/dynamo/keys.ts';
import { tokenUsageKey } from '../../lib/lambda/jwt.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { tenant } from '../support/fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
let engine: Engine;
let gateway: Server;
let gatewayKeys: ReturnType<typeof apiKeys>;
let connection: Connection;
let api: string;

beforeAll(async () => {
  engine = await startEngine();
  const client = clientOf(engine.endpoint);
  await Promise.all([createTable(engine.endpoint, 'invoices'), createLocalTable(client, 'invoices-local')]);
  connection = connect(client, 'invoices');
  await directory(connection).putTenant(tenant);
  gatewayKeys = apiKeys(client, 'invoices-local');
  const stages = [{ apiId: 'Invoices', stage: 'prod' }];
  const plans = ['free', 'standard'].map((name) => ({ id: `plan-${name}`, name, stages }));
  gateway = createServer(controlPlane(gatewayKeys, plans)).listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  api = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const demo = { dynamodb: { endpoint: engine.endpoint, table: 'invoices' }, api_gateway: api };
  writeFileSync(join(folder, 'demo.json'), JSON.stringify(demo));
  const outputs = { Stack: { TableName: 'invoices', StandardPlanId: 'plan-standard', FreePlanId: 'plan-free' } };
  writeFileSync(join(folder, 'outputs.json'), JSON.stringify(outputs));
});
afterAll(async () => {
  gateway.close();
  await engine.stop();
});

interface Outcome {
  code: number;
  out: string;
  err: string;
}

const keys = (args: string[], env: Record<string, string> = {}): Promise<Outcome> =>
  new Promise((resolve) => {
    const settings = { env: { PATH: process.env.PATH, DATA_DIR: folder, ...env } };
    const child = execFile(process.execPath, ['infra/keys.ts', ...args], settings, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

const create = async (...more: string[]) => {
  const { code, out, err } = await keys(['create', '--tenant', tenant.id, '--name', 'till', ...more]);
  expect({ code, err }).toMatchObject({ code: 0 });
  const secret = out.trim();
  return { secret, key: await findKey(connection, hashOf(secret)) };
};

describe('create', () => {
  it('prints the secret once, and admits the key to its plan', async () => {
    const { secret, key } = await create(
      '--mode',
      'test',
      '--plan',
      'free',
      '--scopes',
      'read_only',
      '--expires',
      '30d',
    );
    expect(secret).toMatch(/^sk_test_\w{32}$/);
    expect(key).toMatchObject({ tenant: tenant.id, mode: 'test', plan: 'free', name: 'till' });
    expect(key?.scopes.filter((scope) => !/[:.]read$/.test(scope))).toEqual([]);
    const days = (Date.parse(key?.expiresAt ?? '') - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    const inGateway = (await gatewayKeys.all()).find(({ id }) => id === key?.gatewayKeyId);
    expect(inGateway).toMatchObject({ value: hashOf(secret), enabled: true, plans: ['plan-free'] });
    const { out } = await keys(['list', '--tenant', tenant.id]);
    expect(out).toContain(key?.id);
    expect(out).not.toContain(secret);
  });

  it('works alike on a deployed stack', async () => {
    const args = ['create', '--tenant', tenant.id, '--name', 'till', '--outputs', join(folder, 'outputs.json')];
    const { code, out } = await keys(args, {
      DATA_DIR: 'nowhere',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
      AWS_ENDPOINT_URL_API_GATEWAY: api,
    });
    expect(code).toBe(0);
    const key = await findKey(connection, hashOf(out.trim()));
    expect(key).toMatchObject({ mode: 'live', plan: 'standard' });
    expect(key?.scopes).toEqual(expect.arrayContaining(['invoice:create', 'invoice:read']));
  });

  it.concurrent.each([
    ['no command', [], 2, 'Usage'],
    ['an unknown command', ['print', '--tenant', tenant.id], 2, 'There is no command print.'],
    ['an unknown option', ['list', '--tenan', tenant.id], 2, "Unknown option '--tenan'"],
    ['no tenant', ['list'], 2, '--tenant is missing.'],
    ['no name', ['create', '--tenant', tenant.id], 2, '--name is missing.'],
    ['an unknown tenant', ['create', '--tenant', 'x', '--name', 'till'], 1, tenant.id],
    [
      'an unknown scope',
      ['create', '--tenant', tenant.id, '--name', 'a', '--scopes', 'invoice:eat'],
      2,
      'invoice:create',
    ],
    ['an unknown plan', ['create', '--tenant', tenant.id, '--name', 'a', '--plan', 'golden'], 1, 'free, standard'],
    [
      'a time that is over',
      ['create', '--tenant', tenant.id, '--name', 'a', '--expires', '2020-01-01'],
      2,
      '--expires',
    ],
    ['an unknown key', ['disable', '--tenant', tenant.id, '--key', 'key_0'], 1, 'has no key key_0'],
    ['no local stack', ['list', '--tenant', tenant.id, '--outputs', 'nowhere.json'], 1, 'npm run deploy'],
  ])('says what is wrong with %s', async (_, args, expected, message) => {
    const { code, out, err } = await keys(args);
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toContain(message);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

it('rotate leaves both keys working for the overlap', async () => {
  const { key: old } = await create();
  const { code, out } = await keys(['rotate', '--tenant', tenant.id, '--key', old?.id ?? '', '--overlap', '2h']);
  expect(code).toBe(0);
  const successor = await findKey(connection, hashOf(out.trim()));
  expect(successor).toMatchObject({ scopes: old?.scopes, plan: old?.plan, name: old?.name });
  const ending = await findKey(connection, old?.hash ?? '');
  expect(Math.round((Date.parse(ending?.expiresAt ?? '') - Date.now()) / 3_600_000)).toBe(2);
});

it('disable ends the key here and in API Gateway, and a disabled key is not rotated', async () => {
  const { key } = await create();
  const named = ['--tenant', tenant.id, '--key', key?.id ?? ''];
  expect((await keys(['disable', ...named])).code).toBe(0);
  expect(await findKey(connection, key?.hash ?? '')).toHaveProperty('disabledAt');
  expect((await gatewayKeys.all()).find(({ id }) => id === key?.gatewayKeyId)?.enabled).toBe(false);
  expect(await keys(['rotate', ...named])).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('has ended'),
  });
});

it('tokens makes the key of API Gateway that JWTs of a company and plan are counted by', async () => {
  const { code, out, err } = await keys(['tokens', '--tenant', tenant.id, '--plan', 'free']);
  expect({ code, out, err }).toMatchObject({ code: 0, out: '', err: expect.stringContaining('free') });
  const made = await gatewayKeys.findByValue(tokenUsageKey(tenant.id, 'free'));
  expect(made).toMatchObject({ enabled: true, plans: ['plan-free'] });
});

it('takes back what API Gateway got when the table does not answer', async () => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const desk = {
    connection: { table: 'invoices', send: () => Promise.reject(new Error('down')), attempts: () => 0 },
    gateway: new APIGatewayClient({ endpoint: api, region: 'local', credentials }),
    planId: async () => 'plan-free',
    now: () => new Date(),
  };
  const grant = { tenant: tenant.id, mode: 'live' as const, scopes: ['invoice:read'], plan: 'free', name: 'lost' };
  await expect(issue(desk, grant)).rejects.toThrow('down');
});

it('leaves exactly one key of API Gateway for each one recorded', async () => {
  const values = (await gatewayKeys.all()).map(({ value }) => value);
  const hashes = (await listKeys(connection, tenant.id)).map(({ hash }) => hash);
  // And the one that JWTs are counted by.
  expect(values.sort()).toEqual([...hashes, tokenUsageKey(tenant.id, 'free')].sort());
});
