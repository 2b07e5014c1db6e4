/** The bodies of page 001. `null` means the same as leaving a field out; on a change it empties the field. */
import * as z from 'zod';
import { exactNumber } from '../../invoice/fields.ts';
import { date, decimal, text } from '../fields.ts';

const anyText = z.string().nullish();
const anyId = z.int().nullish();

export const CreateInvoice = z.object({
  invoice_number: text(255).nullish(),
  purchase_order: anyText,
  value: decimal,
  exchange_rate: exactNumber.min(0).nullish(),
  issue_date: date,
  notes: anyText,
  project_id: z.int().min(1),
  budget_area_uid: anyText,
  vat_rate_id: anyId,
  payment_term_id: anyId,
});

export type CreateInvoice = z.output<typeof CreateInvoice>;

export const ChangeInvoice = CreateInvoice.partial();

/** One body for the three actions, which share a route: each takes what is its own. */
export const ActOnInvoice = z.object({ payment_date: date.nullish(), invoice_contact_id: anyId }).nullish();

export type ActOnInvoice = z.output<typeof ActOnInvoice>;
