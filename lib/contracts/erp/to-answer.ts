import { isDeepStrictEqual } from 'node:util';
import type { CalendarDate, Timestamp } from '../../invoice/document.ts';
import { integerOf } from '../../invoice/identity.ts';
import type { Invoice, Tenant } from '../../invoice/model.ts';
import { standingPayment } from '../../invoice/payments.ts';
import { dayIn, momentOn } from '../fields.ts';
import { buyerView } from './buyer.ts';
import { extrasOf } from './extras.ts';
import type { InvoiceAnswer, ItemAnswer } from './invoice-answer.ts';
import { shownValue, toItems } from './items.ts';
import { numberParts } from './number-parts.ts';
import { statusOf } from './status.ts';
import { valuesOf } from './values.ts';

/** An invoice as the page shows it, whichever contract it came by: every member in its published order. */
export function toAnswer(invoice: Invoice, { timeZone }: Tenant): InvoiceAnswer {
  const { document, figures, facts } = invoice;
  const extras = extrasOf(invoice);
  const { number, manual_number_prefix, manual_number, number_string } = numberParts(invoice);
  const { status, previous, since } = statusOf(invoice);
  const values = valuesOf(document, figures);
  const items = toItems(invoice, values, extras.items);
  const payment = standingPayment(invoice);
  const onDay = (day: CalendarDate | undefined, at?: Timestamp) => shownDay(timeZone, day, at);

  return {
    id: integerOf(invoice.id),
    token: extras.token ?? null,
    number,
    manual_number_prefix,
    manual_number,
    number_string,
    generation_date: shown(invoice.createdAt),
    number_date: number_string === null ? null : onDay(document.issueDate, invoice.issuedAt),
    message: document.notes?.join('\n') ?? null,
    currency: document.currency,
    name: nameOf(invoice, number_string),
    due_date: onDay(document.dueDate),
    ...shownValue(values.total, document.currency),
    tax: commonTax(items),
    linked_number_title: null,
    linked_number: document.precedingInvoices?.[0]?.number ?? null,
    status,
    previous_status: previous,
    status_updated: shown(since),
    archived: false,
    last_pdf_export: null,
    last_status_export: null,
    base_booking_group: null,
    search_string: searchString(invoice),
    accounting_type: extras.accounting_type ?? null,
    payment_type: extras.payment_type ?? null,
    payment_goal: extras.payment_goal ?? (document.paymentTerms === undefined ? null : { name: document.paymentTerms }),
    items,
    buyer: toBuyer(invoice, extras.buyer),
    payment_date: status === 'paid' ? onDay(payment?.paidOn, payment?.at) : null,
    is_payment_date_from_ext_service: false,
    direct_debit_exported: false,
    offer: null,
    time_reports: [],
    payment_provider_status: null,
    payment_provider_reference: null,
    payment_provider_transaction_reference: null,
    cancel_date: shown(facts.cancellation?.at),
    cancel_text: facts.cancellation?.reason ?? null,
    base_event_sign_up: null,
    base_booking: null,
    base_event_sign_up_group: null,
    person_log_book_entry: null,
    billing_payment_profile: extras.billing_payment_profile ?? null,
  };
}

/** A moment as the page writes it: in whole seconds. */
const shown = (at: Timestamp | null | undefined): string | null => at?.replace(/\.\d+Z$/, 'Z') ?? null;

/** A day as a moment of it: the one at which it happened, where that is known. */
function shownDay(timeZone: string, day: CalendarDate | undefined, at: Timestamp | undefined): string | null {
  if (day === undefined) return null;
  return shown(at !== undefined && dayIn(timeZone, at) === day ? at : momentOn(timeZone, day));
}

/** What is printed above the invoice: its kind, under another name once it is cancelled, and its number. */
function nameOf(invoice: Invoice, number: string | null): string | null {
  const { accounting_type: kind } = extrasOf(invoice);
  const cancelled = invoice.state === 'cancelled' ? kind?.cancelled_name : undefined;
  return [cancelled ?? kind?.name, number].filter((part) => part?.trim()).join(' ') || null;
}

function commonTax([first, ...others]: ItemAnswer[]): InvoiceAnswer['tax'] {
  return first?.tax && others.every(({ tax }) => isDeepStrictEqual(tax, first.tax)) ? first.tax : {};
}

/** What a list is searched by: who and which. */
function searchString({ number, document: { buyer, buyerReference, purchaseOrder } }: Invoice): string {
  const { name, legalName, tradingName, identifiers = [] } = buyer;
  const parts = [number, name, legalName, tradingName, ...identifiers.map(({ value }) => value)];
  return [...new Set([...parts, buyerReference, purchaseOrder])].filter((part) => part?.trim()).join(' ');
}

function toBuyer({ document }: Invoice, kept: InvoiceAnswer['buyer'] | undefined): InvoiceAnswer['buyer'] {
  return kept || Object.keys(document.buyer).length > 0 ? { ...buyerView(document), ...kept } : null;
}
