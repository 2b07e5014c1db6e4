import { isOverdue } from '../../invoice/dunning.ts';
import { hexOf } from '../../invoice/identity.ts';
import type { Invoice } from '../../invoice/model.ts';
import { isPaid, standingPayment } from '../../invoice/payments.ts';
import { dayIn, momentOn } from '../fields.ts';
import { shownCounterParty } from './counter-party.ts';
import { extrasOf } from './extras.ts';
import { shownAmount, shownCalculated, shownConversion, shownDiscount, shownLineItems } from './figures.ts';
import type { InvoiceResource } from './invoice-resource.ts';

/** What an answer depends on besides its invoice. */
export interface View {
  /** The issuer's. */
  readonly timeZone: string;
  /** The day it is there. */
  readonly today: string;
}

/** An invoice as page 004 shows it, whichever contract it came by. */
export function toAnswer(invoice: Invoice, view: View): InvoiceResource {
  const { document, facts, figures } = invoice;
  const { payViaStripeAccountConnectionId, counterParty, ...moments } = extrasOf(invoice);
  const status = statusOf(invoice, view);
  const conversion = shownConversion(invoice);
  const payment = status === 'PAID' ? standingPayment(invoice) : undefined;
  const invoiceDate = momentIn(
    view,
    document.issueDate ?? dayIn(view.timeZone, invoice.createdAt),
    moments.invoiceDate,
  );
  return {
    _id: hexOf(invoice.id),
    projectId: invoice.scope.tenant,
    status,
    invoiceId: invoice.number ?? '',
    purchaseOrderId: document.purchaseOrder ?? null,
    counterParty: shownCounterParty(counterParty, document.buyer),
    discount: shownDiscount(invoice),
    amount: shownAmount(invoice, figures.totals.payable),
    convertedAmount: conversion?.amount ?? null,
    convertedCurrency: conversion?.currency ?? null,
    sendDate: facts.sentAt ?? null,
    sendBy: facts.sentBy ?? null,
    invoiceDate,
    // Without a date or terms an invoice is due at once.
    dueDate: document.dueDate === undefined ? invoiceDate : momentIn(view, document.dueDate, moments.dueDate),
    currency: document.currency,
    lineItems: shownLineItems(invoice),
    note: document.notes?.join('\n') ?? '',
    calculated: shownCalculated(invoice),
    cancellationReason: facts.cancellation?.reason ?? null,
    cancellationDate: facts.cancellation?.at ?? null,
    cancellationBy: facts.cancellation?.by ?? null,
    paidMarkedBy: payment?.by ?? null,
    paidMarkedDate: payment?.at ?? null,
    attachedTransactionId: payment?.reference ?? null,
    attachments:
      document.attachments?.flatMap(({ filename, externalReference }) => filename ?? externalReference ?? []) ?? [],
    payViaStripeAccountConnectionId: payViaStripeAccountConnectionId ?? null,
    createdAt: invoice.createdAt,
    updatedAt: invoice.updatedAt,
  };
}

/** A day as a moment: the one it came as, unless the invoice has another day by now. */
function momentIn({ timeZone }: View, day: string, sent: string | undefined): string {
  return sent !== undefined && dayIn(timeZone, sent) === day ? sent : momentOn(timeZone, day);
}

/** Page 004 has one word for everything between issue and payment. */
export function statusOf(invoice: Invoice, { today }: View): InvoiceResource['status'] {
  const { state, issuedAt } = invoice;
  if (state === 'cancelled') return 'CANCELLED';
  if (issuedAt === undefined) return 'DRAFT';
  if (isPaid(invoice)) return 'PAID';
  return isOverdue(invoice, today) ? 'OVERDUE' : 'SENT';
}
