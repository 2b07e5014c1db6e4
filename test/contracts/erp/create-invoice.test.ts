import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CreateInvoice } from '../../../lib/contracts/erp/create-invoice.ts';
import { leaves } from '../../support/schema.ts';
import { errorBody, newClient, smallest, told, withItems } from './client.ts';

type Path = (string | number)[];

const pathOf = (dots: string): Path =>
  dots.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), 0] : [step]));

/** What an object must have besides the member that is tried. */
const needed: Record<string, unknown> = {
  'invoice.accounting_type': smallest.invoice.accounting_type,
  'invoice.items[]': { name: 'Ware', unit: 'C62', quantity: 1, price: 1 },
  'invoice.items[].tax': { name: 'USt' },
};

/** A body in which one member has a value; what stands around it is what its place asks for. */
function bodyWith(dots: string, value: unknown): unknown {
  const place = (steps: Path, at: string): unknown => {
    const [step, ...deeper] = steps;
    if (step === undefined) return value;
    if (typeof step === 'number') return [place(deeper, `${at}[]`)];
    const inner = at === '' ? step : `${at}.${step}`;
    const base = at === 'invoice' ? smallest.invoice : (needed[at] ?? {});
    return { ...(base as object), [step]: place(deeper, inner) };
  };
  return place(pathOf(dots), '');
}

const faultsOf = (body: unknown): string[] => {
  const result = CreateInvoice.safeParse(body);
  return result.success ? [] : result.error.issues.map(({ path }) => path.join('.'));
};

const under = (parent: string, ...members: string[]) => members.map((member) => `invoice.${parent}.${member}`);

const requiredTexts = [
  ...under('accounting_type', 'name', 'type'),
  ...under('items[]', 'name', 'unit'),
  'invoice.items[].tax.name',
];
const moments = under('buyer', 'payment_mandate_sign_date', 'payment_mandate_valid_until_date');
const texts = [
  ...under('accounting_type', 'cancelled_name'),
  ...under('payment_goal', 'name', 'date_string'),
  ...under('items[]', 'description', 'sku', 'barcode', 'item_type', 'accounting_software_number'),
  ...under('buyer', 'name', 'number', 'accounting_software_number', 'address', 'address_street', 'address_co'),
  ...under('buyer', 'address_house_number', 'address_street_level', 'address_city', 'address_zip'),
  ...under('buyer', 'address_admin_level1', 'address_country', 'address_full_country', 'address_geo_lat'),
  ...under('buyer', 'address_geo_lng', 'address_external_provider_id', 'payment_owner', 'payment_institution'),
  ...under('buyer', 'payment_bic', 'payment_iban', 'payment_mandate'),
];
const integers = ['accounting_type.id', 'payment_goal.id', 'items[].tax.id'].map((path) => `invoice.${path}`);
const flags = [
  ...['accounting_type', 'payment_type', 'payment_goal', 'billing_payment_profile', 'items[].tax'].map(
    (parent) => `invoice.${parent}.deleted`,
  ),
  ...['payment_goal', 'items[].tax'].map((parent) => `invoice.${parent}.global_default`),
  'invoice.items[].price_is_brutto',
];
const requiredNumbers = under('items[]', 'quantity', 'price');
const numbers = under('items[]', 'netto_value', 'brutto_value', 'tax_value');
const objects = ['payment_type', 'payment_goal', 'buyer', 'billing_payment_profile', 'items[].tax'].map(
  (path) => `invoice.${path}`,
);
const fraction = 'invoice.items[].tax.value';
const required = [...requiredTexts, ...requiredNumbers, 'invoice.accounting_type'];
const optional = [...texts, ...moments, ...integers, ...flags, ...numbers, ...objects, fraction, 'invoice.items'];

const refuses = (path: string, ...values: unknown[]) => {
  for (const value of values) expect(faultsOf(bodyWith(path, value)), String(value)).toEqual([pathOf(path).join('.')]);
};
const takes = (path: string, ...values: unknown[]) => {
  for (const value of values) expect(faultsOf(bodyWith(path, value)), String(value)).toEqual([]);
};

