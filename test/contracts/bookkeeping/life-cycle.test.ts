import { describe, expect, it } from 'vitest';
import { InvoiceAnswer, InvoiceListAnswer } from '../../../lib/contracts/bookkeeping/invoice-resource.ts';
import {
  archivedParty,
  connection,
  data,
  envelope,
  fixed,
  item,
  nativeData,
  newClient,
  otherParty,
  percent,
  refusal,
  smallest,
  warnings,
} from './client.ts';

const create = { strategy: 'CREATE_TRANSACTION', data: {} };
const attach = { strategy: 'ATTACH_TRANSACTION', data: { transactionId: 'tx-9' } };

/** A client with one invoice. */
async function withInvoice(more: object = {}, ...options: Parameters<typeof newClient>) {
  const client = newClient(...options);
  const { _id: id } = data(await client.create({ ...smallest, ...more }));
  return { ...client, id };
}

describe('GET /v1/invoices/{id}', () => {
  it('finds an invoice as it was created, in whatever letter case', async () => {
    const client = newClient();
    const created = await client.create(smallest);
    const { message, ...rest } = envelope(created);
    for (const id of [rest.data._id, rest.data._id.toUpperCase()]) {
      expect(envelope(await client.find(id))).toEqual({ message: 'Get an Invoice executed successfully', ...rest });
    }
  });

  it.each(['x', '', 'f'.repeat(24), '../x', '9'.repeat(10_000)])('does not find what is no id (%#)', async (id) => {
    const { find, update, send, cancel, pay } = newClient();
    const answers = [
      await find(id),
      await update(id, {}),
      await send(id),
      await cancel(id),
      await pay(id, { strategyData: create }),
    ];
    for (const refused of answers) {
      expect(refusal(refused)).toEqual([404, 'NotFoundError', 'There is no such invoice.']);
    }
  });

  it('does not find another company’s invoice, nor one of the other mode', async () => {
    const { id, call } = await withInvoice();
    const found = await call('GET', '/v1/invoices/{id}', { params: { id }, as: { mode: 'test' } });
    expect(found.status).toBe(404);
  });
});

describe('GET /v1/invoices', () => {
  const listed = async (answer: ReturnType<ReturnType<typeof newClient>['list']>) =>
    InvoiceListAnswer.parse(JSON.parse((await answer).body)).data;

  it('pages through all invoices, the newest first', async () => {
    const client = newClient();
    for (let round = 1; round <= 23; round++) {
      client.clock.now = `2026-01-20T12:00:${String(round).padStart(2, '0')}.000Z`;
      await client.create(smallest);
    }
    const pages = [];
    for (const page of ['1', '2', '3', '4']) pages.push(await listed(client.list({ page })));
    expect(pages.map(({ count }) => count)).toEqual([23, 23, 23, 23]);
    expect(pages.map(({ invoices }) => invoices.length)).toEqual([10, 10, 3, 0]);
    const numbers = pages.flatMap(({ invoices }) => invoices.map(({ invoiceId }) => Number(invoiceId)));
    expect(numbers).toEqual(Array.from({ length: 23 }, (_, index) => 23 - index));
    expect((await listed(client.list({ page: '2', limit: '20' }))).invoices).toHaveLength(3);
    expect(await listed(newClient().list())).toEqual({ invoices: [], count: 0 });
  });

  it.each([
    [{ limit: '250' }, { limit: '251' }, 'limit'],
    [{ limit: '1' }, { limit: '0' }, 'limit'],
    [{ page: '1' }, { page: '0' }, 'page'],
    [{ page: '1000' }, { page: '1001' }, 'page'],
    [{ page: '40', limit: '250' }, { page: '41', limit: '250' }, 'page'],
    [{ page: '1' }, { page: 'one' }, 'page'],
    [{ sortKey: '_id' }, { sortKey: 'amount' }, 'sortKey'],
    [{ sortOrder: '-1' }, { sortOrder: '1' }, 'sortOrder'],
    [{}, { status: 'DRAFT' }, 'status'],
  ])('takes the query %j, and not %j', async (inside, outside, field) => {
    expect((await newClient().list(inside)).status).toBe(200);
    const [status, , message] = refusal(await newClient().list(outside));
    expect([status, message.split(':')[0]]).toEqual([400, field]);
  });
});

