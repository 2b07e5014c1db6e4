/** Searches on the real engine, against what a plain filter over all invoices finds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import type { InvoiceDocument } from '../../lib/invoice/document.ts';
import type { InvoiceFilter } from '../../lib/invoice/finding.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { Caller, Draft, DunningLevel, Invoice } from '../../lib/invoice/model.ts';
import { paymentStatus } from '../../lib/invoice/payments.ts';
import { type DynamoProxy, startProxy } from '../support/dynamo-proxy.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { caller, creditSeries, document, draft, entity, series, tenant, undelivered } from '../support/fixtures.ts';
import { randomFrom } from '../support/world.ts';

const table = 'finding-test';
let engine: Engine;
let proxy: DynamoProxy;
let now = '2026-03-01T10:00:00.000Z';

beforeAll(async () => {
  engine = await startEngine();
  proxy = await startProxy({ target: engine.endpoint });
  await createTable(engine.endpoint, table);
});
afterAll(async () => {
  await proxy.stop();
  await engine.stop();
});

/** A tenant of its own for each test, since lists are a tenant's. */
async function open(name: string, dunning: DunningLevel[] = []) {
  const own: Caller = { ...caller, tenant: name };
  const connection = connect(clientOf(proxy.endpoint), table);
  const store = dynamoStore(connection);
  await directory(connection).putTenant({ ...tenant, id: name, dunning });
  for (const each of [series, creditSeries]) await directory(connection).putSeries(own, each);
  await store.insertReference({ scope: own, kind: 'business-entities', entry: entity });
  const lease = idLease();
  const invoices = createInvoices({
    store,
    now: () => now,
    newId: (scope) => lease(scope, (count) => store.reserveIds(scope, count)),
    pause: async () => {},
    deliver: undelivered,
  });
  const render = (invoice: Invoice) => ({ status: 200, headers: {}, body: invoice.id });
  return {
    invoices,
    own,
    reply: { render },
    make: async (more: Partial<InvoiceDocument> = {}, rest: Partial<Draft> = {}, as: 'draft' | 'issued' = 'draft') =>
      (await invoices.create(own, { ...draft, ...rest, document: { ...document, ...more } }, { render }, { as })).body,
    /** Every page of a search. */
    async all(filter: InvoiceFilter, limit = 7): Promise<Invoice[]> {
      const found: Invoice[] = [];
      let cursor: string | undefined;
      do {
        const page = await invoices.search(own, { filter, limit, ...(cursor !== undefined && { cursor }) });
        expect(page.invoices.length).toBeLessThanOrEqual(limit);
        found.push(...page.invoices);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return found;
    },
  };
}

const ids = (invoices: readonly Invoice[]) => invoices.map(({ id }) => id);

describe('a search', () => {
  it('finds what a plain filter finds, once, in order, page by page', async () => {
    const { invoices, own, reply, make, all } = await open('random');
    const random = randomFrom(7);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const made: string[] = [];
    for (let each = 0; each < 40; each++) {
      now = new Date(Date.UTC(2026, 2, 1, 10, 0, each)).toISOString();
      const id = await make(
        {
          issueDate: pick(['2026-01-15', '2026-02-01', '2026-02-28']),
          currency: pick(['EUR', 'EUR', 'USD']),
          buyer: { ...document.buyer, name: pick(['Käufer AG', 'Kaufhaus Kaufmann', 'Šimon & Söhne', 'Kauf']) },
          ...pick([{}, { purchaseOrder: 'PO-77' }, { buyerReference: 'Kaufvertrag 12' }]),
        },
        {},
        pick(['draft', 'issued']),
      );
      made.push(id);
      const { state } = await invoices.find(own, id);
      if (state === 'issued') {
        if (random() < 0.3) await invoices.send(own, id, reply);
        const amount = pick([undefined, undefined, 100, 11_900]);
        const request = { paidOn: '2026-03-02', ...(amount && { amount }) };
        if (amount) await invoices.payments.pay(own, id, request, { render: ({ invoice }) => reply.render(invoice) });
        if (random() < 0.2) made.push((await invoices.cancel(own, id, undefined, reply)) && id);
      } else if (random() < 0.2) await invoices.remove(own, id, reply);
      else if (random() < 0.3) {
        const buyer = { ...document.buyer, name: 'Renamed Kaufladen' };
        await invoices.change(own, id, (seen) => ({ document: { ...seen.document, buyer } }), reply);
      }
    }
    const everything = await all({}, 100);
    expect(new Set(ids(everything)).size).toBe(everything.length);
    const known = new Set(ids(everything));
    for (const id of made) {
      const there = await invoices.find(own, id).then(
        () => true,
        () => false,
      );
      expect(known.has(id)).toBe(there);
    }
    const dates = everything.map(({ document: { issueDate }, createdAt }) => `${issueDate} ${createdAt}`);
    expect(dates).toEqual([...dates].sort().reverse());

    for (let round = 0; round < 40; round++) {
      const filter: InvoiceFilter = {
        ...(random() < 0.3 && {
          states: pick([['draft'], ['issued', 'finalizing'], ['sent'], ['cancelled']] as const),
        }),
        ...(random() < 0.3 && { paymentStatus: pick(['unpaid', 'partially_paid', 'paid'] as const) }),
        ...(random() < 0.3 && { currency: pick(['EUR', 'USD', 'CHF']) }),
        ...(random() < 0.3 && { from: pick(['2026-01-15', '2026-02-01', '2026-02-02']) }),
        ...(random() < 0.3 && { to: pick(['2026-01-15', '2026-02-01', '2026-02-27']) }),
        ...(random() < 0.3 && {
          text: pick(['kauf', 'KÄUF', 'simon', 'po', 'inv-2026', '0000', 'kauf 12', 'ag', 'none']),
        }),
      };
      const expected = everything.filter((invoice) => {
        const { issueDate = '', buyer, currency, purchaseOrder = '', buyerReference = '' } = invoice.document;
        const text = [invoice.number ?? '', buyer.name, purchaseOrder, buyerReference].join(' ');
        const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
        const words =
          (filter.text ?? '')
            .normalize('NFKD')
            .replace(/\p{M}/gu, '')
            .toLowerCase()
            .match(/[a-z\d]+/g) ?? [];
        return (
          (!filter.states || filter.states.includes(invoice.state)) &&
          (!filter.paymentStatus || filter.paymentStatus === paymentStatus(invoice)) &&
          (!filter.currency || filter.currency === currency) &&
          (!filter.from || filter.from <= issueDate) &&
          (!filter.to || issueDate <= filter.to) &&
          // No list is kept for words as short as AG.
          !['ag', 'po'].includes(filter.text ?? '') &&
          words.every((word) => new RegExp(`(^|[^a-z\\d])${word}`).test(plain))
        );
      });
      const found = ids(await all(filter));
      // By a text, the order is that of the words.
      const order = (list: string[]) => (filter.text === undefined ? list : [...list].sort());
      expect(order(found), JSON.stringify(filter)).toEqual(order(ids(expected)));
    }
  });

  it('finds what is overdue, whatever was reminded of or paused, and whether the schedule ran or not', async () => {
    now = '2026-03-01T10:00:00.000Z';
    const { invoices, own, reply, make, all } = await open('overdue', [{ name: 'Reminder', after: 3, fee: 0 }]);
    const dueOn = (dueDate: string, more: Partial<InvoiceDocument> = {}) =>
      make({ issueDate: '2026-03-01', dueDate, ...more }, {}, 'issued');
    const [oldest, part, paused, latest] = [
      await dueOn('2026-03-02'),
      await dueOn('2026-03-03', { currency: 'USD' }),
      await dueOn('2026-03-04'),
      await dueOn('2026-03-09'),
    ];
    const [paid, cancelled] = [await dueOn('2026-03-02'), await dueOn('2026-03-02')];
    await dueOn('2026-03-10');
    await dueOn('2026-03-11');
    await make({ dueDate: '2026-03-02' });
    const pay = (id: string, amount: number) =>
      invoices.payments.pay(
        own,
        id,
        { amount, paidOn: '2026-03-02' },
        { render: ({ invoice }) => reply.render(invoice) },
      );
    await pay(part, 100);
    await pay(paid, 11_900);
    await invoices.cancel(own, cancelled, undefined, reply);
    await invoices.dunning.pause(own, paused, true, reply);
    const overdue = async (more: InvoiceFilter = {}, limit = 2) =>
      ids(await all({ paymentStatus: 'overdue', ...more }, limit));

    now = '2026-03-10T10:00:00.000Z';
    expect(await overdue()).toEqual([latest, paused, part, oldest]);
    // Reminded of today: the oldest ones come first now.
    await invoices.dunning.run();
    expect(await overdue()).toEqual([part, oldest, latest, paused]);
    expect(await overdue({ currency: 'USD' })).toEqual([part]);
    expect(await overdue({ text: 'käufer' }, 5)).toHaveLength(4);
    expect(await overdue({ states: ['sent'] })).toEqual([]);
    expect(await overdue({ from: '2026-03-02' })).toEqual([]);
    // In Berlin the next day has begun.
    now = '2026-03-10T23:30:00.000Z';
    expect(await overdue()).toHaveLength(5);
    // What is not yet due costs nothing.
    const cost = async () => {
      proxy.resetCounts();
      await overdue({}, 10);
      return proxy.counts().readUnits;
    };
    const before = await cost();
    for (let each = 0; each < 20; each++) await dueOn('2026-04-01');
    expect(await cost()).toBe(before);
  });

  it('finds a buyer by the first word of his name, however short, and others by the word that tells most', async () => {
    const { make, all } = await open('short names');
    const named = (name: string, more: object = {}) => make({ buyer: { ...document.buyer, name, ...more } });
    const ey = await named('EY GmbH');
    const initials = await named('A.B.C. Co');
    const traded = await named('Zeta AG', { tradingName: 'BP' });
    const hall = await named('Halle 7 AG');
    const both = await named('株 AG');
    const find = async (text: string) => ids(await all({ text }));
    expect(await find('ey')).toEqual([ey]);
    expect(await find('EY gmbh')).toEqual([ey]);
    expect(await find('a.b.c.')).toEqual([initials]);
    expect(await find('bp')).toEqual([traded]);
    // No list is kept for AG, and there is one for the other word.
    expect(await find('ag 7')).toEqual([hall]);
    expect(await find('AG 株')).toEqual([both]);
    expect(await find('ag')).toEqual([]);
  });

  it('finds by number as it is compared, and by external reference', async () => {
    const { invoices, own, make } = await open('named');
    const id = await make({}, { number: ' Re-1/ß ', externalReference: 'order 7' });
    await make();
    const search = async (filter: InvoiceFilter) => ids((await invoices.search(own, { filter, limit: 5 })).invoices);
    expect(await search({ number: 're-1/SS' })).toEqual([id]);
    expect(await search({ number: 're-1' })).toEqual([]);
    expect(await search({ externalReference: 'order 7' })).toEqual([id]);
    expect(await search({ externalReference: 'order 7', currency: 'USD' })).toEqual([]);
    expect(await search({ externalReference: 'Order 7' })).toEqual([]);
    expect(await search({ text: 'order' })).toEqual([id]);
    await expect(make({}, { externalReference: 'order 7' })).rejects.toMatchObject({
      failure: { kind: 'precondition', code: 'external_reference_taken', message: expect.stringContaining(id) },
    });
  });

  it('goes on only where its cursor was given', async () => {
    const { invoices, own, make } = await open('cursors');
    for (let each = 0; each < 4; each++) await make();
    const filter = { currency: 'EUR' };
    const { nextCursor: cursor = '' } = await invoices.search(own, { filter, limit: 2 });
    expect((await invoices.search(own, { filter, limit: 5, cursor })).invoices).toHaveLength(2);
    const other = await open('other cursors');
    for (const attempt of [
      () => invoices.search(own, { filter: { currency: 'USD' }, limit: 2, cursor }),
      () => invoices.search({ ...own, mode: 'test' }, { filter, limit: 2, cursor }),
      () => other.invoices.search(other.own, { filter, limit: 2, cursor }),
      () => invoices.search(own, { filter, limit: 2, cursor: `${cursor.slice(0, -2)}AA` }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ failure: { kind: 'invalid' } });
    }
  });

  it('costs the same however many invoices there are', async () => {
    const { invoices, own, make } = await open('costs');
    const filters: InvoiceFilter[] = [
      {},
      { paymentStatus: 'unpaid' },
      { paymentStatus: 'overdue' },
      { currency: 'EUR' },
      { text: 'rare' },
      { text: 'käufer' },
    ];
    const costs = async () => {
      const units: number[] = [];
      for (const filter of filters) {
        proxy.resetCounts();
        await invoices.search(own, { filter, limit: 10 });
        units.push(proxy.counts().readUnits);
      }
      return units;
    };
    const several = (count: number) => Promise.all(Array.from({ length: count }, () => make()));
    await several(30);
    const few = await costs();
    await make({ buyer: { ...document.buyer, name: 'Rare Buyer' } });
    for (let round = 0; round < 6; round++) await several(40);
    const many = await costs();
    for (const [index, units] of many.entries()) expect(units).toBeLessThanOrEqual((few[index] ?? 0) + 3);
  });
});
