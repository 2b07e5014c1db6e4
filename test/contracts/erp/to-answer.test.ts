/** What an invoice looks like through the page, whichever contract it came by and whatever became of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toParty } from '../../../lib/contracts/erp/buyer.ts';
import { dueDate } from '../../../lib/contracts/erp/due-date.ts';
import { InvoiceAnswer } from '../../../lib/contracts/erp/invoice-answer.ts';
import { numberParts } from '../../../lib/contracts/erp/number-parts.ts';
import { toAnswer } from '../../../lib/contracts/erp/to-answer.ts';
import { calculate } from '../../../lib/invoice/calculate.ts';
import type { InvoiceDocument } from '../../../lib/invoice/document.ts';
import { invoiceId } from '../../../lib/invoice/identity.ts';
import type { Invoice } from '../../../lib/invoice/model.ts';
import { minorUnitDigits } from '../../../lib/money/currency.ts';
import { Decimal } from '../../../lib/money/decimal.ts';
import { arbitraryDocument } from '../../invoice/arbitrary.ts';
import { invoice as documentOf, line } from '../../invoice/documents.ts';
import { caller, entity, tenant } from '../../support/fixtures.ts';
import { newClient, smallest, told, withItems } from './client.ts';

const scope = { tenant: tenant.id, mode: 'live' as const };

/** An issued invoice of another contract. */
const invoiceOf = (document: InvoiceDocument, more: Partial<Invoice> = {}): Invoice => ({
  scope,
  id: invoiceId(scope, 7),
  contract: 'invoices',
  createdAt: '2026-03-01T09:00:00.000Z',
  createdBy: 'key',
  businessEntityId: entity.id,
  version: 3,
  state: 'issued',
  updatedAt: '2026-03-04T09:00:00.000Z',
  number: 'INV-2026-00042',
  place: { name: 'INV', period: '2026', ordinal: 42 },
  finalizingAt: '2026-03-02T08:00:00.000Z',
  issuedAt: '2026-03-02T08:00:01.234Z',
  paid: 0,
  credited: 0,
  facts: {},
  document,
  figures: calculate(document),
  warnings: [],
  extras: {},
  ...more,
});

