import type { CalendarDate, Line, Period } from '../../invoice/document.ts';

/** From the first to the last day that any line names; `undefined` when none does. */
export function serviceSpan(lines: readonly Line[]): { startDate: CalendarDate; endDate: CalendarDate } | undefined {
  const days = lines.flatMap(({ period }) => [period?.startDate, period?.endDate]).filter((day) => day !== undefined);
  const [startDate] = days.sort();
  const endDate = days.at(-1);
  return startDate !== undefined && endDate !== undefined ? { startDate, endDate } : undefined;
}

/** The invoice's period (BG-14) after a change of its lines: their span, unless somebody gave it one of its own. */
export function periodAfter(
  period: Period | undefined,
  before: readonly Line[],
  after: readonly Line[],
): Period | undefined {
  const span = serviceSpan(before);
  const isOwn = period && (period.startDate !== span?.startDate || period.endDate !== span?.endDate);
  return isOwn || period?.description !== undefined ? period : serviceSpan(after);
}
