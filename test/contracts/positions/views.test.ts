/** One invoice in two views: what is added here is the same to the native API, and its invoices are readable here. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answer } from '../../../lib/contracts/contract.ts';
import { InvoiceResource } from '../../../lib/contracts/positions/resources.ts';
import type { InvoiceDocument } from '../../../lib/invoice/document.ts';
import { Decimal } from '../../../lib/money/decimal.ts';
import * as fixtures from '../../support/fixtures.ts';
import { ids, invoiceIn, newClient, smallest } from './client.ts';

const cents = (money: { amount: string } | null) => Decimal.of(money?.amount ?? 0).toMinorUnits(2);
const total = (amounts: number[]) => amounts.reduce((sum, amount) => sum + amount, 0);

const price = fc.integer({ min: -500_000, max: 500_000 }).map((amount) => (amount / 1000).toFixed(3));
const discount = fc.oneof(
  fc.constant({}),
  fc.integer({ min: 0, max: 9_999 }).map((amount) => ({ discountAmount: (amount / 100).toFixed(2) })),
  fc.integer({ min: 1, max: 9_999 }).map((share) => ({ discountPercentage: share / 100 })),
);
const plain = fc
  .record({
    unitPrice: price,
    quantity: fc.integer({ min: -5_000, max: 5_000 }).map((amount) => amount / 100),
    taxGroupId: fc.constantFrom(null, ids.standard, ids.reduced, ids.exempt),
    currencyCode: fc.constantFrom(null, 'EUR', 'USD', 'CHF'),
    position: fc.constantFrom(null, 0, 1, 2, 7),
  })
  .chain((item) => discount.map((less) => ({ ...smallest, ...item, ...less })));
const item = fc.tuple(plain, fc.array(plain, { maxLength: 3 })).map(([one, children]) => ({ ...one, children }));

it('positions add up to the invoice, which comes to the same in both views', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 5 }), async (items) => {
      const client = newClient();
      const id = await client.draft();
      for (const one of items) invoiceIn(await client.add(id, one));
      const invoice = invoiceIn(await client.invoice(id));
      InvoiceResource.parse(invoice);
      const { positions } = invoice;
      expect(positions).toHaveLength(1 + items.length + total(items.map(({ children }) => children.length)));
      expect(total(positions.map((one) => cents(one.taxAmount)))).toBe(cents(invoice.taxAmount));
      expect(total(positions.map((one) => cents(one.grossAmount)))).toBe(cents(invoice.grossAmount));
      expect(total(positions.map((one) => cents(one.discountAmount)))).toBe(cents(invoice.discountAmount));
      expect(total(positions.map((one) => cents(one.netAmount) - cents(one.discountAmount)))).toBe(
        cents(invoice.netAmount),
      );

      const { data } = JSON.parse((await client.native('GET', '/invoices/{id}', { id })).body);
      const { totals, items: lines } = data.ubl_json;
      expect([totals.tax_exclusive_amount, totals.tax_amount, totals.tax_inclusive_amount, data.amount]).toEqual(
        [invoice.netAmount, invoice.taxAmount, invoice.grossAmount, invoice.unpaidAmount].map(cents),
      );
      expect(lines.every((line: { price: number }) => line.price >= 0)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

it('shows what the native API made: allowances, charges, prices for several, notes, a reference for the authorities', async () => {
  const client = newClient();
  const id = await client.draft({
    header: {
      issue_date: '2026-01-15',
      due_date: '2026-02-15',
      notes: ['One', 'Two'],
      document_type: 'xrechnung_ubl_invoice',
      buyer_reference: '04011000-12345-03',
    },
    payment: { terms: '30 days' },
    items: [
      { name: 'A', price: 1_000, quantity: 3, tax_rate: 19, allowances: [{ amount: 500 }], charges: [{ amount: 100 }] },
      { name: 'B', price: 100, base_quantity: 3, quantity: 1, tax_rate: 19, period: { start_date: '2026-01-02' } },
      { name: 'C', price: 100, base_quantity: 8, quantity: 8, tax_rate: 7 },
    ],
    allowances: [{ amount: 200 }],
  });
  const invoice = invoiceIn(await client.invoice(id));
  InvoiceResource.parse(invoice);
  expect(invoice).toMatchObject({
    introduction: 'One\nTwo',
    closing: '30 days',
    eInvoiceType: 'xrechnung',
    leitwegId: '04011000-12345-03',
    discountAmount: { amount: '7.00' },
    serviceDateFrom: '2026-01-02',
  });
  const shown = invoice.positions.map(({ netAmount, discountAmount, unitPrice }) => [
    netAmount.amount,
    discountAmount.amount,
    unitPrice?.amount,
  ]);
  expect(shown).toEqual([
    ['31.00', '5.00', '10.00'],
    ['0.33', '0.00', undefined],
    ['1.00', '0.00', '0.125'],
  ]);
});

it('forgets what it knew of a line that another contract has changed, and keeps other contracts’ extras', async () => {
  const client = newClient();
  const id = await client.draft({ payment: { means_code: '58' } });
  const given = { ...smallest, product: ids.licence, discountPercentage: 10, group: { name: 'G' } };
  const { positions } = invoiceIn(await client.add(id, given));
  const { extras } = [...client.memory.invoices.values()][0] ?? {};
  expect(Object.keys(extras ?? {}).sort()).toEqual(['positions', 'singlePayment']);

  const read = JSON.parse((await client.native('GET', '/invoices/{id}', { id })).body).data.ubl_json.items;
  const patch = (items: object[]) => client.native('PATCH', '/invoices/{id}', { id }, { items });
  const clean = read.map(({ line_amount: _, ...line }: { line_amount: number }) => line);
  expect((await patch(clean)).status).toBe(200);
  expect(invoiceIn(await client.invoice(id)).positions).toEqual(positions);

  await patch([clean[0], { ...clean[1], price: 1_000 }]);
  expect(invoiceIn(await client.invoice(id)).positions[1]).toMatchObject({
    id: positions[1]?.id,
    unitPrice: { amount: '10.00' },
    netAmount: { amount: '10.00' },
    discountPercentage: null,
    product: null,
    group: null,
  });
});

/** A draft as some other contract might make it. */
async function other(document: Partial<InvoiceDocument>) {
  const client = newClient();
  const draft = { document: { ...fixtures.document, ...document } };
  const made = await client.invoices.create(fixtures.caller, draft, { render: ({ id }) => answer(201, { id }) });
  const { id } = JSON.parse(made.body);
  return { client, id, invoice: invoiceIn(await client.invoice(id)) };
}

