/** What stands in for the table's stream: every new entry of the outbox is handed over, in order, again until it was taken. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { LambdaFunction, Outcome } from '../../../infra/local/functions.ts';
import { startTableStream } from '../../../infra/local/table-stream.ts';
import { readTemplate } from '../../../infra/local/template.ts';
import { connect } from '../../../lib/dynamo/connection.ts';
import { directory } from '../../../lib/dynamo/directory.ts';
import { outbox, toEvents } from '../../../lib/dynamo/outbox.ts';
import { dynamoStore } from '../../../lib/dynamo/store.ts';
import type { Item } from '../../../lib/dynamo/table.ts';
import { idLease } from '../../../lib/invoice/identity.ts';
import { createInvoices, type Invoices } from '../../../lib/invoice/invoices.ts';
import { clientOf, createTable, type Engine, startEngine } from '../../support/engine.ts';
import { caller, document, draft, entity, tenant, undelivered } from '../../support/fixtures.ts';
import { writeAssembly } from './fixture.ts';

const table = 'streamed';
const scope = { tenant: tenant.id, mode: 'live' } as const;
let engine: Engine;
let invoices: Invoices;
const open = () => connect(clientOf(engine.endpoint), table);

const mapping = (pattern: object) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
    FunctionName: { Ref: 'Relay' },
    BatchSize: 3,
    FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] },
  },
});
const templateWith = (pattern: object) =>
  readTemplate(
    writeAssembly({
      functions: { Relay: { code: '' } },
      routes: [],
      others: { Mapping: mapping(pattern), Table: { Type: 'AWS::DynamoDB::Table' } },
    }),
  );
const template = templateWith({ dynamodb: { NewImage: { events: { S: [{ exists: true }] } } } });

interface StreamEvent {
  Records: { eventName: string; dynamodb: { NewImage: Item; SequenceNumber: string } }[];
}

/** The events of each invocation, and what the function answers. */
let batches: string[][] = [];
let answer: (event: StreamEvent) => Outcome;
const taken: Outcome = { payload: '{"batchItemFailures":[]}' };
const functions = new Map<string, LambdaFunction>([
  [
    'Relay',
    {
      name: 'Relay',
      warm() {},
      async invoke(event) {
        batches.push(
          (event as StreamEvent).Records.flatMap(({ dynamodb }) => toEvents(dynamodb.NewImage)).map(({ id }) => id),
        );
        return answer(event as StreamEvent);
      },
      async stop() {},
    },
  ],
]);

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
  await directory(open()).putTenant(tenant);
  await dynamoStore(open()).insertReference({ scope, kind: 'business-entities', entry: entity });
  const lease = idLease();
  const store = new Proxy(dynamoStore(open()), { get: (_, name) => (dynamoStore(open()) as never)[name] });
  invoices = createInvoices({
    store,
    now: () => new Date().toISOString(),
    newId: (of) => lease(of, (count) => store.reserveIds(of, count)),
    pause: async () => {},
    deliver: undelivered,
  });
});
afterAll(() => engine.stop());

const create = async () =>
  (await invoices.create(caller, draft, { render: ({ id }) => ({ status: 201, headers: {}, body: id }) })).body;
const handed = () => batches.flat();
const settled = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 20_000, interval: 20 });

beforeEach(async () => {
  batches = [];
  answer = () => taken;
  // What earlier tests left behind is relayed.
  const { entries, mark } = outbox(open());
  for (const item of await entries(scope, { limit: 100 })) await mark(item, new Date().toISOString());
});

it('hands over what is new, once, in batches of the mapping, whenever it appears', async () => {
  const early = await Promise.all(Array.from({ length: 4 }, create));
  const stop = startTableStream(template, functions, open);
  await settled(() => handed().length === 4);
  expect(batches.map((batch) => batch.length)).toEqual([3, 1]);
  const late = await create();
  await settled(() => handed().length === 5);
  await stop();
  expect(new Set(handed())).toEqual(new Set([...early, late].map((id) => `${id}_1`)));
});

it('goes on from what failed, and keeps the order', async () => {
  const ids = [await create(), await create(), await create()];
  const second = `${ids[1]}_1`;
  answer = ({ Records }) => {
    if (batches.length > 1) return taken;
    const at = Records.findIndex(({ dynamodb }) => toEvents(dynamodb.NewImage)[0]?.id === second);
    return {
      payload: JSON.stringify({ batchItemFailures: [{ itemIdentifier: Records[at]?.dynamodb.SequenceNumber }] }),
    };
  };
  const stop = startTableStream(template, functions, open);
  await settled(() => batches.length === 2);
  await stop();
  expect(batches).toEqual([ids.map((id) => `${id}_1`), ids.slice(1).map((id) => `${id}_1`)]);
});

it('asks again after a failure of the whole function', async () => {
  const id = await create();
  answer = () => (batches.length > 1 ? taken : { error: { errorType: 'Error', errorMessage: 'no' } });
  const stop = startTableStream(template, functions, open);
  await settled(() => batches.length === 2);
  await stop();
  expect(batches).toEqual([[`${id}_1`], [`${id}_1`]]);
});

it('sees an event that was written later than the time it tells', async () => {
  const stop = startTableStream(template, functions, open);
  const id = await create();
  await settled(() => handed().includes(`${id}_1`));
  const past = new Date(Date.now() - 8_000).toISOString();
  const late = createInvoices({
    store: dynamoStore(open()),
    now: () => past,
    newId: async () => '11111111-2222-4333-8444-555555555555',
    pause: async () => {},
    deliver: undelivered,
  });
  await late.create(caller, { document }, { render: () => ({ status: 201, headers: {}, body: '' }) });
  await settled(() => handed().includes('11111111-2222-4333-8444-555555555555_1'));
  await stop();
});

it('refuses what it cannot stand in for', () => {
  expect(() => startTableStream(templateWith({ eventName: ['INSERT'] }), functions, open)).toThrow('outbox');
});