describe('an invoice of another contract', () => {
  it('is told from its document alone', () => {
    const document = documentOf({ notes: ['Danke', 'Bis bald'], paymentTerms: '14 Tage', purchaseOrder: 'PO-9' });
    const { items, buyer, ...answer } = toAnswer(invoiceOf(document), tenant);
    expect(answer).toMatchObject({
      ...{ id: 7, token: null, number: 42, manual_number_prefix: 'INV-2026-000', number_string: 'INV-2026-00042' },
      ...{ generation_date: '2026-03-01T09:00:00Z', number_date: '2026-03-02T08:00:01Z', message: 'Danke\nBis bald' },
      ...{ name: 'INV-2026-00042', due_date: '2026-03-16T00:00:00Z', netto_value: 100, tax_value: 19 },
      ...{ brutto_value: 119, tax: { name: '19 %', value: 0.19 }, status: 'open', previous_status: 'draft' },
      ...{ search_string: 'INV-2026-00042 Atelier du Canal SARL PO-9', accounting_type: null },
      ...{ payment_goal: { name: '14 Tage' }, payment_date: null },
    });
    expect(items).toEqual([
      {
        ...{ name: 'Repair of a bicycle', unit: 'C62', quantity: 1, price: 100, price_is_brutto: false },
        ...{ description: null, sku: null, barcode: null, item_type: null, netto_value: 100, brutto_value: 119 },
        ...{ tax_value: 19, tax: { name: '19 %', value: 0.19 }, accounting_software_number: null },
      },
    ]);
    expect(buyer).toMatchObject({ name: 'Atelier du Canal SARL', address_street: '8 quai du Canal', number: null });
  });

  it('is read through this contract with the figures that its own has', async () => {
    const { native, find } = newClient();
    const body = {
      calculate_totals: true,
      header: { issue_date: '2026-01-15' },
      buyer: { name: 'Käufer AG' },
      items: [
        { name: 'a', price: 999, quantity: 3, tax_rate: 19, allowances: [{ amount: 100 }] },
        { name: 'b', price: 333, quantity: 1, base_quantity: 12, tax_rate: 7 },
      ],
      allowances: [{ reason: 'Treue', amount: 250 }],
      charges: [{ reason: 'Versand', amount: 490, tax_rate: 19 }],
    };
    const created = JSON.parse((await native('POST /invoices', { body })).body).data;
    const { totals } = created.ubl_json;
    const answer = told(await find(1));
    expect(answer).toMatchObject({
      ...{ number: null, number_string: null, number_date: null, manual_number_prefix: null },
      ...{ status: 'draft', previous_status: '', due_date: null, accounting_type: null },
      netto_value: totals.tax_exclusive_amount / 100,
      tax_value: totals.tax_amount / 100,
      brutto_value: totals.payable_amount / 100,
    });
    expect(answer.items.map(({ name, price }) => [name, price])).toEqual([
      ['a', 9.99],
      ['b', 0.2775],
      ['Versand', 4.9],
      ['Treue', -2.5],
    ]);
  });

  it('adds up, whatever it has', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        const answer = toAnswer(invoiceOf(document), tenant);
        InvoiceAnswer.parse(answer);
        const { totals } = calculate(document);
        const digits = minorUnitDigits(document.currency) ?? 0;
        const minor = (amount: number) => Decimal.of(String(amount)).toMinorUnits(digits);
        const total = (member: 'netto_value' | 'tax_value' | 'brutto_value') =>
          answer.items.reduce((sum, item) => sum + minor(item[member]), 0);
        expect([total('netto_value'), minor(answer.netto_value)]).toEqual(Array(2).fill(totals.taxExclusive));
        expect([total('tax_value'), minor(answer.tax_value)]).toEqual(Array(2).fill(totals.tax));
        const gross = totals.payable + totals.prepaid;
        expect([total('brutto_value'), minor(answer.brutto_value)]).toEqual(Array(2).fill(gross));
        for (const item of answer.items.filter(
          ({ price_is_brutto, name }) => !price_is_brutto && name !== 'Rounding',
        )) {
          expect(minor(item.netto_value) + minor(item.tax_value)).toBe(minor(item.brutto_value));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps gross prices as they were promised, and shows fixed taxes without a rate', () => {
    const gross = line({ price: '9.99', quantity: '3', priceIncludesTax: true });
    const document = documentOf({
      lines: [gross, line({ id: '2' }), line({ id: '3', fixedTax: 5 })],
      roundingAmount: 3,
    });
    const { items, tax } = toAnswer(invoiceOf(document), tenant);
    expect(items.map((item) => [item.netto_value, item.tax_value, item.brutto_value, item.tax?.value])).toEqual([
      [25.18, 4.78, 29.97, 0.19],
      [100, 19, 119, 0.19],
      [100, 0.05, 100.05, undefined],
      [0, 0, 0.03, undefined],
    ]);
    expect(tax).toEqual({});
  });

  it('gives a discount on the whole its own part of the tax', () => {
    const document = documentOf({
      lines: [line(), line({ id: '2', taxRate: '7', price: '119', priceIncludesTax: true })],
      allowances: [{ reason: 'Treue', percentage: '10' }],
    });
    const { items } = toAnswer(invoiceOf(document), tenant);
    expect(
      items.map(({ name, netto_value, tax_value, brutto_value }) => [name, netto_value, tax_value, brutto_value]),
    ).toEqual([
      ['Repair of a bicycle', 100, 19, 119],
      ['Repair of a bicycle', 111.21, 7.78, 119],
      ['Treue', -21.12, -2.67, -23.79],
    ]);
  });

  it('tells days as moments that fall on them wherever the issuer is', () => {
    const document = documentOf({ issueDate: '2026-03-01', dueDate: '2026-03-16' });
    const days = (timeZone: string) => {
      const { number_date, due_date } = toAnswer(invoiceOf(document), { ...tenant, timeZone });
      return [number_date, due_date];
    };
    expect(days('Europe/Berlin')).toEqual(['2026-03-01T00:00:00Z', '2026-03-16T00:00:00Z']);
    expect(days('America/New_York')).toEqual(['2026-03-01T05:00:00Z', '2026-03-16T04:00:00Z']);
  });
});