const [line] = fixtures.document.lines as [InvoiceDocument['lines'][number]];

it('shows prices with tax, fixed taxes and discounts of the whole document so that they add up', async () => {
  const { invoice } = await other({
    lines: [
      { ...line, id: 'a', price: '119', priceIncludesTax: true, allowances: [{ amount: 1_190 }] },
      { ...line, id: 'b', fixedTax: 500 },
      { ...line, id: 'c', taxRate: '7' },
    ],
    allowances: [{ amount: 1_000 }],
  });
  const shown = invoice.positions.map((one) => [
    one.netAmount.amount,
    one.discountAmount.amount,
    one.taxAmount.amount,
    one.unitPrice?.amount,
  ]);
  // 19 % of 90.00 and 7 % of 100.00, less what falls on their parts of the document's allowance of 10.00.
  expect(shown).toEqual([
    ['90.00', '0.00', '17.10', undefined],
    ['100.00', '0.00', '5.00', '100.00'],
    ['100.00', '0.00', '7.00', '100.00'],
  ]);
  expect(invoice).toMatchObject({ netAmount: { amount: '280.00' }, discountAmount: { amount: '10.00' } });
  expect(invoice.taxAmount.amount).toBe('28.27');
});

it('shows amounts that cancel out at the end of the range', async () => {
  const most = '90071992547409.91';
  const { invoice } = await other({
    lines: [
      { ...line, id: '1', price: most, taxRate: '200' },
      { ...line, id: '2', price: most, quantity: '-1', taxRate: '200' },
      { ...line, id: '3', price: '0.01', taxRate: '200' },
    ],
  });
  expect(invoice.positions.map(({ taxAmount }) => taxAmount.amount)).toEqual(['0.02', '0.00', '0.00']);
});

it('does not credit a credit note', async () => {
  const { client, id } = await other({ typeCode: '381' });
  await client.native('POST', '/invoices/{id}/finalize', { id });
  const { type, status, positions } = invoiceIn(await client.invoice(id));
  expect([type, status, positions[0]?.isCreditable]).toEqual(['TYPE_CREDIT', 'STATUS_UNPAID', false]);
});

it('keeps a period that says more than days, and forgets a customer who is not the buyer any more', async () => {
  const identifiers = [{ value: ids.customer }];
  const { client, id } = await other({ period: { description: '35' }, buyer: { name: 'K', identifiers } });
  const dated = await client.add(id, { ...smallest, serviceDateFrom: '2026-03-01' });
  expect(invoiceIn(dated).customer.id).toBe(ids.customer);
  const { data } = JSON.parse((await client.native('GET', '/invoices/{id}', { id })).body);
  expect(data.ubl_json.header.invoice_period).toEqual({ description: '35' });
  await client.native('PATCH', '/invoices/{id}', { id }, { buyer: { name: 'Other', identifiers: [{ value: 'x' }] } });
  expect(invoiceIn(await client.invoice(id)).customer).toMatchObject({ id: null, companyName: 'Other' });
});

it('tells reminders by level, status and day, and whether there will be more', async () => {
  const client = newClient();
  const levels = [7, 14, 21].map((after) => ({ name: `After ${after} days`, after, fee: 500 }));
  client.memory.tenants.set(fixtures.tenant.id, { ...fixtures.tenant, dunning: levels });
  const id = await client.draft({ header: { issue_date: '2026-01-15', due_date: '2026-01-21' } });
  await client.native('POST', '/invoices/{id}/finalize', { id });
  const told = async () => {
    const shown = invoiceIn(await client.invoice(id));
    return [shown.status, shown.dunningLevel, shown.dunningStatus, shown.lastReminderDate, shown.dunningDisabled];
  };
  expect(await told()).toEqual(['STATUS_UNPAID', 0, 'none', null, false]);
  const remindedIn = async (days: number) => {
    client.passDays(days);
    await client.invoices.dunning.run();
    return told();
  };
  expect(await remindedIn(8)).toEqual(['STATUS_REMINDED', 1, 'reminder', '2026-01-28T12:00:00.000Z', false]);
  expect(await remindedIn(7)).toEqual(['STATUS_REMINDED', 2, 'dunning', '2026-02-04T12:00:00.000Z', false]);
  expect(await remindedIn(7)).toEqual(['STATUS_REMINDED', 3, 'dunning', '2026-02-11T12:00:00.000Z', false]);

  await client.native('PATCH', '/invoices/{id}/dunning', { id }, { paused: true });
  expect(await told()).toEqual(['STATUS_REMINDED', 3, 'dunning', '2026-02-11T12:00:00.000Z', true]);
  await client.native(
    'POST',
    '/invoices/{id}/payments',
    { id },
    { amount: Number(invoiceIn(await client.invoice(id)).unpaidAmount.amount.replace('.', '')), paid_on: '2026-02-11' },
  );
  expect((await told())[0]).toBe('STATUS_PAID');
});
