/** One invoice, whichever contract made it, and whatever is sent. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvoiceResource } from '../../../lib/contracts/projects/invoice-resource.ts';
import { errorBody, newClient, resource, smallest, whole } from './client.ts';

const items = [
  { name: 'Work', price: 10_050, quantity: 3, unit_code: 'HUR', tax_rate: 19 },
  { name: 'Book', price: 1_999, quantity: 1, tax_rate: 7 },
];
const made = { calculate_totals: true, buyer: { name: 'Käufer AG' }, items };
const header = {
  issue_date: '2026-01-15',
  due_date: '2026-02-14',
  invoice_number: 'N-1',
  notes: ['One', 'Two'],
};

describe('an invoice of another contract', () => {
  it('is shown with its net value, and null for what it has not', async () => {
    const { native, find } = newClient();
    const allowances = [{ amount: 100, reason: 'Loyal' }];
    await native('POST', '/invoices', {}, { ...made, header, allowances, references: { purchase_order: 'PO' } });
    const shown = await find(1);
    InvoiceResource.parse(resource(shown));
    expect(resource(shown)).toMatchObject({
      id: 1,
      status: 'draft',
      value: 320.49,
      invoice_number: 'N-1',
      purchase_order: 'PO',
      issue_date: '2026-01-15',
      notes: 'One\nTwo',
      project_id: null,
      vat_rate_id: null,
      payment_term_id: null,
      budget_area_uid: null,
      exchange_rate: null,
    });
  });

  it('without a day or a number is readable, listed, sent and paid', async () => {
    const { native, find, list, act } = newClient();
    const buyer = { name: 'A', address: { country: 'AT' } };
    await native('POST', '/invoices', {}, { ...made, buyer });
    expect(resource(await find(1))).toMatchObject({ issue_date: null, invoice_number: null });
    InvoiceResource.parse(resource(await find(1)));
    expect(JSON.parse((await list({ issue_date: 'gt:2000-01-01' })).body)).toEqual([]);
    expect(JSON.parse((await list({ project_id: 'ne:1' })).body)).toHaveLength(1);
    expect(resource(await act('1:send'))).toMatchObject({ status: 'sent', issue_date: '2026-01-21' });
    expect(resource(await act('1:set-paid')).status).toBe('paid');
  });

  it('is paid by what was paid before it was issued', async () => {
    const { native, find, act } = newClient();
    const { amount } = JSON.parse((await native('POST', '/invoices/preview', {}, made)).body).data;
    await native('POST', '/invoices', {}, { ...made, totals: { paid_amount: amount } });
    expect(resource(await find(1)).status).toBe('draft');
    await act('1:send');
    expect(resource(await find(1))).toMatchObject({ status: 'paid', payment_date: null });
  });

  it('is nobody’s own project, and is not changed by what has no field for it', async () => {
    const { native, change, act } = newClient();
    await native('POST', '/invoices', {}, made);
    expect((await act('1:send', {}, { as: { scopes: ['invoices.edit'] } })).status).toBe(403);
    const refused = await change(1, { value: 5 });
    expect([refused.status, errorBody(refused).key]).toEqual([412, 'precondition_failure']);
  });

  it('shows the figure that its caller stands by until it is issued', async () => {
    const { native, find } = newClient();
    const totals = { tax_exclusive_amount: 33_000 };
    await native('POST', '/invoices', {}, { ...made, calculate_totals: false, totals });
    expect(resource(await find(1)).value).toBe(330);
  });

  it('is sent once it is issued, and below zero when it takes another one back', async () => {
    const { create, native, find, memory } = newClient();
    await create({ ...smallest, payment_term_id: 1 });
    const [{ id } = { id: '' }] = memory.invoices.values();
    expect((await native('POST', '/invoices/{id}/finalize', { id }, {})).status).toBe(200);
    expect(resource(await find(1))).toMatchObject({ status: 'sent', invoice_number: 'INV-2026-00001' });
    expect((await native('POST', '/invoices/{id}/cancel', { id }, {})).status).toBe(200);
    expect(resource(await find(1))).toMatchObject({ status: 'sent', value: 1000, payment_date: null });
    expect(resource(await find(2))).toMatchObject({
      status: 'sent',
      value: -1000,
      invoice_number: expect.stringMatching(/^CN-/),
    });
  });
});

describe('an invoice of this contract', () => {
  it('is the same in the native view, to the cent', async () => {
    const { create, native, memory } = newClient();
    await create({ ...whole, value: 1234.565 });
    const [{ id } = { id: '' }] = memory.invoices.values();
    const { data } = JSON.parse((await native('GET', '/invoices/{id}', { id })).body);
    expect(data).toMatchObject({
      amount: 146_914,
      state: 'draft',
      ubl_json: {
        header: { invoice_number: 'INV-2024-001', due_date: '2026-02-14', notes: ['Thank you.'] },
        references: { purchase_order: 'PO 7' },
        payment: { terms: '30 days net' },
        buyer: { name: 'Käufer AG', identifiers: [{ value: 'C-1001' }] },
        totals: { tax_exclusive_amount: 123_457, tax_amount: 23_457, tax_inclusive_amount: 146_914 },
        items: [{ name: 'Website: Design', price: 123_457, quantity: 1, unit_code: 'C62' }],
      },
    });
  });

  it('with a client is sound enough for EN 16931 to be issued anywhere', async () => {
    const { create, native, memory } = newClient();
    await create({ ...whole, invoice_number: null });
    const [{ id } = { id: '' }] = memory.invoices.values();
    expect((await native('POST', '/invoices/{id}/finalize', { id }, {})).status).toBe(200);
  });

  it('keeps what other contracts keep in it, and loses nothing that they made of it', async () => {
    const { create, change, find, entry, memory } = newClient();
    await create(whole);
    const [key = '', invoice] = [...memory.invoices][0] ?? [];
    if (!invoice) throw new Error('There is an invoice.');
    const { document } = invoice;
    const [line] = document.lines;
    const buyer = { ...document.buyer, name: 'Käufer SE' };
    const kept = { currency: 'CHF', buyer, buyerReference: 'R' };
    const lines = [{ ...line, description: 'Long' }];
    const edited = {
      ...invoice,
      series: 'INV',
      relatedInvoiceId: invoice.id,
      businessEntityId: '3c2e8a11-04d5-4f1c-9b22-7d6e5f4a3b2c',
      extras: { ...invoice.extras, erp: { a: 1 } },
      document: { ...document, ...kept, lines } as typeof document,
    };
    const { businessEntityId } = edited;
    entry('business-entities', businessEntityId, { seller: { name: 'Example Zwei GmbH' } });
    memory.invoices.set(key, edited);
    expect((await change(1, { value: 7 })).status).toBe(200);
    expect(memory.invoices.get(key)).toMatchObject({
      series: 'INV',
      relatedInvoiceId: invoice.id,
      businessEntityId,
      extras: { erp: { a: 1 }, projects: { projectId: 1 } },
      document: { ...kept, lines: [{ price: '7', description: 'Long' }] },
    });

    for (const more of [
      { lines: [{ ...line, taxRate: '7' }] },
      { lines: [line, line] },
      { lines: [{ ...line, allowances: [{ amount: 1 }] }] },
      { lines: [{ ...line, charges: [{ amount: 1 }] }] },
      { lines: [{ ...line, fixedTax: 1 }] },
      { lines: [{ ...line, priceIncludesTax: true }] },
      { allowances: [{ amount: 1 }] },
      { charges: [{ amount: 1 }] },
      { dueDate: '2027-01-01' },
    ]) {
      memory.invoices.set(key, { ...edited, document: { ...document, ...more } as typeof document });
      expect((await change(1, { value: 8 })).status, JSON.stringify(more)).toBe(412);
    }
    memory.invoices.set(key, { ...edited, stated: { totals: { tax: 1 } } });
    expect((await change(1, { value: 8 })).status).toBe(412);
    memory.invoices.set(key, { ...edited, document: { ...document, dueDate: '2027-01-01' } });
    expect(resource(await find(1)).payment_term_id).toBeNull();
    memory.invoices.set(key, {
      ...edited,
      document: { ...document, lines: [{ ...line, taxRate: '7' }] } as typeof document,
    });
    expect(resource(await find(1)).vat_rate_id).toBeNull();
  });
});

const anything = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      value: fc.oneof(fc.double(), fc.integer(), fc.jsonValue()),
      issue_date: fc.oneof(
        fc.constantFrom('2026-01-15', '9999-12-31', '1000-01-01', '2026-01-15T23:30:00-11:00'),
        fc.string(),
      ),
      project_id: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.jsonValue()),
      invoice_number: fc.oneof(fc.string(), fc.constant(null)),
      purchase_order: fc.oneof(fc.string(), fc.jsonValue()),
      exchange_rate: fc.oneof(fc.double(), fc.constant(null)),
      notes: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(null)),
      budget_area_uid: fc.constantFrom('design', 'elsewhere', '', null, 5),
      vat_rate_id: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(null)),
      payment_term_id: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(null)),
      payment_date: fc.oneof(fc.string(), fc.constantFrom('2026-01-15', null)),
    },
    { requiredKeys: [] },
  ),
);

describe('whatever is sent', () => {
  it('is answered without a fault of ours', async () => {
    await fc.assert(
      fc.asyncProperty(anything, anything, fc.string(), async (body, patch, text) => {
        const { create, change, act, list } = newClient();
        const created = await create(body);
        expect([201, 400, 412]).toContain(created.status);
        if (created.status === 201) InvoiceResource.parse(resource(created));
        await create(whole);
        expect([200, 400, 403, 404, 412]).toContain((await change(created.status === 201 ? 2 : 1, patch)).status);
        for (const action of ['send', 'set-paid', 'set-unpaid', text]) {
          expect([200, 400, 404, 412]).toContain((await act(`1:${action}`, patch)).status);
        }
        expect([200, 400]).toContain((await list({ project_id: text, updated_at: text, limit: text })).status);
      }),
      { numRuns: 300 },
    );
  });

  it('comes back as it was sent', async () => {
    const cents = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((units) => units / 100);
    const text = fc.option(fc.string({ unit: 'grapheme' }));
    const day = fc
      .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10))
      .filter((date) => !date.startsWith('2025-1'));
    const bodies = fc.record({
      value: cents,
      issue_date: day,
      project_id: fc.constant(1),
      invoice_number: fc.option(fc.string({ unit: 'grapheme' }).filter((number) => number.trim() !== '')),
      purchase_order: text,
      exchange_rate: fc.option(fc.constantFrom(0, 0.5, 1.0825)),
      notes: text,
      budget_area_uid: fc.option(fc.constant('design')),
      vat_rate_id: fc.option(fc.constantFrom(1, 2, 3)),
      payment_term_id: fc.option(fc.constantFrom(1, 2)),
    });
    await fc.assert(
      fc.asyncProperty(bodies, bodies, async (body, patch) => {
        const { create, find, change } = newClient();
        const created = await create(body);
        const sent = { ...body, value: body.value + 0 };
        expect(resource(created)).toMatchObject(sent);
        expect(resource(await find(1))).toMatchObject(sent);
        expect(resource(await change(1, patch))).toMatchObject({ ...patch, value: patch.value + 0 });
      }),
      { numRuns: 200 },
    );
  });
});
