/** What the store's port promises, asked of all: the table on the real engine, the same in bulk, and the model's store in memory. */
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { gatheredReads } from '../../lib/dynamo/gathered-reads.ts';
import { dynamoStore, inGroups } from '../../lib/dynamo/store.ts';
import { auditEntry } from '../../lib/invoice/audit.ts';
import { invoiceId } from '../../lib/invoice/identity.ts';
import type { Invoice, Scope } from '../../lib/invoice/model.ts';
import { type InvoiceStore, OutcomeUnknown, StoreBusy } from '../../lib/invoice/store.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { document, entity, series, tenant } from '../support/fixtures.ts';
import { emptyMemory, memoryStore } from '../support/memory-store.ts';

const table = 'store-test';
const bulk = 'store-test-bulk';
let engine: Engine;

beforeAll(async () => {
  engine = await startEngine();
  const client = clientOf(engine.endpoint);
  for (const name of [table, bulk]) {
    await createTable(engine.endpoint, name);
    await directory(connect(client, name)).putTenant(tenant);
  }
});
afterAll(() => engine.stop());

const scope: Scope = { tenant: tenant.id, mode: 'live' };
const at = '2026-01-15T10:00:00.000Z';
let last = 0;

const newInvoice = (more: Partial<Invoice> = {}): Invoice => ({
  scope,
  id: invoiceId(scope, ++last),
  contract: 'invoices',
  createdAt: at,
  createdBy: 'key_test',
  businessEntityId: entity.id,
  version: 1,
  state: 'draft',
  updatedAt: at,
  paid: 0,
  credited: 0,
  facts: {},
  document,
  figures: {
    lines: [{ net: 10_000, allowances: [], charges: [] }],
    allowances: [],
    charges: [],
    taxBreakdown: [{ taxCategory: 'S', taxRate: '19', taxable: 10_000, tax: 1_900 }],
    totals: {
      lineExtension: 10_000,
      allowances: 0,
      charges: 0,
      taxExclusive: 10_000,
      tax: 1_900,
      taxInclusive: 11_900,
      prepaid: 0,
      rounding: 0,
      payable: 11_900,
    },
  },
  warnings: [],
  extras: {},
  ...more,
});

const waiting = (more: Partial<Invoice> = {}) => newInvoice({ state: 'finalizing', finalizingAt: at, ...more });
const issued = (from: Invoice, number: string, ordinal = ++last): Invoice => ({
  ...from,
  state: 'issued',
  version: from.version + 1,
  number,
  issuedAt: at,
  place: { name: 'INV', period: '2026', ordinal },
});
const insertion = (invoice: Invoice) => ({ invoice, audit: auditEntry('created', 'key_test', invoice) });
const answer = (body: string) => ({ status: 201, headers: { a: 'b' }, body });

