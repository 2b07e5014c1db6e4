/** Reminders on a clock that the tests turn, over the store in memory and over the real engine. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import { addDays } from '../../lib/invoice/calendar.ts';
import type { InvoiceDocument } from '../../lib/invoice/document.ts';
import { isOverdue, remindersOf } from '../../lib/invoice/dunning.ts';
import { eventSchema } from '../../lib/invoice/events.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { DunningLevel, Invoice, Tenant } from '../../lib/invoice/model.ts';
import { type InvoiceStore, Unreadable } from '../../lib/invoice/store.ts';
import { type DynamoProxy, startProxy } from '../support/dynamo-proxy.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { caller, creditSeries, document, draft, entity, series, tenant, undelivered } from '../support/fixtures.ts';
import { entryKey } from '../support/memory-reference.ts';
import { emptyMemory, memoryStore } from '../support/memory-store.ts';
import { guarded } from '../support/template.ts';

const levels: DunningLevel[] = [
  { name: 'Reminder', after: 7, fee: 0 },
  { name: 'First dunning', after: 14, fee: 500 },
  { name: 'Second dunning', after: 28, fee: 1_000 },
];
const due = '2026-02-15';

let engine: Engine;
let proxy: DynamoProxy;
beforeAll(async () => {
  engine = await startEngine();
  proxy = await startProxy({ target: engine.endpoint });
});
afterAll(async () => {
  await proxy.stop();
  await engine.stop();
});

let tables = 0;

async function onEngine(company: Tenant): Promise<() => InvoiceStore> {
  // A table of its own for each test: a firing sees to all tenants.
  const table = `dunning-${++tables}`;
  await createTable(engine.endpoint, table);
  const open = () => connect(clientOf(proxy.endpoint), table);
  await directory(open()).putTenant(company);
  for (const each of [series, creditSeries]) await directory(open()).putSeries(caller, each);
  await dynamoStore(open()).insertReference({ scope: caller, kind: 'business-entities', entry: entity });
  return () => dynamoStore(open());
}

async function inMemory(company: Tenant): Promise<() => InvoiceStore> {
  const memory = emptyMemory();
  memory.tenants.set(company.id, company);
  memory.entries.set(entryKey({ scope: caller, kind: 'business-entities' }, entity.id), entity);
  for (const each of [series, creditSeries]) memory.series.set(`${company.id}/live ${each.name}`, each);
  return () => memoryStore(memory);
}

const render = (invoice: Invoice) => ({ status: 200, headers: {}, body: invoice.id });
const reply = { render };

describe.each([
  ['in memory', inMemory],
  ['on the engine', onEngine],
])('reminders %s', (_, open) => {
  let now: string;
  let store: InvoiceStore;
  let process: () => ReturnType<typeof createInvoices>;
  let invoices: ReturnType<typeof createInvoices>;

  const begin = async (company: Tenant) => {
    now = `${due}T10:00:00.000Z`;
    const stores = await open(company);
    store = stores();
    const lease = idLease();
    process = () =>
      createInvoices({
        store: stores(),
        now: () => now,
        newId: (scope) => lease(scope, (count) => store.reserveIds(scope, count)),
        pause: async () => {},
        deliver: undelivered,
      });
    invoices = process();
  };
  beforeEach(() => begin({ ...tenant, dunning: levels }));

  const issue = async (more: Partial<InvoiceDocument> = {}): Promise<string> => {
    const content = { ...document, dueDate: due, ...more };
    return (await invoices.create(caller, { ...draft, document: content }, reply, { as: 'issued' })).body;
  };
  /** The schedule fires so many days after the due date. */
  const fire = async (days: number, at = '10:00:00.000Z', times = 1) => {
    now = `${addDays(due, days)}T${at}`;
    await Promise.all(Array.from({ length: times }, () => process().dunning.run()));
  };
  const reminders = async (id: string) =>
    ((await invoices.find(caller, id)).facts.dunning?.reminders ?? []).map(({ level, on }) => [level, on]);
  /** What dunning told of an invoice. */
  const told = async (id: string) => {
    const { events } = await invoices.events(caller, { limit: 1_000 });
    return events.filter(({ subject, type }) => subject === id && /Overdue|Reminded/.test(type));
  };
  const reminded = async (id: string) =>
    (await invoices.history(caller, id)).filter(({ action }) => action === 'reminded').length;

  it('come with their levels, each once, and change nothing of the invoice', async () => {
    const id = await issue();
    const before = await invoices.find(caller, id);
    for (let day = 0; day <= 40; day++) await fire(day);
    const after = await invoices.find(caller, id);
    expect(await reminders(id)).toEqual([
      [1, '2026-02-22'],
      [2, '2026-03-01'],
      [3, '2026-03-15'],
    ]);
    expect(after.facts.dunning?.reminders?.map(({ name, fee, currency }) => [name, fee, currency])).toEqual([
      ['Reminder', 0, 'EUR'],
      ['First dunning', 500, 'EUR'],
      ['Second dunning', 1_000, 'EUR'],
    ]);
    expect(after).toEqual({ ...before, facts: after.facts, version: before.version + 4, updatedAt: after.updatedAt });
    const history = await invoices.history(caller, id);
    expect(history.map(({ action, actor }) => [action, actor])).toEqual([
      ['issued', caller.keyId],
      ['overdue', 'dunning'],
      ...Array.from({ length: 3 }, () => ['reminded', 'dunning']),
    ]);
    expect(new Set(history.map(({ digest }) => digest)).size).toBe(1);
  });

  it('come once when many processes fire at once, for as many invoices as there are', async () => {
    const made = await Promise.all(Array.from({ length: 45 }, () => issue()));
    await fire(7, undefined, 4);
    await fire(7, '11:00:00.000Z', 2);
    expect(await Promise.all(made.map(reminders))).toEqual(made.map(() => [[1, '2026-02-22']]));
    expect(await Promise.all(made.map(reminded))).toEqual(made.map(() => 1));
  });

  it('go by the day at the issuer’s', async () => {
    const id = await issue();
    await fire(6, '22:59:00.000Z');
    expect(await reminders(id)).toEqual([]);
    // In Berlin it is the next day.
    await fire(6, '23:01:00.000Z');
    expect(await reminders(id)).toEqual([[1, '2026-02-22']]);
  });

  it('leave the time between two levels to who was reminded late', async () => {
    const id = await issue();
    for (const day of [100, 101, 106, 107, 120, 121]) await fire(day);
    expect(await reminders(id)).toEqual([
      [1, addDays(due, 100)],
      [2, addDays(due, 107)],
      [3, addDays(due, 121)],
    ]);
  });

  it('stop while paused, and go on with the next level', async () => {
    const id = await issue();
    await fire(7);
    await invoices.dunning.pause(caller, id, true, reply);
    await fire(14);
    await fire(50);
    expect(await reminders(id)).toHaveLength(1);
    await invoices.dunning.pause(caller, id, false, reply);
    await fire(51);
    expect(await reminders(id)).toEqual([
      [1, addDays(due, 7)],
      [2, addDays(due, 51)],
    ]);
    const actions = (await invoices.history(caller, id)).map(({ action }) => action);
    expect(actions).toEqual(['issued', 'overdue', 'reminded', 'dunning-paused', 'dunning-resumed', 'reminded']);
  });

  it('end with the payment, and come back when it bounces', async () => {
    const [half, paid] = [await issue(), await issue()];
    const pay = (id: string, amount: number) =>
      invoices.payments.pay(
        caller,
        id,
        { amount, paidOn: due },
        { render: ({ payment }) => ({ status: 201, headers: {}, body: payment.id }) },
      );
    await pay(half, 100);
    const { body: payment } = await pay(paid, 11_900);
    await fire(7);
    expect([await reminders(half), await reminders(paid)]).toEqual([[[1, '2026-02-22']], []]);
    await invoices.payments.reverse(caller, paid, payment, { render: ({ invoice }) => render(invoice) });
    await fire(8);
    expect(await reminders(paid)).toEqual([[1, '2026-02-23']]);
  });

  it('pass over what nobody owes', async () => {
    const cancelled = await issue();
    await invoices.cancel(caller, cancelled, undefined, reply);
    const [link] = (await invoices.find(caller, cancelled)).facts.corrections ?? [];
    const others = [
      await issue({ typeCode: '381' }),
      await issue({ typeCode: '396' }),
      await issue({ dueDate: undefined as never, paymentTerms: 'When you like' }),
      (await invoices.create(caller, { ...draft, document: { ...document, dueDate: due } }, reply)).body,
      link?.id as string,
      cancelled,
    ];
    await fire(60);
    for (const id of others) {
      expect(await reminders(id)).toEqual([]);
      expect(isOverdue(await invoices.find(caller, id), addDays(due, 60))).toBe(false);
    }
  });

  it('are nobody’s business by default', async () => {
    await begin(tenant);
    const id = await issue();
    await fire(100);
    expect(await reminders(id)).toEqual([]);
    expect(isOverdue(await invoices.find(caller, id), due)).toBe(false);
    expect(isOverdue(await invoices.find(caller, id), addDays(due, 1))).toBe(true);
  });

  it('follow the event that tells that an invoice is overdue, and are told themselves', async () => {
    const id = await issue();
    await fire(0);
    expect(await told(id)).toEqual([]);
    for (const day of [1, 2, 7, 8, 14]) await fire(day, undefined, 3);
    const events = await told(id);
    expect(events.map(({ type, occurred_at }) => [type, occurred_at.slice(0, 10)])).toEqual([
      ['InvoiceOverdue', addDays(due, 1)],
      ['InvoiceReminded', addDays(due, 7)],
      ['InvoiceReminded', addDays(due, 14)],
    ]);
    for (const event of events) eventSchema(event.type).parse(event);
    expect(events[0]?.data).toMatchObject({ due_date: due, open_amount: 11_900, payment_status: 'unpaid' });
    expect(events[2]?.data).toMatchObject({
      reminder: { level: 2, name: 'First dunning', fee: 500, fee_currency: 'EUR', reminded_on: addDays(due, 14) },
    });
  });

  it('are not needed for that event: who reminds nobody hears it too, by the day at the issuer’s', async () => {
    await begin(tenant);
    const made = await Promise.all(Array.from({ length: 45 }, () => issue()));
    await fire(0, '22:59:00.000Z', 4);
    expect(await Promise.all(made.map(told))).toEqual(made.map(() => []));
    // In Berlin it is the next day.
    await fire(0, '23:01:00.000Z', 4);
    await fire(100);
    for (const events of await Promise.all(made.map(told))) {
      expect(events.map(({ type }) => type)).toEqual(['InvoiceOverdue']);
    }
  });

  it('pass over an invoice that cannot be read, and say so', async () => {
    const made: string[] = [];
    for (let each = 0; each < 25; each++) made.push(await issue());
    const [broken, ...others] = made;
    const find = store.invoice;
    const firing = createInvoices({
      store: {
        ...store,
        invoice: (scope, id) => (id === broken ? Promise.reject(new Unreadable('Gone.')) : find(scope, id)),
      },
      now: () => now,
      newId: async () => '',
      pause: async () => {},
      deliver: undelivered,
    });
    now = `${addDays(due, 7)}T10:00:00.000Z`;
    await expect(firing.dunning.run()).rejects.toMatchObject({ errors: [expect.any(Unreadable)] });
    expect(await Promise.all(others.map(reminded))).toEqual(others.map(() => 1));
  });

  it('may be paused: what is overdue is told all the same, once, whatever is paid and reversed', async () => {
    const [paused, paid] = [await issue(), await issue()];
    await invoices.dunning.pause(caller, paused, true, reply);
    await fire(1);
    const { body: payment } = await invoices.payments.pay(
      caller,
      paid,
      { amount: 11_900, paidOn: due },
      { render: ({ payment }) => ({ status: 201, headers: {}, body: payment.id }) },
    );
    await fire(2);
    await invoices.payments.reverse(caller, paid, payment, { render: ({ invoice }) => render(invoice) });
    await fire(3);
    for (const id of [paused, paid]) expect((await told(id)).map(({ type }) => type)).toEqual(['InvoiceOverdue']);
  });

  it('meet a payment of the same moment: one of the two is first', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => issue()));
    now = `${addDays(due, 7)}T10:00:00.000Z`;
    const pay = (id: string) =>
      process().payments.pay(
        caller,
        id,
        { amount: 11_900, paidOn: due },
        { render: ({ invoice }) => ({ status: 201, headers: {}, body: invoice.id }) },
      );
    await Promise.all([process().dunning.run(), ...made.map(pay), process().dunning.run()]);
    for (const id of made) {
      const actions = (await invoices.history(caller, id)).map(({ action }) => action);
      expect([
        ['issued', 'paid'],
        ['issued', 'overdue', 'paid'],
        ['issued', 'overdue', 'reminded', 'paid'],
      ]).toContainEqual(actions);
    }
    await fire(40);
    expect((await Promise.all(made.map(reminders))).every((each) => each.length < 2)).toBe(true);
  });
});

