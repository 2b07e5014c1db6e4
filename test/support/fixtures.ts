/** A company, its seller and a document that may be issued, for tests that are about something else. */
import { calculate } from '../../lib/invoice/calculate.ts';
import type { Deliver } from '../../lib/invoice/delivery.ts';
import type { InvoiceDocument, Party } from '../../lib/invoice/document.ts';
import type { Caller, Draft, Invoice, Series, Tenant } from '../../lib/invoice/model.ts';
import type { ReferenceOf } from '../../lib/invoice/reference/kinds.ts';

export const tenant: Tenant = {
  id: '7d9f1c52-0a3e-4b7c-9d55-1f2e3a4b5c6d',
  slug: 'example',
  name: 'Example GmbH',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  defaultSeries: 'INV',
  creditSeries: 'CN',
  defaultBusinessEntityId: '2b1d7f00-93c4-4e0b-8a11-6c5d4e3f2a1b',
  paymentDays: 14,
};

export const seller = {
  name: 'Example GmbH',
  vatNumber: 'DE123456789',
  address: { street: 'Musterweg 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
} satisfies Party;

export const entity: ReferenceOf<'business-entities'> = {
  id: tenant.defaultBusinessEntityId,
  version: 1,
  archived: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  seller,
};

export const series: Series = { name: 'INV', pattern: 'INV-{year}-{number:5}', start: 1, reset: 'yearly' };

export const creditSeries: Series = { ...series, name: 'CN', pattern: 'CN-{year}-{number:5}' };

export const caller: Caller = {
  tenant: tenant.id,
  mode: 'live',
  keyId: 'key_test',
  scopes: new Set(['invoice:create', 'invoice:read', 'invoice:send', 'invoice:delete']),
  plan: 'standard',
  contract: 'invoices',
};

export const document: InvoiceDocument = {
  typeCode: '380',
  issueDate: '2026-01-15',
  currency: 'EUR',
  buyer: { name: 'Käufer AG', address: { city: 'Wien', country: 'AT' } },
  lines: [{ id: '1', name: 'Work', quantity: '1', unitCode: 'HUR', price: '100', taxCategory: 'S', taxRate: '19' }],
};

export const draft: Draft = { document };

/** Handing over is somebody else's business. */
export const undelivered = async () => ({ sent: true }) as const;

/** Delivery by e-mail where no buyer has an address: handed over where that is allowed, failed elsewhere. */
export const unaddressed: Deliver = async (_, { mayHandOver }) =>
  mayHandOver ? { sent: true } : { sent: false, network: 'email', reason: 'No address' };

/** An issued invoice with that content, as the store would hand it out. */
export function invoiceOf(content: InvoiceDocument, more: Partial<Invoice> = {}): Invoice {
  const at = '2026-01-20T12:00:00.000Z';
  return {
    scope: { tenant: tenant.id, mode: 'live' },
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    contract: 'invoices',
    createdAt: at,
    createdBy: 'key_test',
    businessEntityId: tenant.defaultBusinessEntityId,
    version: 3,
    state: 'sending',
    updatedAt: at,
    number: 'INV-2026-00001',
    issuedAt: at,
    paid: 0,
    credited: 0,
    facts: { sendingAt: at },
    document: content,
    figures: calculate(content),
    warnings: [],
    extras: {},
    ...more,
  };
}