describe.each([
  ['on the table', () => dynamoStore(connect(clientOf(engine.endpoint), table))],
  [
    'on the table, in bulk',
    () => {
      const reads = gatheredReads(connect(clientOf(engine.endpoint), bulk));
      return dynamoStore(reads, inGroups(reads));
    },
  ],
  ['in memory', () => memoryStore({ ...emptyMemory(), tenants: new Map([[tenant.id, tenant]]) })],
])('the store %s', (_, open) => {
  let store: InvoiceStore;
  beforeAll(() => {
    store = open();
  });

  it('gives back what was stored, exactly', async () => {
    const invoice = newInvoice({
      stated: { totals: { payable: 1 } },
      extras: { any: ['thing', { ü: '\u{1f9fe}' }] },
      warnings: [{ code: 'x', path: ['a', 0], message: 'm' }],
      series: 'INV',
      relatedInvoiceId: invoiceId(scope, 1),
    });
    expect(await store.insert(insertion(invoice))).toBe('stored');
    expect(await store.invoice(scope, invoice.id)).toEqual(invoice);
  });

  it.each<[string, Partial<Invoice>]>([
    ['document', { document: { ...document, notes: ['n'] } }],
    ['figures', { figures: { ...newInvoice().figures, allowances: [1] } }],
    ['stated', { stated: { totals: { payable: 1 } } }],
    ['warnings', { warnings: [{ code: 'x', path: ['a'], message: 'm' }] }],
    ['extras', { extras: { any: 'thing' } }],
  ])('keeps a change that is one of its %s alone', async (_member, change) => {
    const draft = newInvoice();
    await store.insert(insertion(draft));
    const next: Invoice = { ...draft, ...change, version: 2, state: 'finalizing', finalizingAt: at };
    expect(await store.update({ invoice: next }, draft)).toBe('changed');
    expect(await store.invoice(scope, draft.id)).toEqual(next);
  });

  it('keeps tenants and modes apart', async () => {
    const invoice = newInvoice();
    await store.insert(insertion(invoice));
    expect(await store.invoice({ ...scope, mode: 'test' }, invoice.id)).toBeUndefined();
    expect(await store.invoice({ ...scope, tenant: 'other' }, invoice.id)).toBeUndefined();
  });

  it('keeps an invoice larger than an item, and refuses one larger than a transaction', async () => {
    const data = (length: number) => Array.from({ length }, () => Math.random().toString(36).slice(2, 4)).join('');
    const large = newInvoice({ document: { ...document, attachments: [{ data: data(700_000) }] } });
    expect(await store.insert(insertion(large))).toBe('stored');
    expect(await store.invoice(scope, large.id)).toEqual(large);
  });

  it('stores a repeated insertion once', async () => {
    const change = insertion(newInvoice());
    expect(await store.insert(change)).toBe('stored');
    expect(await store.insert(change)).toBe('stored');
  });

  it('lets one of fifty have a number, however it is written', async () => {
    const spellings = ['Re-2026/1', ' re-2026/1', 'RE-2026/1 ', 'ＲＥ-2026/1'];
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        store.insert(insertion(newInvoice({ number: spellings[index % 4] as string }))),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'number-taken')).toHaveLength(49);
    expect(await store.numberHolder(scope, entity.id, 're-2026/1')).toBeDefined();
    // Another issuer has numbers of its own.
    expect(await store.insert(insertion(newInvoice({ number: 'RE-2026/1', businessEntityId: 'other' })))).toBe(
      'stored',
    );
  });

  it('lets one of fifty do an operation, and stores nothing of the others', async () => {
    const operation = { id: 'op-1', fingerprint: 'f', answer: answer('{"a":1}') };
    const changes = Array.from({ length: 50 }, () => ({ ...insertion(newInvoice()), operation }));
    const outcomes = await Promise.all(changes.map((change) => store.insert(change)));
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
    const kept = await Promise.all(changes.map(({ invoice }) => store.invoice(scope, invoice.id)));
    expect(kept.filter(Boolean)).toHaveLength(1);
    expect(await store.operation(scope, 'op-1')).toMatchObject({ fingerprint: 'f', answer: operation.answer });
  });

  it('starts to finalise only what is still as it was read', async () => {
    const draft = newInvoice();
    await store.insert(insertion(draft));
    const next: Invoice = { ...draft, version: 2, state: 'finalizing', finalizingAt: at };
    expect(await store.update({ invoice: next }, draft)).toBe('changed');
    expect(await store.update({ invoice: next }, draft)).toBe('stale');
    expect(await store.invoice(scope, draft.id)).toEqual(next);
  });

  it('issues once, and never what does not wait', async () => {
    const invoice = waiting();
    await store.insert(insertion(invoice));
    const one = issued(invoice, 'N-1');
    const change = { invoice: one, audit: auditEntry('issued', 'k', one) };
    expect(await store.issue(change)).toBe('issued');
    expect(await store.issue(change)).toBe('not-waiting');
    expect(await store.issue({ ...change, invoice: issued(invoice, 'N-2') })).toBe('not-waiting');
    expect(await store.numberHolder(scope, entity.id, 'N-2')).toBeUndefined();
    expect(await store.invoice(scope, invoice.id)).toEqual(change.invoice);
    // What is issued cannot be finalised, and so not be written, again.
    expect(await store.update({ invoice: { ...invoice, version: 2 } }, invoice)).toBe('stale');
  });

  it('refuses a number that another invoice has, and then issues under another', async () => {
    await store.insert(insertion(newInvoice({ number: 'TAKEN-1' })));
    const invoice = waiting();
    await store.insert(insertion(invoice));
    expect(await store.issue({ invoice: issued(invoice, 'taken-1') })).toBe('number-taken');
    expect(await store.invoice(scope, invoice.id)).toEqual(invoice);
    expect(await store.issue({ invoice: issued(invoice, 'TAKEN-2') })).toBe('issued');
  });

  it('gives one place in a series to one invoice, whatever its number', async () => {
    const counter = { scope, name: 'INV', period: '2026' };
    const [first, second] = [waiting(), waiting({ businessEntityId: 'other' })];
    for (const invoice of [first, second]) await store.insert(insertion(invoice));
    expect(await store.issue({ invoice: issued(first, 'P-1', 900) })).toBe('issued');
    expect(await store.issue({ invoice: issued(second, 'P-1', 900) })).toBe('number-taken');
    expect(await store.issue({ invoice: issued(second, 'P-1', 901) })).toBe('issued');
    expect(await store.numbersOf(counter, 900, 999)).toEqual([
      { ordinal: 900, number: 'P-1', invoiceId: first.id },
      { ordinal: 901, number: 'P-1', invoiceId: second.id },
    ]);
  });

  it('has no numbers and no links where a range ends before it begins, as in a series without numbers', async () => {
    const counter = { scope, name: 'INV', period: 'unused' };
    expect(await store.numbersOf(counter, 812, 811)).toEqual([]);
    expect(await store.chain(counter, 812, 811)).toEqual([]);
  });

  it('enters a number that a caller chose, as long as that invoice has it, and leaves the place when it is freed', async () => {
    const counter = { scope, name: 'INV', period: 'passed' };
    const draft = newInvoice({ number: 'C-7' });
    await store.insert(insertion(draft));
    await store.takeTicket(counter, 7, { invoiceId: 'i', since: at });
    const passed = { ordinal: 7, number: 'C-7', invoiceId: draft.id, passed: true } as const;
    expect(await store.passNumber(counter, entity.id, { ...passed, invoiceId: 'another' })).toBe('changed');
    const { number: _, ...rest } = draft;
    const renumbered = { ...rest, version: 2 };
    const frees = (known: boolean) => ({ number: 'C-7', places: [{ counter, ordinal: 7, passed: known }] });
    expect(await store.passNumber(counter, entity.id, passed)).toBe('entered');
    expect(await store.numbersOf(counter, 1, 9)).toEqual([passed]);
    // Who did not see it entered must look again.
    expect(await store.update({ invoice: renumbered, frees: frees(false) }, draft)).toBe('stale');
    expect(await store.update({ invoice: renumbered, frees: frees(true) }, draft)).toBe('changed');
    expect(await store.numbersOf(counter, 1, 9)).toEqual([]);
    expect(await store.counter(counter)).toMatchObject({ spare: [7] });
    expect(await store.passNumber(counter, entity.id, passed)).toBe('changed');
  });

  it('never takes a line of the books from the invoice that got its number from the series', async () => {
    const counter = { scope, name: 'INV', period: '2026' };
    const invoice = waiting();
    await store.insert(insertion(invoice));
    expect(await store.issue({ invoice: issued(invoice, 'S-950', 950) })).toBe('issued');
    // Whoever found the line missing a moment ago, and the claim held since, comes too late.
    const passed = { ordinal: 950, number: 'S-950', invoiceId: invoice.id, passed: true } as const;
    expect(await store.passNumber(counter, entity.id, passed)).toBe('changed');
    const { passed: _, ...line } = passed;
    expect(await store.numbersOf(counter, 950, 950)).toEqual([line]);
  });

  it('keeps the first answer of an interrupted operation', async () => {
    const invoice = waiting();
    const operation = { id: 'op-2', fingerprint: 'f' };
    await store.insert({ ...insertion(invoice), operation });
    expect(await store.operation(scope, 'op-2')).toEqual({ ...operation, subject: invoice.id });
    const record = { ...operation, subject: invoice.id };
    expect(await store.settleAnswer(scope, record, answer('first'))).toEqual(answer('first'));
    expect(await store.settleAnswer(scope, record, answer('second'))).toEqual(answer('first'));
  });

  it('lists the newest first, page by page', async () => {
    const own = { ...scope, mode: 'test' as const };
    const made = Array.from({ length: 7 }, (_, index) =>
      newInvoice({ scope: own, id: invoiceId(own, index + 1), createdAt: `2026-01-0${index + 1}T00:00:00.000Z` }),
    );
    for (const invoice of made) await store.insert(insertion(invoice));
    const first = await store.newest(own, 4);
    expect(first.ids).toEqual([7, 6, 5, 4].map((n) => invoiceId(own, n)));
    const second = await store.newest(own, 4, first.next);
    expect(second.ids).toEqual([3, 2, 1].map((n) => invoiceId(own, n)));
    expect(await store.countInvoices(own)).toBe(7);
  });

  it('gives ids that nobody else gets', async () => {
    const leases = await Promise.all(Array.from({ length: 20 }, () => store.reserveIds(scope, 5)));
    expect(new Set(leases.map(({ first }) => first)).size).toBe(20);
  });

  describe('a counter', () => {
    let round = 0;
    const fresh = () => ({ scope, name: 'INV', period: `p${++round}` });
    const ticket = (n: number) => ({ invoiceId: invoiceId(scope, 900 + n), since: at });

    it('begins at its start and gives each invoice one number, however often it asks', async () => {
      const counter = fresh();
      const states = await Promise.all(
        Array.from({ length: 60 }, (_, index) => store.takeTicket(counter, 7, ticket(index % 20))),
      );
      expect(states).not.toContain('full');
      const end = await store.counter(counter);
      expect(end?.next).toBe(27);
      expect(end?.open.map(({ ordinal }) => ordinal).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, index) => 7 + index),
      );
    });

    it('is bounded', async () => {
      const counter = fresh();
      for (let n = 0; n < 150; n++) await store.takeTicket(counter, 1, ticket(n));
      expect(await store.takeTicket(counter, 1, ticket(150))).toBe('full');
      expect(await store.takeTicket(counter, 1, ticket(3))).not.toBe('full');
    });

    it('keeps the order of dates where it is asked to, also for spare numbers and skipped ones', async () => {
      const counter = fresh();
      const on = (date: string) => ({ date, enforce: true });
      expect(await store.takeTicket(counter, 1, ticket(1), on('2026-01-15'))).toMatchObject({
        next: 2,
        lastIssueDate: '2026-01-15',
      });
      expect(await store.takeTicket(counter, 1, ticket(2), on('2026-01-14'))).toBe('too-early');
      expect(await store.takeTicket(counter, 1, ticket(2), on('2026-01-15'))).toMatchObject({ next: 3 });
      expect(await store.takeTicket(counter, 1, ticket(3), on('2026-01-17'))).toMatchObject({ next: 4 });
      // A ticket that it holds it keeps, however the date moved on; another number it does not get.
      expect(await store.takeTicket(counter, 1, ticket(2), on('2026-01-15'))).toMatchObject({ next: 4 });
      expect(await store.skipTicket(counter, { ...ticket(2), ordinal: 2 }, on('2026-01-15'))).toBe('too-early');
      expect(await store.skipTicket(counter, { ...ticket(2), ordinal: 1 }, on('2026-01-15'))).toBe('changed');
      await store.releaseTicket(counter, { ...ticket(1), ordinal: 1 });
      expect(await store.takeTicket(counter, 1, ticket(4), on('2026-01-16'))).toBe('too-early');
      expect(await store.takeTicket(counter, 1, ticket(4), on('2026-01-18'))).toMatchObject({ next: 4, handedOn: [1] });
      expect(await store.counter(counter)).toMatchObject({ spare: [], lastIssueDate: '2026-01-18' });
      expect((await store.counter(counter))?.open).toHaveLength(3);
      // Asked only to note it, it notes the last.
      expect(await store.takeTicket(counter, 1, ticket(5), { date: '2026-01-01', enforce: false })).toMatchObject({
        lastIssueDate: '2026-01-01',
      });
    });

    it('says when a ticket was taken before', async () => {
      const counter = fresh();
      expect(await store.takeTicket(counter, 1, ticket(1))).not.toMatchObject({ repeated: true });
      expect(await store.takeTicket(counter, 1, ticket(1))).toMatchObject({ next: 2, repeated: true });
    });

    it('gives a late ticket only while its invoice waits, and once', async () => {
      const counter = fresh();
      const invoice = waiting();
      await store.insert(insertion(invoice));
      const mine = { invoiceId: invoice.id, since: at };
      const take = () => store.takeLateTicket(counter, 7, mine, invoice.version);
      const taken = await Promise.all(Array.from({ length: 10 }, take));
      for (const state of taken) expect(state).toMatchObject({ next: 8, open: [{ ...mine, ordinal: 7 }] });
      expect(taken.filter((state) => typeof state === 'object' && !state.repeated).length).toBeLessThanOrEqual(1);

      const done = issued(invoice, `LATE-${counter.period}`);
      await store.issue({ invoice: done, audit: auditEntry('issued', 'key_test', done) });
      await store.dropTicket(counter, { ...mine, ordinal: 7 });
      expect(await Promise.all(Array.from({ length: 10 }, take))).toEqual(Array(10).fill('not-waiting'));
      expect(await store.counter(counter)).toMatchObject({ next: 8, open: [], spare: [] });
    });

    it('gives a late ticket a spare number first, and none out of the order of dates', async () => {
      const counter = fresh();
      const invoice = waiting();
      await store.insert(insertion(invoice));
      for (const n of [1, 2]) await store.takeTicket(counter, 1, ticket(n));
      await store.releaseTicket(counter, { ...ticket(1), ordinal: 1 });
      const mine = { invoiceId: invoice.id, since: at };
      const take = (date: string) => store.takeLateTicket(counter, 1, mine, invoice.version, { date, enforce: true });
      expect(await take('2026-01-15')).toMatchObject({
        next: 3,
        spare: [],
        handedOn: [1],
        lastIssueDate: '2026-01-15',
      });
      await store.dropTicket(counter, { ...mine, ordinal: 1 });
      expect(await take('2026-01-14')).toBe('too-early');
    });

    it('skips, drops and releases only the very ticket that is meant', async () => {
      const counter = fresh();
      const one = { ...ticket(1), ordinal: 1 };
      const two = { ...ticket(2), ordinal: 2 };
      const three = { ...ticket(3), ordinal: 3 };
      for (const n of [1, 2, 3]) await store.takeTicket(counter, 1, ticket(n));

      // Not the last: spare, and the next to ask gets it.
      await store.releaseTicket(counter, { ...one, ordinal: 2 });
      await store.releaseTicket(counter, one);
      await store.releaseTicket(counter, one);
      expect(await store.counter(counter)).toMatchObject({ next: 4, spare: [1], handedOn: [] });
      const handedOn = await store.takeTicket(counter, 1, ticket(4));
      expect(handedOn).toMatchObject({ next: 4, spare: [], handedOn: [1] });
      expect(handedOn).toMatchObject({ open: expect.arrayContaining([{ ...ticket(4), ordinal: 1 }]) });
      // The last is taken back.
      await store.releaseTicket(counter, three);
      expect(await store.counter(counter)).toMatchObject({ next: 3, spare: [], handedOn: [1] });

      expect(await store.skipTicket(counter, { ...two, ordinal: 1 })).toBe('changed');
      expect(await store.skipTicket(counter, two)).toMatchObject({ next: 4 });
      await store.dropTicket(counter, two);
      expect((await store.counter(counter))?.open).toHaveLength(2);
      await store.dropTicket(counter, { ...two, ordinal: 3 });
      await store.dropTicket(counter, { ...ticket(4), ordinal: 1 });
      expect(await store.counter(counter)).toMatchObject({ next: 4, open: [], spare: [], handedOn: [1] });
    });
  });
});

