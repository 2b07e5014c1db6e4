import { describe, expect, it } from 'vitest';
import type { InvoiceResource } from '../../../lib/contracts/positions/resources.ts';
import { hexOf, integerOf } from '../../../lib/invoice/identity.ts';
import { ids, invoiceIn, newClient, positionIn, problemIn, smallest, violationsIn } from './client.ts';

type Client = ReturnType<typeof newClient>;

const own = '5b0f1d2c-3e4a-4f5b-8c6d-7e8f9a0b1c2d';
const shape = ({ positions }: InvoiceResource) => positions.map(({ name, position }) => `${name} ${position}`);
const named = (name: string, more: object = {}) => ({ ...smallest, name, ...more });

/** A draft, and the names and sort keys of its positions after each item was added. */
async function added(client: Client, ...items: object[]): Promise<{ id: string; invoice: InvoiceResource }> {
  const id = await client.draft();
  for (const item of items) invoiceIn(await client.add(id, item));
  return { id, invoice: invoiceIn(await client.invoice(id)) };
}

const positionNamed = ({ positions }: InvoiceResource, name: string) => {
  const found = positions.find((position) => position.name === name);
  if (!found) throw new Error(`No position ${name}`);
  return found;
};

describe('order', () => {
  it.each([
    ['at the end without a key', [named('A'), named('B', { position: null })], ['Setup 1', 'A 2', 'B 3']],
    ['at the end for 0', [named('A', { position: 0 }), named('B', { position: '0' })], ['Setup 1', 'A 2', 'B 3']],
    ['before what has the key', [named('A', { position: 1 }), named('B', { position: 2 })], ['A 1', 'B 2', 'Setup 3']],
    [
      'by keys with gaps, which stay',
      [named('C', { position: 30 }), named('A', { position: 10 }), named('B', { position: 20 })],
      ['Setup 1', 'A 10', 'B 20', 'C 30'],
    ],
    [
      'shifting only as far as there is no room',
      [named('C', { position: 30 }), named('A', { position: 10 }), named('B', { position: 10 }), named('D')],
      ['Setup 1', 'B 10', 'A 11', 'C 30', 'D 31'],
    ],
  ])('inserts %s', async (_, items, expected) => {
    expect(shape((await added(newClient(), ...items)).invoice)).toEqual(expected);
  });

  it('orders children among themselves, after their parent', async () => {
    const children = [named('Y', { position: 5 }), named('X', { position: 2 }), named('Z')];
    const { invoice } = await added(newClient(), named('A', { position: 1, children }));
    expect(shape(invoice)).toEqual(['A 1', 'X 2', 'Y 5', 'Z 6', 'Setup 2']);
    const { id } = positionNamed(invoice, 'A');
    expect(invoice.positions.map(({ parent }) => parent?.id)).toEqual([undefined, id, id, id, undefined]);
  });

  it('moves what is put to another place, and leaves it where it is without one', async () => {
    const client = newClient();
    const { invoice } = await added(client, named('A'), named('B'), named('C'));
    const { id } = positionNamed(invoice, 'C');
    expect(shape(invoiceIn(await client.put(id, named('C', { position: 1 }))))).toEqual([
      'C 1',
      'Setup 2',
      'A 3',
      'B 4',
    ]);
    expect(shape(invoiceIn(await client.put(id, named('D', { position: 0 }))))).toEqual([
      'D 1',
      'Setup 2',
      'A 3',
      'B 4',
    ]);
    expect(shape(invoiceIn(await client.put(id, named('D', { position: 3 }))))).toEqual([
      'Setup 2',
      'D 3',
      'A 4',
      'B 5',
    ]);
  });
});

