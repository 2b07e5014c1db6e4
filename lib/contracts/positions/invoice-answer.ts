import { isFullyCredited } from '../../invoice/creditable.ts';
import type { MinorUnits } from '../../invoice/document.ts';
import { remindersOf } from '../../invoice/dunning.ts';
import type { Invoice, Tenant } from '../../invoice/model.ts';
import { isPaid, openAmount, standingPayment } from '../../invoice/payments.ts';
import { creditNoteCodes } from '../../invoice/rules/code-lists.ts';
import { momentOn } from '../fields.ts';
import { inMajor, minorMoney, money } from './money.ts';
import { discountOf, placesOf, toPositions } from './position-answer.ts';
import { extrasOf, flattened, positionsOf, type Rate } from './positions.ts';
import type { InvoiceResource } from './resources.ts';
import { serviceSpan } from './service-span.ts';

/** An invoice as page 003 shows it, whichever contract it came by. */
export function toAnswer(invoice: Invoice, { timeZone, dunning }: Tenant): InvoiceResource {
  const { document, figures, facts } = invoice;
  const { currency, period, lines } = document;
  const { taxExclusive, taxInclusive, tax } = figures.totals;
  const status = statusOf(invoice);
  const payment = standingPayment(invoice);
  const span = serviceSpan(lines) ?? period;
  const isXRechnung = document.documentType?.startsWith('xrechnung') ?? false;
  const reminders = remindersOf(invoice);
  const cancellation = facts.corrections?.find(({ kind }) => kind === 'cancellation');
  return {
    id: invoice.id,
    customer: customerOf(invoice),
    paymentMethod: null,
    referencedInvoice: referencedBy(invoice),
    type: typeOf(invoice),
    currencyCode: currency,
    number: invoice.number ?? null,
    status,
    creationDate: invoice.createdAt,
    finalizationDate: invoice.issuedAt ?? null,
    dueDate: document.dueDate === undefined ? null : momentOn(timeZone, document.dueDate),
    lastReminderDate: reminders.at(-1)?.at ?? null,
    lastSentAt: facts.sentAt ?? null,
    dunningLevel: reminders.length,
    dunningStatus: (['none', 'reminder'] as const)[reminders.length] ?? 'dunning',
    payDate: status === 'STATUS_PAID' && payment ? momentOn(timeZone, payment.paidOn) : null,
    invoiceAddress: addressOf(invoice),
    internalNote: null,
    title: null,
    introduction: document.notes?.join('\n') || null,
    closing: document.paymentTerms ?? null,
    netAmount: minorMoney(taxExclusive, currency),
    grossAmount: minorMoney(taxInclusive, currency),
    taxAmount: minorMoney(tax, currency),
    discountAmount: discountsOf(invoice),
    file: null,
    positions: toPositions(invoice),
    applicatedExchangeRates: ratesOf(invoice),
    eInvoiceType: isXRechnung ? 'xrechnung' : null,
    // In Germany the buyer's reference (BT-10) is the Leitweg-ID.
    leitwegId: isXRechnung ? (document.buyerReference ?? null) : null,
    serviceDateFrom: span?.startDate ?? null,
    serviceDateTo: span?.endDate ?? null,
    unpaidAmount: minorMoney(unpaidOf(invoice), currency),
    usageBreakdownUrl: null,
    cancellationDocument: cancellation ? { id: cancellation.id } : null,
    // Without levels nobody is reminded.
    dunningDisabled: !dunning?.length || (facts.dunning?.paused ?? false),
    sourceType: 'manual',
  };
}

/** A cancellation is a credit note of its own kind here. */
function typeOf({ document, facts }: Invoice): InvoiceResource['type'] {
  if (facts.corrects === 'cancellation') return 'TYPE_CANCEL';
  return creditNoteCodes.has(document.typeCode) ? 'TYPE_CREDIT' : 'TYPE_INVOICE';
}

/** What came in and what was credited tell more than the states of delivery. */
function statusOf(invoice: Invoice): InvoiceResource['status'] {
  switch (invoice.state) {
    case 'draft':
    case 'approved':
      return 'STATUS_DRAFT';
    case 'finalizing':
      return 'STATUS_FINALIZING';
    case 'cancelled':
      return 'STATUS_CANCELLED';
    case 'issued':
    case 'sending':
    case 'sent':
    case 'delivered':
    case 'failed': {
      if (isFullyCredited(invoice)) return 'STATUS_REFUNDED';
      if (isPaid(invoice)) return 'STATUS_PAID';
      return remindersOf(invoice).length > 0 ? 'STATUS_REMINDED' : 'STATUS_UNPAID';
    }
  }
}

/** A draft that was cancelled never asked for money, and has no credit note that says so. */
const unpaidOf = (invoice: Invoice): MinorUnits =>
  invoice.state === 'cancelled' && invoice.issuedAt === undefined ? 0 : openAmount(invoice);

function customerOf(invoice: Invoice): InvoiceResource['customer'] {
  const { buyer } = invoice.document;
  const { customer } = extrasOf(invoice);
  const [identifier] = buyer.identifiers ?? [];
  const known = buyer.identifiers?.some(({ value }) => value?.toLowerCase() === customer?.id) ? customer : undefined;
  return {
    id: known?.id ?? null,
    customerNumber: (known ? known.customerNumber : identifier?.value) ?? null,
    timeZone: known?.timeZone ?? null,
    firstName: known?.firstName ?? null,
    lastName: known?.lastName ?? null,
    currencyCode: known?.currencyCode ?? null,
    companyName: (known ? known.companyName : (buyer.legalName ?? buyer.name)) ?? null,
    datevId: known?.datevId ?? null,
    status: known?.status === undefined ? null : `STATUS_${known.status.toUpperCase()}`,
  };
}

function addressOf({ document: { buyer } }: Invoice): InvoiceResource['invoiceAddress'] {
  if (!buyer.address) return null;
  const { street, additionalLine, postalCode, city, subdivision, country } = buyer.address;
  return {
    companyName: buyer.legalName ?? buyer.name ?? null,
    street: street ?? null,
    additionalLine: additionalLine ?? null,
    postalCode: postalCode ?? null,
    city: city ?? null,
    subdivision: subdivision ?? null,
    countryCode: country ?? null,
  };
}

function referencedBy({ relatedInvoiceId, document }: Invoice): InvoiceResource['referencedInvoice'] {
  if (relatedInvoiceId === undefined) return null;
  return { id: relatedInvoiceId, number: document.precedingInvoices?.[0]?.number ?? null };
}

/** All discounts together: of positions, and of the whole document as other contracts know them. */
function discountsOf(invoice: Invoice): InvoiceResource['discountAmount'] {
  const { currency } = invoice.document;
  const places = placesOf(invoice);
  const total = flattened(positionsOf(invoice)).reduce(
    (sum, { line, kept }) => sum.plus(discountOf(line, kept.terms, places.get(line) as number, invoice)),
    inMajor(invoice.figures.totals.allowances, currency),
  );
  return total.isZero ? null : money(total, currency);
}

/** Every published rate that a position was converted with, once. */
function ratesOf(invoice: Invoice): InvoiceResource['applicatedExchangeRates'] {
  const rates = new Map<string, Rate>();
  for (const { kept } of flattened(positionsOf(invoice))) {
    for (const rate of kept.terms?.rates ?? []) rates.set(`${rate.currency} ${rate.date}`, rate);
  }
  return [...rates.values()].map(({ currency, ...rate }) => ({
    baseCurrencyCode: 'EUR',
    currencyCode: currency,
    ...rate,
  }));
}
