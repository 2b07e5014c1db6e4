/** The contract over the real core and a store in memory, as a client meets it; the same invoices through other contracts too. */
import type { Contract, RawRequest } from '../../../lib/contracts/contract.ts';
import { erp } from '../../../lib/contracts/erp/index.ts';
import type { InvoiceAnswer } from '../../../lib/contracts/erp/invoice-answer.ts';
import { invoices as native } from '../../../lib/contracts/invoices/index.ts';
import type { Answer } from '../../../lib/invoice/operation.ts';
import { ask } from '../../support/ask.ts';
import { caller, tenant } from '../../support/fixtures.ts';
import { newCore } from '../../support/memory-core.ts';

/** The least that makes an invoice. */
export const smallest = { invoice: { accounting_type: { name: 'Rechnung', type: 'invoice' } } };

/** An invoice of these items. */
export const withItems = (...items: Record<string, unknown>[]) => ({
  invoice: {
    ...smallest.invoice,
    items: items.map((item) => ({ name: 'Ware', unit: 'C62', quantity: 1, price: 1, ...item })),
  },
});

export function newClient(company = tenant) {
  const { invoices } = newCore(company);

  function call(contract: Contract, name: string, request: Partial<RawRequest> = {}): Promise<Answer> {
    const [method = '', path = ''] = name.split(' ');
    return ask(contract, invoices, method, path, { caller: { ...caller, contract: contract.name }, ...request });
  }

  return {
    create: (body: unknown, query: Record<string, string> = {}) =>
      call(erp, 'POST /api/invoice/invoices', { body, query }),
    find: (id: string | number) => call(erp, 'GET /api/invoice/invoices/{id}', { params: { id: String(id) } }),
    native: (name: string, request?: Partial<RawRequest>) => call(native, name, request),
  };
}

export const told = ({ body }: Answer): InvoiceAnswer => JSON.parse(body);
export const errorBody = ({ body }: Answer): { code: number; message: string; errors?: Record<string, string[]> } =>
  JSON.parse(body);
