/** The port through which invoices are kept, and what is kept with them. */
import type { AuditEntry } from './audit.ts';
import type { BookLine, Link, Numbered, VoidNumber } from './chain.ts';
import type { CalendarDate, Timestamp } from './document.ts';
import type { DunningStage } from './dunning.ts';
import type { EventRejectionStore } from './event-rejections.ts';
import type { ExchangeRateStore } from './exchange-rates.ts';
import type { EventStore } from './feed.ts';
import type { Listed, Listing } from './listing.ts';
import type { BusinessEntity, Invoice, Payment, Scope, Series, Tenant } from './model.ts';
import type { Answer, AnsweredOperation, Operation, OperationRecord } from './operation.ts';
import type { ReferenceStore } from './reference/store.ts';
import type { WebhookStore } from './webhooks/model.ts';

/** A number that a series has given out and not yet seen used. */
export interface Ticket {
  readonly invoiceId: string;
  /** When the invoice began to finalise; part of the ticket's name, equal for every process that finishes it. */
  readonly since: Timestamp;
  readonly ordinal: number;
}

/** The issue date that comes with a number. With `enforce` the number is refused when the last date is later. */
export interface IssueOrder {
  readonly date: CalendarDate;
  readonly enforce: boolean;
}

/** A counter of a series: one for each period. */
export interface SeriesCounter {
  readonly scope: Scope;
  readonly name: string;
  readonly period: string;
}

/** The numbers of a counter as one write left them. */
export interface CounterState {
  /** The next number that will be given out. */
  readonly next: number;
  readonly open: readonly Ticket[];
  /** Ordinals that were released and wait for the next invoice. */
  readonly spare: readonly number[];
  /** Ordinals that were taken for one invoice and handed on to another. */
  readonly handedOn: readonly number[];
  /** The first number that the series gives out itself, when imported ones go before. */
  readonly first?: number;
  /** The issue date that came with the last number, in a series that minds the order of dates. */
  readonly lastIssueDate?: CalendarDate;
  /** Since when it gives out no numbers, because its series is being restored. */
  readonly frozenAt?: Timestamp;
  /** The write was sent more than once: a copy of it may still arrive. */
  readonly repeated?: boolean;
}

/** A number that a draft gives up, and what that means for each series that could have written it. */
export interface FreedNumber {
  readonly number: string;
  readonly places: readonly {
    readonly counter: SeriesCounter;
    readonly ordinal: number;
    /** The series found it taken and went past it: it must come again, or there is a gap. */
    readonly passed: boolean;
  }[];
}

/** A change of an invoice and everything that must be true together with it; its events are kept with its audit entry. */
export interface Change {
  /** The invoice as it will be; its `version` is one more than what is stored. */
  readonly invoice: Invoice;
  readonly audit?: AuditEntry;
  /** `subject` when the operation made another invoice than the one that changes. */
  readonly operation?: Operation & { readonly answer?: Answer; readonly subject?: string };
  readonly frees?: FreedNumber;
  /** Names that the caller gave to lines. */
  readonly lineNames?: readonly string[];
  /** A payment recorded, or reversed. */
  readonly payment?: Payment;
  /** A document that corrects the invoice, stored waiting for its number. */
  readonly correction?: Invoice;
}

/** All that is kept of an invoice, whatever state it is in. */
export interface Kept {
  /** Absent when it is gone, or cannot be read. */
  readonly invoice?: Invoice;
  readonly history: readonly AuditEntry[];
  readonly payments: readonly Payment[];
  /** What is wrong with how it is kept. */
  readonly faults: readonly string[];
}

/** Which part of a list is asked for. */
export interface ListedPage {
  readonly limit: number;
  /** The position that came last. */
  readonly after?: string | undefined;
  /** The first and the last invoice date; not for lists of words. */
  readonly from?: CalendarDate | undefined;
  readonly to?: CalendarDate | undefined;
}

