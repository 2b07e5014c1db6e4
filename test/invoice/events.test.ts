/** Each change of state makes one event, in order, on the table and in memory; they are read back page by page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import { eventSchema, type InvoiceEvent } from '../../lib/invoice/events.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices, type Invoices } from '../../lib/invoice/invoices.ts';
import type { Caller, Invoice } from '../../lib/invoice/model.ts';
import type { Answer } from '../../lib/invoice/operation.ts';
import type { Paid } from '../../lib/invoice/payments.ts';
import type { InvoiceStore } from '../../lib/invoice/store.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { caller, creditSeries, document, draft, entity, series, tenant } from '../support/fixtures.ts';
import { entryKey } from '../support/memory-reference.ts';
import { emptyMemory, memoryStore } from '../support/memory-store.ts';

const table = 'events';
const scope = { tenant: tenant.id, mode: 'live' } as const;
let engine: Engine;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
});
afterAll(() => engine.stop());

async function onTable(): Promise<InvoiceStore> {
  const connection = connect(clientOf(engine.endpoint), table);
  await directory(connection).putTenant(tenant);
  for (const each of [series, creditSeries]) await directory(connection).putSeries(scope, each);
  const store = dynamoStore(connection);
  await store.insertReference({ scope, kind: 'business-entities', entry: entity });
  // A connection serves one request; these are many.
  return new Proxy(store, {
    get: (_, name) => (dynamoStore(connect(clientOf(engine.endpoint), table)) as never)[name],
  });
}

async function inMemory(): Promise<InvoiceStore> {
  const memory = emptyMemory();
  memory.tenants.set(tenant.id, tenant);
  memory.entries.set(entryKey({ scope, kind: 'business-entities' }, entity.id), entity);
  for (const one of [series, creditSeries]) memory.series.set(`${tenant.id}/live ${one.name}`, one);
  return memoryStore(memory);
}

const render = (invoice: Invoice): Answer => ({ status: 200, headers: {}, body: invoice.id });
const rendered = { render };
const paid = { render: ({ payment }: Paid): Answer => ({ status: 200, headers: {}, body: payment.id }) };

describe.each([
  ['on the table', onTable],
  ['in memory', inMemory],
])('events %s', (_, open) => {
  let store: InvoiceStore;
  let invoicesOn: (store: InvoiceStore) => Invoices;
  let invoices: Invoices;
  /** Milliseconds since a morning in January. */
  let time = 0;
  let delivered = true;

  beforeAll(async () => {
    store = await open();
    const lease = idLease();
    invoicesOn = (store) =>
      createInvoices({
        store,
        now: () => new Date(Date.UTC(2026, 0, 20, 10) + time++).toISOString(),
        newId: (of) => lease(of, (count) => store.reserveIds(of, count)),
        pause: async () => {},
        deliver: async () => (delivered ? { sent: true } : { sent: false, reason: 'No such address.' }),
      });
    invoices = invoicesOn(store);
  });

  async function all(of: Caller = caller): Promise<InvoiceEvent[]> {
    const events: InvoiceEvent[] = [];
    let after: string | undefined;
    do {
      const page = await invoices.events(of, { limit: 3, ...(after !== undefined && { after }) });
      expect(page.events.length).toBeLessThanOrEqual(3);
      events.push(...page.events);
      after = page.nextCursor;
    } while (after !== undefined);
    return events;
  }

  const about = async (id: string) => (await all()).filter(({ subject }) => subject === id);
  const typesOf = (events: InvoiceEvent[]) => events.map(({ type }) => type);
  const create = async (more: object = {}) => (await invoices.create(caller, { ...draft, ...more }, rendered)).body;

  it('tells the life of an invoice, once each and in order', async () => {
    const id = await create();
    await invoices.change(caller, id, async () => ({ document: { ...document, notes: ['Thanks'] } }), rendered);
    await invoices.approve(caller, id, rendered);
    await invoices.finalize(caller, id, rendered);
    delivered = false;
    await invoices.send(caller, id, rendered);
    delivered = true;
    await invoices.send(caller, id, rendered);
    const { body: payment } = await invoices.payments.pay(caller, id, { amount: 900, paidOn: '2026-02-01' }, paid);
    await invoices.payments.reverse(caller, id, payment, paid);
    const { body: note } = await invoices.credit(caller, id, { amount: 1_000 }, rendered);
    await invoices.cancel(caller, id, 'Mistake', rendered);

    const events = await about(id);
    expect(typesOf(events)).toEqual([
      'InvoiceCreated',
      'InvoiceChanged',
      'InvoiceApproved',
      'InvoiceFinalized',
      'InvoiceSending',
      'InvoiceDeliveryFailed',
      'InvoiceSending',
      'InvoiceSent',
      'PaymentRecorded',
      'PaymentReversed',
      'InvoiceCredited',
      'InvoiceCancelled',
    ]);
    const sequences = events.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    for (const event of events) {
      expect(event).toMatchObject({ tenant_id: tenant.id, mode: 'live', id: `${id}_${event.sequence}` });
      expect(event.data).toMatchObject({ invoice_id: id, currency: 'EUR', payable: 11_900 });
      expect(eventSchema(event.type).parse(event)).toEqual(event);
    }
    const dataOf = (type: string) => events.find((event) => event.type === type)?.data;
    expect(dataOf('InvoiceCreated')).toMatchObject({ number: null, state: 'draft' });
    expect(dataOf('InvoiceFinalized')).toMatchObject({ number: 'INV-2026-00001', state: 'issued' });
    expect(dataOf('InvoiceDeliveryFailed')).toMatchObject({ reason: 'No such address.' });
    expect(dataOf('PaymentRecorded')).toMatchObject({ open_amount: 11_000, payment: { id: payment, amount: 900 } });
    expect(dataOf('PaymentReversed')).toMatchObject({ open_amount: 11_900, payment: { id: payment, amount: 900 } });
    expect(dataOf('InvoiceCredited')).toMatchObject({ open_amount: 10_900, credit_note_id: note });
    expect(dataOf('InvoiceCancelled')).toMatchObject({
      reason: 'Mistake',
      credit_note_id: expect.not.stringMatching(note),
    });

    const notes = (await all()).filter(({ type }) => type === 'CreditNoteIssued');
    expect(notes.map(({ data }) => data)).toMatchObject([
      { invoice_id: note, corrects_invoice_id: id, payable: 1_000 },
      { corrects_invoice_id: id, payable: 10_900 },
    ]);
    expect(await about(note)).toHaveLength(1);
  });

  it('tells that an invoice was created also when it was issued at once', async () => {
    const { body: id } = await invoices.create(caller, draft, rendered, { as: 'issued' });
    const events = await about(id);
    expect(typesOf(events)).toEqual(['InvoiceCreated', 'InvoiceFinalized']);
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2]);
    for (const event of events) expect(eventSchema(event.type).parse(event)).toEqual(event);
  });

  it('tells of one delivery when somebody sends a draft that was sent meanwhile', async () => {
    const id = await create();
    const seen = [await store.invoice(scope, id)];
    seen.push({ ...(seen[0] as Invoice), state: 'finalizing' });
    await invoices.send(caller, id, rendered);
    const invoice: InvoiceStore['invoice'] = async (...asked) => seen.pop() ?? store.invoice(...asked);
    const late = invoicesOn(
      new Proxy(store, { get: (of, name) => (name === 'invoice' ? invoice : of[name as never]) }),
    );
    for (const kind of ['in-progress', 'wrong-state']) {
      await expect(late.send(caller, id, rendered)).rejects.toMatchObject({ failure: { kind } });
    }
    const sent = ['InvoiceCreated', 'InvoiceFinalized', 'InvoiceSending', 'InvoiceSent'];
    expect(typesOf(await about(id))).toEqual(sent);
  });

  it('tells of numbered and of deleted drafts', async () => {
    const { body: numbered } = await invoices.create(caller, draft, rendered, { as: 'numbered draft' });
    expect(typesOf(await about(numbered))).toEqual(['InvoiceCreated']);
    const id = await create();
    await invoices.remove(caller, id, rendered);
    expect(typesOf(await about(id))).toEqual(['InvoiceCreated', 'InvoiceDeleted']);
  });

  it('tells nothing of what was refused or repeated', async () => {
    const before = (await all()).length;
    await expect(create({ document: { ...document, currency: 'EUR' }, series: 'none' })).rejects.toThrow();
    const operation = { id: `operation ${time}`, fingerprint: 'f' };
    const { body: id } = await invoices.create(caller, draft, { render, operation });
    expect((await invoices.create(caller, draft, { render, operation })).body).toBe(id);
    expect(await all()).toHaveLength(before + 1);
  });

  it('goes on after a checkpoint, behind which nothing appears any more', async () => {
    const first = await create();
    const { checkpoint: early = '' } = await invoices.events(caller, { limit: 100 });
    time += 60_000;
    const { checkpoint = '', events } = await invoices.events(caller, { limit: 100, after: early });
    // What was young is told again.
    expect(events.map(({ subject }) => subject)).toContain(first);
    const second = await create();
    const later = await invoices.events(caller, { limit: 100, after: checkpoint });
    expect(later.events.map(({ subject }) => subject)).toEqual([second]);
    expect(later.nextCursor).toBeUndefined();
    expect((await invoices.events(caller, { limit: 100, after: later.checkpoint ?? '' })).events).toEqual(later.events);
  });

  it('keeps tenants and modes apart, and takes no foreign cursor', async () => {
    await create();
    for (const other of [
      { ...caller, mode: 'test' as const },
      { ...caller, tenant: '00000000-0000-4000-8000-000000000001' },
    ]) {
      expect(await all(other)).toEqual([]);
      const { checkpoint: after = '' } = await invoices.events(caller, { limit: 1 });
      await expect(invoices.events(other, { limit: 1, after })).rejects.toMatchObject({
        failure: { kind: 'invalid', faults: [{ path: ['after'], code: 'invalid_cursor' }] },
      });
    }
  });

  it('sends one again to a webhook, or all of a time that it asks for', async () => {
    const webhook = { render: ({ id }: { id: string }) => ({ status: 201, headers: {}, body: id }) };
    const request = { url: 'https://example.com', types: ['InvoiceFinalized' as const] };
    const { body: id } = await invoices.webhooks.create(caller, request, webhook);
    const log = async () => (await invoices.webhooks.deliveries(caller, id, { limit: 100 })).deliveries;

    const { body: atOnce } = await invoices.create(caller, draft, rendered, { as: 'issued' });
    const told = await about(atOnce);
    for (const event of told) await invoices.webhooks.replayOne(caller, id, event.id);
    // Asked for by name, whatever its type.
    expect((await log()).map(({ body }) => JSON.parse(body))).toEqual(told.toReversed());
    expect(await log()).toMatchObject([{ state: 'pending' }, { state: 'pending' }]);
    for (const unknown of [`${atOnce}_9`, `${atOnce}_0`, 'x', `${atOnce}#_1`]) {
      await expect(invoices.webhooks.replayOne(caller, id, unknown)).rejects.toMatchObject({
        failure: { kind: 'not-found', what: 'event' },
      });
    }

    time += 10;
    const from = new Date(Date.UTC(2026, 0, 20, 10) + time).toISOString();
    const first = await create();
    await invoices.finalize(caller, first, rendered);
    const to = new Date(Date.UTC(2026, 0, 20, 10) + time).toISOString();
    time += 10;
    await invoices.create(caller, draft, rendered, { as: 'issued' });
    expect(await invoices.webhooks.replayAll(caller, id, { from, to })).toEqual({ count: 1 });
    expect((await log()).map(({ eventId }) => eventId)).toEqual([
      `${first}_3`,
      ...told.map((event) => event.id).toReversed(),
    ]);
  });
});
