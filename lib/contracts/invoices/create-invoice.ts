/** The body of `POST /invoices`: every published field with its limit. `null` means the same as leaving a field out. */
import * as z from 'zod';
import {
  amount,
  cardNumber,
  currency,
  date,
  decimal,
  divisor,
  email,
  percentage,
  text,
  textOf,
  uuid,
} from '../fields.ts';

// Fields without a limit of their own are made once: a schema costs time at every cold start.
const upTo10 = text(10).nullish();
const upTo50 = text(50).nullish();
const upTo255 = text(255).nullish();
const upTo500 = text(500).nullish();
const anyText = z.string().nullish();
const anyDate = date.nullish();
const anyAmount = amount.nullish();
const anyPercentage = percentage.nullish();
const anyCurrency = currency.nullish();
const anyUuid = uuid.nullish();
const countryCode = textOf(2).nullish();
/** The published 10 characters would refuse the official code VATEX-EU-132-1A. */
const exemptionReasonCode = text(30).nullish();

const list = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).nullish();

const Identifier = z.object({ scheme: upTo10, value: upTo255 });
const identifier = Identifier.nullish();

const address = z
  .object({
    street: upTo255,
    additional_line: upTo255,
    city: upTo255,
    subdivision: upTo255,
    postal_code: text(20).nullish(),
    country: countryCode,
  })
  .nullish();

const Period = z.object({ start_date: anyDate, end_date: anyDate });

/** The profiles of delivery, by the document type that each is for (UNTDID 1001). */
export const documentTypes = {
  invoice: '380',
  credit_note: '381',
  ublbe_invoice: '380',
  ublbe_credit_note: '381',
  nlcius_invoice: '380',
  nlcius_credit_note: '381',
  xrechnung_ubl_invoice: '380',
  xrechnung_ubl_credit_note: '381',
  xrechnung_cii_invoice: '380',
} as const;

export type DocumentType = keyof typeof documentTypes;

const Header = z
  .object({
    specification: upTo500,
    business_process: upTo500,
    document_type: z.enum(Object.keys(documentTypes) as DocumentType[]).nullish(),
    invoice_number: upTo255,
    invoice_number_series: text(255).optional(),
    invoice_type_code: upTo10,
    issue_date: anyDate,
    due_date: anyDate,
    tax_point_date: anyDate,
    currency: anyCurrency,
    vat_currency: anyCurrency,
    accounting_cost: upTo255,
    buyer_reference: upTo255,
    project_reference: upTo255,
    contract_reference: upTo255,
    tender_or_lot_reference: upTo255,
    rounding_amount: anyAmount,
    notes: list(z.string()),
    invoice_period: Period.extend({ description: upTo255 }).nullish(),
  })
  .refine(({ document_type: type, invoice_type_code: code }) => !type || !code || documentTypes[type] === code, {
    path: ['invoice_type_code'],
    error: 'Does not fit document_type: invoices have 380, credit notes 381.',
    params: { code: 'document_type_mismatch' },
  });

const Buyer = z.object({
  endpoint_id: identifier,
  identifiers: list(Identifier),
  name: text(255),
  legal_name: upTo255,
  trading_name: upTo255,
  company_id: identifier,
  vat_number: upTo50,
  tax_registration_id: identifier,
  address,
  contact: z.object({ name: upTo255, phone: upTo50, email: email(255).nullish() }).nullish(),
});

export const Seller = Buyer.extend({ name: upTo255, legal_information: anyText });

const BankAccount = z.object({ iban: text(34).nullish(), bic: text(11).nullish(), account_name: upTo255 });

const meansFields = {
  means_code: upTo10,
  means_text: upTo255,
  payment_id: upTo255,
  card: z.object({ pan: cardNumber(20).nullish(), network: upTo50, holder_name: upTo255 }).nullish(),
  direct_debit: z.object({ mandate_id: upTo255, debited_account: upTo255 }).nullish(),
};

/** The published page has two forms: a list of means, and an older one with a single means among the fields of `payment`. */
const Payment = z.object({
  terms: anyText,
  payments: list(z.object({ ...meansFields, bank_accounts: list(BankAccount) })),
  ...meansFields,
  bank_account: BankAccount.nullish(),
});

const Delivery = z.object({ date: anyDate, location_id: upTo255, party_name: upTo255, address });

const References = z.object({
  purchase_order: upTo255,
  sales_order: upTo255,
  preceding_invoices: list(z.object({ number: upTo255, issue_date: anyDate })),
});

const Totals = z.object({
  line_extension_amount: anyAmount,
  tax_exclusive_amount: anyAmount,
  tax_inclusive_amount: anyAmount,
  tax_amount: anyAmount,
  allowance_total_amount: anyAmount,
  charge_total_amount: anyAmount,
  paid_amount: anyAmount,
  payable_rounding_amount: anyAmount,
  payable_amount: anyAmount,
});

const taxFields = {
  tax_category: upTo10,
  tax_rate: anyPercentage,
  tax_exemption_reason_code: exemptionReasonCode,
  tax_exemption_reason: upTo255,
};

const LineAllowanceCharge = z.object({
  reason: upTo255,
  reason_code: upTo10,
  amount: anyAmount,
  percentage: anyPercentage,
  base_amount: anyAmount,
});

const AllowanceCharge = LineAllowanceCharge.extend(taxFields);

export const Item = z.object({
  id: upTo50,
  name: text(255),
  description: anyText,
  note: anyText,
  price: amount,
  quantity: decimal,
  unit_code: upTo10,
  base_quantity: divisor.nullish(),
  ...taxFields,
  order_line_reference: upTo255,
  accounting_cost: upTo255,
  origin_country: countryCode,
  period: Period.nullish(),
  identifiers: z
    .object({
      standard: z.object({ scheme: upTo50, value: upTo255 }).nullish(),
      sellers_item_id: upTo255,
      buyers_item_id: upTo255,
    })
    .nullish(),
  classifications: list(z.object({ list_id: upTo50, list_version: upTo50, value: upTo255 })),
  attributes: list(z.object({ name: upTo255, value: upTo255 })),
  allowances: list(LineAllowanceCharge),
  charges: list(LineAllowanceCharge),
});

const TaxGroup = z.object({
  category_code: upTo10,
  rate: anyPercentage,
  taxable_amount: anyAmount,
  tax_amount: anyAmount,
  exemption_reason: upTo255,
  exemption_reason_code: exemptionReasonCode,
});

const Attachment = z.object({
  filename: upTo255,
  mime_type: text(100).nullish(),
  description: upTo255,
  data: anyText,
  external_reference: upTo500,
});

export const CreateInvoice = z.object({
  calculate_totals: z.boolean().optional(),
  business_entity_id: anyUuid,
  related_invoice_id: anyUuid,
  /** Ours: what the caller calls the invoice. */
  external_reference: upTo255,
  header: Header.nullish(),
  seller: Seller.nullish(),
  buyer: Buyer,
  payee: z.object({ name: upTo255, company_id: identifier }).nullish(),
  payment: Payment.nullish(),
  delivery: Delivery.nullish(),
  references: References.nullish(),
  totals: Totals.nullish(),
  items: z.array(Item).min(1),
  allowances: list(AllowanceCharge),
  charges: list(AllowanceCharge),
  tax_breakdown: list(TaxGroup),
  attachments: list(Attachment),
});

export type CreateInvoice = z.output<typeof CreateInvoice>;