describe('PATCH /v1/invoices/{id}', () => {
  it('changes what is sent and nothing else', async () => {
    const { id, find, update } = await withInvoice({ purchaseOrderId: 'PO 1', note: 'First' });
    const before = data(await find(id));
    const changed = await update(id, { note: 'Second', discount: percent(10) });
    expect(envelope(changed).message).toBe('Update an Invoice executed successfully');
    expect(data(changed)).toEqual({
      ...before,
      note: 'Second',
      discount: percent(10),
      amount: 107.1,
      calculated: { subTotal: 100, discount: 10, tax: 17.1, grandTotal: 107.1 },
    });
    expect(data(await update(id, {}))).toEqual(data(changed));
    expect(data(await update(id, { purchaseOrderId: null, note: '' }))).toMatchObject({
      purchaseOrderId: null,
      note: '',
    });
  });

  it.each([
    ['invoiceDate', '2026-01-16T10:00:00.000Z'],
    ['dueDate', '2026-03-01T00:00:00.000Z'],
    ['lineItems', [{ ...item, id: '9', discount: fixed(0) }]],
    ['payViaStripeAccountConnectionId', connection],
    ['invoiceId', '0001'],
    ['discount', fixed(0)],
  ])('changes %s', async (member, value) => {
    const { id, update, find } = await withInvoice();
    expect(data(await update(id, { [member]: value }))).toMatchObject({ [member]: value });
    expect(data(await find(id))).toMatchObject({ [member]: value });
  });

  it('changes the counterparty, and copies it as it is now', async () => {
    const { id, update } = await withInvoice();
    expect(data(await update(id, { counterParty: otherParty })).counterParty).toEqual({
      ...{ _id: otherParty, accountName: 'Andere GmbH', accountNumber: null, email: null },
      ...{ phone: null, type: null, otherEmails: null, address: null },
    });
    expect(refusal(await update(id, { counterParty: archivedParty }))[2]).toContain('archived');
  });

  it('takes null for a connection away', async () => {
    const { id, update } = await withInvoice({ payViaStripeAccountConnectionId: connection });
    expect(data(await update(id, { note: 'x' })).payViaStripeAccountConnectionId).toBe(connection);
    expect(data(await update(id, { payViaStripeAccountConnectionId: null })).payViaStripeAccountConnectionId).toBe(
      null,
    );
  });

  it('keeps the number of the series, and changes one of the caller’s own', async () => {
    const { id, update, create } = await withInvoice();
    expect(refusal(await update(id, { invoiceId: 'B-1' }))).toEqual([
      400,
      'BadRequestError',
      'An invoice that is DRAFT cannot get another invoiceId.',
    ]);
    expect(data(await update(id, { invoiceId: 'INCREMENTAL' })).invoiceId).toBe('0001');
    const own = data(await create({ ...smallest, invoiceId: 'A-1' }));
    expect(data(await update(own._id, { invoiceId: 'A-2' })).invoiceId).toBe('A-2');
    expect(data(await create({ ...smallest, invoiceId: 'A-1' })).invoiceId).toBe('A-1');
    expect(refusal(await update(own._id, { invoiceId: 'A-1' }))[0]).toBe(409);
  });

  it('asks for the figures when another currency has other decimals', async () => {
    const { id, update } = await withInvoice({ discount: fixed(10) });
    expect(data(await update(id, { currency: 'USD' }))).toMatchObject({ currency: 'USD', discount: fixed(10) });
    expect(refusal(await update(id, { currency: 'JPY' }))[2]).toMatch(/^currency: .*lineItems and discount/);
    const figures = { discount: fixed(10), lineItems: [item] };
    expect(data(await update(id, { currency: 'JPY', ...figures }))).toMatchObject({ currency: 'JPY', amount: 107 });
  });

  it('is refused once the invoice is sent', async () => {
    const { id, update, send } = await withInvoice();
    await send(id);
    expect(refusal(await update(id, { note: 'x' }))).toEqual([
      400,
      'BadRequestError',
      'An invoice that is SENT cannot be updated.',
    ]);
  });

  it('takes no member that the body of the creation does not have', async () => {
    const { id, update } = await withInvoice();
    expect(refusal(await update(id, { status: 'PAID', lineItems: [{ ...item, x: 1 }] }))[2]).toMatch(
      /lineItems\.0\.x: .* status: /,
    );
    expect(refusal(await update(id, undefined))[0]).toBe(400);
  });
});

