/** An invoice that was issued elsewhere: the body of `POST /invoices` with its number, its day, and what was paid. */
import * as z from 'zod';
import { digest } from '../../invoice/canonical-json.ts';
import type { Fault } from '../../invoice/failure.ts';
import { day } from '../../invoice/fields.ts';
import type { Historic } from '../../invoice/importing.ts';
import type { Tenant } from '../../invoice/model.ts';
import { bodyAs } from '../faults.ts';
import { amount, momentOn, text } from '../fields.ts';
import { unknownMembers } from '../unknown-members.ts';
import { CreateInvoice } from './create-invoice.ts';
import { published } from './names.ts';
import { toDraft } from './to-draft.ts';

const Payment = z.strictObject({ paid_on: day, amount: amount.min(1).optional(), reference: text(255).optional() });

const HistoricBody = CreateInvoice.extend({
  number: text(255).refine((number) => number.trim() !== '', { error: 'Must not be empty.' }),
  issued_on: day,
  /** `true`: in full, on the day of issue. */
  paid: z.union([z.boolean(), Payment], { error: 'Must be true, false, or an object with paid_on.' }).nullish(),
});

/** Number and day have members of their own here; what the header says of them may not be another thing. */
const HistoricInvoice = HistoricBody.superRefine(({ number, issued_on, header }, { addIssue }) => {
  const { invoice_number, issue_date } = header ?? {};
  const differs = (member: string, own: string) =>
    addIssue({ code: 'custom', path: ['header', member], message: `Leave it out, or say the same as in "${own}".` });
  if (invoice_number != null && invoice_number !== number) differs('invoice_number', 'number');
  if (issue_date != null && issue_date.slice(0, 10) !== issued_on) differs('issue_date', 'issued_on');
});

/** The place that a fault or a warning names, as a line of the history spells it. */
export function placeInHistory(fault: Pick<Fault, 'code' | 'path'>): Fault['path'] {
  const [top, ...rest] = fault.path;
  if (rest.length > 0) return published(fault);
  if (top === 'number') return fault.path;
  return top === 'issueDate' ? ['issued_on'] : published(fault);
}

/** Reads an invoice of a company's history; refuses what is no invoice. */
export function readHistoric(given: unknown, company: Tenant): Historic {
  const read = bodyAs(HistoricInvoice, given);
  const { number, issued_on, paid, ...body } = read;
  const header = { ...body.header, invoice_number: number, issue_date: issued_on };
  const payment = paid === true ? { paid_on: issued_on } : paid || undefined;
  return {
    draft: { ...toDraft({ ...body, header }, company, unknownMembers(given, read)), number },
    issuedAt: momentOn(company.timeZone, issued_on),
    payment: payment && {
      paidOn: payment.paid_on,
      ...(payment.amount !== undefined && { amount: payment.amount, allowOverpayment: true }),
      ...(payment.reference !== undefined && { reference: payment.reference }),
    },
    fingerprint: digest(given),
  };
}
