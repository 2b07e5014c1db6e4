/** The contract over the real core and a store in memory, as a client meets it. */
import { scopesOf } from '../../../infra/scopes.ts';
import type { Contract } from '../../../lib/contracts/contract.ts';
import { invoices as native } from '../../../lib/contracts/invoices/index.ts';
import { projects as contract } from '../../../lib/contracts/projects/index.ts';
import type { InvoiceResource } from '../../../lib/contracts/projects/invoice-resource.ts';
import { idLease } from '../../../lib/invoice/identity.ts';
import { createInvoices } from '../../../lib/invoice/invoices.ts';
import type { Caller } from '../../../lib/invoice/model.ts';
import type { Answer, Operation } from '../../../lib/invoice/operation.ts';
import type { FieldsOf, ReferenceKind } from '../../../lib/invoice/reference/kinds.ts';
import { ask } from '../../support/ask.ts';
import * as fixtures from '../../support/fixtures.ts';
import { entryKey } from '../../support/memory-reference.ts';
import { emptyMemory, memoryStore } from '../../support/memory-store.ts';

export const now = '2026-01-20T23:30:00.000Z';

export const headers = { 'wethod-company': fixtures.tenant.slug, 'wethod-version': '2024-06-15' };

export const smallest = { value: 1000, issue_date: '2026-01-15', project_id: 1 };

/** Every published field. */
export const whole = {
  ...smallest,
  invoice_number: 'INV-2024-001',
  purchase_order: 'PO 7',
  exchange_rate: 1.0825,
  notes: 'Thank you.',
  budget_area_uid: 'design',
  vat_rate_id: 1,
  payment_term_id: 1,
};

const client = '0d9c3f8e-5a41-4c0e-9b1a-6f2e7d8c9b0a';
const budget = { currency: 'EUR', createdOn: '2026-01-05' };
const project: Omit<FieldsOf<'projects'>, 'name'> = {
  projectManagers: ['key_test'],
  clientId: client,
  hasJobOrder: true,
  budget,
  state: 'open',
};

const entries: { [K in ReferenceKind]?: Record<string, FieldsOf<K>> } = {
  customers: {
    [client]: {
      customerNumber: 'C-1001',
      companyName: 'Käufer AG',
      address: { street: 'Ring 1', city: 'Wien', postalCode: '1010', country: 'AT' },
      email: 'rechnung@kaeufer.example',
    },
  },
  projects: {
    1: { ...project, name: 'Website' },
    2: { ...project, name: 'Archived' },
    3: { ...project, name: 'Grouped', billingGroupMasterId: 1 },
    4: { ...project, name: 'Without job order', hasJobOrder: false },
    5: { name: 'Without budget', projectManagers: ['key_test'], hasJobOrder: true, state: 'open' },
    6: { ...project, name: 'Of others', projectManagers: ['key_other'], accountManagers: ['key_third'] },
    7: { ...project, name: 'In yen', budget: { ...budget, currency: 'JPY' } },
    8: { name: 'Accounted', accountManagers: ['key_test'], hasJobOrder: true, budget, state: 'open' },
  },
  'budget-areas': { design: { projectId: 1, name: 'Design' }, elsewhere: { projectId: 6, name: 'Elsewhere' } },
  'vat-rates': {
    1: { name: 'Standard', percent: 19, category: 'S' },
    2: { name: 'Exempt', percent: 0, category: 'E', exemptionReason: 'Teaching' },
    3: { name: 'Outside', percent: 0, category: 'O', exemptionReason: 'Not taxable' },
    4: { name: 'Old', percent: 16, category: 'S' },
  },
  'payment-terms': {
    1: { name: '30 days net', netDays: 30 },
    2: { name: '10 days, end of month', netDays: 10, endOfMonth: true },
  },
  'frozen-months': { '2025-11': { state: 'frozen' }, '2025-12': { state: 'paused' }, '2025-10': { state: 'frozen' } },
};

const archived = new Set(['projects 2', 'vat-rates 4', 'frozen-months 2025-10']);

export const caller: Caller = {
  ...fixtures.caller,
  contract: 'projects',
  scopes: new Set(scopesOf([contract, native]).full),
};

interface Sent {
  body?: unknown;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  as?: Partial<Omit<Caller, 'scopes'>> & { scopes?: string[] };
  operation?: Operation;
}

export function newClient() {
  const memory = emptyMemory();
  const scope = { tenant: fixtures.tenant.id, mode: 'live' } as const;
  memory.tenants.set(fixtures.tenant.id, fixtures.tenant);
  memory.entries.set(entryKey({ scope, kind: 'business-entities' }, fixtures.entity.id), fixtures.entity);
  for (const series of [fixtures.series, fixtures.creditSeries]) {
    memory.series.set(`${scope.tenant}/live ${series.name}`, series);
  }
  const entry = (kind: ReferenceKind, id: string | number, fields: object) => {
    const meta = { id, version: 1, archived: archived.has(`${kind} ${id}`), createdAt: now, updatedAt: now };
    memory.entries.set(entryKey({ scope, kind }, id), { ...fields, ...meta });
  };
  for (const [kind, of] of Object.entries(entries)) {
    for (const [id, fields] of Object.entries(of)) {
      entry(kind as ReferenceKind, /^\d+$/.test(id) ? Number(id) : id, fields);
    }
  }
  const store = memoryStore(memory);
  const lease = idLease();
  const invoices = createInvoices({
    store,
    // Their callers know no failed delivery: one without an address must not appear.
    deliver: fixtures.unaddressed,
    now: () => now,
    newId: (of) => lease(of, (count) => store.reserveIds(of, count)),
    pause: async () => {},
  });

  function through(spoken: Contract, method: string, path: string, params: Record<string, string>, sent: Sent) {
    const { scopes, ...others } = sent.as ?? {};
    const by: Caller = { ...caller, contract: spoken.name, ...others, ...(scopes && { scopes: new Set(scopes) }) };
    const { query = {}, headers: own = headers, body, operation } = sent;
    return ask(spoken, invoices, method, path, { params, query, headers: own, body, caller: by, operation });
  }

  const call = (method: string, path: string, params: Record<string, string>, sent: Sent) =>
    through(contract, method, path, params, sent);

  return {
    memory,
    invoices,
    entry,
    create: (body: unknown, sent: Sent = {}) => call('POST', '/api/invoices', {}, { ...sent, body }),
    list: (query: Record<string, string> = {}, sent: Sent = {}) => call('GET', '/api/invoices', {}, { ...sent, query }),
    find: (id: string | number, sent: Sent = {}) => call('GET', '/api/invoices/{id}', { id: String(id) }, sent),
    change: (id: string | number, body: unknown, sent: Sent = {}) =>
      call('PATCH', '/api/invoices/{id}', { id: String(id) }, { ...sent, body }),
    remove: (id: string | number, sent: Sent = {}) => call('DELETE', '/api/invoices/{id}', { id: String(id) }, sent),
    act: (idAndAction: string, body?: unknown, sent: Sent = {}) =>
      call('POST', '/api/invoices/{id}', { id: idAndAction }, { ...sent, body }),
    /** The native API over the same invoices. */
    native: (method: string, path: string, params: Record<string, string>, body?: unknown) =>
      through(native, method, path, params, { body, headers: {} }),
  };
}

export const resource = ({ body }: Answer): InvoiceResource => JSON.parse(body);
export const errorBody = ({
  body,
}: Answer): { key: string; message: string; failures?: { field: string; message: string }[] } => JSON.parse(body);
export const fieldsOf = (answer: Answer) => errorBody(answer).failures?.map(({ field }) => field);
