import { addDays, isDay } from '../../invoice/calendar.ts';
import type { CalendarDate, InvoiceDocument, Line, Party, Tax } from '../../invoice/document.ts';
import { InvoiceError } from '../../invoice/failure.ts';
import type { Draft, Invoice } from '../../invoice/model.ts';
import type { ReferenceOf } from '../../invoice/reference/kinds.ts';
import { minorUnitDigits } from '../../money/currency.ts';
import { Decimal } from '../../money/decimal.ts';
import { budgetOf, type Choices } from './choices.ts';
import type { CreateInvoice } from './create-invoice.ts';
import { type Extras, extrasOf } from './extras.ts';

/** UN/ECE Recommendation 20: one. */
const one = 'C62';

/**
 * The request as a draft of the core: a single line over its value, in the currency of the project's budget. On a change,
 * what `seen` holds and this contract has no field for stays; client and currency follow the project only when it changes.
 */
export function toDraft(body: CreateInvoice, issueDate: CalendarDate, choices: Choices, seen?: Invoice): Draft {
  const { client, paymentTerm, project } = choices;
  const budget = budgetOf(project);
  const stands = seen && extrasOf(seen)?.projectId === project.id ? seen.document : undefined;
  const currency = stands?.currency ?? budget.currency;
  const dueDate = paymentTerm && dueDateOf(issueDate, paymentTerm);
  const tax = taxOf(choices.vatRate);
  const document: InvoiceDocument = {
    typeCode: '380',
    ...seen?.document,
    issueDate,
    dueDate,
    paymentTerms: paymentTerm?.name,
    currency,
    buyer: stands?.buyer ?? (client ? toBuyer(client) : {}),
    projectReference: project.name,
    purchaseOrder: body.purchase_order ?? undefined,
    notes: body.notes == null ? undefined : [body.notes],
    lines: [{ ...stands?.lines[0], ...toLine(body.value, currency, tax, choices) }],
  };
  return {
    document,
    number: body.invoice_number?.trim() ? body.invoice_number : undefined,
    series: seen?.series,
    businessEntityId: seen?.businessEntityId,
    relatedInvoiceId: seen?.relatedInvoiceId,
    extras: { ...seen?.extras, projects: toExtras(body, choices, tax, dueDate) },
  };
}

/** A value below zero is a quantity of -1, because no price may be negative (BR-27). */
function toLine(value: string, currency: string, tax: Tax, { project, area }: Choices): Line {
  const net = Decimal.of(value).round(minorUnitDigits(currency) ?? 0);
  return {
    id: '1',
    name: area ? `${project.name}: ${area.name}` : project.name,
    quantity: net.isNegative ? '-1' : '1',
    unitCode: one,
    price: (net.isNegative ? net.negate() : net).toString(),
    ...tax,
  };
}

/** Without a VAT rate nothing says that tax is due. */
function taxOf(rate: ReferenceOf<'vat-rates'> | undefined): Tax {
  if (!rate) return { taxCategory: 'Z', taxRate: '0', exemptionReason: undefined, exemptionReasonCode: undefined };
  const { category, percent, exemptionReason, exemptionReasonCode } = rate;
  return {
    taxCategory: category,
    // BR-O-05: what is not subject to VAT has no rate.
    taxRate: category === 'O' ? undefined : Decimal.of(percent).toString(),
    exemptionReason,
    exemptionReasonCode,
  };
}

function toBuyer(client: ReferenceOf<'customers'>): Party {
  const { companyName, firstName, lastName, customerNumber, address, email } = client;
  return {
    name: companyName ?? [firstName, lastName].filter(Boolean).join(' '),
    ...(customerNumber !== undefined && { identifiers: [{ value: customerNumber }] }),
    ...(address && { address }),
    ...(email !== undefined && { contact: { email } }),
  };
}

/** So many days after the issue, or the end of the month in which these end. */
function dueDateOf(issueDate: CalendarDate, { netDays, endOfMonth }: ReferenceOf<'payment-terms'>): CalendarDate {
  const due = addDays(issueDate, netDays);
  const day = endOfMonth ? lastOfMonth(due) : due;
  if (isDay(day)) return day;
  const message = 'The due date would be later than any calendar day; choose an earlier one.';
  throw new InvoiceError({
    kind: 'invalid',
    faults: [{ in: 'body', path: ['issue_date'], code: 'out_of_range', message }],
  });
}

function lastOfMonth(day: CalendarDate): CalendarDate {
  const first = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  return new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).toISOString().slice(0, 10);
}

function toExtras(
  { project_id, budget_area_uid, exchange_rate }: CreateInvoice,
  { vatRate, paymentTerm }: Choices,
  { taxCategory, taxRate }: Tax,
  dueDate: CalendarDate | undefined,
): Extras {
  return {
    projectId: project_id,
    ...(budget_area_uid != null && { budgetAreaUid: budget_area_uid }),
    ...(exchange_rate != null && { exchangeRate: exchange_rate }),
    vatRate: { ...(vatRate && { id: vatRate.id }), taxCategory, ...(taxRate !== undefined && { taxRate }) },
    ...(paymentTerm && dueDate !== undefined && { paymentTerm: { id: paymentTerm.id, dueDate } }),
  };
}
