/** The promises on the real engine, through a network that loses, delays, repeats and refuses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { dynamoStore, inGroups } from '../../lib/dynamo/store.ts';
import { InvoiceError } from '../../lib/invoice/failure.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { Invoice } from '../../lib/invoice/model.ts';
import type { Answer } from '../../lib/invoice/operation.ts';
import { type InvoiceStore, OutcomeUnknown, StoreBusy } from '../../lib/invoice/store.ts';
import { waiting } from '../../lib/invoice/waiting.ts';
import { type DynamoProxy, startProxy } from '../support/dynamo-proxy.ts';
import { seededFaults } from '../support/dynamo-proxy-faults.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { caller, draft, entity, series, tenant, undelivered } from '../support/fixtures.ts';

const table = 'faults-test';
const scope = { tenant: tenant.id, mode: 'live' } as const;
let engine: Engine;
let proxy: DynamoProxy | undefined;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
  const connection = connect(clientOf(engine.endpoint), table);
  const known = directory(connection);
  await known.putTenant(tenant);
  await dynamoStore(connection).insertReference({ scope, kind: 'business-entities', entry: entity });
});
afterAll(async () => {
  await proxy?.stop();
  await engine.stop();
});

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const render = ({ id, number }: Invoice): Answer => ({
  status: 200,
  headers: {},
  body: JSON.stringify({ id, number, tag: Math.random() }),
});

describe.each([
  [1, 'one by one'],
  [2, 'one by one'],
  [3, 'one by one'],
  [4, 'in groups'],
  [5, 'in groups'],
  [6, 'in groups'],
] as const)('with faults of seed %i at every sixth call, %s', (seed, way) => {
  it('every key makes one invoice, numbers are unique and contiguous', { timeout: 60_000 }, async () => {
    await proxy?.stop();
    proxy = await startProxy({ target: engine.endpoint, faults: seededFaults(seed, 1 / 6) });
    const name = `SEED${seed}`;
    const own = { ...series, name, pattern: `${name}-{number}`, reset: 'never' as const };
    await directory(connect(clientOf(engine.endpoint), table)).putSeries(scope, own);

    const clients = [clientOf(proxy.endpoint), clientOf(proxy.endpoint)];
    const lease = idLease();
    const open = (endpoint = clients[Math.floor(Math.random() * 2)] as (typeof clients)[number]) => {
      const connection = connect(endpoint, table);
      const store = dynamoStore(connection, way === 'in groups' ? inGroups(connection) : undefined);
      const newId = () => lease(scope, (count) => store.reserveIds(scope, count));
      return createInvoices({ store, deliver: undelivered, now: () => new Date().toISOString(), pause, newId });
    };

    let shared = { opened: 0, invoices: open() };
    /** In groups, requests share what they write with, as those of a batch do, for a while. */
    function current() {
      if (way === 'one by one') return open();
      if (Date.now() > shared.opened + 1_000) shared = { opened: Date.now(), invoices: open() };
      return shared.invoices;
    }

    /** Asks again with the same key until it is answered. */
    async function ask(key: string): Promise<Answer> {
      for (;;) {
        try {
          const operation = { id: key, fingerprint: key };
          return await current().create(caller, { ...draft, series: name }, { operation, render }, { as: 'issued' });
        } catch (error) {
          const again = error instanceof InvoiceError && error.failure.kind === 'busy';
          if (!(again || error instanceof StoreBusy || error instanceof OutcomeUnknown)) throw error;
        }
      }
    }
    const asked = Array.from({ length: 40 }, (_, index) => `${name}-${index % 30}`);
    const answers = await Promise.all(asked.map(async (key) => ({ key, body: (await ask(key)).body })));
    await proxy.settled();

    const byKey = new Map<string, Set<string>>();
    for (const { key, body } of answers) byKey.set(key, (byKey.get(key) ?? new Set()).add(body));
    for (const bodies of byKey.values()) expect(bodies.size).toBe(1);

    // Quiet: the next invoices take up what was released, old tickets are settled.
    const calm = open(clientOf(engine.endpoint));
    const counter = { scope, name, period: 'all' };
    const reader = dynamoStore(connect(clientOf(engine.endpoint), table));
    const made = answers.map(({ body }) => (JSON.parse(body) as { number: string }).number);
    await pause(2_100);
    await calm.sweep();
    for (let extra = 0; extra < 5 && ((await reader.counter(counter))?.spare.length ?? 0) > 0; extra++) {
      const { body } = await calm.create(caller, { ...draft, series: name }, { render }, { as: 'issued' });
      made.push((JSON.parse(body) as { number: string }).number);
    }
    const state = await reader.counter(counter);
    const ordinals = [...new Set(made)].map((number) => Number(number.split('-')[1])).sort((a, b) => a - b);
    expect(ordinals).toEqual(Array.from({ length: (state?.next ?? 1) - 1 }, (_, index) => index + 1));
    expect(ordinals.length).toBeGreaterThanOrEqual(30);
  });
});

it('whoever comes late to an invoice that somebody finishes takes no number for it', async () => {
  const name = 'LATE';
  const store = dynamoStore(connect(clientOf(engine.endpoint), table));
  await directory(connect(clientOf(engine.endpoint), table)).putSeries(scope, { ...series, name, reset: 'never' });
  const over = (own: InvoiceStore) => {
    const lease = idLease();
    const newId = () => lease(scope, (count) => own.reserveIds(scope, count));
    return createInvoices({ store: own, deliver: undelivered, now: () => new Date().toISOString(), pause, newId });
  };
  const { body } = await over(store).create(caller, { ...draft, series: name }, { render });
  const { id } = JSON.parse(body) as { id: string };
  const seen = (await store.invoice(scope, id)) as Invoice;
  // As an outage leaves it: it waits for its number, and whoever began with it is gone.
  const asked = { ...seen, document: { ...seen.document, issueDate: '2026-01-20' } };
  const since = new Date(Date.now() - 10_000).toISOString();
  await store.update({ invoice: { ...waiting(asked, since), version: seen.version + 1 } }, seen);

  // One of two has read that it waits, asks for a number when the other one is done, and hears of it after a third invoice got one.
  let finished: Promise<unknown> = Promise.resolve();
  async function belated<State>(take: () => Promise<State>): Promise<State> {
    await finished;
    const state = await take();
    await over(store).create(caller, { ...draft, series: name }, { render }, { as: 'issued' });
    return state;
  }
  const late: InvoiceStore = {
    ...store,
    takeTicket: (...asked) => belated(() => store.takeTicket(...asked)),
    takeLateTicket: (...asked) => belated(() => store.takeLateTicket(...asked)),
  };
  const counter = { scope, name, period: 'all' };
  finished = over(store)
    .finalize(caller, id, { render })
    .then(async () => {
      for (const ticket of (await store.counter(counter))?.open ?? []) await store.dropTicket(counter, ticket);
    });
  const [answer] = await Promise.all([over(late).finalize(caller, id, { render }), finished]);
  expect(JSON.parse(answer.body)).toMatchObject({ id, number: expect.stringMatching(/1$/) });
  await pause(100);
  expect(await store.counter(counter)).toMatchObject({ next: 3, spare: [], handedOn: [] });
});
