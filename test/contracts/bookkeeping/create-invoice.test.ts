import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CreateInvoice } from '../../../lib/contracts/bookkeeping/create-invoice.ts';
import { InvoiceAnswer } from '../../../lib/contracts/bookkeeping/invoice-resource.ts';
import {
  archivedParty,
  connection,
  counterParty,
  data,
  envelope,
  fixed,
  item,
  newClient,
  percent,
  refusal,
  smallest,
  warnings,
} from './client.ts';

const withItem = (more: object) => ({ ...smallest, lineItems: [{ ...item, ...more }] });

const calculatedOf = async (body: object) => data(await newClient().create({ ...smallest, ...body })).calculated;

describe('POST /v1/invoices', () => {
  it('answers 200 with every published member, and with nothing else', async () => {
    const created = await newClient().create(smallest);
    expect(created.status).toBe(200);
    const { message, metaData, data } = InvoiceAnswer.parse(JSON.parse(created.body));
    expect({ message, metaData }).toEqual({
      message: 'Create an Invoice executed successfully',
      metaData: { warnings: [] },
    });
    expect(data).toMatchObject({
      _id: expect.stringMatching(/^[0-9a-f]{24}$/),
      projectId: expect.any(String),
      status: 'DRAFT',
      invoiceId: '0001',
      purchaseOrderId: null,
      counterParty: { _id: counterParty, accountName: 'Käufer AG', address: { cca2: 'AT', line2: 'Stiege 2' } },
      amount: 119,
      convertedAmount: null,
      sendDate: null,
      currency: 'EUR',
      lineItems: [item],
      note: '',
      calculated: { grandTotal: 119, tax: 19, discount: 0, subTotal: 100 },
      attachments: [],
      createdAt: '2026-01-20T12:00:00.000Z',
    });
  });

  it.each([
    ['lines before discounts', {}, { subTotal: 100, discount: 0, tax: 19, grandTotal: 119 }],
    [
      'a percentage of a line',
      { lineItems: [{ ...item, discount: percent(12.5) }] },
      { subTotal: 100, discount: 12.5, tax: 16.63, grandTotal: 104.13 },
    ],
    [
      'a fixed discount on a line, for the whole of it',
      { lineItems: [{ ...item, quantity: 3, discount: fixed(10) }] },
      { subTotal: 300, discount: 10, tax: 55.1, grandTotal: 345.1 },
    ],
    [
      'a percentage of the whole, after those of the lines',
      { discount: percent(10), lineItems: [{ ...item, discount: fixed(50) }] },
      { subTotal: 100, discount: 55, tax: 8.55, grandTotal: 53.55 },
    ],
    [
      'a fixed discount on the whole, which lowers what is taxed in proportion',
      { discount: fixed(30), lineItems: [item, { ...item, id: '2', unitPrice: 200, tax: percent(7) }] },
      { subTotal: 300, discount: 30, tax: 29.7, grandTotal: 299.7 },
    ],
    [
      'a fixed tax, which no discount lowers',
      { discount: percent(50), lineItems: [{ ...item, tax: fixed(7.77) }] },
      { subTotal: 100, discount: 50, tax: 7.77, grandTotal: 57.77 },
    ],
    ['nothing', { lineItems: [] }, { subTotal: 0, discount: 0, tax: 0, grandTotal: 0 }],
  ])('calculates %s', async (_, body, expected) => {
    expect(await calculatedOf(body)).toEqual(expected);
  });

  it('adds up to the cent, whatever is sent', async () => {
    const money = fc.integer({ min: 0, max: 1_000_000 }).map((cents) => cents / 100);
    const rate = fc.oneof(
      fc.integer({ min: 0, max: 10_000 }).map((value) => percent(value / 100)),
      money.map(fixed),
    );
    const line = fc.record({
      id: fc.string(),
      name: fc.string(),
      quantity: fc.integer({ min: -9999, max: 9999 }).map((units) => units / 1000),
      unitPrice: money,
      tax: rate,
      discount: rate,
    });
    const cents = (amount: number) => Math.round(amount * 100);
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), rate, async (lineItems, discount) => {
        const created = data(await newClient().create({ ...smallest, lineItems, discount }));
        const { grandTotal, subTotal, tax, discount: taken } = created.calculated;
        expect(cents(grandTotal)).toBe(cents(subTotal) - cents(taken) + cents(tax));
        expect(created.amount).toBe(grandTotal);
        expect({ lineItems: created.lineItems, discount: created.discount }).toEqual({ lineItems, discount });
      }),
      { numRuns: 200 },
    );
  });

  it('counts on from its own series, or from the default of a company that has none', async () => {
    const { create } = newClient();
    const numbers = [];
    for (let round = 0; round < 3; round++) numbers.push(data(await create(smallest)).invoiceId);
    expect(numbers).toEqual(['0001', '0002', '0003']);
    expect(data(await newClient({ series: [] }).create(smallest)).invoiceId).toBe('INV-2026-00001');
  });

  it('takes a number of the caller’s own, once', async () => {
    const { create } = newClient();
    expect(data(await create({ ...smallest, invoiceId: 'A-7' })).invoiceId).toBe('A-7');
    expect(refusal(await create({ ...smallest, invoiceId: 'a-7' }))).toEqual([
      409,
      'ConflictError',
      'invoiceId: The number "a-7" is taken; choose another or send INCREMENTAL.',
    ]);
  });

  it('goes past a number that somebody chose', async () => {
    const { create } = newClient();
    await create({ ...smallest, invoiceId: '0001' });
    expect(data(await create(smallest)).invoiceId).toBe('0002');
  });

  it('does the same call once', async () => {
    const { create, list } = newClient();
    const operation = { id: 'op', fingerprint: 'f' };
    const [first, second] = [await create(smallest, operation), await create(smallest, operation)];
    expect([second.body, second.replayed]).toEqual([first.body, true]);
    expect(envelope<{ count: number }>(await list()).data.count).toBe(1);
    expect(refusal(await create(smallest, { ...operation, fingerprint: 'g' }))[0]).toBe(409);
  });

  it.each([
    ['2026-01-15T09:30:00.000Z', 'Europe/Berlin', '2026-01-15T09:30:00.000Z', '2026-01-15'],
    ['2026-01-14T23:30:00Z', 'Europe/Berlin', '2026-01-14T23:30:00.000Z', '2026-01-15'],
    ['2026-01-15T00:30:00.123456+02:00', 'America/New_York', '2026-01-14T22:30:00.123Z', '2026-01-14'],
    ['2016-12-31T23:59:60Z', 'Europe/London', '2016-12-31T23:59:59.000Z', '2016-12-31'],
    // A plain day comes back as a moment of that day, in UTC as at the issuer's.
    ['2026-01-15', 'Europe/Berlin', '2026-01-15T00:00:00.000Z', '2026-01-15'],
    ['2026-01-15', 'America/New_York', '2026-01-15T05:00:00.000Z', '2026-01-15'],
    ['2026-01-15', 'Pacific/Kiritimati', '2026-01-15T00:00:00.000Z', '2026-01-15'],
    ['2026-01-15', 'America/St_Johns', '2026-01-15T04:00:00.000Z', '2026-01-15'],
  ])('takes %s in %s for a moment of a day', async (invoiceDate, timeZone, moment, day) => {
    const { create, memory } = newClient({ tenant: { timeZone } });
    expect(data(await create({ ...smallest, invoiceDate })).invoiceDate).toBe(moment);
    expect([...memory.invoices.values()][0]?.document.issueDate).toBe(day);
  });

  it('tells the amount in the company’s currency, by the rates of its day', async () => {
    const created = await newClient().create({ ...smallest, currency: 'usd', invoiceDate: '2026-01-16T12:00:00Z' });
    expect(data(created)).toMatchObject({
      currency: 'USD',
      amount: 119,
      convertedAmount: 110.19,
      convertedCurrency: 'EUR',
    });
    const tomorrow = await newClient().create({ ...smallest, currency: 'JPY', invoiceDate: '2026-12-31T12:00:00Z' });
    expect(data(tomorrow)).toMatchObject({ amount: 119, convertedAmount: 0.74 });
    const old = await newClient().create({ ...smallest, currency: 'USD', invoiceDate: '2025-01-16T12:00:00Z' });
    expect(data(old)).toMatchObject({ amount: 119, convertedAmount: null, convertedCurrency: null });
    expect(warnings(old)).toEqual([expect.stringMatching(/^convertedAmount: .*USD.*EUR/)]);
  });

  it('remembers what a discount of nothing was called', async () => {
    const lineItems = [
      { ...item, discount: fixed(0) },
      { ...item, id: '2' },
    ];
    const created = data(await newClient().create({ ...smallest, lineItems, discount: fixed(0) }));
    expect(created.discount).toEqual(fixed(0));
    expect(created.lineItems).toEqual(lineItems);
  });

  it.each([
    ['no lines', { lineItems: [] }, 'lineItems: There are none; the invoice comes to nothing.'],
    ['a due date before the invoice date', { dueDate: '2026-01-14T12:00:00Z' }, 'dueDate: Is before invoiceDate.'],
    [
      'a discount larger than its line',
      {
        lineItems: [
          { ...item, discount: fixed(101) },
          { ...item, id: '2', quantity: 9 },
        ],
      },
      'lineItems.0.discount: Is larger than what it is taken from.',
    ],
    [
      'a fraction of a cent',
      { lineItems: [{ ...item, tax: fixed(1.005) }] },
      'lineItems.0.tax.value: Was rounded to the 2 decimals of EUR.',
    ],
  ])('warns of %s', async (_, body, warning) => {
    expect(warnings(await newClient().create({ ...smallest, ...body }))).toEqual([warning]);
  });

  it('warns of a discount on the whole that leaves less than nothing', async () => {
    expect(warnings(await newClient().create({ ...smallest, discount: fixed(100.01) }))).toEqual([
      'discount: Is larger than what it is taken from.',
      'calculated.grandTotal: Is below zero.',
    ]);
    expect(warnings(await newClient().create({ ...smallest, discount: fixed(100) }))).toEqual([]);
  });
});

