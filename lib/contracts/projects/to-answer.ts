import type { MinorUnits } from '../../invoice/document.ts';
import { integerOf } from '../../invoice/identity.ts';
import type { Invoice } from '../../invoice/model.ts';
import { openAmount, standingPayment } from '../../invoice/payments.ts';
import { creditNoteCodes } from '../../invoice/rules/code-lists.ts';
import { minorUnitDigits } from '../../money/currency.ts';
import { Decimal } from '../../money/decimal.ts';
import { extrasOf, keepsTax, keepsTerm } from './extras.ts';
import type { InvoiceResource } from './invoice-resource.ts';

/** An invoice as page 001 shows it, whichever contract it came by: no more than its value in one figure. */
export function toAnswer(invoice: Invoice): InvoiceResource {
  const { document } = invoice;
  const extras = extrasOf(invoice);
  const status = statusOf(invoice);
  return {
    id: integerOf(invoice.id),
    created_at: invoice.createdAt,
    updated_at: invoice.updatedAt,
    status,
    invoice_number: invoice.number ?? null,
    purchase_order: document.purchaseOrder ?? null,
    value: Number(netValue(invoice)),
    exchange_rate: extras?.exchangeRate ?? null,
    issue_date: document.issueDate ?? null,
    payment_date: (status === 'paid' && standingPayment(invoice)?.paidOn) || null,
    notes: document.notes?.join('\n') ?? null,
    project_id: extras?.projectId ?? null,
    budget_area_uid: extras?.budgetAreaUid ?? null,
    vat_rate_id: (extras && keepsTax(invoice, extras) && extras.vatRate.id) || null,
    payment_term_id: (extras && keepsTerm(invoice, extras) && extras.paymentTerm?.id) || null,
  };
}

/** Page 001 knows neither approval nor cancellation: sent is what can no longer change, paid what was paid for. */
function statusOf(invoice: Invoice): InvoiceResource['status'] {
  if (invoice.issuedAt === undefined) return 'draft';
  const received = invoice.paid + invoice.figures.totals.prepaid;
  return received > 0 && openAmount(invoice) <= 0 ? 'paid' : 'sent';
}

/** The net amount. Page 001 tells credit notes by their sign only. */
export function netValue({ document, figures, stated, issuedAt }: Invoice): string {
  // A draft shows the figure that its caller stands by.
  const net: MinorUnits = (issuedAt ? undefined : stated?.totals?.taxExclusive) ?? figures.totals.taxExclusive;
  const value = Decimal.fromMinorUnits(net, minorUnitDigits(document.currency) ?? 0);
  return (creditNoteCodes.has(document.typeCode) ? value.negate() : value).toString();
}