describe('the life of an invoice', () => {
  const partly = { paidOn: '2026-03-05', at: '2026-03-05T10:00:00.000Z', by: 'key' };
  const cancellation = { reason: 'Doppelt', at: '2026-03-06T10:00:00.000Z', by: 'key' };
  const corrections = [{ id: 'x', kind: 'cancellation' as const, amount: 11_900 }];
  const status = (more: Partial<Invoice>) => {
    const answer = toAnswer(invoiceOf(documentOf(), more), tenant);
    const { previous_status, status_updated, payment_date, cancel_date, cancel_text } = answer;
    return [answer.status, previous_status, status_updated, payment_date, cancel_date, cancel_text];
  };

  it.each<[string, Partial<Invoice>, (string | null)[]]>([
    ['a draft', { state: 'draft', issuedAt: undefined }, ['draft', '', '2026-03-01T09:00:00Z', null, null, null]],
    ['issued', {}, ['open', 'draft', '2026-03-02T08:00:01Z', null, null, null]],
    ['issued at once', { contract: 'erp' }, ['open', '', '2026-03-02T08:00:01Z', null, null, null]],
    [
      'paid',
      { paid: 11_900, facts: { lastPayment: partly } },
      ['paid', 'open', '2026-03-05T10:00:00Z', '2026-03-05T10:00:00Z', null, null],
    ],
    [
      'paid in part',
      { paid: 1, facts: { lastPayment: partly } },
      ['open', 'draft', '2026-03-02T08:00:01Z', null, null, null],
    ],
    [
      'paid no more',
      { paid: 1, facts: { lastPayment: partly, reopenedAt: '2026-03-07T10:00:00.000Z' } },
      ['open', 'paid', '2026-03-07T10:00:00Z', null, null, null],
    ],
    ['credited', { credited: 11_900 }, ['paid', 'open', '2026-03-04T09:00:00Z', null, null, null]],
    [
      'cancelled',
      { state: 'cancelled', credited: 11_900, facts: { cancellation, corrections } },
      ['cancelled', 'open', '2026-03-06T10:00:00Z', null, '2026-03-06T10:00:00Z', 'Doppelt'],
    ],
    [
      'cancelled when paid',
      { state: 'cancelled', paid: 11_900, credited: 11_900, facts: { cancellation, corrections, lastPayment: partly } },
      ['cancelled', 'paid', '2026-03-06T10:00:00Z', null, '2026-03-06T10:00:00Z', 'Doppelt'],
    ],
    [
      'cancelled as a draft',
      { state: 'cancelled', issuedAt: undefined, facts: { cancellation } },
      ['cancelled', 'draft', '2026-03-06T10:00:00Z', null, '2026-03-06T10:00:00Z', 'Doppelt'],
    ],
  ])('%s', (_, more, expected) => expect(status(more)).toEqual(expected));

  it('goes on through other contracts', async () => {
    const { create, find, native } = newClient();
    const type = { name: 'Rechnung', cancelled_name: 'Storniert', type: 'invoice' };
    const { id, token } = told(await create({ invoice: { ...withItems({}).invoice, accounting_type: type } }));
    const uuid = invoiceId(scope, id);
    await native('POST /invoices/{id}/cancel', { params: { id: uuid }, body: { reason: 'Doppelt' } });
    expect(told(await find(id))).toMatchObject({
      ...{ status: 'cancelled', cancel_text: 'Doppelt', name: 'Storniert INV-2026-00001', token },
    });
    // The credit note has what it takes back from the core, and nothing that only described the invoice.
    expect(told(await find(id + 1))).toMatchObject({
      ...{ token: null, accounting_type: null, name: 'CN-2026-00001', linked_number: 'INV-2026-00001' },
      ...{ status: 'open', previous_status: '', brutto_value: 1, items: [{ name: 'Ware', netto_value: 1 }] },
    });
  });
});

describe('an invoice of this contract', () => {
  it('is final and numbered, and reads the same through the native contract', async () => {
    const { create, native } = newClient();
    const items = [
      { price: 9.99, price_is_brutto: true, quantity: 3, tax: { name: 'USt', value: 0.19 } },
      { price: 0.335, quantity: 7, tax: { name: 'USt', value: 0.07 } },
    ];
    const answer = told(await create(withItems(...items)));
    const params = { id: invoiceId(scope, answer.id) };
    const { data } = JSON.parse((await native('GET /invoices/{id}', { params })).body);
    expect(data).toMatchObject({ state: 'approved', ubl_json: { header: { invoice_number: answer.number_string } } });
    const { totals } = data.ubl_json;
    expect([totals.tax_exclusive_amount, totals.tax_amount, data.amount]).toEqual(
      [answer.netto_value, answer.tax_value, answer.brutto_value].map((value) => Math.round(value * 100)),
    );
  });

  it('can be sent again as it came back, and makes the same', async () => {
    const { create } = newClient();
    const buyer = {
      payment_owner: 'Max',
      address_street: 'Ring',
      address_house_number: '1',
      vat: 'ATU1',
      more: [1, {}],
    };
    const first = told(
      await create({ invoice: { ...withItems({ unit: 'Stk' }, { tax: { name: 'x', value: 0.07 } }).invoice, buyer } }),
    );
    expect(first.buyer).toMatchObject({ ...buyer, name: 'Max' });
    const again = told(await create({ invoice: first }));
    const lasting = ({ netto_value, brutto_value, tax_value, items, buyer, accounting_type }: InvoiceAnswer) => ({
      ...{ netto_value, brutto_value, tax_value, items, buyer, accounting_type },
    });
    expect(lasting(again)).toEqual(lasting(first));
  });

  it.each([
    ['another spelling', '01'],
    ['its UUID', invoiceId(scope, 1)],
    ['a text', 'one'],
    ['nothing', '0'],
    ['too large', '281474976710656'],
    ['unknown', '99'],
  ])('is not found by %s', async (_, id) => {
    const { create, find } = newClient();
    await create(smallest);
    expect((await find('1')).status).toBe(200);
    expect((await find(id)).status).toBe(404);
  });
});