/**
 * Where invoices are kept. Expected outcomes are return values. Anything else throws: `StoreBusy` when contention or an
 * outage outlasted the budget and nothing was done, `OutcomeUnknown` when the store did not say whether it committed.
 * Every read is consistent.
 */
export interface InvoiceStore extends ReferenceStore, ExchangeRateStore, EventRejectionStore, EventStore, WebhookStore {
  tenant(id: string): Promise<Tenant | undefined>;
  businessEntity(scope: Scope, id: string): Promise<BusinessEntity | undefined>;
  series(scope: Scope, name: string): Promise<Series | undefined>;

  invoice(scope: Scope, id: string): Promise<Invoice | undefined>;
  /** Ids of a scope's invoices, newest first, after a position that an earlier page ended with. May lag behind a write. */
  newest(scope: Scope, limit: number, after?: string): Promise<{ ids: string[]; next?: string }>;
  /** A list's invoices in the order of their positions, the last one first. May lag behind a write, and name what is no more. */
  listed(scope: Scope, listing: Listing, page: ListedPage): Promise<Listed[]>;
  /**
   * Ids of a scope's invoices of a stage that have waited since a day or earlier (see `dunningPlace`), after a position that an
   * earlier page ended with. May lag behind a write.
   */
  dunnable(
    scope: Scope,
    page: { stage: DunningStage; until: CalendarDate; limit: number; after?: string | undefined },
  ): Promise<{ ids: string[]; next?: string }>;
  /** How many invoices `newest` would list in all. */
  countInvoices(scope: Scope): Promise<number>;
  operation(scope: Scope, id: string): Promise<OperationRecord | undefined>;
  /** The invoice that has a line of a name that a caller gave. */
  lineHolder(scope: Scope, name: string): Promise<string | undefined>;
  /** Who holds a number within an issuer. */
  numberHolder(scope: Scope, businessEntityId: string, number: string): Promise<string | undefined>;

  /** Which invoice an external reference names. */
  externalReferenceHolder(scope: Scope, reference: string): Promise<string | undefined>;
  /** Which payment a provider's reference names. */
  paymentHolder(scope: Scope, reference: string): Promise<{ invoiceId: string; paymentId: string } | undefined>;

  /** Takes the next integers for invoice ids; a lost answer leaves a hole in ids, which mean nothing. */
  reserveIds(scope: Scope, count: number): Promise<{ first: number }>;

  /** Stores a new invoice; claims its chosen number and its external reference, keeps its operation. All or nothing. */
  insert(change: Change): Promise<'stored' | 'number-taken' | 'external-reference-taken' | 'operation-exists'>;
  /** Changes an invoice if it is still as it was read; never the content of one that is issued. All or nothing. */
  update(
    change: Change,
    seen: Invoice,
  ): Promise<'changed' | 'stale' | 'number-taken' | 'operation-exists' | 'reference-taken' | 'line-name-taken'>;
  /** An invoice's payments, in the order they were recorded. */
  payments(scope: Scope, invoiceId: string): Promise<Payment[]>;
  /** Claims the number for the invoice and issues it, if it is still waiting. All or nothing. */
  issue(change: Change): Promise<'issued' | 'number-taken' | 'not-waiting' | 'operation-exists'>;
  /** Writes down the first answer of an operation that committed without one; returns the answer that stands. */
  settleAnswer(scope: Scope, record: Omit<OperationRecord, 'answer'>, answer: Answer): Promise<Answer>;

