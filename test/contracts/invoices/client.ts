/** The contract over the real core and a store in memory, as a client meets it. */
import { invoices as contract } from '../../../lib/contracts/invoices/index.ts';
import type { InvoiceResource } from '../../../lib/contracts/invoices/invoice-resource.ts';
import type { Tenant } from '../../../lib/invoice/model.ts';
import type { Answer } from '../../../lib/invoice/operation.ts';
import { ask } from '../../support/ask.ts';
import { caller, tenant } from '../../support/fixtures.ts';
import { newCore } from '../../support/memory-core.ts';

/** The least that makes an invoice. */
export const smallest = { buyer: { name: 'Käufer AG' }, items: [{ name: 'Work', price: 10_000, quantity: 1 }] };

/** What makes the same invoice fit to be issued. */
export const issuable = {
  calculate_totals: true,
  header: { issue_date: '2026-01-15', due_date: '2026-02-15' },
  buyer: { name: 'Käufer AG', address: { street: 'Ring 1', city: 'Wien', postal_code: '1010', country: 'AT' } },
  items: [{ name: 'Work', price: 10_000, quantity: 1, unit_code: 'HUR', tax_rate: 19 }],
};

export interface ErrorBody {
  success: false;
  message: string;
  data: null;
  errors: Record<string, string[]> | null;
  code: string;
  faults?: { field: string; in: string; pointer: string; code: string; message: string; rule?: string }[];
}

export function newClient(more: Partial<Tenant> = {}) {
  const { memory, invoices } = newCore({ ...tenant, ...more });

  async function call(
    method: string,
    path: string,
    params: Record<string, string>,
    body: unknown,
    query: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return ask(contract, invoices, method, path, { params, query, headers, body, caller });
  }

  return {
    memory,
    invoices,
    call,
    create: (body: unknown) => call('POST', '/invoices', {}, body),
    find: (id: string) => call('GET', '/invoices/{id}', { id }, undefined),
    list: (query: Record<string, string>) => call('GET', '/invoices', {}, undefined, query),
    finalize: (id: string, body?: unknown) => call('POST', '/invoices/{id}/finalize', { id }, body),
    health: () => call('GET', '/health', {}, undefined),
  };
}

export const resource = ({ body }: Answer): InvoiceResource => JSON.parse(body).data;
export const errorBody = ({ body }: Answer): ErrorBody => JSON.parse(body);
