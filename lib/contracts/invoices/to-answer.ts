import type {
  CalendarDate,
  DocumentAllowanceCharge,
  InvoiceDocument,
  Line,
  TaxGroup,
  Totals,
} from '../../invoice/document.ts';
import { isOverdue, remindersOf } from '../../invoice/dunning.ts';
import type { Invoice, State } from '../../invoice/model.ts';
import { paymentStatus } from '../../invoice/payments.ts';
import { minorUnitDigits } from '../../money/currency.ts';
import { Decimal } from '../../money/decimal.ts';
import { snakeCased } from '../letter-case.ts';
import { dotted, pointer } from '../pointer.ts';
import type { DocumentType } from './create-invoice.ts';
import type { InvoiceResource } from './invoice-resource.ts';
import { published, taxGroupNames, toPublished, totalNames } from './names.ts';
import type { Extras } from './to-draft.ts';

/** Page 002 has no state for an invoice that waits for its number or has it and is not yet sent. */
export const states: Readonly<Record<State, InvoiceResource['state']>> = {
  draft: 'draft',
  approved: 'approved',
  finalizing: 'approved',
  issued: 'approved',
  sending: 'sending',
  sent: 'sent',
  delivered: 'delivered',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** An invoice as page 002 shows it on a day at its issuer's, whichever contract it came by. */
export function toAnswer(invoice: Invoice, today: CalendarDate): InvoiceResource {
  return {
    id: invoice.id,
    company_id: invoice.scope.tenant,
    user_id: null,
    state: states[invoice.state],
    direction: 'outgoing',
    amount: shownTotals(invoice).payable,
    currency: invoice.document.currency,
    ubl_version: '2.1',
    ubl_json: toUblJson(invoice),
    metadata_json: toMetadata(invoice, today),
    delivery_network_id: (invoice.facts.network as InvoiceResource['delivery_network_id']) ?? null,
    business_entity_id: invoice.businessEntityId,
    related_invoice_id: invoice.relatedInvoiceId ?? null,
    payment_status: paymentStatus(invoice),
    total_paid_cents: invoice.paid,
    is_test: invoice.scope.mode === 'test',
    created_at: invoice.createdAt,
    updated_at: invoice.updatedAt,
    deleted_at: invoice.deletedAt ?? null,
  };
}

/** Until it is issued, an invoice shows the figures that its caller stands by; from then on they are equal to ours. */
const statedOn = ({ issuedAt, stated }: Invoice) => (issuedAt === undefined ? stated : undefined);

const shownTotals = (invoice: Invoice): Totals => ({ ...invoice.figures.totals, ...statedOn(invoice)?.totals });

/** The document with its figures. */
export function toUblJson(invoice: Invoice) {
  const { document, figures } = invoice;
  const { seller, buyer, payee, delivery, purchaseOrder, salesOrder, precedingInvoices, attachments } = document;
  const digits = minorUnitDigits(document.currency) ?? 0;
  const groups = statedOn(invoice)?.taxBreakdown ?? figures.taxBreakdown;
  return snakeCased({
    header: toHeader(invoice),
    seller,
    buyer,
    payee,
    payment: toPayment(document, invoice.extras),
    delivery,
    references: { purchaseOrder, salesOrder, precedingInvoices },
    totals: toPublished(shownTotals(invoice), totalNames),
    items: document.lines.map((line, index) => toItem(line, figures.lines[index]?.net ?? 0, digits)),
    allowances: document.allowances?.map(toAllowanceCharge),
    charges: document.charges?.map(toAllowanceCharge),
    tax_breakdown: groups.map(toTaxGroup),
    attachments,
  });
}

/** A group of tax, as calculated or as stated. */
export const toTaxGroup = (group: Partial<TaxGroup>) =>
  toPublished({ ...group, taxRate: number(group.taxRate) }, taxGroupNames);

function toHeader({ document, number, series }: Invoice) {
  return {
    specification: document.specification,
    businessProcess: document.businessProcess,
    // No other contract knows these profiles.
    documentType: document.documentType as DocumentType,
    invoiceNumber: number,
    invoiceNumberSeries: series,
    invoiceTypeCode: document.typeCode,
    issueDate: document.issueDate,
    dueDate: document.dueDate,
    taxPointDate: document.taxPointDate,
    currency: document.currency,
    vatCurrency: document.vatCurrency,
    accountingCost: document.accountingCost,
    buyerReference: document.buyerReference,
    projectReference: document.projectReference,
    contractReference: document.contractReference,
    tenderOrLotReference: document.tenderOrLotReference,
    notes: document.notes,
    invoicePeriod: document.period,
  };
}

/** In the form in which it came: a list, or the older single means. */
function toPayment({ paymentTerms: terms, paymentMeans }: InvoiceDocument, { singlePayment }: Extras) {
  const [first] = paymentMeans ?? [];
  if (!singlePayment || !first) return { terms, payments: paymentMeans };
  const { bankAccounts, ...means } = first;
  return { terms, ...means, bankAccount: bankAccounts?.[0] };
}

function toItem({ standardId, sellersItemId, buyersItemId, ...line }: Line, net: number, digits: number) {
  const price = Decimal.of(line.price).times(Decimal.of(10 ** digits));
  return {
    ...withTax(line),
    price: Number(price.toString()),
    quantity: Number(line.quantity),
    baseQuantity: number(line.baseQuantity),
    identifiers: { standard: standardId, sellersItemId, buyersItemId },
    allowances: line.allowances?.map(withPercentage),
    charges: line.charges?.map(withPercentage),
    lineAmount: net,
  };
}

const toAllowanceCharge = (entry: DocumentAllowanceCharge) => withTax(withPercentage(entry));

const withPercentage = <T extends { percentage?: string }>(entry: T) => ({
  ...entry,
  percentage: number(entry.percentage),
});

/** The members of tax under page 002's names. */
function withTax<T extends { taxRate?: string; exemptionReason?: string; exemptionReasonCode?: string }>({
  exemptionReason: taxExemptionReason,
  exemptionReasonCode: taxExemptionReasonCode,
  ...member
}: T) {
  return { ...member, taxRate: number(member.taxRate), taxExemptionReasonCode, taxExemptionReason };
}

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

function toMetadata(invoice: Invoice, today: CalendarDate) {
  const { contract, version, place, series, externalReference, issuedAt, warnings, facts, credited } = invoice;
  return {
    contract,
    version,
    series: place?.name ?? series,
    external_reference: externalReference,
    finalized_at: issuedAt,
    ...(issuedAt !== undefined && { overdue: isOverdue(invoice, today) }),
    ...(facts.dunning && { dunning: toDunning(invoice) }),
    approved_at: facts.approvedAt,
    sent_at: facts.sentAt,
    sent_to: facts.sentTo,
    delivery_error: facts.deliveryError,
    cancellation: facts.cancellation,
    ...(facts.corrections && {
      credited_amount: credited,
      corrections: facts.corrections.map(({ lines, ...link }) => ({
        ...link,
        ...(lines && { lines: lines.map(({ id, quantity }) => ({ id, quantity: Number(quantity) })) }),
      })),
    }),
    warnings: warnings.map((warning) => {
      const place = published(warning);
      return { code: warning.code, field: dotted(place), pointer: pointer(place), message: warning.message };
    }),
  };
}

function toDunning(invoice: Invoice) {
  const reminders = remindersOf(invoice);
  return {
    level: reminders.length,
    last_at: reminders.at(-1)?.at ?? null,
    paused: invoice.facts.dunning?.paused ?? false,
    reminders: reminders.map(({ level, name, fee, currency, at }) => ({ level, name, fee, currency, at })),
  };
}
