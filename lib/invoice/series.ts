/** Number series: made once, never changed, and their books. */

import { todayIn } from './calendar.ts';
import { chains } from './chain.ts';
import { type Context, scopeOf } from './context.ts';
import { type Fault, InvoiceError } from './failure.ts';
import type { Finalization } from './finalization.ts';
import type { Caller, Series } from './model.ts';
import { formatNumber, periodOf } from './number.ts';
import type { Answer, Reply } from './operation.ts';
import type { SeriesCounter } from './store.ts';

/** One line of a series' ledger. */
export interface LedgerLine {
  ordinal: number;
  number: string;
  invoiceId: string;
  state: string;
  hash: string | undefined;
  /** The number was taken for another invoice first. */
  handedOn: boolean;
}

export function seriesBooks({ store, now, tenant }: Context, { sweep }: Finalization) {
  const { numbered, seal } = chains(store);

  async function find(caller: Caller, name: string): Promise<Series> {
    const series = await store.series(scopeOf(caller), name);
    if (!series) throw new InvoiceError({ kind: 'not-found', what: 'series', id: name });
    return series;
  }

  /** The counter of a period; this year's when none is named. */
  async function counterOf(caller: Caller, series: Series, period?: string): Promise<SeriesCounter> {
    const { timeZone } = await tenant(caller);
    return { scope: scopeOf(caller), name: series.name, period: period ?? periodOf(series, todayIn(timeZone, now())) };
  }

  /** What the next invoice would be called if nobody else were faster. */
  async function next(caller: Caller, series: Series): Promise<string> {
    const { timeZone } = await tenant(caller);
    const state = await store.counter(await counterOf(caller, series));
    const ordinal = state?.spare[0] ?? state?.next ?? series.start;
    return formatNumber(series, todayIn(timeZone, now()), ordinal);
  }

  return {
    find,
    next,
    all: (caller: Caller): Promise<Series[]> => store.allSeries(scopeOf(caller)),

    async create(caller: Caller, series: Series, { operation, render }: Reply<Series>): Promise<Answer> {
      const faults = faultsIn(series);
      if (faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults });
      const answer = render(series);
      const outcome = await store.insertSeries(scopeOf(caller), series, operation && { ...operation, answer });
      if (outcome === 'stored') return answer;
      const message = `There is a series "${series.name}" already; its pattern cannot change, so open another one.`;
      throw new InvoiceError({ kind: 'precondition', code: 'series_exists', message });
    },

    /** The numbers that a series gave out, in order, after an ordinal. */
    async ledger(
      caller: Caller,
      name: string,
      { period, after, limit }: { period?: string; after?: number; limit: number },
    ): Promise<LedgerLine[]> {
      const series = await find(caller, name);
      const counter = await counterOf(caller, series, period);
      await seal(counter, series);
      const [chain, state] = await Promise.all([store.chain(counter), store.counter(counter)]);
      const hashes = new Map(chain.map(({ ordinal, hash }) => [ordinal, hash]));
      const lines: LedgerLine[] = [];
      for await (const one of numbered(counter, series, after ?? series.start - 1)) {
        const invoice = await store.invoice(counter.scope, one.invoiceId);
        lines.push({
          ...one,
          state: invoice?.state ?? 'missing',
          hash: hashes.get(one.ordinal),
          handedOn: state?.handedOn.includes(one.ordinal) ?? false,
        });
        if (lines.length === limit) break;
      }
      return lines;
    },

    /** The books of a series at a glance. What crashed processes left behind is finished first. */
    async audit(caller: Caller, name: string, period?: string) {
      const series = await find(caller, name);
      const counter = await counterOf(caller, series, period);
      await sweep(counter, series);
      const head = await seal(counter, series);
      const state = await store.counter(counter);
      const end = (state?.next ?? series.start) - 1;
      const open = (state?.open ?? []).map(({ ordinal }) => ordinal);
      const ordinals = new Map<number, string>();
      const holders = new Map<string, number>();
      for await (const { ordinal, number, invoiceId } of numbered(counter, series, series.start - 1)) {
        ordinals.set(ordinal, number);
        holders.set(invoiceId, (holders.get(invoiceId) ?? 0) + 1);
      }
      const gaps: number[] = [];
      for (let ordinal = series.start; ordinal <= end; ordinal++) if (!ordinals.has(ordinal)) gaps.push(ordinal);
      return {
        period: counter.period,
        first: ordinals.get(series.start),
        last: ordinals.get(end),
        count: ordinals.size,
        // A number that an interrupted process still holds is open, not lost.
        gaps: gaps.filter((ordinal) => !open.includes(ordinal)),
        duplicates: [...holders].filter(([, times]) => times > 1).map(([id]) => id),
        openTickets: open.filter((ordinal) => !ordinals.has(ordinal)).length,
        chainHead: head?.hash,
      };
    },
  };
}

/** A number must be told from every other: by its counter, and by its year when the counter starts again. */
function faultsIn({ name, pattern, reset }: Series): Fault[] {
  const faults: Fault[] = [];
  const fault = (member: string, message: string) =>
    faults.push({ in: 'body', path: [member], code: 'invalid', message });
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/.test(name)) {
    fault('name', 'Must be 1 to 50 letters, digits, dots, hyphens or underscores.');
  }
  const rest = pattern.replace(/\{(?:year|month|number(?::[1-9]\d?)?)\}/g, '');
  if (/[{}]/.test(rest)) fault('pattern', 'May hold {year}, {month}, {number} or {number:5}, and no other braces.');
  if ((pattern.match(/\{number/g) ?? []).length !== 1) fault('pattern', 'Must hold {number} once.');
  if (reset === 'yearly' && !pattern.includes('{year}')) {
    fault('pattern', 'Must hold {year} when the series starts again each year.');
  }
  return faults;
}
