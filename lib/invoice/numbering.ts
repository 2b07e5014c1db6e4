/**
 * How an invoice gets its number without a gap, a double or a queue.
 *
 * 1. The invoice waits in state `finalizing`: it passed every check and can neither change nor go away.
 * 2. One write on the series' counter takes the next number and notes for whom: the *ticket*. A retry finds its own.
 * 3. One transaction claims the number and issues the invoice.
 * 4. The ticket is dropped, which the answer does not wait for.
 *
 * A series may mind the order of issue dates. It is asked before step 1; who is overtaken between 1 and 2 is refused in step 2,
 * has no ticket then, never will, and is a draft again.
 *
 * Whoever comes by an old ticket, or an old invoice without one, does what its owner no longer can. Who is not the owner takes a
 * ticket only together with the proof that the invoice still waits. A ticket of an invoice that has another number already (its
 * write was sent twice) is released: its number goes to the next invoice, before a new one.
 */
import { isVoid } from './chain.ts';
import { inOrder, orderOf, tooEarly } from './chronology.ts';
import type { Timestamp } from './document.ts';
import { InvoiceError } from './failure.ts';
import { frozen, mustGive, unlessFrozen } from './freezing.ts';
import type { Invoice, Series } from './model.ts';
import { formatNumber, periodOf } from './number.ts';
import type { Answer } from './operation.ts';
import {
  type CounterState,
  type InvoiceStore,
  OutcomeUnknown,
  type SeriesCounter,
  StoreBusy,
  type Ticket,
} from './store.ts';
import { type Finisher, issueDateOf, issued, isWaiting, refused, type Waiting } from './waiting.ts';

/** A ticket older than this is taken for abandoned, in milliseconds. Finishing it twice would be harmless. */
export const abandonedAfter = 2_000;

/**
 * A used ticket whose write was sent more than once stays this long, in milliseconds: while it is there, a copy of that write
 * that arrives late finds it and takes no second number.
 */
const guardedFor = 60_000;

/** How many abandoned tickets one finalisation sees to: nobody waits long for the work of others. */
const mostSettled = 3;

export interface NumberingDependencies {
  store: InvoiceStore;
  now(): Timestamp;
  /** Waits before another try, in milliseconds. */
  pause(milliseconds: number): Promise<void>;
}

/** An invoice with its number, and the finisher's answer when it was stored with it; one without was refused. */
export interface Finished {
  invoice: Invoice;
  answer?: Answer | undefined;
}

/** A counter with the invoice's ticket, or why there is none. */
type Taken = CounterState | 'too-early' | 'not-waiting';

