/**
 * Invoices that were issued elsewhere, taken over with their own numbers and dates. What the norm misses in them is noted and
 * not refused: they are out in the world as they are.
 */
import { createHash } from 'node:crypto';
import { auditEntry } from './audit.ts';
import { orderOf } from './chronology.ts';
import { claimTaken, paymentReferenceTaken } from './claims.ts';
import { type Context, numberTaken } from './context.ts';
import type { CalendarDate, Timestamp } from './document.ts';
import { InvoiceError } from './failure.ts';
import { mustGive } from './freezing.ts';
import {
  type Caller,
  type Draft,
  type Invoice,
  type Series,
  type SeriesPlace,
  scopeOf,
  type Warning,
} from './model.ts';
import { placeIn } from './number.ts';
import type { PaymentRequest, payments } from './payments.ts';
import { differences, findings, noted } from './rules.ts';
import type { SeriesCounter } from './store.ts';

/** An invoice as it was issued. */
export interface Historic {
  readonly draft: Draft & { readonly number: string };
  /** A moment of its issue date. */
  readonly issuedAt: Timestamp;
  readonly payment?: PaymentRequest | undefined;
  /** SHA-256 of what was handed in: the same invoice handed in again is there already. */
  readonly fingerprint: string;
}

export interface Imported {
  readonly outcome: 'new' | 'there';
  /** Absent in a dry run of a new invoice. */
  readonly id?: string;
  readonly warnings: readonly Warning[];
  /** Where the number stands in a series of the company. */
  readonly place?: SeriesPlace;
}

