/** What a client sends comes back: bodies made from the schema itself, through the real core, and read again. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { CreateInvoice } from '../../../lib/contracts/invoices/create-invoice.ts';
import { caller, draft } from '../../support/fixtures.ts';
import { newClient, resource } from './client.ts';

type Schema = z.core.JSONSchema.BaseSchema;
type Json = Record<string, unknown>;

/** Values that some members need so that the whole means something. Amounts stay small enough to be added up. */
const particular: Record<string, fc.Arbitrary<unknown>> = {
  currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
  vat_currency: fc.constantFrom('EUR', 'JPY'),
  country: fc.constantFrom('DE', 'AT'),
  origin_country: fc.constantFrom('DE', 'AT'),
  email: fc.constantFrom('a@b.eu', 'rechnung@münchen.de'),
  pan: fc.constantFrom('411111******1111', '1111'),
  quantity: fc.integer({ min: -9999, max: 9999 }).map((units) => units / 1000),
  base_quantity: fc.constantFrom(0.5, 3, 1000),
  // An external reference comes back among the metadata, and names one invoice only.
  external_reference: fc.constant(null),
  // The references and numbers of other tests' invoices are not there; rounding comes back among the totals.
  business_entity_id: fc.constant(null),
  related_invoice_id: fc.constant(null),
  invoice_number_series: fc.constant('INV'),
  rounding_amount: fc.constant(null),
  document_type: fc.constant(null),
  calculate_totals: fc.boolean(),
};

const text = (longest: number) =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: Math.min(longest, 8) })
    .filter((value) => value.trim() !== '' && [...value].length <= longest);

const day = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

function arbitrary(name: string, schema: Schema): fc.Arbitrary<unknown> {
  if (particular[name]) return particular[name];
  const [first, second] = (schema.anyOf ?? []) as Schema[];
  if (second?.type === 'null')
    return fc.oneof(fc.constant(null), { weight: 3, arbitrary: arbitrary(name, first as Schema) });
  switch (schema.type) {
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(([key, member]) => [
        key,
        arbitrary(key, member as Schema),
      ]);
      return fc.record(Object.fromEntries(members), { requiredKeys: schema.required ?? [] } as object);
    }
    case 'array':
      return fc.array(arbitrary('', schema.items as Schema), { minLength: schema.minItems ?? 0, maxLength: 2 });
    case 'integer':
      return fc.integer({ min: -1_000_000, max: 1_000_000 });
    case 'number':
      return fc.integer({ min: 0, max: 10_000 }).map((units) => units / 100);
    default:
      return schema.anyOf ? day : text(schema.maxLength ?? 20);
  }
}

const bodies = arbitrary('', z.toJSONSchema(CreateInvoice, { io: 'input' }) as Schema) as fc.Arbitrary<Json>;

/** Without what means nothing, as it should come back. */
function said(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(said);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, said(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== null && !isEmpty(member)));
}

const isEmpty = (value: unknown) =>
  typeof value === 'object' && !Array.isArray(value) && Object.keys(value ?? {}).length === 0;

/** What the request says of itself; a list of payments beats the single form, calculated totals beat given ones. */
function expected({ calculate_totals, business_entity_id, related_invoice_id, ...body }: Json): Json {
  const { payment, totals, tax_breakdown, ...rest } = said(body) as {
    payment?: Json;
    totals?: Json;
    tax_breakdown?: unknown[];
  };
  const { terms, payments } = payment ?? {};
  const { paid_amount, payable_rounding_amount, ...results } = totals ?? {};
  return said({
    ...rest,
    payment: payments ? { terms, payments } : payment,
    totals: { paid_amount, payable_rounding_amount, ...(calculate_totals ? {} : results) },
    ...(!calculate_totals && tax_breakdown?.length && { tax_breakdown }),
  }) as Json;
}

it('what was sent comes back as it was sent', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const created = await newClient().create(body);
      expect(created.status, created.body).toBe(201);
      expect(resource(created).ubl_json).toMatchObject(JSON.parse(JSON.stringify(expected(body))));
    }),
    { numRuns: 200 },
  );
});

it('what came back can be sent again and makes the same invoice', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const first = resource(await newClient().create({ ...body, calculate_totals: true })).ubl_json;
      const again = resource(await newClient().create({ ...first, calculate_totals: true }));
      expect(again.ubl_json).toEqual(first);
      const unknown = again.metadata_json?.warnings.filter(({ code }) => code === 'unknown_field') ?? [];
      expect(unknown.every(({ field }) => field.endsWith('line_amount'))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

it('what another contract said of a line stays when something else is changed, and goes with the line', async () => {
  const client = newClient();
  const [line] = draft.document.lines;
  const document = {
    ...draft.document,
    lines: [
      { ...line, fixedTax: 1_234 },
      { ...line, id: '2', priceIncludesTax: true },
    ],
  };
  const render = ({ id }: { id: string }) => ({ status: 201, headers: {}, body: id });
  const { body: id } = await client.invoices.create(caller, { ...draft, document } as typeof draft, { render });
  const before = resource(await client.find(id));
  const patch = (content: object) => client.call('PATCH', '/invoices/{id}', { id }, content);
  const after = resource(await patch({ header: { buyer_reference: 'x' } }));
  expect([after.amount, after.ubl_json?.items]).toEqual([before.amount, before.ubl_json?.items]);
  expect(after.metadata_json?.warnings).toEqual(before.metadata_json?.warnings);
  const items = before.ubl_json?.items.map(({ name, price, quantity, tax_rate }) => ({
    name,
    price,
    quantity,
    tax_rate,
  }));
  for (const item of resource(await patch({ items })).ubl_json?.items ?? []) {
    expect(Object.keys(item)).not.toEqual(expect.arrayContaining(['fixed_tax']));
    expect(Object.keys(item)).not.toEqual(expect.arrayContaining(['price_includes_tax']));
  }
});
