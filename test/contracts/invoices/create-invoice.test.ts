import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CreateInvoice } from '../../../lib/contracts/invoices/create-invoice.ts';
import { leaves } from '../../support/schema.ts';
import { errorBody, newClient, smallest } from './client.ts';

type Path = (string | number)[];

/** A body in which one member has a value; what stands around it is what its place asks for. */
function bodyWith(dots: string, value: unknown): unknown {
  const path = pathOf(dots);
  const [top, ...rest] = path;
  const base: Record<string, unknown> = structuredClone(smallest);
  const place = (within: unknown, [step, ...deeper]: Path): unknown => {
    if (step === undefined) return value;
    if (typeof step === 'number') return [place((within as unknown[])?.[0] ?? {}, deeper)];
    return { ...(within as object), [step]: place((within as Record<string, unknown>)?.[step], deeper) };
  };
  return { ...base, [top as string]: place(base[top as string], rest) };
}

/** `items[].name` as `items`, 0, `name`. */
const pathOf = (dots: string): Path =>
  dots.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), 0] : [step]));

const fieldOf = (dots: string) => pathOf(dots).join('.');

const faultsOf = (body: unknown): string[] => {
  const result = CreateInvoice.safeParse(body);
  return result.success ? [] : result.error.issues.map(({ path }) => path.join('.'));
};

const upTo = (longest: number, ...paths: string[]) => paths.map((path) => [path, longest] as const);
const under = (parents: string[], ...members: string[]) =>
  parents.flatMap((parent) => members.map((member) => `${parent}.${member}`));

const parties = ['seller', 'buyer'];
const addresses = ['seller.address', 'buyer.address', 'delivery.address'];
const companies = ['seller.company_id', 'buyer.company_id', 'payee.company_id'];
const identifiers = [...companies, ...under(parties, 'endpoint_id', 'identifiers[]', 'tax_registration_id')];
const means = ['payment', 'payment.payments[]'];
const accounts = ['payment.bank_account', 'payment.payments[].bank_accounts[]'];
const entries = ['allowances[]', 'charges[]', 'items[].allowances[]', 'items[].charges[]'];
const taxed = ['allowances[]', 'charges[]', 'items[]'];

const required = ['buyer.name', 'items[].name'];

/** Every published limit on the length of a text. */
const longest = [
  ...upTo(500, 'header.specification', 'header.business_process', 'attachments[].external_reference'),
  ...upTo(
    255,
    'external_reference',
    ...required,
    ...under(['header'], 'invoice_number', 'accounting_cost', 'buyer_reference', 'project_reference'),
    ...under(['header'], 'contract_reference', 'tender_or_lot_reference', 'invoice_period.description'),
    ...under(identifiers, 'value'),
    ...under(parties, 'legal_name', 'trading_name', 'contact.name'),
    'seller.name',
    ...under(addresses, 'street', 'additional_line', 'city', 'subdivision'),
    'payee.name',
    ...under(means, 'means_text', 'payment_id', 'card.holder_name'),
    ...under(means, 'direct_debit.mandate_id', 'direct_debit.debited_account'),
    ...under(accounts, 'account_name'),
    ...under(['delivery'], 'location_id', 'party_name'),
    ...under(['references'], 'purchase_order', 'sales_order', 'preceding_invoices[].number'),
    ...under(taxed, 'tax_exemption_reason'),
    ...under(['items[]'], 'order_line_reference', 'accounting_cost', 'identifiers.standard.value'),
    ...under(['items[]'], 'identifiers.sellers_item_id', 'identifiers.buyers_item_id'),
    ...under(['items[]'], 'classifications[].value', 'attributes[].name', 'attributes[].value'),
    ...under(entries, 'reason'),
    'tax_breakdown[].exemption_reason',
    ...under(['attachments[]'], 'filename', 'description'),
  ),
  ...upTo(100, 'attachments[].mime_type'),
  ...upTo(
    50,
    ...under(parties, 'vat_number', 'contact.phone'),
    ...under(means, 'card.network'),
    ...under(['items[]'], 'id', 'identifiers.standard.scheme', 'classifications[].list_id'),
    'items[].classifications[].list_version',
  ),
  ...upTo(34, ...under(accounts, 'iban')),
  // Ten are published; we accept what official codes need.
  ...upTo(30, ...under(taxed, 'tax_exemption_reason_code'), 'tax_breakdown[].exemption_reason_code'),
  ...upTo(20, ...under(addresses, 'postal_code'), ...under(means, 'card.pan')),
  ...upTo(11, ...under(accounts, 'bic')),
  ...upTo(
    10,
    'header.invoice_type_code',
    ...under(identifiers, 'scheme'),
    ...under(means, 'means_code'),
    'items[].unit_code',
    ...under(taxed, 'tax_category'),
    ...under(entries, 'reason_code'),
    'tax_breakdown[].category_code',
  ),
];