describe('number', () => {
  const parts = (number: string | undefined, ordinal?: number) => {
    const place = ordinal === undefined ? undefined : { name: 'x', period: 'all', ordinal };
    const told = numberParts({ ...(number !== undefined && { number }), ...(place && { place }) });
    return [told.manual_number_prefix, told.number, told.manual_number];
  };
  it.each<[string | undefined, number | undefined, unknown[]]>([
    [undefined, undefined, [null, null, null]],
    ['INV-2026-00042', 42, ['INV-2026-000', 42, null]],
    ['R202642', 42, ['R2026', 42, null]],
    ['42/2026', 42, [null, 42, null]],
    ['R-007', undefined, ['R-00', 7, 7]],
    ['100', undefined, ['', 100, 100]],
    ['R-0', undefined, ['R-', 0, 0]],
    ['R', undefined, [null, null, null]],
    ['R-99999999999999999', undefined, [null, null, null]],
  ])('%s with the ordinal %s', (number, ordinal, expected) => expect(parts(number, ordinal)).toEqual(expected));

  it('is the text before it and the integer, put together', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.nat(), (before, integer) => {
        const { manual_number_prefix, number, number_string } = numberParts({ number: `${before}${integer}` });
        if (number !== null) expect(`${manual_number_prefix}${number}`).toBe(number_string);
      }),
    );
  });
});

describe('dueDate', () => {
  it.each([
    ['2026-01-20', '+14 days', '2026-02-03'],
    ['2026-01-20', '+1 day', '2026-01-21'],
    ['2026-01-20', ' + 2 WEEKS ', '2026-02-03'],
    ['2026-01-31', '+1 month', '2026-02-28'],
    ['2024-01-31', '+1 months', '2024-02-29'],
    ['2026-11-30', '+3 months', '2027-02-28'],
    ['2026-01-20', '+0 days', '2026-01-20'],
    ['2026-01-20', '+9999 months', '2859-04-20'],
    ['2026-01-20', '+99999 days', '2026-02-03'],
    ['2026-01-20', '-3 days', '2026-02-03'],
    ['2026-01-20', 'last day of next month', '2026-02-03'],
    ['2026-01-20', '', '2026-02-03'],
    ['2026-01-20', null, '2026-02-03'],
    ['2026-01-20', undefined, '2026-02-03'],
  ])('%s %s is %s', (day, relative, due) => expect(dueDate(day, relative)).toBe(due));
});

describe('the name of the buyer', () => {
  it.each([
    [{ name: 'A', payment_owner: 'B', address: 'C', number: 'D' }, 'A', 'C'],
    [{ name: ' ', payment_owner: 'B', address: 'C', number: 'D' }, 'B', 'C'],
    [{ address: 'C\r\nRing 1\nHof', number: 'D' }, 'C', 'Ring 1, Hof'],
    [{ address: 'C', number: 'D' }, 'C', undefined],
    [{ number: 'D', address_street: 'Ring', address_house_number: '1' }, 'D', 'Ring 1'],
    [{}, undefined, undefined],
  ])('of %j is %s', (buyer, name, street) => {
    expect(toParty(buyer).name).toBe(name);
    expect(toParty(buyer).address?.street).toBe(street);
  });

  it('has a country only by its code', () => {
    expect(toParty({ address_country: 'at' }).address).toEqual({ country: 'AT' });
    expect(toParty({ address_country: 'Österreich' }).address).toBeUndefined();
  });
});

describe('the tax', () => {
  it('becomes a percentage exactly, and a fraction again', async () => {
    const { create, native } = newClient();
    const fractions = [0.07, 0.19, 0.055, 0.081, 0.285, 0.0000001, 0.123456789012345, 1];
    for (const [index, value] of fractions.entries()) {
      const answer = told(await create(withItems({ tax: { name: 'x', value } })));
      expect(answer.items[0]?.tax?.value).toBe(value);
      const params = { id: invoiceId(caller, index + 1) };
      const { data } = JSON.parse((await native('GET /invoices/{id}', { params })).body);
      expect(data.ubl_json.items[0].tax_rate).toBe(Number(String(Decimal.of(value).times(Decimal.of(100)))));
    }
  });
});
