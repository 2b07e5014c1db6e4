import { describe, expect, it } from 'vitest';
import { InvoiceAnswer } from '../../../lib/contracts/invoices/invoice-resource.ts';
import { entity, seller, tenant } from '../../support/fixtures.ts';
import { errorBody, issuable, newClient, resource, smallest } from './client.ts';

const members = [
  ...[
    'id',
    'company_id',
    'user_id',
    'state',
    'direction',
    'amount',
    'currency',
    'ubl_version',
    'ubl_json',
    'metadata_json',
  ],
  ...[
    'delivery_network_id',
    'business_entity_id',
    'related_invoice_id',
    'payment_status',
    'total_paid_cents',
    'is_test',
  ],
  ...['created_at', 'updated_at', 'deleted_at'],
];

describe('an invoice of the native API', () => {
  it('is created as a draft with all published members in their order', async () => {
    const created = await newClient().create(smallest);
    expect(created.status).toBe(201);
    const data = resource(created);
    expect(Object.keys(data)).toEqual(members);
    expect(data).toMatchObject({
      company_id: tenant.id,
      state: 'draft',
      amount: 10_000,
      currency: 'EUR',
      business_entity_id: entity.id,
      is_test: false,
      ubl_json: { seller: { name: seller.name, vat_number: seller.vatNumber }, items: [{ line_amount: 10_000 }] },
    });
    expect(InvoiceAnswer.parse(JSON.parse(created.body))).toBeDefined();
  });

  it('is found again as it was created', async () => {
    const { create, find } = newClient();
    const created = await create(smallest);
    const found = await find(resource(created).id);
    expect([found.status, found.body]).toEqual([200, created.body]);
  });

  it('gets its number when it is finalized, and shows it', async () => {
    const { create, finalize, find } = newClient();
    const { id, ubl_json } = resource(await create(issuable));
    expect(ubl_json?.header).not.toHaveProperty('invoice_number');
    const finalized = await finalize(id, {});
    expect(finalized.status).toBe(200);
    expect(resource(finalized)).toMatchObject({
      id,
      state: 'approved',
      amount: 11_900,
      ubl_json: { header: { invoice_number: 'INV-2026-00001', issue_date: '2026-01-15' } },
      metadata_json: { contract: 'invoices', series: 'INV', finalized_at: '2026-01-20T12:00:00.000Z' },
    });
    expect(InvoiceAnswer.parse(JSON.parse(finalized.body))).toBeDefined();
    expect((await find(id)).body).toBe(finalized.body);
    expect(errorBody(await finalize(id))).toMatchObject({ code: 'wrong_state' });
  });

  it('takes nothing but an empty body to be finalized', async () => {
    const { create, finalize } = newClient();
    const { id } = resource(await create(issuable));
    const refused = await finalize(id, { number: 'A' });
    expect([refused.status, errorBody(refused).errors]).toEqual([
      422,
      { number: ['There is no field "number" here; remove it or check its spelling.'] },
    ]);
    expect((await finalize(id)).status).toBe(200);
  });

  it('claims a chosen number at once', async () => {
    const { create } = newClient();
    const chosen = { ...smallest, header: { invoice_number: 'A-1' } };
    expect(resource(await create(chosen)).ubl_json?.header?.invoice_number).toBe('A-1');
    const taken = await create(chosen);
    expect([taken.status, errorBody(taken)]).toMatchObject([
      409,
      { code: 'number_taken', faults: [{ field: 'header.invoice_number', pointer: '/header/invoice_number' }] },
    ]);
  });

  it('warns of fields that do not exist, at any depth, also of those that the server owns', async () => {
    const body = {
      id: 'mine',
      state: 'approved',
      toString: 1,
      ...smallest,
      header: { issueDate: '2026-01-01', 'a/b~c': 1 },
      items: [{ ...smallest.items[0], tax_rat: 19, period: { begin: null }, attributes: [{ name: 'a', unit: 'b' }] }],
    };
    const { state, id, metadata_json } = resource(await newClient().create(body));
    expect([state, id]).not.toContain('mine');
    expect(state).toBe('draft');
    const warnings = metadata_json?.warnings.map(({ code, field, pointer }) => [code, field, pointer]);
    expect(warnings).toEqual([
      ['unknown_field', 'id', '/id'],
      ['unknown_field', 'state', '/state'],
      ['unknown_field', 'toString', '/toString'],
      ['unknown_field', 'items.0.tax_rat', '/items/0/tax_rat'],
      ['unknown_field', 'items.0.period.begin', '/items/0/period/begin'],
      ['unknown_field', 'items.0.attributes.0.unit', '/items/0/attributes/0/unit'],
      ['unknown_field', 'header.issueDate', '/header/issueDate'],
      ['unknown_field', 'header.a/b~c', '/header/a~1b~0c'],
    ]);
  });

  it('names 50 unknown fields and counts the rest', async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, index]));
    const { metadata_json } = resource(await newClient().create({ ...smallest, ...many }));
    expect(metadata_json?.warnings).toHaveLength(51);
    expect(metadata_json?.warnings.at(-1)?.message).toContain('950');
  });

  it('shows stated figures on a draft, completed by ours, and warns where they differ', async () => {
    const stated = { tax_amount: 1_901, payable_amount: 11_901 };
    const breakdown = [{ category_code: 'S', rate: 19, tax_amount: 1_901 }];
    const body = { ...issuable, calculate_totals: false, totals: stated, tax_breakdown: breakdown };
    const { create, finalize } = newClient();
    const { id, amount, ubl_json, metadata_json } = resource(await create(body));
    expect(amount).toBe(11_901);
    expect(ubl_json?.totals).toMatchObject({ ...stated, line_extension_amount: 10_000, tax_inclusive_amount: 11_900 });
    expect(ubl_json?.tax_breakdown).toEqual(breakdown);
    const fields = ['totals.tax_amount', 'totals.payable_amount', 'tax_breakdown.0.tax_amount'];
    expect(metadata_json?.warnings.map(({ field }) => field)).toEqual(fields);
    const refused = await finalize(id);
    expect(refused.status).toBe(422);
    expect(errorBody(refused)).toMatchObject({
      code: 'not_issuable',
      faults: [
        {
          field: 'totals.tax_amount',
          pointer: '/totals/tax_amount',
          rule: 'BR-CO-14',
          term: 'BT-110',
          expected: 1_900,
          given: 1_901,
        },
        { field: 'totals.payable_amount' },
        { field: 'tax_breakdown.0.tax_amount', pointer: '/tax_breakdown/0/tax_amount' },
      ],
    });
  });

  it('shows all our figures once it is issued', async () => {
    const { create, finalize } = newClient();
    const tax_breakdown = [{ category_code: 'S', tax_amount: 1_900 }];
    const { id } = resource(await create({ ...issuable, calculate_totals: false, tax_breakdown }));
    const { ubl_json } = resource(await finalize(id));
    expect(ubl_json?.tax_breakdown).toEqual([
      { category_code: 'S', rate: 19, taxable_amount: 10_000, tax_amount: 1_900 },
    ]);
  });

  it('is refused in page 002’s words when it breaks the norm', async () => {
    const { create, finalize } = newClient();
    const items = [{ ...smallest.items[0], tax_rate: 19, tax_category: 'E', price: -1 }];
    const refused = errorBody(await finalize(resource(await create({ ...issuable, items })).id));
    const fields = refused.faults?.map(({ field, rule }) => `${field} ${rule}`);
    expect(fields).toContain('items.0.tax_rate BR-E-05');
    expect(fields).toContain('items.0.price BR-27');
    expect(fields?.join()).not.toMatch(/[a-z][A-Z]|lines/);
  });

  it('names references that lead nowhere', async () => {
    const id = '2b1d7f00-93c4-4e0b-8a11-000000000000';
    const body = {
      ...smallest,
      business_entity_id: id,
      related_invoice_id: id,
      header: { invoice_number_series: 'nix' },
    };
    const refused = await newClient().create(body);
    expect(refused.status).toBe(422);
    expect(Object.keys(errorBody(refused).errors ?? {}).sort()).toEqual([
      'business_entity_id',
      'header.invoice_number_series',
      'related_invoice_id',
    ]);
  });

  it.each(['x', '', '../x', '2b1d7f00-93c4-4e0b-8a11-6c5d4e3f2a1b', `${'9'.repeat(10_000)}`])(
    'is not found as %.40s',
    async (id) => {
      const { find, finalize } = newClient();
      for (const refused of [await find(id), await finalize(id)]) {
        expect([refused.status, errorBody(refused).code]).toEqual([404, 'not_found']);
        expect(refused.body.length).toBeLessThan(200);
      }
    },
  );

  it('is served in good health', async () => {
    expect(await newClient().health()).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  });
});
