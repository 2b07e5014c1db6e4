/** A backup that is restored while the world remembers more: through the command, on the real engine. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, type DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { restoreStore } from '../../lib/dynamo/restoring.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import { type AnchoredHead, headsOf, toLine } from '../../lib/invoice/anchors.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { Invoice } from '../../lib/invoice/model.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { caller, creditSeries, document, draft, entity, series, tenant, undelivered } from '../support/fixtures.ts';

type Item = Record<string, AttributeValue>;

const scope = { tenant: tenant.id, mode: 'live' } as const;
const counter = { scope, name: 'INV', period: '2026' };
const folder = mkdtempSync(join(tmpdir(), 'restore-'));
const anchors = join(folder, 'anchors.jsonl');
let engine: Engine;
let client: DynamoDBClient;
let time = Date.parse('2026-01-20T12:00:00.000Z');
let tables = 0;
let table: string;

beforeAll(async () => {
  engine = await startEngine();
  client = clientOf(engine.endpoint);
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => newTable());

async function newTable(): Promise<void> {
  table = `table-${++tables}`;
  await createTable(engine.endpoint, table);
}

const store = () => dynamoStore(connect(client, table));
const render = (invoice: Invoice) => ({ status: 200, headers: {}, body: JSON.stringify(invoice) });

function open() {
  const lease = idLease();
  return createInvoices({
    store: store(),
    deliver: undelivered,
    now: () => new Date(time).toISOString(),
    newId: (own) => lease(own, (count) => store().reserveIds(own, count)),
    pause: async () => {},
  });
}

async function company(more: object = {}): Promise<void> {
  const known = directory(connect(client, table));
  await known.putTenant(tenant);
  await known.putSeries(scope, { ...series, ...more });
  await known.putSeries(scope, creditSeries);
  await store().insertReference({ scope, kind: 'business-entities', entry: entity });
}

const made = async (more: object = {}, as: 'issued' | 'draft' = 'issued'): Promise<Invoice> =>
  JSON.parse((await open().create(caller, { ...draft, ...more }, { render }, { as })).body);
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error.failure,
  );
const numberOf = async () => (await made()).number;

async function anchor(): Promise<void> {
  await open().sweep();
  const heads: AnchoredHead[] = [];
  for await (const head of headsOf(store(), '2026-01-20T12:00:00.000Z')) heads.push(head);
  writeFileSync(anchors, heads.map(toLine).join(''));
}

/** What a backup holds at this moment. */
const backup = async (): Promise<Item[]> => (await client.send(new ScanCommand({ TableName: table }))).Items ?? [];

async function restore(items: Item[]): Promise<void> {
  await newTable();
  for (const Item of items) await client.send(new PutItemCommand({ TableName: table, Item }));
}

