/** The answers of the invoice routes. */
import * as z from 'zod';
import { amount, uuid } from '../fields.ts';
import { CreateInvoice, Item, Seller } from './create-invoice.ts';

/** The request's structure, completed by what was calculated. */
const UblJson = CreateInvoice.omit({
  calculate_totals: true,
  business_entity_id: true,
  related_invoice_id: true,
  external_reference: true,
}).extend({
  // Other contracts know buyers without a name, prices of more digits than the currency's or with tax included, and taxes of
  // fixed amounts.
  buyer: Seller,
  items: z.array(
    Item.extend({
      price: z.number(),
      price_includes_tax: z.boolean().optional(),
      fixed_tax: amount.optional(),
      line_amount: amount,
    }),
  ),
});

const Warning = z.object({ code: z.string(), field: z.string(), pointer: z.string(), message: z.string() });

/** Reminders of an unpaid invoice; their fees are owed beside it. */
const Dunning = z.object({
  level: z.int(),
  last_at: z.iso.datetime().nullable(),
  paused: z.boolean(),
  reminders: z.array(
    z.object({ level: z.int(), name: z.string(), fee: amount, currency: z.string(), at: z.iso.datetime() }),
  ),
});

const Metadata = z.object({
  contract: z.string(),
  version: z.int(),
  series: z.string().optional(),
  external_reference: z.string().optional(),
  finalized_at: z.iso.datetime().optional(),
  overdue: z.boolean().optional(),
  dunning: Dunning.optional(),
  approved_at: z.iso.datetime().optional(),
  sent_at: z.iso.datetime().optional(),
  sent_to: z.string().optional(),
  delivery_error: z.string().optional(),
  cancellation: z.object({ reason: z.string().optional(), at: z.iso.datetime(), by: z.string() }).optional(),
  credited_amount: amount.optional(),
  corrections: z
    .array(
      z.object({
        id: uuid,
        kind: z.enum(['cancellation', 'credit']),
        amount,
        lines: z.array(z.object({ id: z.string(), quantity: z.number() })).optional(),
      }),
    )
    .optional(),
  warnings: z.array(Warning),
});

const moment = z.iso.datetime();

export const InvoiceResource = z.object({
  id: uuid,
  company_id: uuid,
  user_id: z.string().nullable(),
  state: z.enum(['draft', 'approved', 'sending', 'sent', 'delivered', 'failed', 'cancelled']),
  direction: z.enum(['outgoing', 'incoming']),
  amount,
  currency: z.string(),
  ubl_version: z.string(),
  ubl_json: UblJson.nullable(),
  metadata_json: Metadata.nullable(),
  delivery_network_id: z.enum(['peppol', 'ksef', 'email']).nullable(),
  business_entity_id: uuid.nullable(),
  related_invoice_id: uuid.nullable(),
  payment_status: z.enum(['unpaid', 'partially_paid', 'paid', 'overpaid']),
  total_paid_cents: amount,
  is_test: z.boolean(),
  created_at: moment,
  updated_at: moment,
  deleted_at: moment.nullable(),
});

export type InvoiceResource = z.input<typeof InvoiceResource>;

export const InvoiceAnswer = z.object({ data: InvoiceResource });
