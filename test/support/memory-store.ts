/** The store's port in memory: every operation is atomic because nothing in it waits. */

import type { AuditEntry } from '../../lib/invoice/audit.ts';
import { type BookLine, isVoid, type Link } from '../../lib/invoice/chain.ts';
import { dunningPlace } from '../../lib/invoice/dunning.ts';
import type { EventRejection } from '../../lib/invoice/event-rejections.ts';
import { positionOf as eventPosition, eventsOf } from '../../lib/invoice/events.ts';
import { positionOn } from '../../lib/invoice/listing.ts';
import type { Invoice, Payment, Scope, Series, Tenant } from '../../lib/invoice/model.ts';
import { normalizeNumber } from '../../lib/invoice/number.ts';
import type { Change, CounterState, InvoiceStore, SeriesCounter, Ticket } from '../../lib/invoice/store.ts';
import { memoryReference, type ReferenceMemory } from './memory-reference.ts';
import { memoryWebhooks, type WebhookMemory } from './memory-webhooks.ts';

interface Counter {
  next: number;
  open: Map<string, Ticket>;
  spare: number[];
  handedOn: number[];
  first?: number;
  lastIssueDate?: string;
}

export interface Memory extends ReferenceMemory, WebhookMemory {
  tenants: Map<string, Tenant>;
  series: Map<string, Series>;
  invoices: Map<string, Invoice>;
  claims: Map<string, string>;
  counters: Map<string, Counter>;
  payments: Map<string, Map<string, Payment>>;
  references: Map<string, { invoiceId: string; paymentId: string }>;
  lineNames: Map<string, string>;
  businessKeys: Map<string, string>;
  /** By counter and ordinal. */
  lines: Map<string, Map<number, BookLine>>;
  chains: Map<string, Link[]>;
  audit: { invoiceId: string; entry: AuditEntry }[];
  rejections: Map<string, EventRejection>;
}

export const emptyMemory = (): Memory => ({
  tenants: new Map(),
  entries: new Map(),
  rates: [],
  series: new Map(),
  invoices: new Map(),
  claims: new Map(),
  operations: new Map(),
  counters: new Map(),
  payments: new Map(),
  references: new Map(),
  lineNames: new Map(),
  businessKeys: new Map(),
  lines: new Map(),
  chains: new Map(),
  audit: [],
  events: [],
  webhooks: new Map(),
  deliveries: new Map(),
  rejections: new Map(),
  ids: new Map(),
});

const beginning = (next: number): Counter => ({ next, open: new Map(), spare: [], handedOn: [] });

const scopeOf = ({ tenant, mode }: Scope) => `${tenant}/${mode}`;
const nameOf = ({ invoiceId, since }: Omit<Ticket, 'ordinal'>) => `${invoiceId} ${since}`;
const claimOf = (scope: Scope, entity: string, number: string) =>
  `${scopeOf(scope)} ${entity} ${normalizeNumber(number)}`;

