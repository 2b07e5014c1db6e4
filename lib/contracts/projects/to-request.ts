import { InvoiceError } from '../../invoice/failure.ts';
import type { Invoice } from '../../invoice/model.ts';
import type { CreateInvoice } from './create-invoice.ts';
import { type Extras, extrasOf, keepsTax, keepsTerm } from './extras.ts';
import { netValue } from './to-answer.ts';

/** The request that would make an invoice again; refused where that would lose what this contract has no field for. */
export function toRequest(invoice: Invoice): CreateInvoice {
  const { document, number } = invoice;
  const extras = extrasOf(invoice);
  const { issueDate } = document;
  if (!extras || issueDate === undefined || !isPlain(invoice, extras)) {
    const message = 'The invoice holds more than a value on a project; change it where it was made.';
    throw new InvoiceError({ kind: 'precondition', code: 'made_elsewhere', message });
  }
  return {
    invoice_number: number,
    purchase_order: document.purchaseOrder,
    value: netValue(invoice),
    exchange_rate: extras.exchangeRate,
    issue_date: issueDate,
    notes: document.notes?.join('\n'),
    project_id: extras.projectId,
    budget_area_uid: extras.budgetAreaUid,
    vat_rate_id: extras.vatRate.id,
    payment_term_id: extras.paymentTerm?.id,
  };
}

/** One line, taxed and due as its rate and term say, and nothing that adds to it or takes from it. */
function isPlain(invoice: Invoice, extras: Extras): boolean {
  const { document, stated } = invoice;
  const [line, ...others] = document.lines;
  if (!line || others.length > 0 || line.fixedTax !== undefined || line.priceIncludesTax || stated) return false;
  const adjustments = [document.allowances, document.charges, line.allowances, line.charges];
  if (adjustments.some((entries) => entries && entries.length > 0)) return false;
  return keepsTax(invoice, extras) && keepsTerm(invoice, extras);
}
