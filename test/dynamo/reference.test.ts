/** What the port promises of reference data and exchange rates, asked of both: the table on the real engine, and memory. */
import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { exchangeRateStore } from '../../lib/dynamo/rates.ts';
import { referenceStore } from '../../lib/dynamo/reference.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import type { Scope } from '../../lib/invoice/model.ts';
import type { ReferenceOf } from '../../lib/invoice/reference/kinds.ts';
import { type InvoiceStore, OutcomeUnknown } from '../../lib/invoice/store.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { emptyMemory, memoryStore } from '../support/memory-store.ts';

const table = 'reference-test';
let engine: Engine;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
});
afterAll(() => engine.stop());

const at = '2026-01-15T10:00:00.000Z';
const meta = { version: 1, archived: false, createdAt: at, updatedAt: at };
const term = (id: number, more: Partial<ReferenceOf<'payment-terms'>> = {}): ReferenceOf<'payment-terms'> => ({
  id,
  ...meta,
  name: `${id} days`,
  netDays: id,
  ...more,
});
const operation = { id: 'op', fingerprint: 'print', answer: { status: 201, headers: { a: 'b' }, body: '{"é":1}' } };
let tenants = 0;

describe.each([
  ['on the table', () => dynamoStore(connect(clientOf(engine.endpoint), table))],
  ['in memory', () => memoryStore(emptyMemory())],
])('reference data %s', (_, open) => {
  let store: InvoiceStore;
  let scope: Scope;
  const kind = 'payment-terms';

  beforeEach(() => {
    store = open();
    scope = { tenant: `tenant-${++tenants}`, mode: 'live' };
  });

  it('is kept as it was written, once', async () => {
    expect(await store.insertReference({ scope, kind, entry: term(7) })).toBe('stored');
    expect(await store.insertReference({ scope, kind, entry: term(7, { name: 'Other' }) })).toBe('id-taken');
    expect(await store.reference({ scope, kind }, 7)).toEqual(term(7));
    expect(await store.reference({ scope, kind }, 8)).toBeUndefined();
  });

  it('belongs to one tenant, mode and kind', async () => {
    await store.insertReference({ scope, kind, entry: term(7) });
    for (const other of [
      { scope: { ...scope, mode: 'test' as const }, kind },
      { scope: { ...scope, tenant: `${scope.tenant}x` }, kind },
    ] as const) {
      expect(await store.reference(other, 7)).toBeUndefined();
      expect(await store.referencePage(other, { limit: 10 })).toEqual({ entries: [], more: false });
    }
    expect(await store.reference({ scope, kind: 'vat-rates' }, 7)).toBeUndefined();
  });

  it('changes only from the version that was seen', async () => {
    await store.insertReference({ scope, kind, entry: term(7) });
    expect(await store.updateReference({ scope, kind, entry: term(7, { version: 2, netDays: 9 }) })).toBe('changed');
    expect(await store.updateReference({ scope, kind, entry: term(7, { version: 2, netDays: 8 }) })).toBe('stale');
    expect(await store.updateReference({ scope, kind, entry: term(8, { version: 2 }) })).toBe('stale');
    expect(await store.reference({ scope, kind }, 7)).toMatchObject({ netDays: 9 });
    expect(await store.reference({ scope, kind }, 8)).toBeUndefined();
  });

  it('keeps the operation with the entry, and neither without the other', async () => {
    expect(await store.insertReference({ scope, kind, entry: term(7), operation })).toBe('stored');
    expect(await store.operation(scope, 'op')).toMatchObject({ ...operation, subject: 'payment-terms/7' });
    expect(await store.insertReference({ scope, kind, entry: term(8), operation })).toBe('operation-exists');
    expect(await store.reference({ scope, kind }, 8)).toBeUndefined();
    const again = { scope, kind, entry: term(7, { version: 2 }), operation } as const;
    expect(await store.updateReference(again)).toBe('operation-exists');
    const other = { ...operation, id: 'other' };
    expect(await store.insertReference({ scope, kind, entry: term(7), operation: other })).toBe('id-taken');
    expect(await store.operation(scope, 'other')).toBeUndefined();
  });

  it('lists in the order of ids, page by page', async () => {
    for (const id of [10, 9, 1, 2, 100]) {
      await store.insertReference({ scope, kind, entry: term(id, { archived: id === 2 || id === 100 }) });
    }
    const ids = async (page: Parameters<InvoiceStore['referencePage']>[1]) => {
      const { entries, more } = await store.referencePage({ scope, kind }, page);
      return [entries.map((entry) => entry.id), more];
    };
    expect(await ids({ limit: 2 })).toEqual([[1, 2], true]);
    expect(await ids({ limit: 2, after: 2 })).toEqual([[9, 10], true]);
    expect(await ids({ limit: 2, after: 10 })).toEqual([[100], false]);
    expect(await ids({ limit: 5 })).toEqual([[1, 2, 9, 10, 100], false]);
    expect(await ids({ limit: 1, archived: true })).toEqual([[2], true]);
    expect(await ids({ limit: 1, archived: true, after: 2 })).toEqual([[100], false]);
    expect(await ids({ limit: 3, archived: false })).toEqual([[1, 9, 10], false]);
  });

  it('counts ids by scope and kind, each once', async () => {
    const taken = await Promise.all(Array.from({ length: 20 }, () => store.nextReferenceId({ scope, kind })));
    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(await store.nextReferenceId({ scope, kind: 'projects' })).toBe(1);
    expect(await store.nextReferenceId({ scope: { ...scope, mode: 'test' }, kind })).toBe(1);
  });

  it('has one secret for each scope, whoever asks first', async () => {
    const secrets = await Promise.all(Array.from({ length: 5 }, () => store.secret(scope)));
    expect(new Set(secrets).size).toBe(1);
    expect(await store.secret({ ...scope, mode: 'test' })).not.toBe(secrets[0]);
  });
});