const unlimited = [
  'seller.legal_information',
  'payment.terms',
  'items[].description',
  'items[].note',
  'attachments[].data',
];
const countries = [...under(addresses, 'country'), 'items[].origin_country'];
const currencies = ['header.currency', 'header.vat_currency'];
const emails = under(parties, 'contact.email');
const uuids = ['business_entity_id', 'related_invoice_id'];
const dates = [
  ...under(
    ['header'],
    'issue_date',
    'due_date',
    'tax_point_date',
    'invoice_period.start_date',
    'invoice_period.end_date',
  ),
  ...under(['items[].period'], 'start_date', 'end_date'),
  'delivery.date',
  'references.preceding_invoices[].issue_date',
];
const percentages = [...under(taxed, 'tax_rate'), ...under(entries, 'percentage'), 'tax_breakdown[].rate'];
const numbers = ['items[].quantity', 'items[].base_quantity'];
const integers = [
  'items[].price',
  'header.rounding_amount',
  ...under(['totals'], 'line_extension_amount', 'tax_exclusive_amount', 'tax_inclusive_amount', 'tax_amount'),
  ...under(['totals'], 'allowance_total_amount', 'charge_total_amount', 'paid_amount'),
  ...under(['totals'], 'payable_rounding_amount', 'payable_amount'),
  ...under(entries, 'amount', 'base_amount'),
  ...under(['tax_breakdown[]'], 'taxable_amount', 'tax_amount'),
];
const lists = [
  ...under(parties, 'identifiers'),
  ...['header.notes', 'payment.payments', 'payment.payments[].bank_accounts', 'references.preceding_invoices'],
  ...under(['items[]'], 'classifications', 'attributes', 'allowances', 'charges'),
  ...['allowances', 'charges', 'tax_breakdown', 'attachments'],
];
const objects = [
  ...['header', 'header.invoice_period', 'seller', 'payee', 'payment', 'delivery', 'references', 'totals'],
  ...companies,
  ...under(parties, 'endpoint_id', 'tax_registration_id', 'address', 'contact'),
  ...under(means, 'card', 'direct_debit'),
  ...[
    'payment.bank_account',
    'delivery.address',
    'items[].period',
    'items[].identifiers',
    'items[].identifiers.standard',
  ],
];

const texts = [
  ...longest.map(([path]) => path),
  ...unlimited,
  ...countries,
  ...currencies,
  ...emails,
  ...uuids,
  ...dates,
];
const notNullable = [
  ...required,
  'items[].price',
  'items[].quantity',
  'calculate_totals',
  'header.invoice_number_series',
  'buyer',
  'items',
];
const nullable = [
  ...texts,
  ...percentages,
  ...numbers,
  ...integers,
  ...lists,
  ...objects,
  'header.document_type',
].filter((path) => !notNullable.includes(path));

