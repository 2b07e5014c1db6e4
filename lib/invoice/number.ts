/** Numbers of invoices: how a series writes them and how two are compared. */
import type { CalendarDate, Series } from './model.ts';

/** BT-1 may not be longer. Code points. */
export const longestNumber = 255;

/** Two numbers are the same when these are: trimmed, Unicode NFKC, upper case (which also folds ß and long s). */
export const normalizeNumber = (number: string): string => number.normalize('NFKC').trim().toUpperCase();

/** The counter's period for an issue date: a series that starts again each year has a counter for each. */
export const periodOf = (series: Series, issueDate: CalendarDate): string =>
  series.reset === 'yearly' ? issueDate.slice(0, 4) : 'all';

/** Writes a number by its series' pattern: `INV-{year}-{number:5}` makes `INV-2026-00042`. */
export const formatNumber = (series: Series, issueDate: CalendarDate, ordinal: number): string =>
  series.pattern.replace(/\{(year|month|number)(?::(\d+))?\}/g, (_, part: string, width = '0') => {
    if (part === 'year') return issueDate.slice(0, 4);
    if (part === 'month') return issueDate.slice(5, 7);
    return String(ordinal).padStart(Number(width), '0');
  });