it('a change whose answer was lost is known by what stands in the table', async () => {
  const connection = connect(clientOf(engine.endpoint), table);
  const deaf = (reaches: boolean): Connection => ({
    ...connection,
    async send(command) {
      if (!(command instanceof TransactWriteItemsCommand)) return connection.send(command);
      if (reaches) await connection.send(command);
      throw new OutcomeUnknown();
    },
  });
  const scope: Scope = { tenant: 'deaf', mode: 'live' };
  const list = { scope, kind: 'payment-terms' } as const;
  const [heard, lost] = [referenceStore(deaf(true)), referenceStore(deaf(false))];
  await expect(lost.insertReference({ ...list, entry: term(1) })).rejects.toThrow(OutcomeUnknown);
  expect(await heard.insertReference({ ...list, entry: term(1) })).toBe('stored');
  const changed = term(1, { version: 2, updatedAt: '2026-01-16T10:00:00.000Z' });
  await expect(lost.updateReference({ ...list, entry: changed })).rejects.toThrow(OutcomeUnknown);
  expect(await heard.updateReference({ ...list, entry: changed })).toBe('changed');
  expect(await lost.reference(list, 1)).toEqual(changed);
});

describe('exchange rates', () => {
  const open = () => exchangeRateStore(connect(clientOf(engine.endpoint), table));

  it('are found by day or the last day before', async () => {
    const { putExchangeRates, exchangeRates } = open();
    const friday = { date: '2026-07-24', source: 'ECB', rates: { USD: '1.1' } } as const;
    const monday = { date: '2026-07-27', source: 'ECB', rates: { USD: '1.2' } } as const;
    await putExchangeRates(monday);
    await putExchangeRates(friday);
    await putExchangeRates(friday);
    expect(await exchangeRates('2026-07-23')).toBeUndefined();
    expect(await exchangeRates('2026-07-24')).toEqual(friday);
    expect(await exchangeRates('2026-07-26')).toEqual(friday);
    expect(await exchangeRates('2027-01-01')).toEqual(monday);
  });

  it('give way to corrected ones, but never to made-up ones', async () => {
    const { putExchangeRates, exchangeRates } = open();
    const demo = { date: '2026-06-01', source: 'demo', rates: { USD: '9' } } as const;
    const first = { date: '2026-06-01', source: 'ECB', rates: { USD: '1' } } as const;
    await putExchangeRates(demo);
    expect(await exchangeRates('2026-06-01')).toEqual(demo);
    await putExchangeRates(first);
    await putExchangeRates(demo);
    expect(await exchangeRates('2026-06-01')).toEqual(first);
    await putExchangeRates({ ...first, rates: { USD: '2' } });
    expect(await exchangeRates('2026-06-01')).toMatchObject({ rates: { USD: '2' } });
  });
});
