/** A history of invoices, taken over into the real engine. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HistoryReport, importHistory, type LineReport } from '../../infra/history.ts';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { Caller, Invoice } from '../../lib/invoice/model.ts';
import { paymentStatus } from '../../lib/invoice/payments.ts';
import { verify } from '../../lib/invoice/verification.ts';
import type { Finding } from '../../lib/invoice/verification-report.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { caller, creditSeries, draft, entity, series, tenant, undelivered } from '../support/fixtures.ts';

const table = 'history';
const now = () => new Date('2026-03-01T10:00:00.000Z');
const reply = { render: (invoice: Invoice) => ({ status: 200, headers: {}, body: invoice.id }) };

let engine: Engine;
let connection: Connection;
let own: Caller;
let tenants = 0;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
  connection = connect(clientOf(engine.endpoint), table);
});
afterAll(() => engine.stop());
beforeEach(async () => {
  own = { ...caller, tenant: `tenant-${++tenants}` };
  await directory(connection).putTenant({ ...tenant, id: own.tenant });
  for (const each of [series, creditSeries]) await directory(connection).putSeries(own, each);
  await dynamoStore(connection).insertReference({ scope: own, kind: 'business-entities', entry: entity });
});

const open = () => {
  const store = dynamoStore(connection);
  const lease = idLease();
  const invoices = createInvoices({
    store,
    now: () => now().toISOString(),
    newId: (scope) => lease(scope, (count) => store.reserveIds(scope, count)),
    pause: async () => {},
    deliver: undelivered,
  });
  return { store, invoices };
};

const line = (number: string, more: object = {}) => ({
  number,
  issued_on: '2025-06-30',
  buyer: { name: 'Käufer AG', address: { city: 'Wien', country: 'AT' } },
  payment: { terms: 'At once' },
  items: [{ name: 'Work', price: 10_000, quantity: 1, unit_code: 'HUR', tax_rate: 19 }],
  ...more,
});
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `INV-2025-${String(from + index).padStart(5, '0')}`);

async function take(
  lines: readonly unknown[],
  settings: { dryRun?: boolean; voidMissing?: boolean } = {},
): Promise<HistoryReport & { lines: LineReport[] }> {
  const told: LineReport[] = [];
  const texts = lines.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  const scope = { tenant: own.tenant, mode: own.mode };
  const tell = (report: LineReport) => void told.push(report);
  const report = await importHistory({ connection, now }, scope, texts, { ...settings, tell });
  return { ...report, lines: told };
}
const found = async (number: string) =>
  (await open().invoices.search(own, { filter: { number }, limit: 2 })).invoices as [Invoice];
const faultsOf = ({ lines }: { lines: LineReport[] }) => lines.flatMap(({ faults }) => faults);
const findings = async () => {
  const scope = { tenant: own.tenant, mode: own.mode };
  const found: Finding[] = [];
  for await (const report of verify(dynamoStore(connection), scope, { year: 2026 })) found.push(...report.findings);
  return found;
};

describe('a history', () => {
  it('is taken over with its own numbers and dates, and its series goes on', async () => {
    const report = await take(numbers(1, 40).map((number) => line(number)));
    expect(report.counts).toEqual({ new: 40, there: 0, refused: 0 });
    expect(report.series).toEqual([{ name: 'INV', period: '2025', next: 41 }]);
    const [invoice] = await found('INV-2025-00007');
    expect(invoice).toMatchObject({ state: 'issued', number: 'INV-2025-00007', document: { issueDate: '2025-06-30' } });
    expect(invoice.issuedAt?.slice(0, 10)).toBe('2025-06-30');
    const { invoices } = open();
    const document = { ...draft.document, issueDate: '2025-12-31' };
    const { body: next } = await invoices.create(own, { ...draft, document }, reply, { as: 'issued' });
    expect((await invoices.find(own, next)).number).toBe('INV-2025-00041');
    const books = await invoices.series.audit(own, 'INV', '2025');
    expect(books).toMatchObject({ count: 41, gaps: [], duplicates: [], first: 'INV-2025-00001' });
    expect(await findings()).toEqual([]);
  });

  it('may be taken over again, by several at once, and is there once', async () => {
    const lines = numbers(1, 12).map((number) =>
      line(number, {
        external_reference: `order ${number}`,
        paid: { paid_on: '2025-07-05', amount: 11_900, reference: `bank ${number}` },
      }),
    );
    const reports = await Promise.all([take(lines), take(lines), take(lines)]);
    expect(reports.map(({ counts }) => counts.new).reduce((a, b) => a + b)).toBe(12);
    expect(faultsOf({ lines: reports.flatMap((each) => each.lines) })).toEqual([]);
    const again = await take(lines);
    expect([again.counts, again.series]).toEqual([
      { new: 0, there: 12, refused: 0 },
      [{ name: 'INV', period: '2025', next: 13 }],
    ]);
    const [invoice] = await found('INV-2025-00003');
    expect([invoice.paid, paymentStatus(invoice)]).toEqual([11_900, 'paid']);
    expect(await open().store.payments(own, invoice.id)).toHaveLength(1);
    expect(await findings()).toEqual([]);
  });

  it('goes on where it was cut off, with what was refused put right', async () => {
    const [first, second, third] = numbers(1, 3).map((number) => line(number)) as [object, object, object];
    const cut = await take([first, { ...second, issued_on: '2025-13-01' }, third]);
    expect([cut.counts, cut.series]).toEqual([{ new: 2, there: 0, refused: 1 }, []]);
    const rest = await take([first, second, third]);
    expect(rest.counts).toEqual({ new: 1, there: 2, refused: 0 });
    expect(rest.series).toEqual([{ name: 'INV', period: '2025', next: 4 }]);
  });

  it('is told of beforehand in a dry run, which writes nothing', async () => {
    const lines = [line('INV-2025-00001'), line('INV-2025-00002', { totals: { payable_amount: 1 } }), 'no JSON'];
    const report = await take(lines, { dryRun: true });
    expect(report.counts).toEqual({ new: 1, there: 0, refused: 2 });
    expect(report.lines.map(({ line: at, outcome }) => [at, outcome])).toEqual([
      [1, 'new'],
      [2, 'refused'],
      [3, 'refused'],
    ]);
    expect(await found('INV-2025-00001')).toEqual([]);
    expect(await open().store.counter({ scope: own, name: 'INV', period: '2025' })).toBeUndefined();
  });

  it('keeps what the norm misses as warnings, and refuses totals that are not ours', async () => {
    const bare = { number: 'OLD/7', issued_on: '2025-01-02', buyer: { name: 'Käufer AG' }, items: line('').items };
    const { lines, counts } = await take([bare]);
    expect(counts.new).toBe(1);
    expect(lines[0]?.warnings.join()).toMatch(/BR-/);
    const wrong = await take([line('OLD/8', { totals: { payable_amount: 11_901 } })]);
    expect(wrong.counts.refused).toBe(1);
    expect(faultsOf(wrong).join()).toMatch(/11901|11900|payable/);
    const right = await take([line('OLD/8', { totals: { payable_amount: 11_900 } })]);
    expect(right.counts.new).toBe(1);
  });

  it('does not come between the numbers that a series gave out itself', async () => {
    const { invoices } = open();
    const document = { ...draft.document, issueDate: '2025-05-05' };
    await invoices.create(own, { ...draft, document }, reply, { as: 'issued' });
    const report = await take([line('INV-2025-00009'), line('INV-2024-00009')]);
    expect(report.lines.map(({ outcome }) => outcome)).toEqual(['refused', 'new']);
    expect(faultsOf(report)).toEqual(['The series "INV" gives out numbers itself already in 2025.']);
    expect(report.series).toEqual([]);
  });

  it('never takes a series back', async () => {
    await take([line('INV-2025-00100')]);
    const report = await take([line('INV-2025-00050')]);
    expect(report.series).toMatchObject([{ name: 'INV', period: '2025', next: 101 }]);
  });

  it('tells which numbers are missing, in a dry run as well', async () => {
    const lines = [...numbers(1, 2), ...numbers(5, 6), ...numbers(9, 9)].map((number) => line(number));
    const told = [{ name: 'INV', period: '2025', next: 10, missing: { first: 3, count: 4 } }];
    expect((await take(lines, { dryRun: true })).series).toEqual(told);
    expect((await take(lines)).series).toEqual(told);
    const more = numbers(3, 4).map((number) => line(number));
    const rest = [{ name: 'INV', period: '2025', next: 10, missing: { first: 7, count: 2 } }];
    expect((await take(more, { dryRun: true })).series).toEqual(rest);
    expect((await take(more)).series).toEqual(rest);
  });

  it('enters as void what is missing for good, so that the chain goes on over it', async () => {
    const lines = [...numbers(1, 2), ...numbers(5, 6)].map((number) => line(number));
    await take(lines);
    const { store, invoices } = open();
    const counter = { scope: { tenant: own.tenant, mode: own.mode }, name: 'INV', period: '2025' };
    await invoices.series.audit(own, 'INV', '2025');
    expect(await store.chainHead(counter)).toMatchObject({ ordinal: 2 });
    expect((await findings()).map(({ code, ordinal }) => [code, ordinal])).toEqual([
      ['missing', 3],
      ['missing', 4],
    ]);
    const closed = await take(lines, { voidMissing: true });
    expect(closed.voids.map(({ number }) => number)).toEqual(numbers(3, 4));
    expect(await store.chainHead(counter)).toMatchObject({ ordinal: 6 });
    expect(await findings()).toEqual([]);
    expect(await invoices.series.audit(own, 'INV', '2025')).toMatchObject({ count: 6, voids: 2, gaps: [] });
    expect((await take([line('INV-2025-00003')])).counts.refused).toBe(1);
    expect((await take(lines, { voidMissing: true })).voids).toEqual([]);
    const document = { ...draft.document, issueDate: '2025-12-31' };
    const { body: next } = await invoices.create(own, { ...draft, document }, reply, { as: 'issued' });
    expect((await invoices.find(own, next)).number).toBe('INV-2025-00007');
    expect(await findings()).toEqual([]);
  });

  it('is not made up for by thousands of void numbers', async () => {
    await expect(take([line('INV-2025-20000')], { voidMissing: true })).rejects.toThrow(/Is that number right/);
  });

  it('takes a number that no series comes to for one of none, and the audit names no more gaps than it can', async () => {
    const far = await take([line('INV-2025-99999999999999'), line('INV-2025-999999999999')]);
    expect(far).toMatchObject({ counts: { new: 2 }, series: [] });
    const leap = await take([line('INV-2025-999999998')]);
    expect(leap.series).toMatchObject([{ next: 999_999_999, missing: { first: 1, count: 999_999_997 } }]);
    const { gaps, count } = await open().invoices.series.audit(own, 'INV', '2025');
    expect([count, gaps.length, gaps[0], gaps.at(-1)]).toEqual([1, 1_000, 1, 1_000]);
  });

  it('has the order of dates and the years of numbers that it has; the series keeps the order from there on', async () => {
    await directory(connection).putSeries(own, { ...series, chronology: 'enforce' });
    const dates = ['2025-03-01', '2025-02-01', '2026-01-02', '2025-04-01'];
    const history = dates.map((issued_on, index) => line(`INV-2025-0000${index + 1}`, { issued_on }));
    expect((await take(history)).counts.new).toBe(4);
    const { store, invoices } = open();
    expect(await store.counter({ scope: own, name: 'INV', period: '2025' })).toMatchObject({
      lastIssueDate: '2026-01-02',
    });
    const document = { ...draft.document, issueDate: '2025-12-31' };
    const early = invoices.create(own, { ...draft, document }, reply, { as: 'issued' });
    await expect(early).rejects.toMatchObject({ failure: { kind: 'not-issuable' } });
    await invoices.series.audit(own, 'INV', '2025');
    expect(await findings()).toEqual([]);
  });

  it('names the fields of its own lines, and both figures where they differ', async () => {
    const { payment: _, ...undated } = line('X-1');
    expect((await take([undated])).lines[0]?.warnings.join()).toMatch(/^header\.due_date: /);
    expect(faultsOf(await take([line('X-2', { totals: { payable_amount: 11_901 } })])).join()).toMatch(
      /^totals\.payable_amount: .* Expected 11900, given 11901\. \(/,
    );
    expect(faultsOf(await take([line('')]))).toEqual(['number: Must not be empty. (invalid)']);
  });

  it('stores nothing of a line whose references name something else, and a dry run says so', async () => {
    const paid = { paid_on: '2025-07-05', amount: 100, reference: 'bank-1' };
    expect((await take([line('X-1', { external_reference: 'order-1', paid })])).counts.new).toBe(1);
    const lines = [line('X-2', { external_reference: 'order-1' }), line('X-3', { paid })];
    for (const dryRun of [true, false]) {
      const report = await take(lines, { dryRun });
      expect(report.counts).toEqual({ new: 0, there: 0, refused: 2 });
      expect(faultsOf(report)).toEqual([
        expect.stringMatching(/^The external reference "order-1" names the invoice [-0-9a-f]{36} already; /),
        expect.stringMatching(/^The reference "bank-1" names the payment pay_3 of invoice [-0-9a-f]{36}, for ever; /),
      ]);
    }
    for (const number of ['X-2', 'X-3']) expect(await found(number)).toEqual([]);
  });

  it('takes over what was paid although nothing was to be paid', async () => {
    const totals = { paid_amount: 11_900 };
    const report = await take([line('X-1', { totals, paid: true })]);
    expect(report.counts, faultsOf(report).join()).toEqual({ new: 1, there: 0, refused: 0 });
  });

  it('says its number and its day once, or the same twice', async () => {
    const header = { invoice_number: 'X-9', issue_date: '2024-01-01' };
    expect(faultsOf(await take([line('X-1', { header })]))).toEqual([
      'header.invoice_number: Leave it out, or say the same as in "number". (invalid)',
      'header.issue_date: Leave it out, or say the same as in "issued_on". (invalid)',
    ]);
    const same = { invoice_number: 'X-1', issue_date: '2025-06-30' };
    expect((await take([line('X-1', { header: same })])).counts.new).toBe(1);
  });

  it('has each number once', async () => {
    const twice = await take([line('X-1'), line('x-1', { paid: true })]);
    expect(faultsOf(twice)).toEqual(['Line 1 has this number already.']);
    const referred = { external_reference: 'order-7', paid: { paid_on: '2025-07-05', reference: 'bank-7' } };
    expect(faultsOf(await take([line('Y-1', referred), line('Y-2', referred)], { dryRun: true }))).toEqual([
      'Line 1 has this external_reference already. Line 1 has this paid.reference already.',
    ]);
    const other = await take([line('X-1', { paid: true })]);
    expect(faultsOf(other)).toEqual(['Another invoice has this number, or this one came with other content.']);
  });
});
