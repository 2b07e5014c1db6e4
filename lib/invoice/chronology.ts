/** The order of issue dates within a series, where it is asked for. */

import type { CalendarDate } from './document.ts';
import { type Fault, InvoiceError } from './failure.ts';
import type { Invoice, Series, Warning } from './model.ts';
import type { IssueOrder } from './store.ts';

/** What the counter is to watch when it gives this invoice a number. */
export function orderOf({ chronology = 'off' }: Series, date: CalendarDate): IssueOrder | undefined {
  return chronology === 'off' ? undefined : { date, enforce: chronology === 'enforce' };
}

/** The invoice as its series lets it wait for a number: refused, or warned, when its date is before the last one. */
export function inOrder(invoice: Invoice, series: Series, lastDate: CalendarDate | undefined): Invoice {
  const { issueDate } = invoice.document;
  if (issueDate === undefined || lastDate === undefined || issueDate >= lastDate) return invoice;
  if (series.chronology === 'enforce') throw tooEarly(series, issueDate, lastDate);
  const { code, path, message } = faultOf(series, issueDate, lastDate);
  const warning: Warning = { code, path, message };
  return { ...invoice, warnings: [...invoice.warnings, warning] };
}

/** The refusal of a date before the last one. */
export const tooEarly = (series: Series, issueDate: CalendarDate, lastDate: CalendarDate) =>
  new InvoiceError({ kind: 'not-issuable', faults: [faultOf(series, issueDate, lastDate)] });

const faultOf = ({ name }: Series, given: CalendarDate, expected: CalendarDate): Fault => ({
  in: 'body',
  path: ['issueDate'],
  code: 'earlier_issue_date',
  message: `The last number of the series "${name}" is of ${expected}; issue no earlier than that, or in another series.`,
  term: 'BT-2',
  expected,
  given,
});
