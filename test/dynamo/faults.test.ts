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
import { OutcomeUnknown, StoreBusy } from '../../lib/invoice/store.ts';
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
