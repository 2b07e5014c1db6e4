/** The verification through its front door: a process of its own on the real engine. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import { seal } from '../../lib/invoice/chain.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { startS3 } from '../support/fake-s3.ts';
import { caller, draft, entity, series, tenant, undelivered } from '../support/fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'verify-'));
const anchors = join(folder, 'anchors.jsonl');
const scope = { tenant: tenant.id, mode: 'live' } as const;
let engine: Engine;
let issue: () => Promise<unknown>;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, 'invoices');
  const client = clientOf(engine.endpoint);
  const known = directory(connect(client, 'invoices'));
  await known.putTenant(tenant);
  await known.putSeries(scope, series);
  const store = dynamoStore(connect(client, 'invoices'));
  await store.insertReference({ scope, kind: 'business-entities', entry: entity });
  const lease = idLease();
  const invoices = createInvoices({
    store,
    deliver: undelivered,
    now: () => '2026-01-20T12:00:00.000Z',
    newId: (own) => lease(own, (count) => store.reserveIds(own, count)),
    pause: async () => {},
  });
  issue = async () => {
    const render = () => ({ status: 200, headers: {}, body: '' });
    await invoices.create(caller, draft, { render }, { as: 'issued' });
    await seal(store, { scope, name: 'INV', period: '2026' }, series);
  };
  const demo = { dynamodb: { endpoint: engine.endpoint, table: 'invoices' }, api_gateway: 'http://127.0.0.1:1' };
  writeFileSync(join(folder, 'demo.json'), JSON.stringify(demo));
  writeFileSync(join(folder, 'outputs.json'), JSON.stringify({ Stack: { TableName: 'invoices' } }));
});
afterAll(() => engine.stop());

const verify = (
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const settings = { env: { PATH: process.env.PATH, DATA_DIR: folder, ...env } };
    const child = execFile(process.execPath, ['infra/verify.ts', ...args], settings, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

const anchored = () =>
  readFileSync(anchors, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

it('says that the books are sound, and anchors each new head once', async () => {
  for (let index = 0; index < 3; index++) await issue();
  const first = await verify(['--anchor', anchors]);
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(first.out).toMatch(new RegExp(`^ok {3}${tenant.id}/live INV 2026: 3 sealed up to 3, [0-9a-f]{64}$`, 'm'));
  expect(await verify(['--anchor', anchors])).toMatchObject({ code: 0 });
  expect(anchored()).toMatchObject([{ ...scope, series: 'INV', period: '2026', ordinal: 3 }]);
  await issue();
  expect(await verify(['--anchor', anchors])).toMatchObject({ code: 0 });
  expect(anchored().map(({ ordinal }) => ordinal)).toEqual([3, 4]);
});

it('looks at one company or one series when it is told so, and at a deployed table', async () => {
  expect(await verify(['--tenant', 'other'])).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('There is no tenant other.'),
  });
  expect(await verify(['--series', 'CN'])).toMatchObject({ code: 1, out: '', err: 'There is no series CN.\n' });
  expect(await verify(['--tenant', tenant.id, '--series', 'INV'])).toMatchObject({ code: 0 });
  const deployed = await verify(['--outputs', join(folder, 'outputs.json')], {
    DATA_DIR: 'nowhere',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
  });
  expect(deployed).toMatchObject({ code: 0, out: expect.stringContaining('4 sealed up to 4') });
});

it('holds the chains against what a bucket or another file anchors, and says which head is not continued', async () => {
  const s3 = await startS3();
  const env = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_S3: s3.endpoint,
  };
  const place = 's3://kept/anchors/';
  expect(await verify(['--anchors', place], env)).toMatchObject({
    code: 1,
    err: expect.stringContaining('no anchors'),
  });
  s3.versions.push({ key: 'anchors/1.jsonl', body: readFileSync(anchors, 'utf8'), headers: {} });
  expect(await verify(['--anchors', place], env)).toMatchObject({ code: 0 });
  const [head] = anchored();
  const later = { ...head, ordinal: 9 };
  s3.versions.push({ key: 'anchors/2.jsonl', body: JSON.stringify(later), headers: {} });
  const cut = await verify(['--anchors', place], env);
  expect(cut).toMatchObject({ code: 1, out: expect.stringContaining('#9 cut-tail: The chain was anchored here') });
  const other = join(folder, 'other.jsonl');
  writeFileSync(other, JSON.stringify({ ...head, hash: 'f'.repeat(64) }));
  const rewritten = await verify(['--anchors', other], env);
  expect(rewritten).toMatchObject({ code: 1, out: expect.stringContaining('INV-2026-00003 broken-chain') });
  writeFileSync(other, '{"tenant": 1}');
  expect((await verify(['--anchors', other])).err).toContain('Line 1 of');
  s3.stop();
});

it('passes over no company that somebody took from the list', async () => {
  const client = clientOf(engine.endpoint);
  const Key = { pk: { S: 'TENANTS' }, sk: { S: tenant.id } };
  await client.send(new DeleteItemCommand({ TableName: 'invoices', Key }));
  const { code, out } = await verify([]);
  await directory(connect(client, 'invoices')).putTenant(tenant);
  expect(code).toBe(1);
  expect(out).toContain(`BAD  ${tenant.id}: The tenant is gone`);
  expect(out).toContain('INV 2026: 4 sealed up to 4');
});

it('names the first number that is not as it was, ends with 1 and anchors nothing', async () => {
  const client = clientOf(engine.endpoint);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'invoices' }));
  const head = Items.find(({ number, sk }) => number?.S === 'INV-2026-00002' && sk?.S === 'HEAD');
  await client.send(new PutItemCommand({ TableName: 'invoices', Item: { ...head, payable: { N: '1' } } }));
  await issue();
  const { code, out } = await verify(['--anchor', anchors]);
  expect(code).toBe(1);
  expect(out).toContain('INV 2026: INV-2026-00002 changed: Its head does not say what its content says: payable.');
  expect(anchored()).toHaveLength(2);
});

it.each([
  ['an unknown option', ['--serie', 'INV'], 2, 'Usage'],
  ['no local stack', ['--outputs', 'nowhere.json'], 1, 'npm run deploy'],
])('says what is wrong with %s', async (_, args, expected, message) => {
  const { code, out, err } = await verify(args);
  expect({ code, out }).toEqual({ code: expected, out: '' });
  expect(err).toContain(message);
  expect(err).not.toMatch(/\n\s+at /);
});
