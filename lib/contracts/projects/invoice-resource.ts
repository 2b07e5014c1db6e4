import * as z from 'zod';

const moment = z.iso.datetime();
const anyText = z.string().nullable();
const anyId = z.int().nullable();

export const InvoiceResource = z.object({
  id: z.int().min(1),
  created_at: moment,
  updated_at: moment,
  status: z.enum(['draft', 'sent', 'paid']),
  invoice_number: anyText,
  purchase_order: anyText,
  value: z.number(),
  exchange_rate: z.number().nullable(),
  /** The page knows no invoice without a day or a project. A draft of another contract may have neither. */
  issue_date: z.iso.date().nullable(),
  payment_date: z.iso.date().nullable(),
  notes: anyText,
  project_id: z.int().min(1).nullable(),
  budget_area_uid: anyText,
  vat_rate_id: anyId,
  payment_term_id: anyId,
});

export type InvoiceResource = z.input<typeof InvoiceResource>;