const command = (file: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const env = {
      PATH: process.env.PATH,
      DATA_DIR: folder,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    };
    const child = execFile(process.execPath, [`infra/${file}.ts`, ...args], { env }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
const run = (...args: string[]) => command('restore', ...args, '--table', table);
function verified() {
  const demo = { dynamodb: { endpoint: engine.endpoint, table } };
  writeFileSync(join(folder, 'demo.json'), JSON.stringify(demo));
  return command('verify', '--anchors', anchors);
}

describe('a restored table', () => {
  it('goes on after all that was anchored or is known, and its books name what is forgotten', async () => {
    await company();
    for (let index = 0; index < 3; index++) await made();
    await open().sweep();
    const kept = await backup();
    const forgotten = [await made(), await made()];
    await anchor();
    await made();
    await restore(kept);

    expect((await verified()).out).toContain('#5 cut-tail');
    expect(await run('freeze')).toMatchObject({ code: 0, out: expect.stringContaining('frozen') });
    const until = ['--until', 'INV-2026-00006', '--tenant', tenant.id, '--mode', 'live'];
    const advanced = await run('advance', '--anchors', anchors, ...until);
    expect(advanced, JSON.stringify(advanced)).toMatchObject({ code: 0, err: '' });
    expect(advanced.out).toContain('INV 2026: 3 forgotten by the restore of');
    expect(advanced.out).toContain('INV-2026-00004 to INV-2026-00006');
    expect(await run('unfreeze')).toMatchObject({ code: 0 });

    expect(await numberOf()).toBe('INV-2026-00007');
    await open().sweep();
    const sound = await verified();
    expect(sound, sound.out).toMatchObject({ code: 0, out: expect.stringContaining('7 sealed up to 7') });
    expect(sound.out).toMatch(/^void .*INV-2026-00004 to INV-2026-00006$/m);
    // Nobody gets a forgotten number by choosing it, nor the id of an invoice that is forgotten.
    expect(await refusal(made({ number: 'inv-2026-00005' }, 'draft'))).toMatchObject({ kind: 'number-taken' });
    expect(forgotten.map(({ id }) => id)).not.toContain((await made({}, 'draft')).id);
    const books = await open().series.audit(caller, 'INV', '2026');
    expect(books).toMatchObject({ count: 7, voids: 3, gaps: [], duplicates: [], openTickets: 0 });
    const { lines } = await open().series.ledger(caller, 'INV', { period: '2026', limit: 10 });
    expect(lines.map(({ state }) => state)).toEqual(['issued', 'issued', 'issued', 'void', 'void', 'void', 'issued']);
    expect(lines[3]).toMatchObject({ number: 'INV-2026-00004', invoiceId: undefined, hash: expect.any(String) });
  });

  it('takes no number for known that no series writes: it would be given out again', async () => {
    await company();
    await made();
    for (const number of ['INV-2026-5', 'RE-2026-00005', 'INV-2926-00005']) {
      const { code, err } = await run('advance', '--tenant', tenant.id, '--mode', 'live', '--until', number);
      expect([code, err]).toEqual([1, `No series writes ${number}. Spell numbers as they were given out.\n`]);
    }
    expect(await open().series.audit(caller, 'INV', '2026')).toMatchObject({ count: 1, voids: 0 });
  });

  it('goes on after what is known of a year that the backup has nothing of', async () => {
    await company();
    await made();
    expect(await run('advance', '--tenant', tenant.id, '--mode', 'live', '--until', 'INV-2020-00007')).toMatchObject({
      code: 0,
    });
    expect(await run('unfreeze')).toMatchObject({ code: 0 });
    const late = await made({ document: { ...document, issueDate: '2020-12-31' } });
    expect(late.number).toBe('INV-2020-00008');
  });

  it('may be advanced again, and goes no further then', async () => {
    await company();
    await made();
    const kept = await backup();
    await made();
    await anchor();
    await restore(kept);
    for (const _ of [1, 2]) expect(await run('advance', '--anchors', anchors)).toMatchObject({ code: 0 });
    expect(await store().counter(counter)).toMatchObject({ next: 3, open: [], spare: [] });
  });

  it('gives no number again that was spare, or held by an invoice that is not in it', async () => {
    await company();
    for (let index = 0; index < 2; index++) await made();
    // What comes of an interrupted process: 3 is held by an invoice that the backup does not have, 4 was released.
    const ticket = (id: string) => ({ invoiceId: id, since: '2026-01-20T11:00:00.000Z' });
    await store().takeTicket(counter, 1, ticket('gone'));
    await store().takeTicket(counter, 1, ticket('released'));
    await made();
    const released = (await store().counter(counter))?.open.find(({ invoiceId }) => invoiceId === 'released');
    await store().releaseTicket(counter, released ?? expect.fail());
    const { out, code } = await run('advance');
    expect(code, out).toBe(0);
    expect(out).toContain('INV-2026-00003 to INV-2026-00004');
    await run('unfreeze');
    expect(await store().counter(counter)).toMatchObject({ next: 6, open: [], spare: [] });
    expect(await numberOf()).toBe('INV-2026-00006');
  });

  it('leaves numbers to invoices that chose them, and keeps the order of dates', async () => {
    await company({ chronology: 'enforce' });
    await made();
    await made({ number: 'INV-2026-00003' });
    const { code, out } = await run('advance', '--until', 'INV-2026-00003', '--tenant', tenant.id, '--mode', 'live');
    expect(code, out).toBe(0);
    await run('unfreeze');
    expect(await store().numbersOf(counter, 2, 9)).toMatchObject([
      { number: 'INV-2026-00002', voided: { after: 1 } },
      { number: 'INV-2026-00003', passed: true },
    ]);
    const today = new Date().toISOString().slice(0, 10);
    expect((await store().counter(counter))?.lastIssueDate).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(await refusal(made({ document: { ...document, issueDate: '2026-01-16' } }))).toMatchObject(
      today > '2026-01-16' ? { kind: 'not-issuable' } : {},
    );
  });

  it('stops where half a transaction shows, and goes on when it is told to', async () => {
    await company();
    const invoice = await made();
    const kept = (await backup()).filter(({ pk }) => !pk?.S?.includes('#LEDGER#'));
    await restore(kept);
    const stopped = await run('advance', '--until', 'INV-2026-00002', '--tenant', tenant.id, '--mode', 'live');
    expect(stopped).toMatchObject({ code: 1, err: expect.stringContaining('--accept-findings') });
    expect(stopped.out).toContain('INV-2026-00001 missing');
    expect(await store().counter(counter)).toMatchObject({ next: 2, frozenAt: expect.any(String) });
    const told = ['--accept-findings', '--until', 'INV-2026-00002', '--tenant', tenant.id, '--mode', 'live'];
    expect(await run('advance', ...told)).toMatchObject({ code: 1 });
    expect(await store().counter(counter)).toMatchObject({ next: 3 });
    expect(await store().invoice(scope, invoice.id)).toMatchObject({ number: 'INV-2026-00001' });
  });
});

describe('while a series is frozen', () => {
  it('whoever wants a number is refused before anything is stored; drafts can be made', async () => {
    await company();
    const waiting = await made({}, 'draft');
    const issued = await made();
    await run('freeze');
    const before = (await backup()).length;
    const frozen = { kind: 'series-frozen', series: 'INV', retryAfter: 60 };
    expect(await refusal(made())).toEqual(frozen);
    expect(await refusal(open().finalize(caller, waiting.id, { render }))).toEqual(frozen);
    expect(await refusal(open().send(caller, waiting.id, { render }))).toEqual(frozen);
    expect(await refusal(open().cancel(caller, issued.id, 'wrong', { render }))).toMatchObject({ series: 'CN' });
    expect(await refusal(open().cancel(caller, waiting.id, 'no longer wanted', { render }))).toBeUndefined();
    expect((await backup()).filter(({ sk }) => sk?.S === 'HEAD')).toHaveLength(2);
    expect((await backup()).length).toBeLessThanOrEqual(before + 1);
    expect((await made({}, 'draft')).state).toBe('draft');
    await run('unfreeze');
    expect(await numberOf()).toBe('INV-2026-00002');
  });

  it('the counter has the last word, and the same request is answered with its number later', async () => {
    await company();
    await made();
    const at = '2026-01-20T12:00:00.000Z';
    await restoreStore(connect(client, table)).freezeCounter(counter, 1, at);
    const reply = { render, operation: { id: 'op', fingerprint: 'f' } };
    const ask = () => open().create(caller, draft, reply, { as: 'issued' });
    expect(await refusal(ask())).toMatchObject({ kind: 'series-frozen' });
    // Longer than anybody waits for who might be at it.
    time += 10_000;
    await open().sweep();
    expect(await store().counter(counter)).toMatchObject({ next: 2, open: [], frozenAt: at });
    expect(await store().continueCounter(counter, 1, 9)).toMatchObject({ next: 2 });
    await restoreStore(connect(client, table)).thawCounter(counter);
    expect(JSON.parse((await ask()).body).number).toBe('INV-2026-00002');
  });
});

it('says how it is used', async () => {
  expect(await run()).toMatchObject({ code: 2, err: expect.stringContaining('Usage: npm run restore') });
  expect(await run('freeze', '--tenant', 'X')).toMatchObject({ code: 1, err: expect.stringContaining('no tenant X') });
  expect(await run('freeze', '--mode', 'prod')).toMatchObject({ code: 2, err: expect.stringContaining('live, test') });
  expect(await run('advance', '--until', 'X')).toMatchObject({ code: 2, err: expect.stringContaining('--tenant') });
});