export function memoryStore(memory: Memory, mostOpenTickets = 150): InvoiceStore {
  const counterOf = ({ scope, name, period }: SeriesCounter) => `${scopeOf(scope)} ${name} ${period}`;
  const stateOf = ({ next, open, spare, handedOn, lastIssueDate, first }: Counter): CounterState => ({
    ...(first !== undefined && { first }),
    ...(lastIssueDate !== undefined && { lastIssueDate }),
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
    return (
      !record || (record.subject === (operation?.subject ?? invoice.id) && record.fingerprint === operation.fingerprint)
    );
  };
  const linesOf = (key: SeriesCounter): Map<number, BookLine> => {
    const lines = memory.lines.get(counterOf(key)) ?? new Map();
    memory.lines.set(counterOf(key), lines);
    return lines;
  };
  /** One ordinal, one invoice. */
  const lineIsOpen = (key: SeriesCounter, ordinal: number, invoiceId: string) => {
    const line = linesOf(key).get(ordinal);
    return !line || (!isVoid(line) && (line.passed === true || line.invoiceId === invoiceId));
  };
  const lineHolds = ({ scope, id, place }: Invoice) => !place || lineIsOpen({ scope, ...place }, place.ordinal, id);
  function enterLine({ scope, id, number, place }: Invoice): void {
    if (!place || number === undefined) return;
    linesOf({ scope, ...place }).set(place.ordinal, { ordinal: place.ordinal, number, invoiceId: id });
  }
  function write(change: Change): void {
    const { invoice, audit, operation } = change;
    memory.invoices.set(keyOf(invoice.scope, invoice.id), invoice);
    if (invoice.number !== undefined) {
      memory.claims.set(claimOf(invoice.scope, invoice.businessEntityId, invoice.number), invoice.id);
    }
    if (audit) memory.audit.push({ invoiceId: invoice.id, entry: audit });
    memory.events.push(...eventsOf(change));
    if (operation) {
      memory.operations.set(keyOf(invoice.scope, operation.id), {
        ...operation,
        subject: operation.subject ?? invoice.id,
      });
    }
  }

  const historyOf = (id: string) => memory.audit.filter(({ invoiceId }) => invoiceId === id).map(({ entry }) => entry);
  const entries = memoryReference(memory);
  const takeTicket: InvoiceStore['takeTicket'] = async (key, start, ticket, order) => {
    const counter = memory.counters.get(counterOf(key)) ?? beginning(start);
    memory.counters.set(counterOf(key), counter);
    const name = nameOf(ticket);
    if (counter.open.has(name)) return { ...stateOf(counter), repeated: true };
    if (order?.enforce && order.date < (counter.lastIssueDate ?? '')) return 'too-early';
    if (counter.open.size >= mostOpenTickets) return 'full';
    if (order) counter.lastIssueDate = order.date;
    const spare = counter.spare.shift();
    if (spare !== undefined) counter.handedOn.push(spare);
    counter.open.set(name, { ...ticket, ordinal: spare ?? counter.next++ });
    return stateOf(counter);
  };

  return {
    ...entries,
    ...memoryWebhooks(memory),
    async rejectEvent(scope, rejection, event) {
      const key = `${scope ? scopeOf(scope) : ''} ${rejection.id}`;
      if (memory.rejections.has(key)) return;
      memory.rejections.set(key, rejection);
      if (event) memory.events.push(event);
    },
    async eventRejections(scope, { limit, before }) {
      const found = [...memory.rejections]
        .filter(([key]) => key.startsWith(`${scope ? scopeOf(scope) : ''} `))
        .map(([, rejection]) => rejection)
        .filter((rejection) => before === undefined || rejection.id < before)
        .sort((a, b) => (a.id < b.id ? 1 : -1));
      return { rejections: found.slice(0, limit), more: found.length > limit };
    },
    tenant: async (id) => memory.tenants.get(id),
    tenants: async () => [...memory.tenants.values()],
    businessEntity: (scope, id) => entries.reference({ scope, kind: 'business-entities' }, id),
    series: async (scope, name) => memory.series.get(keyOf(scope, name)),
    allSeries: async (scope) =>
      [...memory.series].filter(([key]) => key.startsWith(`${scopeOf(scope)} `)).map(([, series]) => series),
    invoice: async (scope, id) => memory.invoices.get(keyOf(scope, id)),
    operation: async (scope, id) => memory.operations.get(keyOf(scope, id)),
    newest: async (scope, limit, after) => {
      const positions = [...memory.invoices.values()]
        .filter((invoice) => scopeOf(invoice.scope) === scopeOf(scope) && !invoice.deletedAt)
        .map(({ createdAt, id }) => `${createdAt}#${id}`)
        .filter((position) => after === undefined || position < after)
        .sort()
        .reverse();
      const page = positions.slice(0, limit);
      const last = positions.length > limit ? page.at(-1) : undefined;
      return {
        ids: page.map((position) => position.split('#')[1] as string),
        ...(last !== undefined && { next: last }),
      };
    },
    events: async ({ tenant, mode }, { after = '', limit }) =>
      memory.events
        .filter((event) => event.tenant_id === tenant && event.mode === mode && eventPosition(event) > after)
        .sort((a, b) => (eventPosition(a) < eventPosition(b) ? -1 : 1))
        .slice(0, limit),
    listed: async (scope, listing, { limit, after, from, to }) =>
      [...memory.invoices.values()]
        .filter((invoice) => scopeOf(invoice.scope) === scopeOf(scope) && !invoice.deletedAt)
        .map((invoice) => ({ id: invoice.id, position: positionOn(listing, invoice) ?? '' }))
        .filter(({ position }) => position !== '' && (after === undefined || position < after))
        .filter(({ position }) => position >= (from ?? '') && (to === undefined || position.slice(0, 10) <= to))
        .sort((a, b) => (a.position < b.position ? 1 : -1))
        .slice(0, limit),
    dunnable: async (scope, { stage, until, limit, after }) => {
      const positions = [...memory.invoices.values()]
        .filter((invoice) => scopeOf(invoice.scope) === scopeOf(scope) && !invoice.deletedAt)
        .flatMap((invoice) => dunningPlace(invoice) ?? [])
        .filter((place) => place.stage === stage && place.since <= until)
        .map(({ position }) => position)
        .filter((position) => after === undefined || position > after)
        .sort();
      const page = positions.slice(0, limit);
      const last = positions.length > limit ? page.at(-1) : undefined;
      return { ids: page.map((each) => each.slice(each.indexOf('#') + 1)), ...(last !== undefined && { next: last }) };
    },
    externalReferenceHolder: async (scope, reference) => memory.businessKeys.get(keyOf(scope, reference)),
    paymentHolder: async (scope, reference) => memory.references.get(keyOf(scope, reference)),
    countInvoices: async (scope) =>
      [...memory.invoices.values()].filter((each) => scopeOf(each.scope) === scopeOf(scope) && !each.deletedAt).length,
    lineHolder: async (scope, name) => memory.lineNames.get(keyOf(scope, name)),
    numberHolder: async (scope, entity, number) => memory.claims.get(claimOf(scope, entity, number)),

    async reserveIds(scope, count) {
      const last = memory.ids.get(scopeOf(scope)) ?? 0;
      memory.ids.set(scopeOf(scope), last + count);
      return { first: last + 1 };
    },

    async insert(change) {
      if (memory.invoices.has(keyOf(change.invoice.scope, change.invoice.id))) return 'stored';
      if (!operationHolds(change)) return 'operation-exists';
      const { scope, id, externalReference } = change.invoice;
      if (externalReference !== undefined && memory.businessKeys.has(keyOf(scope, externalReference))) {
        return 'external-reference-taken';
      }
      if (!claimHolds(change.invoice) || !lineHolds(change.invoice)) return 'number-taken';
      if (externalReference !== undefined) memory.businessKeys.set(keyOf(scope, externalReference), id);
      enterLine(change.invoice);
      write(change);
      return 'stored';
    },

    async update(change, seen) {
      const { invoice, payment, correction, frees } = change;
      const stored = memory.invoices.get(keyOf(invoice.scope, invoice.id));
      if (!operationHolds(change)) return 'operation-exists';
      const rewritten = invoice.document !== seen.document || invoice.extras !== seen.extras;
      if (stored?.version !== seen.version || stored.deletedAt || (rewritten && stored.issuedAt)) return 'stale';
      const hasLine = (counter: SeriesCounter, ordinal: number) => {
        const line = linesOf(counter).get(ordinal);
        return line !== undefined && !isVoid(line) && line.invoiceId === invoice.id;
      };
      if (frees?.places.some(({ counter, ordinal, passed }) => passed !== hasLine(counter, ordinal))) return 'stale';
      if (!claimHolds(invoice)) return 'number-taken';
      const names = (change.lineNames ?? []).map((name) => keyOf(invoice.scope, name));
      if (names.some((name) => (memory.lineNames.get(name) ?? invoice.id) !== invoice.id)) return 'line-name-taken';
      const referenceKey = keyOf(invoice.scope, payment?.reference ?? '');
      if (payment?.reference !== undefined && !payment.reversedAt) {
        if (memory.references.has(referenceKey)) return 'reference-taken';
        memory.references.set(referenceKey, { invoiceId: invoice.id, paymentId: payment.id });
      }
      if (frees) memory.claims.delete(claimOf(invoice.scope, invoice.businessEntityId, frees.number));
      for (const { counter, ordinal, passed } of frees?.places ?? []) {
        if (!passed) continue;
        linesOf(counter).delete(ordinal);
        memory.counters.get(counterOf(counter))?.spare.push(ordinal);
      }
      if (payment) {
        const entries = memory.payments.get(keyOf(invoice.scope, invoice.id)) ?? new Map();
        memory.payments.set(keyOf(invoice.scope, invoice.id), entries.set(payment.id, payment));
      }
      for (const name of names) memory.lineNames.set(name, invoice.id);
      if (correction) memory.invoices.set(keyOf(correction.scope, correction.id), correction);
      write(change);
      return 'changed';
    },

    payments: async (scope, id) => [...(memory.payments.get(keyOf(scope, id))?.values() ?? [])],

    async issue(change) {
      const { invoice } = change;
      const stored = memory.invoices.get(keyOf(invoice.scope, invoice.id));
      if (stored?.version !== invoice.version - 1 || stored.issuedAt !== undefined) return 'not-waiting';
      if (!operationHolds(change)) return 'operation-exists';
      if (!claimHolds(invoice) || !lineHolds(invoice)) return 'number-taken';
      enterLine(invoice);
      write(change);
      return 'issued';
    },

    async settleAnswer(scope, record, answer) {
      const stands = memory.operations.get(keyOf(scope, record.id));
      if (stands?.answer) return stands.answer;
      memory.operations.set(keyOf(scope, record.id), { ...record, answer });
      return answer;
    },

    takeTicket,

    async takeLateTicket(key, start, ticket, version, order) {
      const stored = memory.invoices.get(keyOf(key.scope, ticket.invoiceId));
      const hasTicket = memory.counters.get(counterOf(key))?.open.has(nameOf(ticket));
      return stored?.version === version || hasTicket ? takeTicket(key, start, ticket, order) : 'not-waiting';
    },

    async skipTicket(key, ticket, order) {
      const counter = memory.counters.get(counterOf(key));
      if (counter?.open.get(nameOf(ticket))?.ordinal !== ticket.ordinal) return 'changed';
      if (order?.enforce && order.date < (counter.lastIssueDate ?? '')) return 'too-early';
      if (order) counter.lastIssueDate = order.date;
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

    numbersOf: async (key, from, to) =>
      [...linesOf(key).values()]
        .filter(({ ordinal }) => ordinal >= from && ordinal <= to)
        .sort((a, b) => a.ordinal - b.ordinal),
    async passNumber(key, entity, passed) {
      if (memory.claims.get(claimOf(key.scope, entity, passed.number)) !== passed.invoiceId) return 'changed';
      const line = linesOf(key).get(passed.ordinal);
      if (line && (isVoid(line) || !line.passed)) return 'changed';
      linesOf(key).set(passed.ordinal, passed);
      return 'entered';
    },
    chain: async (key, from, to) =>
      (memory.chains.get(counterOf(key)) ?? []).filter(({ ordinal }) => ordinal >= from && ordinal <= to),
    chainHead: async (key) => memory.chains.get(counterOf(key))?.at(-1),
    async appendChain(key, links) {
      const chain = memory.chains.get(counterOf(key)) ?? [];
      const there = new Set(chain.map(({ ordinal }) => ordinal));
      if (links.some(({ ordinal }) => there.has(ordinal))) return;
      memory.chains.set(counterOf(key), [...chain, ...links]);
    },
    history: async (_, id) => historyOf(id),
    async examine(scope, id) {
      const invoice = memory.invoices.get(keyOf(scope, id));
      const payments = [...(memory.payments.get(keyOf(scope, id))?.values() ?? [])];
      return invoice && { invoice, history: historyOf(id), payments, faults: [] };
    },
    async insertSeries(scope, series) {
      if (memory.series.has(keyOf(scope, series.name))) return 'exists';
      memory.series.set(keyOf(scope, series.name), series);
      return 'stored';
    },

    async continueCounter(key, start, next, lastIssueDate) {
      const counter = memory.counters.get(counterOf(key)) ?? beginning(start);
      memory.counters.set(counterOf(key), counter);
      const unused = counter.open.size === 0 && counter.next === (counter.first ?? start);
      if (unused && counter.next < next) {
        Object.assign(counter, { next, first: next, ...(lastIssueDate !== undefined && { lastIssueDate }) });
      }
      return stateOf(counter);
    },

    counter: async (key) => {
      const counter = memory.counters.get(counterOf(key));
      return counter && stateOf(counter);
    },
  };
}