describe('the body of POST /invoices', () => {
  it.each(longest)('%s may have %i characters, counted as code points, and not one more', (path, limit) => {
    expect(faultsOf(bodyWith(path, 'x'.repeat(limit)))).toEqual([]);
    expect(faultsOf(bodyWith(path, '😀'.repeat(limit)))).toEqual([]);
    expect(faultsOf(bodyWith(path, 'x'.repeat(limit + 1)))).toEqual([fieldOf(path)]);
  });

  it.each(unlimited)('%s may be as long as the body allows', (path) => {
    expect(faultsOf(bodyWith(path, 'x'.repeat(100_000)))).toEqual([]);
  });

  it.each(texts)('%s must be a text', (path) => {
    for (const value of [1, true, {}, []]) expect(faultsOf(bodyWith(path, value))).toEqual([fieldOf(path)]);
  });

  it.each(nullable)('%s may be null', (path) => {
    expect(faultsOf(bodyWith(path, null))).toEqual([]);
  });

  it.each(notNullable)('%s must not be null', (path) => {
    expect(faultsOf(bodyWith(path, null))).toEqual([fieldOf(path)]);
  });

  it.each(countries)('%s has two characters', (path) => {
    expect(faultsOf(bodyWith(path, 'DE'))).toEqual([]);
    for (const value of ['', 'D', 'DEU']) expect(faultsOf(bodyWith(path, value))).toEqual([fieldOf(path)]);
  });

  it.each(currencies)('%s is a currency of ISO 4217 in any letter case', (path) => {
    for (const value of ['EUR', 'jpy', 'Kwd']) expect(faultsOf(bodyWith(path, value))).toEqual([]);
    for (const value of ['', 'EU', 'EURO', 'XXX', 'XAU', '€€€']) {
      expect(faultsOf(bodyWith(path, value))).toEqual([fieldOf(path)]);
    }
  });

  it.each(emails)('%s is an email address of at most 255 characters', (path) => {
    for (const value of ['a@b.eu', 'rechnung@münchen.de', `a@${'b'.repeat(250)}.eu`]) {
      expect(faultsOf(bodyWith(path, value))).toEqual([]);
    }
    for (const value of ['', 'a', 'a@', '@b.eu', 'a b@c.eu', `a@${'b'.repeat(251)}.eu`]) {
      expect(new Set(faultsOf(bodyWith(path, value)))).toEqual(new Set([fieldOf(path)]));
    }
  });

  it.each(uuids)('%s is a UUID', (path) => {
    expect(faultsOf(bodyWith(path, '2b1d7f00-93c4-4e0b-8a11-6c5d4e3f2a1b'))).toEqual([]);
    expect(faultsOf(bodyWith(path, '2B1D7F00-93C4-4E0B-8A11-6C5D4E3F2A1B'))).toEqual([]);
    for (const value of ['', '2b1d7f0093c44e0b8a116c5d4e3f2a1b', '2b1d7f00-93c4-4e0b-8a11-6c5d4e3f2a1g']) {
      expect(faultsOf(bodyWith(path, value))).toEqual([fieldOf(path)]);
    }
  });

  it.each(dates)('%s is a day or a moment with its offset', (path) => {
    const sound = [
      '2024-02-29',
      '2026-12-31T23:59:60Z',
      '2026-03-29t02:30:00z',
      '2026-03-29T02:30:00.123456789+14:00',
      '2026-03-29T02:30:00-00:00',
    ];
    for (const value of sound) expect(faultsOf(bodyWith(path, value)), value).toEqual([]);
    const broken = [
      ...['', 'today', '2026', '2026-1-1', '20260101', '01.01.2026', '2026-01-01 ', '2026-W01-1', '+2026-01-01'],
      ...['2025-02-29', '1900-02-29', '2026-04-31', '2026-00-10', '2026-13-01', '2026-01-00', '0000-01-01'],
      ...[
        '2026-01-01T00:00:00',
        '2026-01-01 00:00:00Z',
        '2026-01-01T00:00Z',
        '2026-01-01T24:00:00Z',
        '2026-02-30T00:00:00Z',
      ],
      ...['2026-01-01T00:60:00Z', '2026-01-01T00:00:61Z', '2026-01-01T00:00:00+24:00', '2026-01-01T00:00:00.Z'],
      ...['9999-12-31T23:59:59Z', '2026-01-01T00:00:00+0100'],
    ];
    for (const value of broken) expect(faultsOf(bodyWith(path, value)), value).toEqual([fieldOf(path)]);
  });

  it.each(percentages)('%s is between 0 and 100', (path) => {
    for (const value of [0, 100, 5.5, 99.9999999999999]) expect(faultsOf(bodyWith(path, value))).toEqual([]);
    for (const value of [-0.01, 100.01, '19', 19.00000000000001]) {
      expect(faultsOf(bodyWith(path, value))).toEqual([fieldOf(path)]);
    }
  });

  it.each(numbers)('%s has at most 15 significant digits', (path) => {
    for (const value of [-1, 0.001, 123456789.012345, 1e20]) expect(faultsOf(bodyWith(path, value))).toEqual([]);
    for (const value of [0.1 + 0.2, 1e31, 1e-31, '1', Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(faultsOf(bodyWith(path, value))).toEqual([fieldOf(path)]);
    }
  });

  it('takes a quantity of 0 but no base quantity of 0', () => {
    expect(faultsOf(bodyWith('items[].quantity', 0))).toEqual([]);
    expect(faultsOf(bodyWith('items[].base_quantity', 0))).toEqual(['items.0.base_quantity']);
  });

  it.each(integers)('%s is an integer that a double holds exactly', (path) => {
    for (const value of [0, -1, Number.MAX_SAFE_INTEGER]) expect(faultsOf(bodyWith(path, value))).toEqual([]);
    for (const value of [0.5, 2 ** 53, '1', true]) expect(faultsOf(bodyWith(path, value))).toEqual([fieldOf(path)]);
  });

  it.each(lists)('%s is a list', (path) => {
    for (const value of [{}, 'x', 1]) expect(faultsOf(bodyWith(path, value))).toEqual([fieldOf(path)]);
    expect(faultsOf(bodyWith(path, []))).toEqual([]);
  });

  it.each([...objects, 'buyer'])('%s is an object', (path) => {
    for (const value of [[], 'x', 1]) expect(faultsOf(bodyWith(path, value))).toEqual([fieldOf(path)]);
  });

  it('needs a buyer with a name and at least one item, and nothing else', () => {
    expect(faultsOf(smallest)).toEqual([]);
    expect(faultsOf({})).toEqual(['buyer', 'items']);
    expect(faultsOf({ buyer: {}, items: [] })).toEqual(['buyer.name', 'items']);
    expect(faultsOf({ ...smallest, items: [{}] })).toEqual(['items.0.name', 'items.0.price', 'items.0.quantity']);
  });

  it('holds a document type against the type code', () => {
    const header = (document_type: string, invoice_type_code?: string) =>
      faultsOf({ ...smallest, header: { document_type, invoice_type_code } });
    expect(header('xrechnung_cii_invoice', '380')).toEqual([]);
    expect(header('credit_note', '381')).toEqual([]);
    expect(header('credit_note')).toEqual([]);
    expect(header('credit_note', '380')).toEqual(['header.invoice_type_code']);
    expect(header('nlcius_invoice', '381')).toEqual(['header.invoice_type_code']);
    expect(header('letter')).toEqual(['header.document_type']);
  });

  it('knows no field that is not tried here', () => {
    const tried = new Set([
      ...texts,
      ...percentages,
      ...numbers,
      ...integers,
      ...lists,
      ...objects,
      ...notNullable,
      'header.document_type',
    ]);
    const untried = leaves(z.toJSONSchema(CreateInvoice, { io: 'input' })).filter((path) => !tried.has(path));
    expect(untried).toEqual([]);
    expect(tried.size).toBeGreaterThan(200);
  });

  it('never breaks on whatever JSON comes', async () => {
    const { create } = newClient();
    const members = fc.constantFrom(
      'buyer',
      'items',
      'header',
      'seller',
      'totals',
      'payment',
      'calculate_totals',
      'allowances',
    );
    const hostile = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(members, fc.jsonValue()).map((body) => ({ ...smallest, ...body })),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (body) => {
        const { status } = await create(JSON.parse(JSON.stringify(body)));
        expect([201, 422]).toContain(status);
      }),
      { numRuns: 300 },
    );
  });

  it('answers also when there is more wrong than can be gathered', async () => {
    const { create } = newClient();
    const wrong = Array(99_000).fill({});
    for (const body of [
      { ...smallest, items: wrong },
      { ...smallest, header: { notes: wrong } },
    ]) {
      const refused = await create(body);
      expect(refused.status).toBe(422);
      expect(errorBody(refused).faults?.length).toBeGreaterThan(0);
    }
  });

  it('names all faults of a body at once, in words', async () => {
    const body = {
      calculate_totals: null,
      buyer: { name: 'x'.repeat(256) },
      items: [{ price: 1.5, quantity: '1', tax_rate: 101 }],
    };
    const { errors, code, faults, message } = errorBody(await newClient().create(body));
    expect({ code, message }).toEqual({ code: 'validation_failed', message: 'Validation failed' });
    expect(errors).toEqual({
      calculate_totals: ['Must be true or false, not null.'],
      'buyer.name': ['May have at most 255 characters.'],
      'items.0.name': ['This field is required.'],
      'items.0.price': ['Must be a whole number, not a fraction.'],
      'items.0.quantity': ['Must be a number, not a text.'],
      'items.0.tax_rate': ['Must be at most 100.'],
    });
    expect(faults?.at(-1)).toEqual({
      ...{ field: 'items.0.tax_rate', in: 'body', pointer: '/items/0/tax_rate', code: 'too_big' },
      ...{ message: 'Must be at most 100.', expected: 100, given: 101 },
    });
    expect(errorBody(await newClient().create(undefined)).errors).toEqual({ body: ['This field is required.'] });
  });
});