describe.each(['one by one', 'in groups'] as const)('when the entries of lists cannot be written, %s,', (way) => {
  const store = () => dynamoStore(connect(clientOf(engine.endpoint), table));
  function withoutLists() {
    const connection = connect(clientOf(engine.endpoint), table);
    const send: Connection['send'] = async (command) => {
      // No answer, and the budget over: whether they were written nobody knows.
      if (command instanceof BatchWriteItemCommand) throw new OutcomeUnknown();
      return connection.send(command);
    };
    const broken = { ...connection, send };
    return dynamoStore(broken, way === 'in groups' ? inGroups(broken) : undefined);
  }

  it('nothing is stored that no search would find', async () => {
    const invoice = newInvoice();
    await expect(withoutLists().insert(insertion(invoice))).rejects.toThrow(StoreBusy);
    expect(await store().invoice(scope, invoice.id)).toBeUndefined();
  });

  it('nothing is changed', async () => {
    const invoice = newInvoice();
    await store().insert(insertion(invoice));
    const changed = { ...invoice, version: 2, document: { ...document, currency: 'USD' } };
    const change = { invoice: changed, audit: auditEntry('changed', 'key_test', changed) };
    await expect(withoutLists().update(change, invoice)).rejects.toThrow(StoreBusy);
    expect(await store().invoice(scope, invoice.id)).toEqual(invoice);
  });

  it('nothing is issued', async () => {
    const invoice = waiting();
    await store().insert(insertion(invoice));
    const done = issued(invoice, `LISTS-${last}`);
    const change = { invoice: done, audit: auditEntry('issued', 'key_test', done) };
    await expect(withoutLists().issue(change)).rejects.toThrow(StoreBusy);
    expect(await store().invoice(scope, invoice.id)).toEqual(invoice);
  });
});

it('enters an invoice on its lists once when two finish it at a time in one group', async () => {
  const connection = connect(clientOf(engine.endpoint), table);
  const store = dynamoStore(connection, inGroups(connection));
  const invoice = waiting();
  await store.insert(insertion(invoice));
  const done = issued(invoice, `TWICE-${last}`);
  const change = { invoice: done, audit: auditEntry('issued', 'key_test', done) };
  expect((await Promise.all([store.issue(change), store.issue(change)])).sort()).toEqual(['issued', 'not-waiting']);
});

describe('the directory', () => {
  it('keeps what a tenant is made of', async () => {
    const known = directory(connect(clientOf(engine.endpoint), table));
    await known.putSeries(scope, series);
    expect(await known.tenant(tenant.id)).toEqual(tenant);
    expect(await known.tenants()).toEqual([tenant]);
    expect(await known.series(scope, 'INV')).toEqual(series);
    expect(await known.series({ ...scope, mode: 'test' }, 'INV')).toBeUndefined();
    expect(await known.allSeries(scope)).toEqual([series]);
  });
});