describe('the body', () => {
  it.each([
    ['a key', { ...smallest, x: 1 }, 'x'],
    ['a key of a line', withItem({ sku: 1 }), 'lineItems.0.sku'],
    ['a key of a tax', withItem({ tax: { ...percent(1), id: 1 } }), 'lineItems.0.tax.id'],
    ['a key of a line’s discount', withItem({ discount: { ...percent(1), id: 1 } }), 'lineItems.0.discount.id'],
    ['a key of the discount', { ...smallest, discount: { ...percent(1), id: 1 } }, 'discount.id'],
  ])('may not have %s that is unknown', async (_, body, field) => {
    const name = field.split('.').at(-1);
    expect(refusal(await newClient().create(body))).toEqual([
      400,
      'BadRequestError',
      `${field}: There is no field "${name}" here; remove it or check its spelling.`,
    ]);
  });

  const required = ['discount', 'invoiceDate', 'dueDate', 'lineItems', 'note', 'counterParty', 'invoiceId', 'currency'];
  it.each(required)('must have %s', async (member) => {
    const { [member]: _, ...rest } = smallest as Record<string, unknown>;
    const [status, error, message] = refusal(await newClient().create(rest));
    expect([status, error, message]).toEqual([400, 'BadRequestError', `${member}: This field is required.`]);
    expect(refusal(await newClient().create({ ...smallest, [member]: null }))[2]).toContain(`${member}: Must be`);
  });

  it.each(['id', 'name', 'quantity', 'unitPrice', 'tax', 'discount'])('must have %s on a line', async (member) => {
    const body = withItem({ [member]: undefined });
    expect(refusal(await newClient().create(body))[2]).toBe(`lineItems.0.${member}: This field is required.`);
  });

  it.each(['purchaseOrderId', 'payViaStripeAccountConnectionId'])('may have null for %s', async (member) => {
    expect(data(await newClient().create({ ...smallest, [member]: null }))).toMatchObject({ [member]: null });
  });

  it.each([
    ['discount', percent(100), percent(100.01)],
    ['discount', percent(0), percent(-0.01)],
    ['discount', fixed(0), fixed(-0.01)],
    ['discount', fixed(900_000_000_000), fixed(900_000_000_001)],
    ['discount', { type: 'FIXED', value: 1 }, { type: 'fixed', value: 1 }],
    ['invoiceDate', '2026-02-28T00:00:00Z', '2026-02-29T00:00:00Z'],
    ['invoiceDate', '2026-02-28T00:00:00+01:00', '2026-02-28T00:00:00'],
    ['dueDate', '2028-02-29T00:00:00Z', 'soon'],
    ['counterParty', counterParty.toUpperCase(), counterParty.slice(1)],
    ['counterParty', counterParty, `${counterParty.slice(1)}g`],
    ['counterParty', counterParty, 'f'.repeat(24)],
    ['counterParty', counterParty, archivedParty],
    ['payViaStripeAccountConnectionId', connection.toUpperCase(), `${connection}0`],
    ['payViaStripeAccountConnectionId', connection, counterParty],
    ['invoiceId', 'n'.repeat(255), 'n'.repeat(256)],
    ['invoiceId', '0', '  '],
    ['currency', 'eur', 'XYZ'],
    ['lineItems', [{ ...item, unitPrice: 0 }], [{ ...item, unitPrice: -0.01 }]],
    ['lineItems', [{ ...item, quantity: -1.5 }], [{ ...item, quantity: '1' }]],
    ['lineItems', [{ ...item, quantity: 0.123456789012345 }], [{ ...item, quantity: 0.1234567890123456 }]],
    ['lineItems', [{ ...item, tax: percent(100) }], [{ ...item, tax: percent(101) }]],
    ['lineItems', [{ ...item, tax: fixed(0.01) }], [{ ...item, tax: fixed(-1) }]],
    ['lineItems', [{ ...item, description: '' }], [{ ...item, description: null }]],
    ['note', 'x'.repeat(10_000), 1],
  ])('has its limits: %s (%#)', async (member, inside, outside) => {
    const good = await newClient().create({ ...smallest, [member]: inside });
    expect(good.status, good.body).toBe(200);
    const [status, error, message] = refusal(await newClient().create({ ...smallest, [member]: outside }));
    expect([status, error]).toEqual([400, 'BadRequestError']);
    expect(message).toMatch(new RegExp(`^${member}[.:]`));
  });

  it('is told all that is wrong with it at once', async () => {
    const body = { ...withItem({ tax: percent(101), unitPrice: '1' }), currency: 'XYZ', note: undefined, x: 1 };
    const [, , message] = refusal(await newClient().create(body));
    for (const field of ['lineItems.0.tax.value', 'lineItems.0.unitPrice', 'currency', 'note', 'x']) {
      expect(message).toContain(`${field}: `);
    }
    const unknown = { ...smallest, counterParty: 'f'.repeat(24), payViaStripeAccountConnectionId: 'e'.repeat(24) };
    expect(refusal(await newClient().create(unknown))[2]).toMatch(/^counterParty: .*Stripe/);
  });

  it('never fails the server, whatever it holds', async () => {
    const members = fc.constantFrom(...Object.keys(smallest), ...Object.keys(item), 'type', 'value', '__proto__');
    const rate = fc.record({ type: fc.constantFrom('FIXED', 'PERCENTAGE'), value: fc.double() });
    const hostile = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(members, fc.oneof(fc.jsonValue(), rate)).map((body) => ({ ...smallest, ...body })),
      fc.dictionary(members, fc.oneof(fc.jsonValue(), rate, fc.double())).map(withItem),
    );
    const { create, update } = newClient();
    const { _id } = data(await create(smallest));
    await fc.assert(
      fc.asyncProperty(hostile, async (body) => {
        const sent = JSON.parse(JSON.stringify(body));
        expect([200, 400, 409]).toContain((await create(sent)).status);
        expect([200, 400, 409]).toContain((await update(_id, sent)).status);
      }),
      { numRuns: 300 },
    );
  });

  it('is closed at every level in its description too', () => {
    const open: string[] = [];
    const walk = (schema: z.core.JSONSchema.BaseSchema, path: string) => {
      if (schema.type === 'object' && schema.additionalProperties !== false) open.push(path);
      for (const [name, member] of Object.entries(schema.properties ?? {})) walk(member as never, `${path}.${name}`);
      for (const form of schema.anyOf ?? []) walk(form as never, path);
      if (schema.items) walk(schema.items as never, `${path}[]`);
    };
    walk(z.toJSONSchema(CreateInvoice, { io: 'input' }), 'body');
    walk(z.toJSONSchema(InvoiceAnswer), 'answer');
    expect(open).toEqual([]);
  });
});
