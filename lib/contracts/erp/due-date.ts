import { addDays } from '../../invoice/calendar.ts';
import type { CalendarDate } from '../../invoice/document.ts';

/** The term of whoever names none that can be read. */
const defaultDays = 14;

/** Relative dates as the page's example of a payment goal has them: `+14 days`. */
const form = /^\s*\+\s*(?<count>\d{1,4})\s*(?<unit>day|week|month)s?\s*$/i;

/** When an invoice of a day is due under a payment goal's relative date. */
export function dueDate(day: CalendarDate, relative: string | null | undefined): CalendarDate {
  const { count, unit } = form.exec(relative ?? '')?.groups ?? {};
  if (count === undefined) return addDays(day, defaultDays);
  if (unit?.toLowerCase() === 'month') return addMonths(day, Number(count));
  return addDays(day, Number(count) * (unit?.toLowerCase() === 'week' ? 7 : 1));
}

/** The same day some months later, or that month's last where it is too short (as § 188 (3) BGB has it). */
function addMonths(day: CalendarDate, months: number): CalendarDate {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month + months, 0));
  last.setUTCDate(Math.min(date, last.getUTCDate()));
  return last.toISOString().slice(0, 10);
}