  /**
   * Gives the ticket's invoice a spare number or the next one, or finds the one it has. `full`: too many are open. `too-early`:
   * the order refuses its date, and always will, since the last date only grows; the invoice has no ticket then. `frozen`:
   * nobody gets one for now, and the invoice has none.
   */
  takeTicket(
    counter: SeriesCounter,
    start: number,
    ticket: Omit<Ticket, 'ordinal'>,
    order?: IssueOrder,
  ): Promise<CounterState | 'full' | 'too-early' | 'frozen'>;
  /**
   * The same for whoever may not be alone with the invoice: only while it waits in this version, so that nobody takes a second
   * ticket after somebody else has finished it. `not-waiting`: somebody has.
   */
  takeLateTicket(
    counter: SeriesCounter,
    start: number,
    ticket: Omit<Ticket, 'ordinal'>,
    version: number,
    order?: IssueOrder,
  ): Promise<CounterState | 'full' | 'too-early' | 'frozen' | 'not-waiting'>;
  /** Trades a ticket whose number turned out to be taken for the next one, if it is still the same ticket. */
  skipTicket(
    counter: SeriesCounter,
    ticket: Ticket,
    order?: IssueOrder,
  ): Promise<CounterState | 'changed' | 'too-early' | 'frozen'>;
  /** Forgets a used ticket, if it is still the same one. */
  dropTicket(counter: SeriesCounter, ticket: Ticket): Promise<void>;
  /**
   * Gives up a number that its invoice does not need, if it is still the same ticket: the last number is taken back, any
   * other one becomes spare and goes to the next invoice that asks.
   */
  releaseTicket(counter: SeriesCounter, ticket: Ticket): Promise<void>;
  counter(counter: SeriesCounter): Promise<CounterState | undefined>;
  /** Lets a counter that gave out nothing itself go on with a number, after a date; never back. Returns how it stands. */
  continueCounter(
    counter: SeriesCounter,
    start: number,
    next: number,
    lastIssueDate?: CalendarDate,
  ): Promise<CounterState>;

  /** The books of a counter between two ordinals, in order. */
  numbersOf(counter: SeriesCounter, from: number, to: number): Promise<BookLine[]>;
  /** Enters a number that its caller chose and the series goes past, if that invoice of the issuer still has it. */
  passNumber(counter: SeriesCounter, businessEntityId: string, passed: Numbered): Promise<'entered' | 'changed'>;
  /** The chain between two ordinals, in order. */
  chain(counter: SeriesCounter, from: number, to: number): Promise<Link[]>;
  chainHead(counter: SeriesCounter): Promise<Link | undefined>;
  /** Appends links, all or none: none when one with the ordinal of any is there. */
  appendChain(counter: SeriesCounter, links: readonly Link[]): Promise<void>;
  /** What happened to an invoice, in order. */
  history(scope: Scope, invoiceId: string): Promise<AuditEntry[]>;
  /** All that is kept of an invoice. */
  examine(scope: Scope, invoiceId: string): Promise<Kept | undefined>;
  insertSeries(scope: Scope, series: Series, operation?: AnsweredOperation): Promise<'stored' | 'exists'>;

  tenants(): Promise<Tenant[]>;
  allSeries(scope: Scope): Promise<Series[]>;
}

/** What only a restore does, in this order. */
export interface RestoreStore {
  /** Notes on a series that it is frozen, or that it is not: who asks for a number is told before anything is stored. */
  keepSeries(scope: Scope, series: Series): Promise<void>;
  /** Lets nobody have a number of the counter from now on. One that has not begun does. */
  freezeCounter(counter: SeriesCounter, start: number, at: Timestamp): Promise<CounterState>;
  /** Enters a number that nobody has any more, and claims it within each issuer, so that nobody ever gets it. */
  voidNumber(
    counter: SeriesCounter,
    line: VoidNumber,
    businessEntityIds: readonly string[],
  ): Promise<'entered' | 'taken'>;
  /** Lets a frozen counter go on with a number, without spare ones that are void, and no earlier than on a day. */
  advanceCounter(
    counter: SeriesCounter,
    from: CounterState,
    to: { next: number; void: readonly number[]; lastIssueDate?: CalendarDate },
  ): Promise<'advanced' | 'changed'>;
  thawCounter(counter: SeriesCounter): Promise<void>;
}

/** Contention or an outage outlasted the budget; nothing was done. */
export class StoreBusy extends Error {}

/** The store did not say whether it committed. */
export class OutcomeUnknown extends Error {}

/** What is kept there cannot be read: a newer version wrote it, or somebody else did. */
export class Unreadable extends Error {}
