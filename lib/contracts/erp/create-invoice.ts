/**
 * The body of `POST /api/invoice/invoices`. No limits on length are published. Where a field may be left out, `null` means the
 * same, so that an answer can be sent again.
 */
import * as z from 'zod';
import { date, decimal, exactNumber } from '../fields.ts';

// Fields without a limit of their own are made once: a schema costs time at every cold start.
const anyText = z.string().nullish();
const anyFlag = z.boolean().nullish();
const anyId = z.int().nullish();
const anyNumber = exactNumber.nullish();
const anyMoment = date.nullish();

const AccountingType = z.object({
  id: anyId,
  name: z.string(),
  cancelled_name: anyText,
  type: z.string(),
  deleted: anyFlag,
});

/** One member is published of what has more: whatever else comes is kept. */
const Relation = z.looseObject({ deleted: anyFlag });

const PaymentGoal = z.object({
  id: anyId,
  name: anyText,
  date_string: anyText,
  deleted: anyFlag,
  global_default: anyFlag,
});

const Tax = z.object({
  id: anyId,
  name: z.string(),
  /** A fraction: 0.19 for 19 percent. */
  value: exactNumber.min(0).max(1).nullish(),
  deleted: anyFlag,
  global_default: anyFlag,
});

const Item = z.object({
  name: z.string(),
  unit: z.string(),
  quantity: decimal,
  price: decimal,
  price_is_brutto: anyFlag,
  description: anyText,
  sku: anyText,
  barcode: anyText,
  item_type: anyText,
  // Results; ours are told in the answer.
  netto_value: anyNumber,
  brutto_value: anyNumber,
  tax_value: anyNumber,
  tax: Tax.nullish(),
  accounting_software_number: anyText,
});

/** Who pays. The page publishes no member for a name, so other members are kept, and one called `name` is taken for it. */
const Buyer = z.looseObject({
  name: anyText,
  address: anyText,
  address_street: anyText,
  address_house_number: anyText,
  address_street_level: anyText,
  address_co: anyText,
  address_city: anyText,
  address_zip: anyText,
  address_admin_level1: anyText,
  address_country: anyText,
  address_full_country: anyText,
  address_geo_lat: anyText,
  address_geo_lng: anyText,
  address_external_provider_id: anyText,
  number: anyText,
  payment_owner: anyText,
  payment_institution: anyText,
  payment_bic: anyText,
  payment_iban: anyText,
  payment_mandate: anyText,
  payment_mandate_sign_date: anyMoment,
  payment_mandate_valid_until_date: anyMoment,
  accounting_software_number: anyText,
});

export const CreateInvoice = z.object({
  invoice: z.object({
    accounting_type: AccountingType,
    payment_type: Relation.nullish(),
    payment_goal: PaymentGoal.nullish(),
    items: z.array(Item).nullish(),
    buyer: Buyer.nullish(),
    billing_payment_profile: Relation.nullish(),
  }),
});

export type CreateInvoice = z.output<typeof CreateInvoice>;
export type Buyer = z.output<typeof Buyer>;
export type Item = z.output<typeof Item>;