describe('the life of an invoice', () => {
  it('goes from DRAFT over SENT to PAID', async () => {
    const { id, send, pay, find } = await withInvoice();
    const sent = await send(id);
    InvoiceAnswer.parse(JSON.parse(sent.body));
    expect(envelope(sent).message).toBe('Send an Invoice executed successfully');
    expect(data(sent)).toMatchObject({
      status: 'SENT',
      invoiceId: '0001',
      sendDate: '2026-01-20T12:00:00.000Z',
      sendBy: 'key_test',
      paidMarkedDate: null,
    });
    const paid = await pay(id, { strategyData: attach });
    InvoiceAnswer.parse(JSON.parse(paid.body));
    expect(envelope(paid).message).toBe('Mark an Invoice as Paid executed successfully');
    expect(data(paid)).toMatchObject({
      status: 'PAID',
      paidMarkedBy: 'key_test',
      paidMarkedDate: '2026-01-20T12:00:00.000Z',
      attachedTransactionId: 'tx-9',
    });
    expect(data(await find(id))).toEqual(data(paid));
    for (const again of [await pay(id, { strategyData: create }), await send(id), await send(id, {})]) {
      expect(refusal(again).slice(0, 2)).toEqual([400, 'BadRequestError']);
    }
    expect(refusal(await pay(id, { strategyData: create }))[2]).toBe(
      'An invoice that is PAID cannot be marked as paid.',
    );
  });

  it('is OVERDUE when its last day has passed at the issuer’s', async () => {
    const { id, send, find, clock, pay } = await withInvoice({ dueDate: '2026-02-15T12:00:00Z' });
    await send(id);
    const statuses = [];
    for (const now of ['2026-02-15T22:59:59.999Z', '2026-02-15T23:00:00.000Z']) {
      clock.now = now;
      statuses.push(data(await find(id)).status);
    }
    expect(statuses).toEqual(['SENT', 'OVERDUE']);
    expect(data(await pay(id, { strategyData: create })).status).toBe('PAID');
  });

  it('is not overdue while it is a draft', async () => {
    const { id, find, clock } = await withInvoice();
    clock.now = '2027-01-01T00:00:00.000Z';
    expect(data(await find(id)).status).toBe('DRAFT');
  });

  it('is cancelled when it is sent or overdue, with or without a reason', async () => {
    const { id, send, cancel, list } = await withInvoice();
    expect(refusal(await cancel(id))[2]).toBe('An invoice that is DRAFT cannot be cancelled.');
    await send(id);
    const cancelled = await cancel(id, { reason: 'Wrong buyer' });
    expect(data(cancelled)).toMatchObject({
      status: 'CANCELLED',
      cancellationReason: 'Wrong buyer',
      cancellationDate: '2026-01-20T12:00:00.000Z',
      cancellationBy: 'key_test',
    });
    expect(refusal(await cancel(id, {}))[2]).toBe('An invoice that is CANCELLED cannot be cancelled.');
    // What takes it back is listed with a minus sign, so that the sum of both is nothing.
    const { invoices } = envelope<{ invoices: { amount: number }[] }>(await list()).data;
    expect(invoices.map(({ amount }) => amount).sort()).toEqual([-119, 119]);

    const other = await withInvoice();
    await other.send(other.id);
    other.clock.now = '2027-01-01T00:00:00.000Z';
    expect(data(await other.cancel(other.id))).toMatchObject({ status: 'CANCELLED', cancellationReason: null });
  });

  it('is not cancelled once it is paid', async () => {
    const { id, send, pay, cancel } = await withInvoice();
    await send(id);
    await pay(id, { strategyData: create });
    expect(refusal(await cancel(id))[2]).toBe('An invoice that is PAID cannot be cancelled.');
  });

  it('is not marked as paid while it is a draft', async () => {
    const { id, pay } = await withInvoice();
    expect(refusal(await pay(id, { strategyData: create }))[2]).toBe(
      'An invoice that is DRAFT cannot be marked as paid.',
    );
  });

  it('keeps a transaction’s reference, for one invoice only, and says what is not kept', async () => {
    const { id, send, pay, create: make } = await withInvoice();
    const transaction = { transactionRefNo: 'T-1', category: 'c', account: 'a', counterParty: null };
    await send(id);
    const paid = await pay(id, { strategyData: { strategy: 'CREATE_TRANSACTION', data: transaction } });
    expect(data(paid).attachedTransactionId).toBe('T-1');
    expect(warnings(paid)).toEqual([
      'strategyData.data.category: Is not kept.',
      'strategyData.data.account: Is not kept.',
    ]);
    const { _id } = data(await make(smallest));
    await send(_id);
    const again = await pay(_id, { strategyData: { strategy: 'CREATE_TRANSACTION', data: transaction } });
    const taken = `strategyData.data: The transaction "T-1" is that of invoice ${id}, for ever; name another.`;
    expect(refusal(again)).toEqual([409, 'ConflictError', taken]);
    const attached = await pay(_id, {
      strategyData: { strategy: 'ATTACH_TRANSACTION', data: { transactionId: 'T-1' } },
    });
    expect(refusal(attached)).toEqual([409, 'ConflictError', taken]);
  });

  it.each([
    [{}, 'strategyData'],
    [{ strategyData: { strategy: 'GUESS', data: {} } }, 'strategyData.strategy'],
    [{ strategyData: { strategy: 'CREATE_TRANSACTION', data: { x: 1 } } }, 'strategyData.data.x'],
    [{ strategyData: { strategy: 'ATTACH_TRANSACTION', data: {} } }, 'strategyData.data.transactionId'],
    [{ strategyData: create, x: 1 }, 'x'],
  ])('is not marked as paid by %j', async (body, field) => {
    const { id, pay } = await withInvoice();
    const [status, , message] = refusal(await pay(id, body));
    expect([status, message.split(':')[0]]).toEqual([400, field]);
  });

  it('takes closed bodies only', async () => {
    const { id, send, cancel } = await withInvoice();
    expect(refusal(await send(id, { x: 1 }))[2]).toMatch(/^x: /);
    expect(refusal(await cancel(id, { because: 1 }))[2]).toMatch(/^because: /);
    expect(refusal(await cancel(id, { reason: 'x'.repeat(1001) }))[2]).toMatch(/^reason: /);
  });

  it('is sent though the norm misses something, which is said', async () => {
    const { id, send } = await withInvoice({ counterParty: otherParty, lineItems: [] });
    const sent = await send(id);
    expect(data(sent).status).toBe('SENT');
    expect(warnings(sent)).toContainEqual(expect.stringMatching(/^counterParty\.address/));
    expect(warnings(sent)).toContainEqual(expect.stringMatching(/^lineItems: An invoice needs at least one line/));
  });
});

