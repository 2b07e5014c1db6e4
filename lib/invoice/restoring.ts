/**
 * A backup is of a moment, and what came later is forgotten while the world still has it. Its series are frozen, go on after every
 * number that may have been given out, and say in their books which numbers nobody has any more.
 */
import { isVoid, type Link, seal, type VoidNumber } from './chain.ts';
import { orderOf } from './chronology.ts';
import type { CalendarDate } from './document.ts';
import type { Scope, Series } from './model.ts';
import { formatNumber, lastOrdinal } from './number.ts';
import { type NumberingDependencies, numbering } from './numbering.ts';
import type { CounterState, InvoiceStore, RestoreStore, SeriesCounter } from './store.ts';

/** Ids that nobody gets after a restore: clients may know them as those of invoices that are forgotten. */
const forgottenIds = 1_000_000;

/** More than this is hardly lost, but a number with a digit too many. */
const mostMissing = 10_000;

const tooManyMissing = ({ name, period }: SeriesCounter, last: number) =>
  `Series ${name} (${period}) lacks more than ${mostMissing} numbers before ${last}. Is that number right?`;

export interface Advance {
  /** Ordinals that are known to have been given out. */
  readonly known: readonly number[];
  /** Within each of them a number is claimed. */
  readonly businessEntityIds: readonly string[];
  readonly today: CalendarDate;
}

export interface RestoringDependencies extends Pick<NumberingDependencies, 'now' | 'pause'> {
  readonly store: InvoiceStore & RestoreStore;
}

