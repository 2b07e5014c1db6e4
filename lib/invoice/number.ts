/** Numbers of invoices: how a series writes them and how two are compared. */
import type { CalendarDate } from './document.ts';
import type { Series, SeriesPlace } from './model.ts';

/** BT-1 may not be longer. Code points. */
export const longestNumber = 255;

/** More than any series counts to: an ordinal sorts as text of this many digits. */
export const lastOrdinal = 999_999_999_999;

/** Two numbers are the same when these are: trimmed, Unicode NFKC, upper case (which also folds ß and long s). */
export const normalizeNumber = (number: string): string => folded(number).trim();

const folded = (text: string): string => text.normalize('NFKC').toUpperCase();

/** The counter's period for an issue date: a series that starts again each year has a counter for each. */
export const periodOf = (series: Series, issueDate: CalendarDate): string =>
  series.reset === 'yearly' ? issueDate.slice(0, 4) : 'all';

/** Before it no series began. */
const firstYear = 2000;

/** Every period of a series up to that of a year. */
export const periodsUntil = ({ reset }: Series, year: number): string[] =>
  reset === 'yearly' ? Array.from({ length: year + 1 - firstYear }, (_, index) => String(firstYear + index)) : ['all'];

/** What keeps a text from being a pattern, in sentences. */
export function patternFaults(pattern: string): string[] {
  const rest = pattern.replace(/\{(?:year|month|number(?::[1-9]\d?)?)\}/g, '');
  return [
    ...(/[{}]/.test(rest) ? ['May hold {year}, {month}, {number} or {number:5}, and no other braces.'] : []),
    ...((pattern.match(/\{number/g) ?? []).length === 1 ? [] : ['Must hold {number} once.']),
  ];
}

/** Writes a number by its series' pattern: `INV-{year}-{number:5}` makes `INV-2026-00042`. */
export const formatNumber = (series: Series, issueDate: CalendarDate, ordinal: number): string =>
  series.pattern.replace(/\{(year|month|number)(?::(\d+))?\}/g, (_, part: string, width = '0') => {
    if (part === 'year') return issueDate.slice(0, 4);
    if (part === 'month') return issueDate.slice(5, 7);
    return String(ordinal).padStart(Number(width), '0');
  });

/** The place that a number has by its text among those of a series; `undefined` when the series does not write it so, or never comes so far. */
export function placeIn(series: Series, number: string): SeriesPlace | undefined {
  const form = series.pattern
    .trim()
    .split(/(\{(?:year|month|number)(?::\d+)?\})/)
    .map((part, index, parts) => {
      // What comes again must say the same: that is seen when the number is written.
      const again = parts.indexOf(part) < index;
      if (part.startsWith('{year')) return again ? '\\d{4}' : '(?<year>\\d{4})';
      if (part.startsWith('{month')) return again ? '\\d{2}' : '(?<month>\\d{2})';
      return part.startsWith('{number') ? '(?<number>\\d+)' : folded(part).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    })
    .join('');
  const {
    number: digits,
    year = '0000',
    month = '01',
  } = new RegExp(`^${form}$`).exec(normalizeNumber(number))?.groups ?? {};
  if (digits === undefined) return undefined;
  const ordinal = Number(digits);
  if (ordinal >= lastOrdinal) return undefined;
  const day = `${year}-${month}-01`;
  const same = normalizeNumber(formatNumber(series, day, ordinal)) === normalizeNumber(number);
  return same ? { name: series.name, period: periodOf(series, day), ordinal } : undefined;
}
