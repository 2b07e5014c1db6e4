/** The store's port in memory: every operation is atomic because nothing in it waits. */

import type { AuditEntry } from '../../lib/invoice/audit.ts';
import type { BusinessEntity, Invoice, Scope, Series, Tenant } from '../../lib/invoice/model.ts';
import { normalizeNumber } from '../../lib/invoice/number.ts';
import type { OperationRecord } from '../../lib/invoice/operation.ts';
import type { Change, CounterState, InvoiceStore, SeriesCounter, Ticket } from '../../lib/invoice/store.ts';

interface Counter {
  next: number;
  open: Map<string, Ticket>;
  spare: number[];
  handedOn: number[];
}

export interface Memory {
  tenants: Map<string, Tenant>;
  entities: Map<string, BusinessEntity>;
  series: Map<string, Series>;
  invoices: Map<string, Invoice>;
  claims: Map<string, string>;
  operations: Map<string, OperationRecord>;
  counters: Map<string, Counter>;
  audit: { invoiceId: string; entry: AuditEntry }[];
  ids: Map<string, number>;
}

export const emptyMemory = (): Memory => ({
  tenants: new Map(),
  entities: new Map(),
  series: new Map(),
  invoices: new Map(),
  claims: new Map(),
  operations: new Map(),
  counters: new Map(),
  audit: [],
  ids: new Map(),
});

const beginning = (next: number): Counter => ({ next, open: new Map(), spare: [], handedOn: [] });

const scopeOf = ({ tenant, mode }: Scope) => `${tenant}/${mode}`;
const nameOf = ({ invoiceId, since }: Omit<Ticket, 'ordinal'>) => `${invoiceId} ${since}`;
const claimOf = (scope: Scope, entity: string, number: string) =>
  `${scopeOf(scope)} ${entity} ${normalizeNumber(number)}`;

export function memoryStore(memory: Memory, mostOpenTickets = 150): InvoiceStore {
  const counterOf = ({ scope, name, period }: SeriesCounter) => `${scopeOf(scope)} ${name} ${period}`;
  const stateOf = ({ next, open, spare, handedOn }: Counter): CounterState => ({
    next,
    open: [...open.values()],
    spare: [...spare],
    handedOn: [...handedOn],
  });
  const keyOf = (scope: Scope, id: string) => `${scopeOf(scope)} ${id}`;

  const claimHolds = ({ scope, id, businessEntityId, number }: Invoice) =>
    number === undefined || [undefined, id].includes(memory.claims.get(claimOf(scope, businessEntityId, number)));
  const operationHolds = ({ invoice, operation }: Change) => {
    const record = operation && memory.operations.get(keyOf(invoice.scope, operation.id));
    return !record || (record.invoiceId === invoice.id && record.fingerprint === operation.fingerprint);
  };
  function write(change: Change): void {
    const { invoice, audit, operation } = change;
    memory.invoices.set(keyOf(invoice.scope, invoice.id), invoice);
    if (invoice.number !== undefined) {
      memory.claims.set(claimOf(invoice.scope, invoice.businessEntityId, invoice.number), invoice.id);
    }
    if (audit) memory.audit.push({ invoiceId: invoice.id, entry: audit });
    if (operation) {
      memory.operations.set(keyOf(invoice.scope, operation.id), { ...operation, invoiceId: invoice.id });
    }
  }

  return {
    tenant: async (id) => memory.tenants.get(id),
    tenants: async () => [...memory.tenants.values()],
    businessEntity: async (scope, id) => memory.entities.get(keyOf(scope, id)),
    series: async (scope, name) => memory.series.get(keyOf(scope, name)),
    allSeries: async (scope) =>
      [...memory.series].filter(([key]) => key.startsWith(`${scopeOf(scope)} `)).map(([, series]) => series),
    invoice: async (scope, id) => memory.invoices.get(keyOf(scope, id)),
    operation: async (scope, id) => memory.operations.get(keyOf(scope, id)),
    numberHolder: async (scope, entity, number) => memory.claims.get(claimOf(scope, entity, number)),

    async reserveIds(scope, count) {
      const last = memory.ids.get(scopeOf(scope)) ?? 0;
      memory.ids.set(scopeOf(scope), last + count);
      return { first: last + 1 };
    },

    async insert(change) {
      if (memory.invoices.has(keyOf(change.invoice.scope, change.invoice.id))) return 'stored';
      if (!operationHolds(change)) return 'operation-exists';
      if (!claimHolds(change.invoice)) return 'number-taken';
      write(change);
      return 'stored';
    },

    async beginFinalizing(change, seen) {
      if (!operationHolds(change)) return 'operation-exists';
      const { scope, id } = change.invoice;
      if (memory.invoices.get(keyOf(scope, id))?.version !== seen.version) return 'stale';
      write(change);
      return 'changed';
    },

    async issue(change) {
      const { invoice } = change;
      const stored = memory.invoices.get(keyOf(invoice.scope, invoice.id));
      const waiting =
        stored?.version === invoice.version - 1 &&
        stored.finalizingAt === invoice.finalizingAt &&
        stored.issuedAt === undefined;
      if (!waiting) return 'not-waiting';
      if (!operationHolds(change)) return 'operation-exists';
      if (!claimHolds(invoice)) return 'number-taken';
      write(change);
      return 'issued';
    },

    async settleAnswer(scope, record, answer) {
      const stands = memory.operations.get(keyOf(scope, record.id));
      if (stands?.answer) return stands.answer;
      memory.operations.set(keyOf(scope, record.id), { ...record, answer });
      return answer;
    },

    async takeTicket(key, start, ticket) {
      const counter = memory.counters.get(counterOf(key)) ?? beginning(start);
      memory.counters.set(counterOf(key), counter);
      const name = nameOf(ticket);
      if (counter.open.has(name)) return { ...stateOf(counter), repeated: true };
      if (counter.open.size >= mostOpenTickets) return 'full';
      const spare = counter.spare.shift();
      if (spare !== undefined) counter.handedOn.push(spare);
      counter.open.set(name, { ...ticket, ordinal: spare ?? counter.next++ });
      return stateOf(counter);
    },

    async skipTicket(key, ticket) {
      const counter = memory.counters.get(counterOf(key));
      if (counter?.open.get(nameOf(ticket))?.ordinal !== ticket.ordinal) return 'changed';
      counter.open.set(nameOf(ticket), { ...ticket, ordinal: counter.next++ });
      return stateOf(counter);
    },

    async dropTicket(key, ticket) {
      const counter = memory.counters.get(counterOf(key));
      if (counter?.open.get(nameOf(ticket))?.ordinal === ticket.ordinal) counter.open.delete(nameOf(ticket));
    },

    async releaseTicket(key, ticket) {
      const counter = memory.counters.get(counterOf(key));
      if (counter?.open.get(nameOf(ticket))?.ordinal !== ticket.ordinal) return;
      counter.open.delete(nameOf(ticket));
      if (counter.next === ticket.ordinal + 1) counter.next = ticket.ordinal;
      else counter.spare.push(ticket.ordinal);
    },

    counter: async (key) => {
      const counter = memory.counters.get(counterOf(key));
      return counter && stateOf(counter);
    },
  };
}
