/**
 * Proves a scope's books from the table alone: every invoice against its own history, every series against its invoices, the
 * chain against both, and heads that were anchored elsewhere against the chain.
 */
import { type Inspected, inspect } from './inspection.ts';
import type { Scope } from './model.ts';
import {
  type Anchor,
  type Books,
  claimFaults,
  type Finding,
  type Report,
  verifySeries,
} from './series-verification.ts';
import type { InvoiceStore, SeriesCounter } from './store.ts';

/** Before it no series began. */
const firstYear = 2000;

interface Options {
  anchors?: readonly Anchor[];
  /** The name of the one series to look at. */
  only?: string | undefined;
  /** The year that it is. */
  year: number;
}

/** Verifies every series of a scope in each of its periods; at last, under no name, the invoices that are in none. */
export async function* verify(
  store: InvoiceStore,
  scope: Scope,
  { anchors = [], only, year }: Options,
): AsyncGenerator<Report> {
  const { books, places, unseen } = await open(store, scope);
  const known = new Map((await store.allSeries(scope)).map((series) => [series.name, series]));
  const periods = new Map<string, Set<string>>();
  const note = (name: string, period: string) => periods.set(name, (periods.get(name) ?? new Set()).add(period));
  for (const { name, reset } of known.values()) {
    if (reset === 'never') note(name, 'all');
    else for (let each = firstYear; each <= year + 1; each++) note(name, String(each));
  }
  for (const { name, period } of places) note(name, period);
  for (const { series, period } of anchors) note(series, period);

  for (const [name, all] of [...periods].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (only !== undefined && name !== only) continue;
    const series = known.get(name);
    for (const period of [...all].sort()) {
      const ours = anchors.filter((anchor) => anchor.series === name && anchor.period === period);
      const report = series
        ? await verifySeries(books, { scope, name, period }, series, ours)
        : { series: name, period, count: 0, findings: [gone(name)] };
      if (report) yield report;
    }
  }
  if (only === undefined) yield looseReport(await unseen());
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
  findings: invoices.flatMap(({ id, number = id, faults }) =>
    faults.map((message): Finding => ({ ordinal: 0, number, code: 'changed', message })),
  ),
});

const keyOf = ({ name, period }: { name: string; period: string }) => `${name}#${period}`;

/** Looks at every invoice once, and sorts them by the series that they say they belong to. */
async function open(store: InvoiceStore, scope: Scope) {
  const listed = new Map<string, Inspected | undefined>();
  const asked = new Set<string>();
  const byPlace = new Map<string, Map<number, Inspected>>();
  const places = new Map<string, { name: string; period: string }>();
  for await (const ids of pages(store, scope)) {
    const page = await Promise.all(ids.map((id) => inspect(store, scope, id)));
    for (const [index, id] of ids.entries()) {
      const invoice = page[index];
      listed.set(id, invoice);
      if (!invoice?.place) continue;
      const key = keyOf(invoice.place);
      places.set(key, invoice.place);
      byPlace.set(key, (byPlace.get(key) ?? new Map()).set(invoice.place.ordinal, invoice));
    }
  }
  const books: Books = {
    store,
    scope,
    async inspected(id) {
      asked.add(id);
      if (!listed.has(id)) listed.set(id, await inspect(store, scope, id));
      return listed.get(id);
    },
    placed: (counter: SeriesCounter) => byPlace.get(keyOf(counter)) ?? new Map(),
  };
  /** Those that no series asked for: drafts, and invoices whose numbers their callers chose. */
  const unseen = async (): Promise<Inspected[]> => {
    const loose = [...listed.values()].flatMap((one) => (one && !one.place && !asked.has(one.id) ? [one] : []));
    const claims = await Promise.all(loose.map((one) => claimFaults(books, one)));
    return loose.map((one, index) => ({ ...one, faults: [...one.faults, ...(claims[index] ?? [])] }));
  };
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
