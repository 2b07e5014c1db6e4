import { randomBytes } from 'node:crypto';
import type { CalendarDate, InvoiceDocument } from '../../invoice/document.ts';
import type { Draft, Tenant } from '../../invoice/model.ts';
import { buyerView, toParty, toPaymentMeans } from './buyer.ts';
import type { CreateInvoice } from './create-invoice.ts';
import { dueDate } from './due-date.ts';
import { beyond, type Extras, typeCode } from './extras.ts';
import { itemBeyond, toLine } from './items.ts';

/** The request as a draft of the core, dated the day that it is at the issuer's. */
export function toDraft({ invoice }: CreateInvoice, { currency }: Tenant, today: CalendarDate): Draft {
  const { payment_goal: goal, buyer } = invoice;
  const paymentTerms = goal?.name?.trim() ? goal.name : undefined;
  const paymentMeans = buyer && toPaymentMeans(buyer);
  const document: InvoiceDocument = {
    typeCode,
    issueDate: today,
    dueDate: dueDate(today, goal?.date_string),
    currency,
    buyer: buyer ? toParty(buyer) : {},
    ...(paymentTerms !== undefined && { paymentTerms }),
    ...(paymentMeans && { paymentMeans }),
    lines: (invoice.items ?? []).map(toLine),
  };
  return { document, extras: { erp: toExtras(invoice, document) } };
}

function toExtras(invoice: CreateInvoice['invoice'], document: InvoiceDocument): Extras {
  const { accounting_type, payment_type, payment_goal, billing_payment_profile, items, buyer } = invoice;
  return {
    // Nothing opens with it here; clients that hand it on get one that nobody can guess.
    token: randomBytes(24).toString('base64url'),
    accounting_type,
    ...(payment_type && { payment_type }),
    ...(payment_goal && { payment_goal }),
    ...(billing_payment_profile && { billing_payment_profile }),
    ...(items && {
      items: items.map((item, index) => itemBeyond(item, document.lines[index] as (typeof document.lines)[0])),
    }),
    // The name that we took from elsewhere stays in sight, unlike the other members that were not sent.
    ...(buyer && { buyer: beyond({ ...buyer, name: buyer.name ?? document.buyer.name }, buyerView(document)) }),
  };
}
