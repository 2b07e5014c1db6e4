/** Number series: made once, never changed, and their books. */

import { todayIn } from './calendar.ts';
import { isVoid, type Numbered, seal } from './chain.ts';
import type { Context } from './context.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { type Fault, InvoiceError } from './failure.ts';
import type { Finalization } from './finalization.ts';
import { type Caller, type Series, scopeOf } from './model.ts';
import { formatNumber, patternFaults, periodOf } from './number.ts';
import type { Answer, Reply } from './operation.ts';
import type { SeriesCounter } from './store.ts';

/** So many missing numbers of a series are named; a history that was taken over may lack any number of them. */
export const mostGaps = 1_000;

/** One line of a series' ledger. */
export interface LedgerLine extends Omit<Numbered, 'passed' | 'invoiceId'> {
  /** Nobody's when the number is void. */
  invoiceId: string | undefined;
  /** Of its invoice; `void` for a number that a restore forgot the invoice of. */
  state: string;
  hash: string | undefined;
  /** The number was taken for another invoice first. */
  handedOn: boolean;
  /** The number was chosen by a caller; the series went past it. */
  passed: boolean;
}

/** Series, and what their books say. */
export function seriesBooks({ store, now, tenant }: Context, { sweep }: Finalization) {
  async function find(caller: Caller, name: string): Promise<Series> {
    const series = await store.series(scopeOf(caller), name);
    if (!series) throw new InvoiceError({ kind: 'not-found', what: 'series', id: name });
    return series;
  }

  /** The counter of a period; this year's when none is named. */
  async function counterOf(caller: Caller, series: Series, period?: string): Promise<SeriesCounter> {
    const { timeZone } = await tenant(caller);
    const current = periodOf(series, todayIn(timeZone, now()));
    if (period !== undefined && (period === 'all') !== (current === 'all')) throw unknownPeriod(series, period);
    return { scope: scopeOf(caller), name: series.name, period: period ?? current };
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

    /** The numbers that a series gave out, in order; and where to go on, if there may be more. */
    async ledger(
      caller: Caller,
      name: string,
      { period, cursor, limit }: { period?: string; cursor?: string; limit: number },
    ): Promise<{ lines: LedgerLine[]; nextCursor?: string }> {
      const series = await find(caller, name);
      const counter = await counterOf(caller, series, period);
      const list = `ledger ${name} ${counter.period}`;
      const secret = await store.secret(counter.scope);
      const from = cursor === undefined ? series.start : Number(openCursor(secret, list, cursor)) + 1;
      await seal(store, counter, series);
      const to = from + limit - 1;
      const [numbers, chain, state] = await Promise.all([
        store.numbersOf(counter, from, to),
        store.chain(counter, from, to),
        store.counter(counter),
      ]);
      const hashes = new Map(chain.map(({ ordinal, hash }) => [ordinal, hash]));
      const invoices = await Promise.all(
        numbers.map((line) => (isVoid(line) ? undefined : store.invoice(counter.scope, line.invoiceId))),
      );
      const lines = numbers.map((line, index): LedgerLine => {
        const { ordinal, number } = line;
        const told = { ordinal, number, hash: hashes.get(ordinal) };
        if (isVoid(line)) return { ...told, invoiceId: undefined, state: 'void', handedOn: false, passed: false };
        return {
          ...told,
          invoiceId: line.invoiceId,
          state: invoices[index]?.state ?? 'missing',
          handedOn: state?.handedOn.includes(ordinal) ?? false,
          passed: line.passed ?? false,
        };
      });
      return { lines, ...(state && state.next > to + 1 && { nextCursor: sealCursor(secret, list, String(to)) }) };
    },

    /** The books of a series at a glance. What crashed processes left behind is finished first. */
    async audit(caller: Caller, name: string, period?: string) {
      const series = await find(caller, name);
      const counter = await counterOf(caller, series, period);
      await sweep(counter, series);
      const head = await seal(store, counter, series);
      // The counter first: a number that is given out after this reading is not looked for.
      const state = await store.counter(counter);
      const end = (state?.next ?? series.start) - 1;
      const lines = await store.numbersOf(counter, series.start, end);
      const ordinals = new Set(lines.map(({ ordinal }) => ordinal));
      const waiting = new Set([...(state?.open ?? []).map(({ ordinal }) => ordinal), ...(state?.spare ?? [])]);
      const gaps: number[] = [];
      for (let ordinal = series.start; ordinal <= end && gaps.length < mostGaps; ordinal++) {
        // A number that an interrupted process still holds, or that goes to the next invoice, is open and not lost.
        if (!ordinals.has(ordinal) && !waiting.has(ordinal)) gaps.push(ordinal);
      }
      const holders = new Map<string, number>();
      for (const line of lines) {
        if (!isVoid(line)) holders.set(line.invoiceId, (holders.get(line.invoiceId) ?? 0) + 1);
      }
      return {
        period: counter.period,
        first: lines[0]?.number,
        last: lines.at(-1)?.number,
        count: lines.length,
        voids: lines.filter(isVoid).length,
        gaps,
        duplicates: [...holders].filter(([, times]) => times > 1).map(([id]) => id),
        openTickets: [...waiting].filter((ordinal) => ordinal <= end && !ordinals.has(ordinal)).length,
        chainHead: head?.hash,
      };
    },
  };
}

function unknownPeriod({ name, reset }: Series, period: string): InvoiceError {
  const way = reset === 'yearly' ? 'Name a year' : 'Leave it out, or send all';
  const message = `The series "${name}" has no period "${period}". ${way}.`;
  const fault: Fault = { in: 'query', path: ['period'], code: 'unknown_period', message, given: period };
  return new InvoiceError({ kind: 'invalid', faults: [fault] });
}

/** A number must be told from every other: by its counter, and by its year when the counter starts again. */
function faultsIn({ name, pattern, reset }: Series): Fault[] {
  const faults: Fault[] = [];
  const fault = (member: string, message: string) =>
    faults.push({ in: 'body', path: [member], code: 'invalid', message });
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/.test(name)) {
    fault('name', 'Must be 1 to 50 letters, digits, dots, hyphens or underscores.');
  }
  for (const message of patternFaults(pattern)) fault('pattern', message);
  if (reset === 'yearly' && !pattern.includes('{year}')) {
    fault('pattern', 'Must hold {year} when the series starts again each year.');
  }
  return faults;
}
