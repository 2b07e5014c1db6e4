/**
 * Proves a scope's books from the table alone: every invoice against its own history, every series against its invoices, the
 * chain against both, and heads that were anchored elsewhere against the chain.
 */
import type { Anchor } from './anchors.ts';
import { type Inspected, inspect } from './inspection.ts';
import type { Scope, Series } from './model.ts';
import { lastOrdinal, periodsUntil } from './number.ts';
import { type Books, claimFaults } from './number-verification.ts';
import { verifySeries } from './series-verification.ts';
import { type InvoiceStore, type SeriesCounter, Unreadable } from './store.ts';
import type { Finding, Report } from './verification-report.ts';

interface Options {
  anchors?: readonly Anchor[];
  /** Claimed numbers, by the invoice that claims them: it must be there, whether a series or a list names it or not. */
  claims?: ReadonlyMap<string, string>;
  /** The name of the one series to look at. */
  only?: string | undefined;
  /** The year that it is. */
  year: number;
}

/** Verifies every series of a scope in each of its periods; at last, under no name, the invoices that are in none. */
export async function* verify(
  store: InvoiceStore,
  scope: Scope,
  { anchors = [], claims = new Map(), only, year }: Options,
): AsyncGenerator<Report> {
  const { books, places, unseen } = await open(store, scope, claims);
  const known = new Map((await store.allSeries(scope)).map((series) => [series.name, series]));
  const periods = new Map<string, Set<string>>();
  const note = (name: string, period: string) => periods.set(name, (periods.get(name) ?? new Set()).add(period));
  const begun = await Promise.all([...known.values()].map((series) => periodsOf(store, scope, series, year)));
  for (const { name, period } of begun.flat()) note(name, period);
  for (const { name, period } of places) note(name, period);
  for (const { series, period } of anchors) note(series, period);

  for (const [name, all] of [...periods].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (only !== undefined && name !== only) continue;
    const series = known.get(name);
    for (const period of [...all].sort()) {
      const ours = anchors.filter((anchor) => anchor.series === name && anchor.period === period);
      yield series
        ? await readable(series, period, () => verifySeries(books, { scope, name, period }, series, ours))
        : { series: name, period, count: 0, voids: [], findings: [gone(name)] };
    }
  }
  if (only !== undefined) return;
  const loose: Inspected[] = [];
  for await (const invoice of unseen()) loose.push(invoice);
  yield looseReport(loose);
}

/** Every period that there is something of; also if its invoices are on no list any more. */
async function periodsOf(store: InvoiceStore, scope: Scope, series: Series, year: number) {
  const counters = periodsUntil(series, year + 1).map((period) => ({ scope, name: series.name, period }));
  const there = await Promise.all(
    counters.map(
      async (counter) => (await store.counter(counter)) ?? (await store.numbersOf(counter, 0, lastOrdinal))[0],
    ),
  );
  return counters.filter((_, index) => there[index]);
}

/** A line of the books that cannot be read is what its series has to report; the others are looked at all the same. */
async function readable({ name, start }: Series, period: string, report: () => Promise<Report>): Promise<Report> {
  try {
    return await report();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const finding: Finding = { ordinal: start, number: '', code: 'changed', message: error.message };
    return { series: name, period, count: 0, voids: [], findings: [finding] };
  }
}

const gone = (name: string): Finding => ({
  ordinal: 0,
  number: '',
  code: 'removed',
  message: `The series "${name}" is gone; invoices or anchors name it.`,
});

const looseReport = (invoices: readonly Inspected[]): Report => ({
  series: '',
  period: '',
  count: invoices.length,
  voids: [],
  findings: invoices.flatMap(({ id, number = id, digest, faults }) =>
    faults.map((message): Finding => ({ ordinal: 0, number, code: digest ? 'changed' : 'removed', message })),
  ),
});

const keyOf = ({ name, period }: { name: string; period: string }) => `${name}#${period}`;

/** Goes through all invoices, and sorts them by the place that they say they have. */
async function open(store: InvoiceStore, scope: Scope, claims: ReadonlyMap<string, string>) {
  const byPlace = new Map<string, Map<number, Inspected>>();
  const places = new Map<string, { name: string; period: string }>();
  const listed = new Set<string>();
  const loose = new Set<string>();
  async function sort(ids: readonly string[]): Promise<void> {
    for (const invoice of await Promise.all(ids.map((id) => inspect(store, scope, id)))) {
      if (!invoice) continue;
      const { id, place } = invoice;
      if (!place) {
        loose.add(id);
        continue;
      }
      const key = keyOf(place);
      places.set(key, place);
      byPlace.set(key, (byPlace.get(key) ?? new Map()).set(place.ordinal, invoice));
    }
  }
  for await (const ids of pages(store, scope)) {
    for (const id of ids) listed.add(id);
    await sort(ids);
  }
  for (const id of claims.keys()) {
    if (listed.has(id)) continue;
    loose.add(id);
    await sort([id]);
  }
  const books: Books = {
    store,
    scope,
    // Read again, after books and chain: what these say must be true by now, however busy the table is.
    inspected(id) {
      loose.delete(id);
      return inspect(store, scope, id);
    },
    placed: (counter: SeriesCounter) => byPlace.get(keyOf(counter)) ?? new Map(),
  };
  /** Those that no series asked for: drafts, and invoices whose numbers their callers chose. */
  async function* unseen(): AsyncGenerator<Inspected> {
    for (const id of [...loose]) {
      const invoice = await inspect(store, scope, id);
      const number = claims.get(id);
      if (!invoice && number !== undefined) {
        yield { id, number, corrections: [], faults: [`Its number is claimed, and invoice ${id} is gone.`] };
      }
      if (!invoice) continue;
      const faults = [...invoice.faults, ...(await claimFaults(books, invoice))];
      yield { ...invoice, faults };
    }
  }
  return { books, places: [...places.values()], unseen };
}

/** The ids of every invoice that is on the scope's list. */
async function* pages(store: InvoiceStore, scope: Scope): AsyncGenerator<string[]> {
  let after: string | undefined;
  do {
    const { ids, next } = await store.newest(scope, 100, after);
    yield ids;
    after = next;
  } while (after !== undefined);
}