describe('ids', () => {
  it('carry the invoice, stay when lines come and go before them, and lead to the position', async () => {
    const client = newClient();
    const { id, invoice } = await added(client, named('A'));
    const before = positionNamed(invoice, 'A');
    await client.add(id, named('B', { position: 1 }));
    const found = positionIn(await client.position(before.id));
    expect(found).toEqual({ ...before, position: 3 });
    expect(positionIn(await client.position(positionNamed(invoice, 'Setup').id)).name).toBe('Setup');
  });

  it('are the caller’s own where it gives them, and then both that and the location find the position', async () => {
    const client = newClient();
    const id = await client.draft();
    const answer = await client.add(id, named('A', { id: own }));
    expect(positionNamed(invoiceIn(answer), 'A').id).toBe(own);
    const location = new URL(answer.headers.Location ?? '', `https://api.example/live/invoices/${id}/position-items`);
    expect(location.pathname).toMatch(/^\/live\/invoice-position-items\//);
    const found = location.pathname.split('/').at(-1) ?? '';
    expect(positionIn(await client.position(found))).toMatchObject({ id: own, name: 'A' });
    expect(positionNamed(invoiceIn(await client.put(found, named('B', { id: own }))), 'B').id).toBe(own);
    expect(positionIn(await client.position(own))).toMatchObject({ id: own, name: 'B' });
    expect(positionNamed(invoiceIn(await client.put(own, named('C'))), 'C').id).toBe(own);
    expect(violationsIn(await client.put(found, named('B', { id: 'other' })))).toEqual(['id: id_differs']);
  });

  it('are not taken twice, and not those that we give out', async () => {
    const client = newClient();
    const { id, invoice } = await added(client, named('A', { id: own }));
    const taken = async (body: object) => violationsIn(await client.add(id, body));
    const ours = positionNamed(invoice, 'Setup').id;
    expect(await taken(named('B', { id: own }))).toEqual(['id: id_taken']);
    expect(await taken(named('B', { id: ours }))).toEqual(['id: id_taken']);
    expect(await taken(named('B', { id: ours.replace('9001', '9999') }))).toEqual(['id: invalid_id']);
    expect(await taken(named('B', { id: 'x', children: [named('C', { id: 'x' })] }))).toEqual([
      'children[0].id: id_taken',
    ]);
    // An id finds its position, so it is one position's of the whole tenant.
    expect(violationsIn(await client.add(await client.draft(), named('A', { id: own })))).toEqual(['id: id_taken']);
  });

  it('that are unknown, foreign or of another form are not found', async () => {
    const client = newClient();
    const { id, invoice } = await added(client);
    const ours = positionNamed(invoice, 'Setup').id;
    const others = [own, id, hexOf(id), ours.toUpperCase(), ours.replace('9001', '9002'), ours.replace(/1$/, '2')];
    for (const other of [...others, `0${ours.slice(1)}`, '', 'x', '__proto__']) {
      for (const answer of [await client.position(other), await client.put(other, smallest)]) {
        expect([answer.status, problemIn(answer).detail]).toEqual([404, 'Not Found']);
      }
    }
    expect((await client.add(own, smallest)).status).toBe(404);
    expect(integerOf(ours)).toBe(integerOf(id));
  });

  it('tell apart lines that other contracts gave one id, or ids of another form', async () => {
    const client = newClient();
    const [item] = [{ name: 'a', price: 100, quantity: 1 }];
    const id = await client.draft({ items: ['1', '1', 'A', 'A', '9999999', '01', '2'].map((id) => ({ ...item, id })) });
    const invoice = invoiceIn(await client.invoice(id));
    const positions = invoice.positions.map((position) => position.id);
    expect(new Set(positions).size).toBe(7);
    const [last] = invoiceIn(await client.add(id, named('B', { position: 1 }))).positions;
    expect(last?.name).toBe('B');
    for (const position of positions) expect(positionIn(await client.position(position)).id).toBe(position);
  });
});

describe('prices', () => {
  const amounts = async (item: object, draft: object = {}) => {
    const client = newClient();
    const id = await client.draft(draft);
    const { positions } = invoiceIn(await client.add(id, { ...smallest, ...item }));
    const { netAmount, discountAmount, taxAmount, grossAmount } = positions.at(-1) as (typeof positions)[number];
    return [netAmount, discountAmount, taxAmount, grossAmount].map(({ amount }) => amount).join(' ');
  };

  it.each([
    [{}, '100.00 0.00 19.00 119.00'],
    [{ quantity: 0 }, '0.00 0.00 0.00 0.00'],
    [{ quantity: -2 }, '-200.00 0.00 -38.00 -238.00'],
    [{ unitPrice: '0.333', quantity: 3 }, '1.00 0.00 0.19 1.19'],
    [{ discountAmount: '10' }, '100.00 10.00 17.10 107.10'],
    [{ discountAmount: '10', quantity: 2 }, '200.00 20.00 34.20 214.20'],
    [{ discountAmount: '0.00', discountPercentage: 25 }, '100.00 25.00 14.25 89.25'],
    [{ discountAmount: null, discountPercentage: '33.3333333333' }, '100.00 33.33 12.67 79.34'],
    [{ unitPrice: '-100', quantity: -1 }, '100.00 0.00 19.00 119.00'],
    [{ unitPrice: '10', discountAmount: '15' }, '10.00 15.00 -0.95 -5.95'],
    [{ currencyCode: 'EUR' }, '100.00 0.00 19.00 119.00'],
    [{ currencyCode: 'usd' }, '80.00 0.00 15.20 95.20'],
    [{ currencyCode: 'USD', discountAmount: '50' }, '80.00 40.00 7.60 47.60'],
    [{ taxGroupId: ids.reduced }, '100.00 0.00 7.00 107.00'],
    [{ taxGroupId: ids.outside }, '100.00 0.00 0.00 100.00'],
  ])('%j comes to %s', async (item, expected) => {
    expect(await amounts(item)).toBe(expected);
  });

  it('convert into the invoice’s currency by way of the euro, and name every rate', async () => {
    const client = newClient();
    const id = await client.draft({ header: { currency: 'CHF' } });
    const first = invoiceIn(await client.add(id, { ...smallest, currencyCode: 'USD' }));
    expect(first.positions.at(-1)?.netAmount).toEqual({ amount: '75.09', currencyCode: 'CHF' });
    const twice = invoiceIn(await client.add(id, { ...smallest, currencyCode: 'USD' }));
    expect(twice.applicatedExchangeRates.map(({ currencyCode, rate }) => [currencyCode, rate])).toEqual([
      ['USD', '1.25'],
      ['CHF', '0.9386'],
    ]);
    const yen = await client.draft({ header: { currency: 'JPY' }, items: [{ name: 'a', price: 5, quantity: 1 }] });
    expect(invoiceIn(await client.add(yen, { ...smallest, currencyCode: 'EUR' })).netAmount.amount).toBe('16005');
  });

  it.each([
    ['a currency without a rate', 'KWD', {}, 0],
    ['rates older than a week', 'USD', { header: {} }, 2],
    ['no rates', 'USD', { header: { issue_date: '2026-01-13' } }, 0],
  ])('are not converted with %s', async (_, currencyCode, draft, days) => {
    const client = newClient();
    const id = await client.draft(draft);
    client.passDays(days);
    const children = [{ ...smallest, currencyCode }];
    const answer = await client.add(id, { ...smallest, currencyCode, children });
    expect([answer.status, violationsIn(answer)]).toEqual([
      422,
      ['currencyCode: no_exchange_rate', 'children[0].currencyCode: no_exchange_rate'],
    ]);
  });

  it('that come to more than is exact are named where they stand', async () => {
    const client = newClient();
    const children = [{ ...smallest, unitPrice: '999999999999', quantity: 999_999 }];
    expect(violationsIn(await client.add(await client.draft(), { ...smallest, children }))).toEqual([
      'children[0].unitPrice: out_of_range',
    ]);
  });

  it('convert with rates of exactly a week', async () => {
    const client = newClient();
    const id = await client.draft({ header: {} });
    client.passDays(1);
    expect((await client.add(id, { ...smallest, currencyCode: 'USD' })).status).toBe(201);
  });
});

describe('tax groups', () => {
  const rateOf = async (item: object, draft: object = {}) => {
    const client = newClient();
    const { positions } = invoiceIn(await client.add(await client.draft(draft), { ...smallest, ...item }));
    return positions.at(-1)?.taxGroup?.name;
  };
  const buyer = { buyer: { name: 'K', identifiers: [{ value: 'x' }, { value: ids.customer }] } };

  it('default to that of the product, then the customer, then the tenant', async () => {
    expect(await rateOf({ product: ids.book }, buyer)).toBe('Reduced');
    expect(await rateOf({ product: ids.licence }, buyer)).toBe('Exempt');
    expect(await rateOf({})).toBe('Standard');
    expect(await rateOf({ taxGroupId: ids.standard, product: ids.book }, buyer)).toBe('Standard');
  });

  it('must be named where there is no default', async () => {
    const client = newClient();
    for (const [key, entry] of client.memory.entries) {
      if (key.includes(' tax-groups ')) client.memory.entries.set(key, { ...entry, archived: true });
    }
    expect(violationsIn(await client.add(await client.draft(), smallest))).toEqual(['taxGroupId: required']);
  });
});

describe('references', () => {
  it('that are unknown or archived are named, all together', async () => {
    const client = newClient();
    const unknown = { unitId: ids.oldUnit, taxGroupId: 'x', product: own };
    const answer = await client.add(await client.draft(), {
      ...smallest,
      ...unknown,
      children: [{ ...smallest, unitId: '' }],
    });
    expect([answer.status, violationsIn(answer)]).toEqual([
      422,
      ['unitId', 'product', 'taxGroupId', 'children[0].unitId'].map((path) => `${path}: unknown_reference`),
    ]);
    expect(answer.headers['Content-Type']).toBe('application/problem+json');
  });

  it('know the customer whom the buyer’s identifier names', async () => {
    const client = newClient();
    const id = await client.draft({ buyer: { name: 'K', identifiers: [{ value: ids.customer }] } });
    expect(invoiceIn(await client.invoice(id)).customer).toMatchObject({ id: null, customerNumber: ids.customer });
    expect(invoiceIn(await client.add(id, smallest)).customer).toEqual({
      id: ids.customer,
      customerNumber: 'C-1001',
      timeZone: 'Europe/Vienna',
      firstName: null,
      lastName: null,
      currencyCode: 'EUR',
      companyName: 'Käufer AG',
      datevId: '10001',
      status: 'STATUS_ACTIVE',
    });
  });
});

describe('groups', () => {
  it('are made by a new id or name, and found again by either', async () => {
    const client = newClient();
    const group = (group: object) => named('A', { group });
    const { id, invoice } = await added(
      client,
      group({ name: 'G' }),
      group({ name: 'G' }),
      group({ id: 'h', name: 'H' }),
    );
    const [, one, two, three] = invoice.positions.map((position) => position.group);
    expect([one?.name, one, three]).toEqual(['G', two, { id: 'h', name: 'H' }]);
    const renamed = invoiceIn(await client.add(id, group({ id: one?.id, name: 'New' })));
    expect(renamed.positions.map((position) => position.group?.name)).toEqual([undefined, 'New', 'New', 'H', 'New']);
    const again = invoiceIn(await client.add(id, group({ id: 'h' })));
    expect(again.positions.at(-1)?.group).toEqual({ id: 'h', name: 'H' });
    for (const missing of [{}, { id: 'unknown' }, { id: '__proto__' }, { id: '', name: '' }]) {
      expect(violationsIn(await client.add(id, group(missing)))).toEqual(['group.name: required']);
    }
    const last = invoice.positions.at(-1)?.id ?? '';
    await client.put(last, named('A'));
    await client.put(again.positions.at(-1)?.id ?? '', named('A'));
    expect(violationsIn(await client.add(id, group({ id: 'h' })))).toEqual(['group.name: required']);
    const odd = invoiceIn(await client.add(id, group({ id: '__proto__', name: 'Odd' })));
    expect(odd.positions.at(-1)?.group).toEqual({ id: '__proto__', name: 'Odd' });
  });
});

describe('service dates', () => {
  it('span the invoice, and its period follows unless it has one of its own', async () => {
    const client = newClient();
    const { id, invoice } = await added(
      client,
      named('A', { serviceDateFrom: '2026-03-01', serviceDateTo: '2026-03-31' }),
      named('B', { serviceDateTo: '2026-04-30T23:00:00Z' }),
      named('C'),
    );
    expect([invoice.serviceDateFrom, invoice.serviceDateTo]).toEqual(['2026-03-01', '2026-05-01']);
    const period = async () =>
      JSON.parse((await client.native('GET', '/invoices/{id}', { id })).body).data.ubl_json.header;
    expect((await period()).invoice_period).toEqual({ start_date: '2026-03-01', end_date: '2026-05-01' });
    await client.put(positionNamed(invoice, 'B').id, named('B'));
    expect((await period()).invoice_period).toEqual({ start_date: '2026-03-01', end_date: '2026-03-31' });
    await client.put(positionNamed(invoice, 'A').id, named('A'));
    expect((await period()).invoice_period).toBeUndefined();

    const header = { invoice_period: { start_date: '2026-01-01', end_date: '2026-12-31' } };
    const withOwn = await client.draft({ header });
    const other = invoiceIn(await client.add(withOwn, named('A', { serviceDateFrom: '2026-03-01' })));
    expect([other.serviceDateFrom, other.serviceDateTo]).toEqual(['2026-03-01', '2026-03-01']);
    const { body } = await client.native('GET', '/invoices/{id}', { id: withOwn });
    expect(JSON.parse(body).data.ubl_json.header.invoice_period).toEqual(header.invoice_period);
  });

  it('do not end before they begin', async () => {
    const client = newClient();
    const dates = { serviceDateFrom: '2026-03-02', serviceDateTo: '2026-03-01' };
    expect(violationsIn(await client.add(await client.draft(), { ...smallest, ...dates }))).toEqual([
      'serviceDateTo: out_of_range',
    ]);
  });
});

describe('children', () => {
  it('are at most two deep, and each counts once', async () => {
    const client = newClient();
    const { id, invoice } = await added(client, named('A', { children: [named('B', { children: [] })] }));
    expect(invoice.netAmount.amount).toBe('300.00');
    const child = positionNamed(invoice, 'B');
    const deeper = { children: [named('C')] };
    expect(violationsIn(await client.add(id, named('A', { children: [named('B', deeper)] })))).toEqual([
      'children[0].children: too_deep',
    ]);
    expect(violationsIn(await client.put(child.id, named('B', deeper)))).toEqual(['children: too_deep']);
    expect(shape(invoiceIn(await client.put(child.id, named('New', { children: [] }))))).toEqual([
      'Setup 1',
      'A 2',
      'New 1',
    ]);
  });

  it('stay when a parent is put without them, and are exchanged when it lists others', async () => {
    const client = newClient();
    const { invoice } = await added(client, named('A', { children: [named('B'), named('C')] }));
    const [, a, b] = invoice.positions.map(({ id }) => id);
    expect(shape(invoiceIn(await client.put(a ?? '', named('A2'))))).toEqual(['Setup 1', 'A2 2', 'B 1', 'C 2']);
    const others = { children: [named('D'), named('B2', { id: b })] };
    const exchanged = invoiceIn(await client.put(a ?? '', named('A', others)));
    expect(shape(exchanged)).toEqual(['Setup 1', 'A 2', 'D 1', 'B2 2']);
    expect(positionNamed(exchanged, 'B2').id).toBe(b);
    const twice = { children: [named('B', { id: b }), named('B', { id: b })] };
    expect(violationsIn(await client.put(a ?? '', named('A', twice)))).toEqual(['children[1].id: id_taken']);
    expect(shape(invoiceIn(await client.put(a ?? '', named('A', { children: [] }))))).toEqual(['Setup 1', 'A 2']);
  });
});

describe('the life of an invoice', () => {
  it('ends changes with the draft', async () => {
    const client = newClient();
    const { id, invoice } = await added(client, named('A'));
    const { status } = await client.native('POST', '/invoices/{id}/finalize', { id });
    expect(status).toBe(200);
    for (const answer of [await client.add(id, smallest), await client.put(invoice.positions[0]?.id ?? '', smallest)]) {
      expect([answer.status, violationsIn(answer)]).toEqual([422, [': wrong_state']]);
    }
    const issued = invoiceIn(await client.invoice(id));
    expect(issued).toMatchObject({
      status: 'STATUS_UNPAID',
      number: 'INV-2026-00001',
      finalizationDate: expect.any(String),
    });
    expect(
      issued.positions.map(({ isCreditable, creditableQuantity }) => [isCreditable, creditableQuantity?.value]),
    ).toEqual([
      [true, '1'],
      [true, '1'],
    ]);
    await client.native('POST', '/invoices/{id}/payments', { id }, { amount: 23_800, paid_on: '2026-01-18' });
    expect(invoiceIn(await client.invoice(id))).toMatchObject({
      status: 'STATUS_PAID',
      payDate: '2026-01-18T00:00:00.000Z',
      unpaidAmount: { amount: '0.00' },
    });
  });

  it('shows credits and cancellations', async () => {
    const client = newClient();
    const credited = await client.draft();
    await client.native('POST', '/invoices/{id}/finalize', { id: credited });
    const credit = async (amount: number) =>
      JSON.parse((await client.native('POST', '/invoices/{id}/credit-notes', { id: credited }, { amount })).body).data
        .id;
    await credit(1_900);
    const partly = invoiceIn(await client.invoice(credited));
    expect(partly.status).toBe('STATUS_UNPAID');
    expect(partly.positions[0]).toMatchObject({ isCreditable: true, isFullyCredited: false, creditableQuantity: null });
    const note = invoiceIn(await client.invoice(await credit(10_000)));
    expect(note).toMatchObject({ type: 'TYPE_CREDIT', referencedInvoice: { id: credited, number: 'INV-2026-00001' } });
    const wholly = invoiceIn(await client.invoice(credited));
    expect(wholly.status).toBe('STATUS_REFUNDED');
    expect(wholly.positions[0]).toMatchObject({ isCreditable: false, isFullyCredited: true });

    const { id: returned } = await added(client, { ...named('B'), quantity: 3 });
    await client.native('POST', '/invoices/{id}/finalize', { id: returned });
    const lines = [{ id: '1' }, { id: '2', quantity: 2 }];
    await client.native('POST', '/invoices/{id}/credit-notes', { id: returned }, { lines });
    expect(invoiceIn(await client.invoice(returned)).positions).toMatchObject([
      { isCreditable: false, isFullyCredited: true, creditableQuantity: { value: '0' } },
      { isCreditable: true, isFullyCredited: false, creditableQuantity: { value: '1' } },
    ]);

    const cancelled = await client.draft();
    await client.native('POST', '/invoices/{id}/finalize', { id: cancelled });
    await client.native('POST', '/invoices/{id}/cancel', { id: cancelled });
    const { status, cancellationDocument } = invoiceIn(await client.invoice(cancelled));
    expect(status).toBe('STATUS_CANCELLED');
    expect(invoiceIn(await client.invoice(cancellationDocument?.id ?? ''))).toMatchObject({
      type: 'TYPE_CANCEL',
      referencedInvoice: { id: cancelled },
    });
  });

  it('asks no money of a draft that was cancelled', async () => {
    const client = newClient();
    const id = await client.draft();
    await client.native('POST', '/invoices/{id}/cancel', { id });
    expect(invoiceIn(await client.invoice(id))).toMatchObject({
      status: 'STATUS_CANCELLED',
      unpaidAmount: { amount: '0.00' },
      cancellationDocument: null,
    });
  });

  it('gives the positions of a credit note ids of their own, whatever their originals are called', async () => {
    const client = newClient();
    const { id } = await added(client, { ...named('B'), id: 'mine', children: [{ ...named('C'), id: 'small' }] });
    await client.native('POST', '/invoices/{id}/finalize', { id });
    const credited = await client.native('POST', '/invoices/{id}/credit-notes', { id }, {});
    const note = invoiceIn(await client.invoice(JSON.parse(credited.body).data.id));
    expect(note.positions).toHaveLength(3);
    expect(note.positions[2]?.parent).toEqual({ id: note.positions[1]?.id });
    for (const position of note.positions)
      expect(JSON.parse((await client.position(position.id)).body)).toEqual(position);
    expect(invoiceIn(await client.invoice(id)).positions.map((position) => position.id)).toContain('mine');
  });

  it('takes approval back and forgets totals that were stated of other lines', async () => {
    const client = newClient();
    const id = await client.draft({ calculate_totals: false, totals: { payable_amount: 1 } });
    await client.native('POST', '/invoices/{id}/approve', { id });
    const { data } = JSON.parse((await client.native('GET', '/invoices/{id}', { id })).body);
    expect([data.amount, data.metadata_json.warnings.length]).toEqual([1, 1]);
    await client.add(id, smallest);
    const after = JSON.parse((await client.native('GET', '/invoices/{id}', { id })).body).data;
    expect([after.amount, after.state, after.metadata_json.warnings]).toEqual([23_800, 'draft', []]);
  });
});

it('does a repeated request once', async () => {
  const client = newClient();
  const id = await client.draft();
  const operation = { id: 'op', fingerprint: 'f' };
  const first = await client.add(id, smallest, operation);
  expect(await client.add(id, smallest, operation)).toEqual({ ...first, replayed: true });
  expect(invoiceIn(await client.invoice(id)).positions).toHaveLength(2);
});

it('adds every position when many are added at once', async () => {
  const client = newClient();
  const id = await client.draft();
  const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => client.add(id, named(`P${index}`))));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  const { positions } = invoiceIn(await client.invoice(id));
  expect(positions.map(({ position }) => position)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
  expect(new Set(positions.map((position) => position.id)).size).toBe(13);
});