/** Taking invoices over, and letting the company's series go on after them. */
export function importing(
  { store, now, newId, tenant }: Context,
  preview: (caller: Caller, draft: Draft) => Promise<{ invoice: Invoice }>,
  { pay }: ReturnType<typeof payments>,
) {
  /**
   * Takes an invoice over as issued. Its number is claimed for ever and names it, so that a run that was cut off can be
   * repeated whenever: what is there is left as it is, and its payment recorded if that is missing.
   */
  async function take(caller: Caller, historic: Historic, dryRun = false): Promise<Imported> {
    const { draft, fingerprint } = historic;
    const { invoice: read } = await preview(caller, { ...draft, series: undefined });
    const place = await placeOf(caller, draft);
    const holder = await store.numberHolder(read.scope, read.businessEntityId, draft.number);
    if (holder !== undefined) {
      const standing = await store.invoice(read.scope, holder);
      if (standing?.facts.imported?.fingerprint !== fingerprint) throw numberTaken(read);
      if (!dryRun) await settle(caller, standing, historic);
      return { outcome: 'there', id: holder, warnings: standing.warnings, ...(place && { place }) };
    }
    /** Another run of the same import was faster, or the series itself; else it is refused. */
    const unlessThere = async (otherwise: InvoiceError): Promise<Imported> => {
      const held = await store.numberHolder(read.scope, read.businessEntityId, draft.number);
      if (held === undefined) throw otherwise;
      return take(caller, historic, dryRun);
    };
    const faults = differences(draft.stated ?? {}, read.figures);
    if (faults.length > 0) throw new InvoiceError({ kind: 'not-issuable', faults });
    if (place) await mustBeUnused(caller, place);
    const refused = await referenceTaken(read, historic);
    if (refused) return unlessThere(refused);
    const warnings = [...read.warnings, ...findings(read.document, read.figures, { number: draft.number }).map(noted)];
    if (dryRun) return { outcome: 'new', warnings, ...(place && { place }) };
    const invoice: Invoice = {
      ...read,
      id: await newId(read.scope),
      state: 'issued',
      // As if it was created and issued in one call: being issued is its first entry.
      version: 2,
      issuedAt: historic.issuedAt,
      ...(place && { place }),
      facts: { imported: { at: now(), fingerprint } },
      warnings,
    };
    const outcome = await store.insert({ invoice, audit: auditEntry('issued', caller.keyId, invoice) });
    if (outcome === 'number-taken' || outcome === 'external-reference-taken') {
      return unlessThere(await claimTaken(store, invoice, outcome));
    }
    await settle(caller, invoice, historic);
    return { outcome: 'new', id: invoice.id, warnings, ...(place && { place }) };
  }

  /** A reference that names something else is told of before anything is stored, and by a dry run as well. */
  async function referenceTaken(invoice: Invoice, { payment }: Historic): Promise<InvoiceError | undefined> {
    const { scope, externalReference } = invoice;
    if (externalReference !== undefined && (await store.externalReferenceHolder(scope, externalReference))) {
      return claimTaken(store, invoice, 'external-reference-taken');
    }
    const { reference } = payment ?? {};
    return reference === undefined ? undefined : paymentReferenceTaken(store, scope, reference, ['paid', 'reference']);
  }

  /** Records the payment once, also when two runs come this far. */
  async function settle(caller: Caller, invoice: Invoice, { payment, fingerprint }: Historic): Promise<void> {
    const { id, facts } = invoice;
    const isNothing = payment?.amount === undefined && invoice.figures.totals.payable <= 0;
    if (!payment || isNothing || facts.lastPayment) return;
    const operation = { id: createHash('sha256').update(`import ${id}`).digest('hex'), fingerprint };
    await pay(caller, id, payment, { operation, render: () => ({ status: 201, headers: {}, body: '' }) });
  }

  /** Where a number stands among those that a series of the company would have written. */
  async function placeOf(
    caller: Caller,
    { number, series: named }: Historic['draft'],
  ): Promise<SeriesPlace | undefined> {
    const [{ defaultSeries }, all] = await Promise.all([tenant(caller), store.allSeries(scopeOf(caller))]);
    const first = named ?? defaultSeries;
    const written = all.flatMap((series) => {
      const place = placeIn(series, number);
      // A series never comes to what lies before its start.
      return place && place.ordinal >= series.start ? [place] : [];
    });
    return written.find(({ name }) => name === first) ?? written[0];
  }

  /** History goes before what a series gives out itself: between its own numbers a foreign one would be out of order. */
  async function mustBeUnused(caller: Caller, { name, period }: SeriesPlace): Promise<void> {
    const [series, state] = await Promise.all([
      store.series(scopeOf(caller), name),
      store.counter({ scope: scopeOf(caller), name, period }),
    ]);
    if (series) mustGive(series);
    if (!series || !state || state.next === (state.first ?? series.start)) return;
    const message = `The series "${name}" gives out numbers itself already${period === 'all' ? '' : ` in ${period}`}.`;
    throw new InvoiceError({ kind: 'precondition', code: 'series_in_use', message });
  }

  /** Lets each series go on after the highest number that was taken over; never back. A dry run tells how it would go on. */
  async function continueSeries(caller: Caller, taken: Iterable<Taken>, dryRun = false): Promise<Continued[]> {
    const counters = new Map<string, Taken[]>();
    for (const one of taken) {
      const key = `${one.place.name} ${one.place.period}`;
      const all = counters.get(key);
      if (all) all.push(one);
      else counters.set(key, [one]);
    }
    return Promise.all([...counters.values()].map((all) => continueOne(caller, all, dryRun)));
  }

  async function continueOne(caller: Caller, taken: readonly Taken[], dryRun: boolean): Promise<Continued> {
    const { name, period } = (taken[0] as Taken).place;
    const counter: SeriesCounter = { scope: scopeOf(caller), name, period };
    const series = (await store.series(counter.scope, name)) as Series;
    const { start } = series;
    const ordinals = new Set(taken.map(({ place }) => place.ordinal));
    const after = [...ordinals].reduce((a, b) => Math.max(a, b)) + 1;
    const last = taken.map(({ issueDate }) => issueDate).reduce((a, b) => (a > b ? a : b));
    const standing = dryRun ? await store.counter(counter) : undefined;
    const { next } = dryRun
      ? { next: Math.max(after, standing?.next ?? start) }
      : await store.continueCounter(counter, start, after, orderOf(series, last)?.date);
    for (const { ordinal } of await store.numbersOf(counter, start, next - 1)) ordinals.add(ordinal);
    const missing = next - start - ordinals.size;
    if (missing <= 0) return { name, period, next };
    let first = start;
    while (ordinals.has(first)) first++;
    return { name, period, next, missing: { first, count: missing } };
  }

  return { take, continueSeries };
}

/** An invoice that was taken over, by its place in a series. */
export interface Taken {
  readonly place: SeriesPlace;
  readonly issueDate: CalendarDate;
}

/** A series and the number that it gives out next. */
export interface Continued {
  readonly name: string;
  readonly period: string;
  readonly next: number;
  /** The numbers before it that nobody has. */
  readonly missing?: { readonly first: number; readonly count: number };
}
