/** The answer of both calls: every member that the page publishes, in its order. What an invoice has nothing for is `null`. */
import * as z from 'zod';

const text = z.string().nullable();
const moment = z.iso.datetime({ offset: true }).nullable();
/** The page says no more than that it is an object. */
const relation = z.record(z.string(), z.unknown()).nullable();

const Tax = z.looseObject({ name: z.string(), value: z.number().nullish() });

const Item = z.object({
  name: z.string(),
  unit: text,
  quantity: z.number(),
  price: z.number(),
  price_is_brutto: z.boolean(),
  description: text,
  sku: text,
  barcode: text,
  item_type: text,
  netto_value: z.number(),
  brutto_value: z.number(),
  tax_value: z.number(),
  tax: Tax.nullable(),
  accounting_software_number: text,
});

export const InvoiceAnswer = z.object({
  id: z.int(),
  token: text,
  number: z.int().nullable(),
  manual_number_prefix: text,
  manual_number: z.int().nullable(),
  number_string: text,
  generation_date: moment,
  number_date: moment,
  message: text,
  currency: z.string(),
  name: text,
  due_date: moment,
  netto_value: z.number(),
  brutto_value: z.number(),
  tax_value: z.number(),
  /** The tax that all items have in common; empty when they differ. */
  tax: Tax.partial(),
  linked_number_title: text,
  linked_number: text,
  status: z.enum(['draft', 'open', 'paid', 'cancelled']),
  previous_status: z.enum(['', 'draft', 'open', 'paid']),
  status_updated: moment,
  archived: z.boolean(),
  last_pdf_export: moment,
  last_status_export: text,
  base_booking_group: relation,
  search_string: z.string(),
  accounting_type: relation,
  payment_type: relation,
  payment_goal: relation,
  items: z.array(Item),
  buyer: relation,
  payment_date: moment,
  is_payment_date_from_ext_service: z.boolean(),
  direct_debit_exported: z.boolean(),
  offer: relation,
  time_reports: z.array(z.record(z.string(), z.unknown())),
  payment_provider_status: text,
  payment_provider_reference: text,
  payment_provider_transaction_reference: text,
  cancel_date: moment,
  cancel_text: text,
  base_event_sign_up: relation,
  base_booking: relation,
  base_event_sign_up_group: relation,
  person_log_book_entry: relation,
  billing_payment_profile: relation,
});

export type InvoiceAnswer = z.input<typeof InvoiceAnswer>;
export type ItemAnswer = z.input<typeof Item>;