/** Gives waiting invoices their numbers. Several may do so at once, for the same invoice too. */
export function numbering({ store, now, pause }: NumberingDependencies) {
  const counterOf = (invoice: Invoice, series: Series): SeriesCounter => ({
    scope: invoice.scope,
    name: series.name,
    period: periodOf(series, issueDateOf(invoice)),
  });

  /** Takes a number for the invoice, or finds the one it has taken. */
  async function take(counter: SeriesCounter, series: Series, invoice: Waiting): Promise<Taken> {
    const ticket = { invoiceId: invoice.id, since: invoice.finalizingAt };
    let order = orderOf(series, issueDateOf(invoice));
    for (let round = 0; round < 6; round++) {
      const state = isOlder(ticket, abandonedAfter)
        ? await store.takeLateTicket(counter, series.start, ticket, invoice.version, order)
        : await store.takeTicket(counter, series.start, ticket, order);
      if (state === 'too-early' && (await isCorrection(invoice))) {
        order = undefined;
        continue;
      }
      if (state === 'frozen') throw frozen(series);
      if (state !== 'full') return state;
      const standing = await store.counter(counter);
      if (standing) await settleAbandoned(counter, series, standing);
      await pause(Math.random() * 50 * 2 ** round);
    }
    throw new StoreBusy();
  }

  /** Issues a waiting invoice; afterwards it is issued, by us or by somebody else. Throws why not, when it is refused. */
  async function finish(invoice: Waiting, series: Series | undefined, by: Finisher): Promise<Finished> {
    if (invoice.number !== undefined || !series) return finishChosen(invoice, by);
    const counter = counterOf(invoice, series);
    const state = await take(counter, series, invoice);
    const finished = await finishTicket(counter, series, state, invoice, by);
    if (finished.invoice.number === undefined) throw await refusal(invoice, series);
    if (typeof state !== 'string') await tidy(() => settleAbandoned(counter, series, state));
    return finished;
  }

  /** A number that the caller chose was claimed with the draft: nothing to take. */
  async function finishChosen(invoice: Waiting, by: Finisher): Promise<Finished> {
    const change = issued(invoice, by, now());
    const outcome = await store.issue(change);
    if (outcome === 'issued') return { invoice: change.invoice, answer: change.operation?.answer };
    if (outcome === 'operation-exists') throw new InvoiceError({ kind: 'key-reused' });
    return { invoice: await current(invoice) };
  }

  async function finishTicket(
    counter: SeriesCounter,
    series: Series,
    taken: Taken,
    invoice: Waiting,
    by: Finisher,
  ): Promise<Finished> {
    let state = taken;
    for (;;) {
      if (state === 'too-early') return { invoice: await refuse(invoice, by) };
      if (state === 'not-waiting') return { invoice: await current(invoice) };
      const ticket = ticketOf(state, invoice);
      const number = formatNumber(series, issueDateOf(invoice), ticket.ordinal);
      const place = { name: series.name, period: counter.period, ordinal: ticket.ordinal };
      const change = issued(invoice, by, now(), { number, place });
      const outcome = await store.issue(change);
      if (outcome === 'issued') {
        if (!state.repeated) afterwards(() => store.dropTicket(counter, ticket));
        return { invoice: change.invoice, answer: change.operation?.answer };
      }
      if (outcome === 'operation-exists') throw new InvoiceError({ kind: 'key-reused' });
      if (outcome === 'not-waiting') {
        const other = await current(invoice);
        await tidy(() => putAway(counter, ticket, other));
        return { invoice: other };
      }
      // A caller chose this number by hand, so it exists: the series goes on with the next one.
      if (!(await entered(counter, invoice, number, ticket))) continue;
      const skipped = await skip(counter, series, ticket, invoice);
      // The number exists, so the ticket can go.
      if (skipped === 'too-early') await store.dropTicket(counter, ticket);
      state = skipped === 'changed' ? await take(counter, series, invoice) : skipped;
    }
  }

  async function skip(counter: SeriesCounter, series: Series, ticket: Ticket, invoice: Waiting) {
    const asked = await store.skipTicket(counter, ticket, orderOf(series, issueDateOf(invoice)));
    const skipped =
      asked === 'too-early' && (await isCorrection(invoice)) ? await store.skipTicket(counter, ticket) : asked;
    if (skipped === 'frozen') throw frozen(series);
    return skipped;
  }

  /** A correction stands in the books of what it corrects already: it cannot be refused any more. */
  async function isCorrection({ scope, id, relatedInvoiceId }: Invoice): Promise<boolean> {
    if (relatedInvoiceId === undefined) return false;
    const corrected = await store.invoice(scope, relatedInvoiceId);
    return corrected?.facts.corrections?.some((correction) => correction.id === id) ?? false;
  }

  /** Ends the waiting of an invoice that has no ticket and never will. */
  async function refuse(invoice: Waiting, by: Finisher): Promise<Invoice> {
    const change = refused(invoice, by, now());
    const outcome = await store.update(change, invoice);
    return outcome === 'changed' ? change.invoice : current(invoice);
  }

  /** Why an invoice that was refused was. */
  async function refusal(invoice: Invoice, series: Series): Promise<InvoiceError> {
    const date = issueDateOf(invoice);
    const state = await store.counter(counterOf(invoice, series));
    return tooEarly(series, date, state?.lastIssueDate ?? date);
  }

  /** Sees to it that the books say who has a number; `false` when nobody has it any more. */
  async function entered(
    counter: SeriesCounter,
    { scope, businessEntityId }: Waiting,
    number: string,
    { ordinal }: Ticket,
  ): Promise<boolean> {
    const [line] = await store.numbersOf(counter, ordinal, ordinal);
    if (line && (isVoid(line) || !line.passed)) return true;
    const invoiceId = await store.numberHolder(scope, businessEntityId, number);
    if (invoiceId === undefined) return false;
    const passed = { ordinal, number, invoiceId, passed: true } as const;
    return (await store.passNumber(counter, businessEntityId, passed)) === 'entered';
  }

  /** A ticket whose invoice is issued was used, or is released. */
  async function putAway(counter: SeriesCounter, ticket: Ticket, { place }: Invoice): Promise<void> {
    const used = place?.name === counter.name && place.period === counter.period && place.ordinal === ticket.ordinal;
    if (!used) await store.releaseTicket(counter, ticket);
    else if (isOlder(ticket, guardedFor)) await store.dropTicket(counter, ticket);
  }

  const isOlder = ({ since }: Pick<Ticket, 'since'>, milliseconds: number) =>
    Date.parse(since) < Date.parse(now()) - milliseconds;

  /** Finishes what others left behind. */
  async function settleAbandoned(counter: SeriesCounter, series: Series, state: CounterState): Promise<void> {
    const abandoned = state.open.filter((ticket) => isOlder(ticket, abandonedAfter)).slice(0, mostSettled);
    for (const ticket of abandoned) {
      const owner = await store.invoice(counter.scope, ticket.invoiceId);
      if (!owner) continue;
      if (!isWaiting(owner)) await putAway(counter, ticket, owner);
      else {
        const abandonedState = { ...state, open: [ticket] };
        await unlessFrozen(() => finishTicket(counter, series, abandonedState, owner, { actor: 'sweep' }));
      }
    }
  }

  async function current(invoice: Invoice): Promise<Invoice> {
    const stored = await store.invoice(invoice.scope, invoice.id);
    // It was refused, and waits again.
    if (stored && stored.finalizingAt !== invoice.finalizingAt && isWaiting(stored)) throw new StoreBusy();
    // Nothing but its number, or a refusal, could have changed a waiting invoice.
    if (!stored || isWaiting(stored)) throw new Error(`Invoice ${invoice.id} waits, and cannot be given a number.`);
    return stored;
  }

  return {
    finish,
    refusal,

    /** Asks the series before the invoice waits, when that can still be answered with a refusal. */
    async admit(invoice: Invoice, series: Series | undefined): Promise<Invoice> {
      if (!series || invoice.number !== undefined) return invoice;
      mustGive(series);
      if (!orderOf(series, issueDateOf(invoice))) return invoice;
      const state = await store.counter(counterOf(invoice, series));
      return inOrder(invoice, series, state?.lastIssueDate);
    },

    /** Finishes whatever a counter's abandoned tickets stand for; the scheduled sweep. */
    async sweep(counter: SeriesCounter, series: Series): Promise<void> {
      const state = await store.counter(counter);
      if (state) await settleAbandoned(counter, series, state);
    },
  };
}

/** Work that the answer does not wait for: when the store cannot do it now, whoever comes next does. */
async function tidy(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StoreBusy || error instanceof OutcomeUnknown)) throw error;
  }
}

/** Work that nobody waits for at all. A process that is frozen or ends before it is done leaves it to whoever comes next. */
function afterwards(work: () => Promise<void>): void {
  work().catch(() => undefined);
}

function ticketOf(state: CounterState, invoice: Invoice): Ticket {
  const ticket = state.open.find(({ invoiceId }) => invoiceId === invoice.id);
  if (!ticket) throw new Error(`The counter has no ticket for invoice ${invoice.id}.`);
  return ticket;
}
