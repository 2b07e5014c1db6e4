/** Where page 002 has another name or place for what the document holds. Everywhere else it is the same word in snake_case. */

import type { InvoiceDocument, TaxGroup, Totals } from '../../invoice/document.ts';
import type { Fault } from '../../invoice/failure.ts';
import type { Draft } from '../../invoice/model.ts';
import { snake } from '../letter-case.ts';

export const totalNames = {
  lineExtension: 'line_extension_amount',
  taxExclusive: 'tax_exclusive_amount',
  taxInclusive: 'tax_inclusive_amount',
  tax: 'tax_amount',
  allowances: 'allowance_total_amount',
  charges: 'charge_total_amount',
  prepaid: 'paid_amount',
  rounding: 'payable_rounding_amount',
  payable: 'payable_amount',
} as const satisfies Record<keyof Totals, string>;

const { prepaid: _prepaid, rounding: _rounding, ...results } = totalNames;

/** The totals that are results; paid amount and rounding are facts. */
export const resultNames = results;

export const taxGroupNames = {
  taxCategory: 'category_code',
  taxRate: 'rate',
  taxable: 'taxable_amount',
  tax: 'tax_amount',
  exemptionReason: 'exemption_reason',
  exemptionReasonCode: 'exemption_reason_code',
} as const satisfies Record<keyof TaxGroup, string>;

type Top = keyof InvoiceDocument | Exclude<keyof Draft, 'document' | 'stated' | 'warnings' | 'extras'>;

const places: Record<Top, string> = {
  number: 'header.invoice_number',
  series: 'header.invoice_number_series',
  businessEntityId: 'business_entity_id',
  relatedInvoiceId: 'related_invoice_id',
  externalReference: 'external_reference',
  specification: 'header.specification',
  businessProcess: 'header.business_process',
  documentType: 'header.document_type',
  typeCode: 'header.invoice_type_code',
  issueDate: 'header.issue_date',
  dueDate: 'header.due_date',
  taxPointDate: 'header.tax_point_date',
  currency: 'header.currency',
  vatCurrency: 'header.vat_currency',
  accountingCost: 'header.accounting_cost',
  buyerReference: 'header.buyer_reference',
  projectReference: 'header.project_reference',
  contractReference: 'header.contract_reference',
  tenderOrLotReference: 'header.tender_or_lot_reference',
  notes: 'header.notes',
  period: 'header.invoice_period',
  seller: 'seller',
  buyer: 'buyer',
  payee: 'payee',
  paymentTerms: 'payment.terms',
  paymentMeans: 'payment.payments',
  delivery: 'delivery',
  purchaseOrder: 'references.purchase_order',
  salesOrder: 'references.sales_order',
  precedingInvoices: 'references.preceding_invoices',
  lines: 'items',
  allowances: 'allowances',
  charges: 'charges',
  prepaidAmount: 'totals.paid_amount',
  roundingAmount: 'totals.payable_rounding_amount',
  attachments: 'attachments',
};

/** Members of lines, allowances and charges. */
const memberNames: Record<string, string> = {
  net: 'line_amount',
  exemptionReason: 'tax_exemption_reason',
  exemptionReasonCode: 'tax_exemption_reason_code',
  standardId: 'identifiers.standard',
  sellersItemId: 'identifiers.sellers_item_id',
  buyersItemId: 'identifiers.buyers_item_id',
};

/**
 * The place that a fault or a warning names, as page 002 spells it. Page 002's own spelling stays as it is, and an unknown
 * field has only the name that its caller gave it.
 */
export function published({ code, path }: Pick<Fault, 'code' | 'path'>): Fault['path'] {
  const [top, ...rest] = path;
  if (top === undefined || code === 'unknown_field') return path;
  const names: Record<string, string> =
    top === 'totals' ? totalNames : top === 'taxBreakdown' ? taxGroupNames : memberNames;
  const inner = rest.flatMap<string | number>((step) => (typeof step === 'string' ? renamed(step, names) : [step]));
  return [...renamed(String(top), places), ...inner];
}

const renamed = (step: string, names: Record<string, string>): string[] =>
  Object.hasOwn(names, step) ? (names[step] as string).split('.') : [snake(step)];

type Names = Readonly<Record<string, string>>;

/** The core's members out of an object that has them under page 002's names; `null` counts as absent. */
export function fromPublished<N extends Names, Given extends Partial<Record<N[keyof N], unknown>>>(
  given: Given,
  names: N,
): { [Name in keyof N]?: Exclude<Given[N[Name]], null | undefined> } {
  const members = Object.entries(names).map(([core, name]) => [core, given[name as keyof Given] ?? undefined] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as ReturnType<
    typeof fromPublished<N, Given>
  >;
}

/** The core's members under page 002's names. */
export function toPublished<N extends Names, Members extends Partial<Record<keyof N, unknown>>>(
  members: Members,
  names: N,
): { [Name in keyof N & keyof Members as N[Name]]: Members[Name] } {
  const entries = Object.entries(names).map(([core, name]) => [name, members[core as keyof Members]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as ReturnType<
    typeof toPublished<N, Members>
  >;
}