describe('the body of POST /api/invoice/invoices', () => {
  it.each([...requiredTexts, ...texts])('%s is a text of any length', (path) => {
    takes(path, '', 'x'.repeat(100_000), '😀');
    refuses(path, 1, true, {}, []);
  });

  it.each(moments)('%s is a moment or a day', (path) => {
    takes(path, '2026-03-29T02:30:00+02:00', '2024-02-29');
    refuses(path, '', 'heute', '2025-02-29', '29.03.2026', 1);
  });

  it.each(integers)('%s is a whole number', (path) => {
    takes(path, 0, -1, Number.MAX_SAFE_INTEGER);
    refuses(path, 0.5, 2 ** 53, '1');
  });

  it.each(flags)('%s is true or false', (path) => {
    takes(path, true, false);
    refuses(path, 0, 'true');
  });

  it.each([...requiredNumbers, ...numbers])('%s is a number of at most 15 significant digits', (path) => {
    takes(path, 0, -1, 0.001, 123456789.012345, 1e20);
    refuses(path, 0.1 + 0.2, 1e31, '1', Number.NaN, Number.POSITIVE_INFINITY);
  });

  it('the tax is a fraction of 0 to 1', () => {
    takes(fraction, 0, 1, 0.19, 0.055, 0.999999999999999);
    refuses(fraction, -0.01, 1.01, 19, '0.19', 0.1 + 0.2);
  });

  it.each(objects)('%s is an object', (path) => {
    const { items: _, ...base } = { items: 0, ...(needed[path] as object) };
    takes(path, path.endsWith('tax') ? { name: 'x' } : base);
    refuses(path, 'x', 1, []);
  });

  it.each(optional)('%s may be left out, or be null', (path) => takes(path, undefined, null));

  it.each(required)('%s must be there', (path) => refuses(path, undefined, null));

  it('has its invoice in an envelope', () => {
    expect(faultsOf({})).toEqual(['invoice']);
    expect(faultsOf(smallest.invoice)).toEqual(['invoice']);
    expect(faultsOf({ invoice: {} })).toEqual(['invoice.accounting_type']);
    expect(faultsOf(smallest)).toEqual([]);
    expect(faultsOf(bodyWith('invoice.items', {}))).toEqual(['invoice.items']);
    expect(faultsOf(bodyWith('invoice.items', [{}]))).toEqual(
      ['name', 'unit', 'quantity', 'price'].map((member) => `invoice.items.0.${member}`),
    );
  });

  it('knows no field that is not tried here', () => {
    const tried = new Set(['invoice', ...required, ...optional]);
    expect(leaves(z.toJSONSchema(CreateInvoice, { io: 'input' })).filter((path) => !tried.has(path))).toEqual([]);
  });

  it('ignores what it does not know, wherever it stands', async () => {
    const { accounting_type } = smallest.invoice;
    const body = { more: 1, invoice: { accounting_type: { ...accounting_type, more: 1 }, currency: 'XXX', status: 7 } };
    const created = await newClient().create(body, { 'iw-build-id': '42', 'iw-package-id': 'web', other: 'x' });
    expect(created.status).toBe(200);
    expect(told(created)).toMatchObject({ currency: 'EUR', status: 'open', accounting_type });
  });

  it('names every fault by its field, at once', async () => {
    const created = await newClient().create(withItems({ unit: null, quantity: 'two', tax: { value: 19 } }));
    expect(created.status).toBe(400);
    expect(errorBody(created)).toEqual({
      code: 400,
      message: 'The request is not valid; errors names each field.',
      errors: {
        'invoice.items.0.unit': ['Must be a text, not null.'],
        'invoice.items.0.quantity': ['Must be a number, not a text.'],
        'invoice.items.0.tax.name': ['This field is required.'],
        'invoice.items.0.tax.value': ['Must be at most 1.'],
      },
    });
    expect(errorBody(await newClient().create(undefined)).errors).toEqual({ body: ['This field is required.'] });
  });

  it.each([
    [[{ price: 1e25 }], 'invoice.items.0.price'],
    [[{ price: 9e13 }, { price: 9e13 }], 'invoice.items'],
    // These cancel out, but what each comes to cannot be told.
    [[1, -1, 1, -1].map((sign, index) => ({ price: 9e13 * sign, price_is_brutto: index % 2 === 0 })), 'invoice.items'],
  ])('refuses what is too large to be exact: %j', async (items, field) => {
    const created = await newClient().create(withItems(...items));
    expect([created.status, Object.keys(errorBody(created).errors ?? {})]).toEqual([400, [field]]);
  });

  it('never breaks on whatever JSON comes', async () => {
    const { create } = newClient();
    const members = fc.constantFrom(
      'items',
      'buyer',
      'payment_goal',
      'payment_type',
      'billing_payment_profile',
      'more',
    );
    const figure = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(1e20, 9e13, -9e13, 0.01, 5e-324));
    const item = fc.record({ price: figure, quantity: figure, price_is_brutto: fc.boolean(), tax: fc.jsonValue() });
    const sound = fc.record({ price: figure, quantity: fc.integer(), price_is_brutto: fc.boolean() });
    const hostile = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(members, fc.jsonValue()).map((more) => ({ invoice: { ...smallest.invoice, ...more } })),
      fc.array(fc.oneof(item, sound), { maxLength: 4 }).map((items) => withItems(...items)),
    );
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(hostile, async (body) => {
        const { status } = await create(JSON.parse(JSON.stringify(body)));
        seen.add(status);
        expect([200, 400]).toContain(status);
      }),
      { numRuns: 500 },
    );
    expect(seen).toEqual(new Set([200, 400]));
  });
});
