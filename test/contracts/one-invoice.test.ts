/** One business document through five contracts, and each of the five invoices through all five views: over HTTP. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../lib/invoice/canonical-json.ts';
import { hexOf, integerOf, invoiceId } from '../../lib/invoice/identity.ts';
import { type LocalStack, startLocalStack } from '../support/local-stack.ts';

let stack: LocalStack;
let key: string;
beforeAll(async () => {
  stack = await startLocalStack();
  key = stack.demo.tenants[0]?.keys.full as string;
}, 120_000);
afterAll(() => {
  stack?.child.kill('SIGTERM');
});

const ours = () => stack.demo.tenants[0]?.reference ?? {};

type Json = ReturnType<JSON['parse']>;

async function call(contract: string, method: string, path: string, body?: unknown): Promise<Json> {
  const answer = await fetch(`${stack.demo.apis[contract]}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${key}`,
      'Wethod-Company': String(ours().company),
      'Wethod-Version': '2024-06-15',
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect(answer.status, `${contract} ${method} ${path}: ${text}`).toBeLessThan(300);
  return JSON.parse(text);
}

const native = (price: number) => ({
  calculate_totals: true,
  header: { currency: 'EUR', issue_date: '2026-11-20' },
  buyer: { name: 'Havel Kontor AG', address: { city: 'Potsdam', country: 'DE' } },
  items: [{ name: 'Work', price, quantity: 1, unit_code: 'HUR', tax_rate: 19, tax_category: 'S' }],
});

/** 1,000.50 at 19 %, made through a contract; its id as the native API spells it. */
const makers: Record<string, () => Promise<string>> = {
  invoices: async () => (await call('invoices', 'POST', '/invoices', native(100_050))).data.id,

  async erp() {
    const { id } = await call('erp', 'POST', '/api/invoice/invoices', {
      invoice: {
        accounting_type: { name: 'Rechnung', type: 'invoice' },
        items: [{ name: 'Work', unit: 'h', quantity: 1, price: 1000.5, tax: { name: 'USt', value: 0.19 } }],
        buyer: { name: 'Havel Kontor AG', address_city: 'Potsdam', address_country: 'DE' },
      },
    });
    return nativeId(id);
  },

  async projects() {
    const { id } = await call('projects', 'POST', '/api/invoices', {
      value: 1000.5,
      issue_date: '2026-11-20',
      project_id: ours().project_id,
      vat_rate_id: ours().vat_rate_id,
    });
    return nativeId(id);
  },

  async positions() {
    const { data } = await call('invoices', 'POST', '/invoices', native(50_025));
    await call('positions', 'POST', `/invoices/${data.id}/position-items`, {
      name: 'More work',
      unitId: ours().unit_id,
      unitPrice: '500.25',
      taxGroupId: ours().tax_group_id,
    });
    return data.id;
  },

  async bookkeeping() {
    const { data } = await call('bookkeeping', 'POST', '/v1/invoices', {
      discount: { type: 'FIXED', value: 0 },
      invoiceDate: '2026-11-20T10:00:00Z',
      dueDate: '2026-12-20T10:00:00Z',
      lineItems: [
        {
          id: '1',
          name: 'Work',
          quantity: 1,
          unitPrice: 1000.5,
          tax: { type: 'PERCENTAGE', value: 19 },
          discount: { type: 'FIXED', value: 0 },
        },
      ],
      note: '',
      counterParty: ours().counterparty_id,
      invoiceId: 'INCREMENTAL',
      currency: 'EUR',
    });
    return nativeId(Number.parseInt(data._id.slice(12), 16));
  },
};

const nativeId = (integer: number): string =>
  invoiceId({ tenant: stack.demo.tenants[0]?.tenant_id as string, mode: 'live' }, integer);

/** What no contract may see differently. */
const canonical = ({ data }: Json) => ({
  currency: data.currency,
  totals: data.ubl_json.totals,
  taxBreakdown: data.ubl_json.tax_breakdown.map(({ category_code, rate, taxable_amount, tax_amount }: Json) => ({
    category_code,
    rate,
    taxable_amount,
    tax_amount,
  })),
});

describe('the same document', () => {
  const made = new Map<string, string>();

  it('is the same invoice through every contract', async () => {
    const digests = new Map<string, string>();
    for (const [contract, make] of Object.entries(makers)) {
      const id = await make();
      made.set(contract, id);
      const invoice = await call('invoices', 'GET', `/invoices/${id}`);
      expect(invoice.data.ubl_json.totals, contract).toMatchObject({
        tax_exclusive_amount: 100_050,
        tax_amount: 19_010,
        payable_amount: 119_060,
      });
      digests.set(
        contract,
        createHash('sha256')
          .update(canonicalJson(canonical(invoice)))
          .digest('hex'),
      );
    }
    expect(digests.size).toBe(5);
    expect(new Set(digests.values()).size, JSON.stringify([...digests])).toBe(1);
  });

  it('is read through every contract with the same totals', async () => {
    for (const [contract, id] of made) {
      const erp = await call('erp', 'GET', `/api/invoice/invoices/${integerOf(id)}`);
      expect([erp.netto_value, erp.tax_value, erp.brutto_value], contract).toEqual([1000.5, 190.1, 1190.6]);
      const project = await call('projects', 'GET', `/api/invoices/${integerOf(id)}`);
      expect(project.value, contract).toBe(1000.5);
      const subscription = await call('positions', 'GET', `/invoices/${id}`);
      expect([subscription.netAmount.amount, subscription.taxAmount.amount, subscription.grossAmount.amount]).toEqual([
        '1000.50',
        '190.10',
        '1190.60',
      ]);
      const { data } = await call('bookkeeping', 'GET', `/v1/invoices/${hexOf(id)}`);
      expect(data.calculated, contract).toEqual({ subTotal: 1000.5, discount: 0, tax: 190.1, grandTotal: 1190.6 });
    }
  });

  it('has one number in every view', async () => {
    const id = made.get('erp') as string;
    const { data } = await call('invoices', 'GET', `/invoices/${id}`);
    const number = data.ubl_json.header.invoice_number;
    expect(number).toMatch(/^INV-2026-\d{5}$/);
    expect((await call('erp', 'GET', `/api/invoice/invoices/${integerOf(id)}`)).number_string).toBe(number);
    expect((await call('projects', 'GET', `/api/invoices/${integerOf(id)}`)).invoice_number).toBe(number);
    expect((await call('positions', 'GET', `/invoices/${id}`)).number).toBe(number);
    expect((await call('bookkeeping', 'GET', `/v1/invoices/${hexOf(id)}`)).data.invoiceId).toBe(number);
  });
});
