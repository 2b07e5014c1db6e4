/** The contract over the real core and a store in memory, as a client meets it. */
import { bookkeeping } from '../../../lib/contracts/bookkeeping/index.ts';
import type { InvoiceResource } from '../../../lib/contracts/bookkeeping/invoice-resource.ts';
import type { Contract } from '../../../lib/contracts/contract.ts';
import { invoices as native } from '../../../lib/contracts/invoices/index.ts';
import type { InvoiceResource as NativeResource } from '../../../lib/contracts/invoices/invoice-resource.ts';
import { idLease } from '../../../lib/invoice/identity.ts';
import { createInvoices } from '../../../lib/invoice/invoices.ts';
import type { Caller, Series, Tenant } from '../../../lib/invoice/model.ts';
import type { Answer, Operation } from '../../../lib/invoice/operation.ts';
import type { FieldsOf, ReferenceKind } from '../../../lib/invoice/reference/kinds.ts';
import { ask, worded } from '../../support/ask.ts';
import * as fixtures from '../../support/fixtures.ts';
import { entryKey } from '../../support/memory-reference.ts';
import { emptyMemory, memoryStore } from '../../support/memory-store.ts';

export const counterParty = '65f1a2b3c4d5e6f708192a3b';
export const otherParty = '65f1a2b3c4d5e6f708192a3c';
export const archivedParty = '65f1a2b3c4d5e6f708192a3d';
export const connection = '65f1a2b3c4d5e6f708192a3e';

export const percent = (value: number) => ({ type: 'PERCENTAGE', value }) as const;
export const fixed = (value: number) => ({ type: 'FIXED', value }) as const;

export const item = {
  id: '1',
  name: 'Work',
  quantity: 1,
  unitPrice: 100,
  tax: percent(19),
  discount: percent(0),
};

/** The least that makes an invoice. */
export const smallest = {
  discount: percent(0),
  invoiceDate: '2026-01-15T09:30:00.000Z',
  dueDate: '2026-02-15T00:00:00.000Z',
  lineItems: [item],
  note: '',
  counterParty,
  invoiceId: 'INCREMENTAL',
  currency: 'EUR',
};

const party: FieldsOf<'counterparties'> = {
  accountName: 'Käufer AG',
  accountNumber: 'K-17',
  email: 'rechnung@kaeufer.example',
  phone: '+43 1 5550100',
  type: 'customer',
  otherEmails: ['buchhaltung@kaeufer.example'],
  address: {
    city: 'Wien',
    country: 'Austria',
    state: 'Wien',
    cca2: 'AT',
    line1: 'Ring 1',
    line2: 'Stiege 2',
    postalCode: '1010',
  },
};

const entries: { [K in ReferenceKind]?: Record<string, FieldsOf<K>> } = {
  counterparties: {
    [counterParty]: party,
    [otherParty]: { accountName: 'Andere GmbH' },
    [archivedParty]: { accountName: 'Alt GmbH' },
  },
  'stripe-connections': { [connection]: { name: 'Stripe', accountId: 'acct_1' } },
};

export const ownSeries: Series = { name: 'bookkeeping', pattern: '{number:4}', start: 1, reset: 'never' };

export interface Envelope<Data = InvoiceResource> {
  message: string;
  metaData: { warnings: string[] };
  data: Data;
}

interface Options {
  tenant?: Partial<Tenant>;
  series?: readonly Series[];
}

export function newClient({ tenant: more, series = [ownSeries] }: Options = {}) {
  const memory = emptyMemory();
  const tenant = { ...fixtures.tenant, ...more };
  const scope = { tenant: tenant.id, mode: 'live' } as const;
  const meta = {
    version: 1,
    archived: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
  memory.tenants.set(tenant.id, tenant);
  memory.entries.set(entryKey({ scope, kind: 'business-entities' }, fixtures.entity.id), fixtures.entity);
  for (const each of [fixtures.series, fixtures.creditSeries, ...series]) {
    memory.series.set(`${tenant.id}/live ${each.name}`, each);
  }
  for (const [kind, of] of Object.entries(entries)) {
    for (const [id, fields] of Object.entries(of)) {
      const entry = { ...fields, ...meta, id, archived: id === archivedParty };
      memory.entries.set(entryKey({ scope, kind: kind as ReferenceKind }, id), entry);
    }
  }
  memory.rates.push({ date: '2026-01-14', source: 'ECB', rates: { USD: '1.08', JPY: '160' } });
  const clock = { now: '2026-01-20T12:00:00.000Z' };
  const store = memoryStore(memory);
  const lease = idLease();
  const invoices = createInvoices({
    store,
    // Their callers know no failed delivery: one without an address must not appear.
    deliver: fixtures.unaddressed,
    now: () => clock.now,
    newId: (of) => lease(of, (count) => store.reserveIds(of, count)),
    pause: async () => {},
  });

  interface Sent {
    body?: unknown;
    params?: Record<string, string>;
    query?: Record<string, string>;
    operation?: Operation;
    as?: Partial<Caller>;
    contract?: Contract;
  }

  async function call(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    const { body, params = {}, query = {}, operation, as, contract = bookkeeping } = sent;
    const caller = { ...fixtures.caller, tenant: tenant.id, contract: contract.name, ...as };
    const replayed = operation && (await worded(contract, () => invoices.replay(caller, operation)));
    return replayed ?? ask(contract, invoices, method, path, { params, query, body, caller, operation });
  }

  const path = '/v1/invoices';
  const one = `${path}/{id}`;
  return {
    call,
    clock,
    memory,
    invoices,
    create: (body: unknown, operation?: Operation) => call('POST', path, { body, ...(operation && { operation }) }),
    find: (id: string) => call('GET', one, { params: { id } }),
    list: (query?: Record<string, string>) => call('GET', path, query && { query }),
    update: (id: string, body: unknown) => call('PATCH', one, { params: { id }, body }),
    send: (id: string, body?: unknown) => call('POST', `${one}/send`, { params: { id }, body }),
    cancel: (id: string, body?: unknown) => call('POST', `${one}/cancel`, { params: { id }, body }),
    pay: (id: string, body: unknown) => call('POST', `${one}/mark-as-paid`, { params: { id }, body }),
    native: {
      create: (body: unknown) => call('POST', '/invoices', { contract: native, body }),
      find: (id: string) => call('GET', '/invoices/{id}', { contract: native, params: { id } }),
      update: (id: string, body: unknown) =>
        call('PATCH', '/invoices/{id}', { contract: native, params: { id }, body }),
      finalize: (id: string) => call('POST', '/invoices/{id}/finalize', { contract: native, params: { id } }),
    },
  };
}

/** What a successful answer holds. */
export function envelope<Data = InvoiceResource>({ status, body }: Answer): Envelope<Data> {
  if (status !== 200) throw new Error(body);
  return JSON.parse(body);
}

export const data = (answer: Answer): InvoiceResource => envelope(answer).data;
export const warnings = (answer: Answer): string[] => envelope(answer).metaData.warnings;

/** Status and text of a refusal. */
export function refusal({ status, body }: Answer): [number, string, string] {
  const { error, message, ...rest } = JSON.parse(body);
  if (Object.keys(rest).length > 0) throw new Error(`More than error and message: ${body}`);
  return [status, error, message];
}

export const nativeData = ({ body }: Answer): NativeResource => JSON.parse(body).data;