describe('a firing', () => {
  it('needs no more than its role, nor does who asks what is overdue', async () => {
    await onEngine({ ...tenant, dunning: levels });
    const table = `dunning-${tables}`;
    const guard = await guarded(engine.endpoint, table);
    let now = `${due}T10:00:00.000Z`;
    const as = (name: string) => {
      const store = dynamoStore(connect(clientOf(guard.endpointOf(name)), table));
      const lease = idLease();
      return createInvoices({
        store,
        now: () => now,
        newId: (scope) => lease(scope, (count) => store.reserveIds(scope, count)),
        pause: async () => {},
        deliver: undelivered,
      });
    };
    const content = { ...document, dueDate: due };
    const { body: id } = await as('Invoices').create(caller, { ...draft, document: content }, reply, { as: 'issued' });
    now = `${addDays(due, 7)}T10:00:00.000Z`;
    await as('Dunning').dunning.run();
    const filter = { paymentStatus: 'overdue' } as const;
    const { invoices } = await as('Invoices').search(caller, { filter, limit: 10 });
    expect(invoices.map((each) => [each.id, remindersOf(each).length])).toEqual([[id, 1]]);
    await guard.stop();
  });

  it('reads what is overdue since today or to be reminded, and nothing else', async () => {
    const stores = await onEngine({ ...tenant, dunning: levels });
    let now = `${due}T10:00:00.000Z`;
    const store = stores();
    const lease = idLease();
    const { create, dunning } = createInvoices({
      store,
      now: () => now,
      newId: (scope) => lease(scope, (count) => store.reserveIds(scope, count)),
      pause: async () => {},
      deliver: undelivered,
    });
    const content = { ...document, dueDate: due };
    for (let each = 0; each < 5; each++) {
      await create(caller, { ...draft, document: content }, reply, { as: 'issued' });
    }
    const cost = async (day: string) => {
      now = `${day}T10:00:00.000Z`;
      proxy.resetCounts();
      await dunning.run();
      return proxy.counts();
    };
    expect((await cost('2026-02-16')).writeUnits).toBeGreaterThan(0);
    const idle = await cost('2026-02-21');
    expect((await cost('2026-02-22')).writeUnits).toBeGreaterThan(0);
    // Nothing is due: the same queries as before, whoever waits, and whoever has had all of them.
    expect(await cost('2026-02-23')).toMatchObject({ readUnits: idle.readUnits, writeUnits: 0 });
    for (const day of ['2026-03-01', '2026-03-15']) await cost(day);
    expect(await cost('2026-12-31')).toMatchObject({ readUnits: idle.readUnits, writeUnits: 0 });
  });
});