describe('an invoice of the native API', () => {
  const body = {
    header: { issue_date: '2026-01-15', notes: ['First', 'Second'], currency: 'EUR' },
    buyer: { name: 'Käufer AG' },
    references: { purchase_order: 'PO 7' },
    items: [
      {
        name: 'Nails',
        price: 1000,
        quantity: 250,
        base_quantity: 100,
        tax_rate: 19,
        unit_code: 'HUR',
        allowances: [{ amount: 100 }, { percentage: 10 }],
        charges: [{ amount: 50 }],
      },
      { name: 'Book', price: 2000, quantity: 1, tax_rate: 7 },
    ],
    allowances: [{ amount: 300, tax_category: 'S', tax_rate: 7 }],
    charges: [{ amount: 200, tax_category: 'S', tax_rate: 19 }],
    totals: { paid_amount: 500 },
    attachments: [{ filename: 'a.pdf' }, { external_reference: 'https://example.com/b' }, { description: 'c' }],
  };
  const figuresOf = ({ ubl_json }: ReturnType<typeof nativeData>) => {
    const { tax_exclusive_amount, tax_amount, tax_inclusive_amount, payable_amount } = ubl_json?.totals ?? {};
    return [tax_exclusive_amount, tax_amount, tax_inclusive_amount, payable_amount];
  };
  const hex = (uuid: string) => uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(24);

  it('is shown with the same totals, and without what nobody said', async () => {
    const { native, find } = newClient();
    const made = nativeData(await native.create(body));
    const found = await find(hex(made.id));
    InvoiceAnswer.parse(JSON.parse(found.body));
    const { calculated, amount, ...shown } = data(found);
    const { subTotal, discount, tax, grandTotal } = calculated;
    const cents = [subTotal - discount, tax, grandTotal, amount].map((figure) => Math.round(figure * 100));
    expect(cents).toEqual(figuresOf(made));
    expect(Math.round((subTotal - discount + tax - grandTotal) * 100)).toBe(0);
    expect(discount).toBe(1 + 2.5 + 3);
    expect(shown).toMatchObject({
      status: 'DRAFT',
      invoiceId: '',
      purchaseOrderId: 'PO 7',
      counterParty: null,
      discount: fixed(3),
      invoiceDate: '2026-01-15T00:00:00.000Z',
      dueDate: '2026-01-15T00:00:00.000Z',
      note: 'First\nSecond',
      attachments: ['a.pdf', 'https://example.com/b'],
      // A charge is part of the price: 250 at 10 for 100, and 0.50.
      lineItems: [
        { id: '1', name: 'Nails', quantity: 250, unitPrice: 0.102, tax: percent(19), discount: fixed(3.5) },
        { id: '2', name: 'Book', quantity: 1, unitPrice: 20, tax: percent(7), discount: percent(0) },
      ],
    });
  });

  it('keeps what page 004 has no words for when it is changed here', async () => {
    const { native, find, update } = newClient();
    const { id } = nativeData(await native.create(body));
    const { lineItems, discount } = data(await find(hex(id)));
    const before = nativeData(await native.find(id)).ubl_json;
    await update(hex(id), { note: 'Third', lineItems, discount });
    expect(nativeData(await native.find(id)).ubl_json).toEqual({
      ...before,
      header: { ...before?.header, notes: ['Third'] },
    });
    await update(hex(id), { lineItems: [{ ...item, id: '1' }] });
    expect(nativeData(await native.find(id)).ubl_json).toMatchObject({
      items: [{ name: 'Work', price: 10_000, unit_code: 'C62' }],
      attachments: before?.attachments,
    });
  });

  it('is issued and paid like any other', async () => {
    const { native, find, pay, send } = newClient();
    const buyer = { name: 'Käufer AG', address: { city: 'Wien', country: 'AT' } };
    const items = [{ name: 'Work', price: 1000, quantity: 1, unit_code: 'HUR', tax_rate: 19 }];
    const { id } = nativeData(await native.create({ buyer, items, header: { due_date: '2026-02-15' } }));
    const finalized = await native.finalize(id);
    expect(finalized.status, finalized.body).toBe(200);
    expect(data(await find(hex(id)))).toMatchObject({ status: 'SENT', sendDate: null, invoiceId: 'INV-2026-00001' });
    expect(data(await send(hex(id)))).toMatchObject({ status: 'SENT', sendBy: 'key_test' });
    expect(data(await pay(hex(id), { strategyData: create }))).toMatchObject({
      status: 'PAID',
      attachedTransactionId: null,
    });
  });

  it('shows no counterparty once another buyer is named there', async () => {
    const { native, create: make, find, memory } = newClient();
    const { _id } = data(await make(smallest));
    const [uuid = ''] = [...memory.invoices.values()].map(({ id }) => id);
    const changed = await native.update(uuid, { header: { due_date: '2026-03-01' } });
    expect(changed.status, changed.body).toBe(200);
    expect(data(await find(_id))).toMatchObject({
      counterParty: { _id: smallest.counterParty },
      invoiceDate: smallest.invoiceDate,
      dueDate: '2026-03-01T00:00:00.000Z',
    });
    await native.update(uuid, { buyer: { name: 'Somebody Else' } });
    expect(data(await find(_id))).toMatchObject({ counterParty: null, amount: 119 });
  });

  it('shows documents that take something back with a minus sign', async () => {
    const { native, find, update } = newClient();
    const header = { ...body.header, document_type: 'credit_note' };
    const { id } = nativeData(await native.create({ ...body, header }));
    const { calculated, amount, lineItems, discount } = data(await find(hex(id)));
    expect(amount).toBeLessThan(0);
    expect(calculated.grandTotal).toBeLessThan(0);
    expect(Math.round((calculated.subTotal - calculated.discount + calculated.tax - calculated.grandTotal) * 100)).toBe(
      0,
    );
    expect(lineItems[0]).toMatchObject({ quantity: -250, unitPrice: 0.102, discount: fixed(-3.5) });
    expect(discount).toEqual(fixed(-3));
    expect(refusal(await update(hex(id), { lineItems: [item] }))[2]).toMatch(/^lineItems: .*credit note/);
    expect(data(await update(hex(id), { note: 'x' })).note).toBe('x');
  });
});
