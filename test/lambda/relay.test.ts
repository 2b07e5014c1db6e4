/** The relay over the real engine's table and a bus that fails as told. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Context, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { outbox } from '../../lib/dynamo/outbox.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import type { InvoiceEvent } from '../../lib/invoice/events.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices, type Invoices } from '../../lib/invoice/invoices.ts';
import type { Invoice } from '../../lib/invoice/model.ts';
import { eventBus, mostBytes } from '../../lib/lambda/event-bus.ts';
import { relay } from '../../lib/lambda/relay.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { caller, draft, entity, series, tenant, undelivered } from '../support/fixtures.ts';

const table = 'relay';
const scope = { tenant: tenant.id, mode: 'live' } as const;
let engine: Engine;
let bus: Server;
let client: EventBridgeClient;
let invoices: Invoices;

interface Entry {
  EventBusName: string;
  Source: string;
  DetailType: string;
  Detail: string;
  Time: number;
}

/** The calls that the bus got, and which of their entries it refuses. */
let puts: Entry[][] = [];
let refuses: (entry: Entry) => boolean = () => false;
let status = 200;

let metrics: MockInstance<typeof process.stdout.write>;

/** Time stands still unless it is told to go on. */
let time = Date.UTC(2026, 0, 20, 10);
const now = () => new Date(time).toISOString();

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
  bus = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { Entries } = JSON.parse(Buffer.concat(chunks).toString()) as { Entries: Entry[] };
    puts.push(Entries);
    const answers = Entries.map((entry) => (refuses(entry) ? { ErrorCode: 'InternalFailure' } : { EventId: 'e' }));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ FailedEntryCount: 0, Entries: answers }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => bus.once('listening', resolve));
  client = new EventBridgeClient({
    endpoint: `http://127.0.0.1:${(bus.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  await directory(open()).putTenant(tenant);
  await directory(open()).putSeries(scope, series);
  await dynamoStore(open()).insertReference({ scope, kind: 'business-entities', entry: entity });
  const lease = idLease();
  const store = new Proxy(dynamoStore(open()), { get: (_, name) => (dynamoStore(open()) as never)[name] });
  invoices = createInvoices({
    store,
    now: () => new Date(time++).toISOString(),
    newId: (of) => lease(of, (count) => store.reserveIds(of, count)),
    pause: async () => {},
    deliver: undelivered,
  });
});
afterAll(async () => {
  client.destroy();
  bus.close();
  await engine.stop();
});
beforeEach(async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  metrics = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  // What earlier tests left behind goes out first.
  refuses = () => false;
  status = 200;
  time += 3_600_000;
  await handler({});
  puts = [];
});

const open = () => connect(clientOf(engine.endpoint), table);

const handler = (event: Partial<DynamoDBStreamEvent>) =>
  relay({
    publish: eventBus(client, 'our-bus'),
    outbox: () => outbox(open()),
    tenants: () => directory(open()).tenants(),
    now,
  })(event, { functionName: 'relay' } as Context);

const render = (invoice: Invoice) => ({ status: 200, headers: {}, body: invoice.id });
const create = async () => (await invoices.create(caller, draft, { render })).body;
const finalize = (id: string) => invoices.finalize(caller, id, { render });

/** The records that the stream would hand over for some invoices, oldest first. */
async function records(...ids: string[]): Promise<DynamoDBRecord[]> {
  const items = await Promise.all(
    ids.map((id) =>
      open().send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :audit)',
          ExpressionAttributeValues: { ':pk': { S: `${tenant.id}/live#INVOICE#${id}` }, ':audit': { S: 'AUDIT#' } },
        }),
      ),
    ),
  );
  return items
    .flatMap(({ Items = [] }) => Items)
    .sort((a, b) => ((a.listSort?.S ?? '') < (b.listSort?.S ?? '') ? -1 : 1))
    .map((NewImage, index) => ({ dynamodb: { NewImage, SequenceNumber: String(index) } }) as DynamoDBRecord);
}

const published = () => puts.flat().map(({ Detail }) => JSON.parse(Detail) as InvoiceEvent);
const sent = (of: string) =>
  published()
    .filter(({ subject }) => subject === of)
    .map(({ type }) => type);