/** Freezing, moving on and unfreezing, in this order. Each may be repeated. */
export function restoring({ store, now, pause }: RestoringDependencies) {
  const { sweep } = numbering({ store, now, pause });

  /** Lets nobody have a number of the series: who is about to ask is told so, who asked already finds the counter frozen. */
  async function freeze(scope: Scope, series: Series, periods: readonly string[]): Promise<void> {
    const at = series.frozenAt ?? now();
    await store.keepSeries(scope, { ...series, frozenAt: at });
    for (const period of periods) await store.freezeCounter({ scope, name: series.name, period }, series.start, at);
  }

  /** Ends it: the counters first, so that nobody is let through to one that is frozen. */
  async function unfreeze(scope: Scope, { frozenAt: _, ...series }: Series, periods: readonly string[]): Promise<void> {
    for (const period of periods) {
      const counter = { scope, name: series.name, period };
      if ((await store.counter(counter))?.frozenAt !== undefined) await store.thawCounter(counter);
    }
    await store.keepSeries(scope, series);
  }

  /** Finishes what was cut off, as far as it can be: those tickets are left whose invoice is gone, or that were just used. */
  async function settled(counter: SeriesCounter, series: Series): Promise<CounterState> {
    for (let open = Number.POSITIVE_INFINITY; ; ) {
      const state = await store.counter(counter);
      if (state?.frozenAt === undefined) throw new Error(`Series ${counter.name} (${counter.period}) is not frozen.`);
      if (state.open.length === 0 || state.open.length >= open) return state;
      open = state.open.length;
      await sweep(counter, series);
    }
  }

  /** Moves a frozen counter past every number that may have been given out. Answers with those that nobody has any more. */
  async function advance(counter: SeriesCounter, series: Series, asked: Advance): Promise<VoidNumber[]> {
    const { known, businessEntityIds, today } = asked;
    const state = await settled(counter, series);
    const head = await seal(store, counter, series, Number.POSITIVE_INFINITY);
    const written = await store.numbersOf(counter, state.next, lastOrdinal);
    const last = Math.max(state.next - 1, ...known, ...written.map(({ ordinal }) => ordinal));
    const gone = await unowned(state, counter);
    const ordinals = [
      // Spare numbers went to the next invoice, and that one is forgotten.
      ...state.spare,
      ...gone.map(({ ordinal }) => ordinal),
      ...Array.from({ length: last + 1 - state.next }, (_, index) => state.next + index),
    ].sort((a, b) => a - b);
    const voided = { at: now(), after: lastSealed(head, series) };
    const date = dateIn(counter.period, series, today);
    const voids: VoidNumber[] = [];
    for (const ordinal of ordinals) {
      const line = { ordinal, number: formatNumber(series, date, ordinal), voided };
      if ((await store.voidNumber(counter, line, businessEntityIds)) === 'entered') voids.push(line);
      else await enterChosen(counter, line, businessEntityIds);
    }
    for (const ticket of gone) await store.dropTicket(counter, ticket);
    const [lastIssueDate] = [state.lastIssueDate ?? '', date].sort().reverse();
    const moved = await store.advanceCounter(counter, state, {
      next: last + 1,
      void: ordinals,
      // How late the forgotten ones are dated, nobody knows: hardly later than today.
      ...(orderOf(series, date) && last >= state.next && { lastIssueDate }),
    });
    if (moved === 'changed') return [...voids, ...(await advance(counter, series, asked))];
    await seal(store, counter, series, Number.POSITIVE_INFINITY);
    return voids;
  }

  /**
   * Enters as void what a history that was taken over lacks, so that the chain goes on over it: up to the first number that the
   * series gave out itself, or will.
   */
  async function enterMissing(
    counter: SeriesCounter,
    series: Series,
    asked: Omit<Advance, 'known'>,
  ): Promise<VoidNumber[]> {
    const { businessEntityIds, today } = asked;
    const { first = series.start } = (await store.counter(counter)) ?? {};
    const there = new Set((await store.numbersOf(counter, series.start, first - 1)).map(({ ordinal }) => ordinal));
    if (first - series.start - there.size > mostMissing) throw new Error(tooManyMissing(counter, first - 1));
    const date = dateIn(counter.period, series, today);
    const voided = { at: now() };
    const voids: VoidNumber[] = [];
    for (let ordinal = series.start; ordinal < first; ordinal++) {
      if (there.has(ordinal)) continue;
      const line = { ordinal, number: formatNumber(series, date, ordinal), voided };
      if ((await store.voidNumber(counter, line, businessEntityIds)) === 'entered') voids.push(line);
      else await enterChosen(counter, line, businessEntityIds);
    }
    await seal(store, counter, series, Number.POSITIVE_INFINITY);
    return voids;
  }

  /** Tickets whose invoice was stored later than the backup's moment, or only half. */
  async function unowned({ open }: CounterState, { scope }: SeriesCounter) {
    const owners = await Promise.all(open.map(({ invoiceId }) => store.invoice(scope, invoiceId)));
    return open.filter((_, index) => owners[index] === undefined);
  }

  /** A number that its caller chose exists. One that its invoice has by its place is half a transaction: the verification names it. */
  async function enterChosen(counter: SeriesCounter, { ordinal, number }: VoidNumber, entities: readonly string[]) {
    const [line] = await store.numbersOf(counter, ordinal, ordinal);
    if (line) return;
    for (const entity of entities) {
      const invoiceId = await store.numberHolder(counter.scope, entity, number);
      const holder = invoiceId === undefined ? undefined : await store.invoice(counter.scope, invoiceId);
      if (!holder || holder.place) continue;
      await store.passNumber(counter, entity, { ordinal, number, invoiceId: holder.id, passed: true });
      return;
    }
  }

  return { freeze, unfreeze, advance, enterMissing, skipIds: (scope: Scope) => store.reserveIds(scope, forgottenIds) };
}

/** The last link that the backup has: one of a void number was made by an earlier run. */
const lastSealed = (head: Link | undefined, { start }: Series): number => {
  if (!head) return start - 1;
  return isVoid(head) ? (head.voided.after ?? head.ordinal) : head.ordinal;
};

/** A day of the period, as late as the forgotten numbers may be. */
function dateIn(period: string, { reset }: Series, today: CalendarDate): CalendarDate {
  if (reset === 'never' || today.startsWith(period)) return today;
  return today < period ? `${period}-01-01` : `${period}-12-31`;
}
