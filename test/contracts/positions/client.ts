/** The contract over the real core and a store in memory, as a client meets it. */

import type { Contract } from '../../../lib/contracts/contract.ts';
import { invoices as native } from '../../../lib/contracts/invoices/index.ts';
import { positions as contract } from '../../../lib/contracts/positions/index.ts';
import type { InvoiceResource, PositionResource } from '../../../lib/contracts/positions/resources.ts';
import { idLease } from '../../../lib/invoice/identity.ts';
import { createInvoices } from '../../../lib/invoice/invoices.ts';
import type { Caller } from '../../../lib/invoice/model.ts';
import type { Answer, Operation } from '../../../lib/invoice/operation.ts';
import type { FieldsOf, ReferenceKind } from '../../../lib/invoice/reference/kinds.ts';
import { ask, worded } from '../../support/ask.ts';
import * as fixtures from '../../support/fixtures.ts';
import { entryKey } from '../../support/memory-reference.ts';
import { emptyMemory, memoryStore } from '../../support/memory-store.ts';

const uuid = (last: number) => `0d9c3f8e-5a41-4c0e-9b1a-${String(last).padStart(12, '0')}`;

export const ids = {
  hour: uuid(1),
  month: uuid(2),
  oldUnit: uuid(3),
  standard: uuid(11),
  reduced: uuid(12),
  exempt: uuid(13),
  outside: uuid(14),
  licence: uuid(21),
  book: uuid(22),
  customer: uuid(31),
};

const entries: { [K in ReferenceKind]?: Record<string, FieldsOf<K>> } = {
  'business-entities': { [fixtures.entity.id]: { seller: fixtures.seller } },
  units: {
    [ids.hour]: { name: 'Hour', code: 'HUR' },
    [ids.month]: { name: 'Month', code: 'MON' },
    [ids.oldUnit]: { name: 'Dozen', code: 'DZN' },
  },
  'tax-groups': {
    [ids.standard]: { name: 'Standard', percent: 19, category: 'S', isDefault: true },
    [ids.reduced]: { name: 'Reduced', percent: 7, category: 'S' },
    [ids.exempt]: { name: 'Exempt', percent: 0, category: 'E', exemptionReason: 'Teaching' },
    [ids.outside]: { name: 'Outside', percent: 0, category: 'O', exemptionReason: 'Not taxable' },
  },
  products: {
    [ids.licence]: { name: 'Licence' },
    [ids.book]: { name: 'Book', defaultTaxGroupId: ids.reduced },
  },
  customers: {
    [ids.customer]: {
      customerNumber: 'C-1001',
      companyName: 'Käufer AG',
      currencyCode: 'EUR',
      timeZone: 'Europe/Vienna',
      datevId: '10001',
      status: 'active',
      defaultTaxGroupId: ids.exempt,
    },
  },
};

/** The least that makes a position. */
export const smallest = { name: 'Work', unitId: ids.hour, unitPrice: '100.00', taxGroupId: null };

/** A draft of the native API with one line of its own. */
export const draft = {
  calculate_totals: true,
  header: { issue_date: '2026-01-15', due_date: '2026-02-15' },
  buyer: { name: 'Käufer AG', address: { street: 'Ring 1', city: 'Wien', postal_code: '1010', country: 'AT' } },
  items: [{ id: '1', name: 'Setup', price: 10_000, quantity: 1, unit_code: 'HUR', tax_rate: 19 }],
};

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  violations?: { propertyPath: string; message: string; code: string }[];
}

export function newClient() {
  const memory = emptyMemory();
  const { tenant, caller, series, creditSeries } = fixtures;
  memory.tenants.set(tenant.id, tenant);
  for (const one of [series, creditSeries]) memory.series.set(`${tenant.id}/live ${one.name}`, one);
  for (const [name, list] of Object.entries(entries)) {
    const kind = name as ReferenceKind;
    for (const [id, fields] of Object.entries(list)) {
      const { version, createdAt, updatedAt } = fixtures.entity;
      const entry = { ...fields, id, version, createdAt, updatedAt, archived: id === ids.oldUnit };
      memory.entries.set(entryKey({ scope: caller, kind }, id), entry);
    }
  }
  memory.rates.push({ date: '2026-01-14', source: 'ECB', rates: { USD: '1.25', CHF: '0.9386', JPY: '160' } });
  const store = memoryStore(memory);
  const lease = idLease();
  let time = Date.parse('2026-01-20T12:00:00.000Z');
  const invoices = createInvoices({
    store,
    deliver: fixtures.undelivered,
    now: () => new Date(time).toISOString(),
    newId: (scope) => lease(scope, (count) => store.reserveIds(scope, count)),
    pause: async () => {},
  });

  async function call(
    spoken: Contract,
    method: string,
    path: string,
    params: Record<string, string>,
    body?: unknown,
    operation?: Operation,
  ): Promise<Answer> {
    const who: Caller = { ...caller, contract: spoken.name };
    const first = operation && (await worded(spoken, () => invoices.replay(who, operation)));
    return first ?? ask(spoken, invoices, method, path, { params, body, caller: who, operation });
  }

  return {
    memory,
    invoices,
    passDays: (days: number) => {
      time += days * 86_400_000;
    },
    native: (method: string, path: string, params: Record<string, string>, body?: unknown) =>
      call(native, method, path, params, body),
    /** A draft of the native API; answers with its id. */
    async draft(body: object = {}): Promise<string> {
      const { body: text } = await call(native, 'POST', '/invoices', {}, { ...draft, ...body });
      const { data } = JSON.parse(text);
      if (!data) throw new Error(text);
      return data.id;
    },
    add: (id: string, body: unknown, operation?: Operation) =>
      call(contract, 'POST', '/invoices/{id}/position-items', { id }, body, operation),
    put: (id: string, body: unknown, operation?: Operation) =>
      call(contract, 'PUT', '/invoice-position-items/{id}', { id }, body, operation),
    position: (id: string) => call(contract, 'GET', '/invoice-position-items/{id}', { id }),
    invoice: (id: string) => call(contract, 'GET', '/invoices/{id}', { id }),
  };
}

export const invoiceIn = ({ status, body }: Answer): InvoiceResource => {
  if (status >= 300) throw new Error(body);
  return JSON.parse(body);
};
export const positionIn = ({ body }: Answer): PositionResource => JSON.parse(body);
export const problemIn = ({ body }: Answer): Problem => JSON.parse(body);

/** The violations as `path: code`. */
export const violationsIn = (answer: Answer): string[] =>
  (problemIn(answer).violations ?? []).map(({ propertyPath, code }) => `${propertyPath}: ${code}`);