describe('the relay of the stream', () => {
  it('publishes what happened, and marks it', async () => {
    const id = await create();
    await finalize(id);
    const at = now();
    expect(await handler({ Records: await records(id) })).toEqual({ batchItemFailures: [] });
    expect(sent(id)).toEqual(['InvoiceCreated', 'InvoiceFinalized']);
    const [[entry] = []] = puts;
    expect(entry).toMatchObject({ EventBusName: 'our-bus', Source: 'invoice-functions', DetailType: 'InvoiceCreated' });
    const [event] = published();
    expect(entry?.Time).toBe(Math.floor(Date.parse(event?.occurred_at ?? '') / 1_000));
    const { events } = await invoices.events(caller, { limit: 100 });
    expect(events.filter(({ subject }) => subject === id)).toEqual(published());
    for (const { dynamodb } of await records(id)) expect(dynamodb?.NewImage?.relayedAt?.S).toBe(at);
    time += 3_600_000;
    await handler({});
    expect(sent(id)).toHaveLength(2);
  });

  it('costs a change no second write unit: with its events an entry stays below a kilobyte', async () => {
    const id = await create();
    await finalize(id);
    const { body: atOnce } = await invoices.create(caller, draft, { render }, { as: 'issued' });
    const sizes = (await records(id, atOnce)).map(({ dynamodb }) =>
      Object.entries(dynamodb?.NewImage ?? {}).reduce(
        (sum, [name, { S = '', N = '' }]) => sum + Buffer.byteLength(name + S + N),
        0,
      ),
    );
    expect(Math.max(...sizes)).toBeLessThan(1_000);
  });

  it('puts ten into a call, and never two of one invoice', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, create));
    const [first = ''] = ids;
    await finalize(first);
    await handler({ Records: await records(...ids) });
    expect(puts.map((call) => call.length)).toEqual([10, 3]);
    const one = await create();
    await finalize(one);
    puts = [];
    await handler({ Records: await records(one) });
    expect(puts.map((call) => call.length)).toEqual([1, 1]);
  });

  it('stops where the bus refuses, and goes on from there: no event overtakes one of its invoice', async () => {
    const ids = [await create(), await create(), await create()];
    const [first = '', second = '', third = ''] = ids;
    await finalize(second);
    const all = await records(...ids);
    refuses = ({ Detail }) => Detail.includes(`${second}_1`);
    const logged = vi.spyOn(console, 'error').mockClear();
    const failedAt = all.findIndex(({ dynamodb }) => dynamodb?.NewImage?.pk?.S?.endsWith(second));
    expect(await handler({ Records: all })).toEqual({ batchItemFailures: [{ itemIdentifier: String(failedAt) }] });
    expect(logged).toHaveBeenCalledExactlyOnceWith({ message: 'unpublished', codes: ['InternalFailure'] });
    const marked = (await records(...ids)).map(({ dynamodb }) => dynamodb?.NewImage?.relayedAt !== undefined);
    expect(marked).toEqual(all.map((_, index) => index < failedAt));
    expect(published().map(({ id }) => id)).not.toContain(`${second}_3`);

    refuses = () => false;
    puts = [];
    expect(await handler({ Records: all.slice(failedAt) })).toEqual({ batchItemFailures: [] });
    expect(sent(second)).toEqual(['InvoiceCreated', 'InvoiceFinalized']);
    // In the same call as the one that failed: repeated, not lost.
    expect(sent(third)).toEqual(['InvoiceCreated']);
    expect(sent(first)).toEqual([]);
  });

  it.each([500, 400])('asks for all again when the bus answers %d', async (code) => {
    const id = await create();
    status = code;
    expect(await handler({ Records: await records(id) })).toEqual({ batchItemFailures: [{ itemIdentifier: '0' }] });
  });
});

describe('the sweep', () => {
  it('publishes in order what the stream did not, once it is five minutes old', async () => {
    const ids = [await create(), await create()];
    for (const id of ids) await finalize(id);
    const [relayed = '', left = ''] = ids;
    await handler({ Records: await records(relayed) });
    puts = [];
    await handler({});
    expect(puts).toEqual([]);
    time += 6 * 60_000;
    await handler({});
    expect(published().map(({ subject, type }) => [subject, type])).toEqual([
      [left, 'InvoiceCreated'],
      [left, 'InvoiceFinalized'],
    ]);
    await handler({});
    expect(puts.flat()).toHaveLength(2);
  });

  it('fails, so that an alarm rings, and forgets nothing while the bus is down', async () => {
    const ids = Array.from({ length: 3 }, create);
    const waiting = await Promise.all(ids);
    time += 6 * 60_000;
    status = 503;
    await expect(handler({})).rejects.toThrow(`${tenant.id}/live`);
    status = 200;
    puts = [];
    await handler({});
    expect(new Set(published().map(({ subject }) => subject))).toEqual(new Set(waiting));
  });

  it('tells CloudWatch how long the oldest event has waited, and is silent when none has', async () => {
    metrics.mockClear();
    const told = () => metrics.mock.calls.map(([line]) => JSON.parse(String(line)));
    await handler({});
    expect(told()).toEqual([]);
    await create();
    await create();
    time += 6 * 60_000;
    status = 503;
    await expect(handler({})).rejects.toThrow();
    time += 5 * 60_000;
    status = 200;
    await handler({});
    await handler({});
    const lines = told();
    expect(lines.map(({ OutboxAge }) => Math.round(OutboxAge / 60_000))).toEqual([6, 11]);
    expect(lines[0]).toMatchObject({
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'invoice-functions',
            Dimensions: [['FunctionName']],
            Metrics: [{ Name: 'OutboxAge', Unit: 'Milliseconds' }],
          },
        ],
      },
      FunctionName: 'relay',
    });
  });

  it('puts no more bytes into a call than the bus takes', async () => {
    for (let index = 0; index < 6; index++) {
      await invoices.eventRejections.keep(scope, {
        id: `rejection-${index}`,
        eventId: `event-${index}`,
        source: 'shop',
        sentAt: now(),
        code: 'invalid',
        message: 'ü'.repeat(30_000),
        faults: [],
      });
    }
    time += 3_600_000;
    await handler({});
    expect(puts.flat().map(({ Detail }) => JSON.parse(Detail).subject)).toHaveLength(6);
    expect(puts.map((entries) => entries.length)).toEqual([4, 2]);
    for (const entries of puts) expect(Buffer.byteLength(JSON.stringify(entries))).toBeLessThan(mostBytes);
  });

  it('works through more than a page', async () => {
    const ids = await Promise.all(Array.from({ length: 120 }, create));
    time += 6 * 60_000;
    await handler({});
    expect(published()).toHaveLength(120);
    expect(new Set(published().map(({ subject }) => subject))).toEqual(new Set(ids));
  });
});
