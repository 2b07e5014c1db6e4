import type { InvoiceDocument, PaymentMeans, StatedFigures } from '../../invoice/document.ts';
import type { Fault } from '../../invoice/failure.ts';
import type { Draft, Tenant, Warning } from '../../invoice/model.ts';
import { minorUnitDigits } from '../../money/currency.ts';
import { Decimal } from '../../money/decimal.ts';
import { dayIn } from '../fields.ts';
import { camelCased } from '../letter-case.ts';
import { unknownMemberWarnings } from '../unknown-members.ts';
import { type CreateInvoice, documentTypes } from './create-invoice.ts';
import { fromPublished, resultNames, taxGroupNames } from './names.ts';

type Maybe<T> = T | null | undefined;
type Item = CreateInvoice['items'][number];

/** What this contract keeps beyond the document: that the only means of payment came in the older, single form. */
export type Extras = { singlePayment?: true };

/** The request as a draft of the core. `unknown` are the members that its schema left out. */
export function toDraft(body: CreateInvoice, tenant: Tenant, unknown: Fault['path'][] = []): Draft {
  const { invoice_number, invoice_number_series } = body.header ?? {};
  const extras: Extras = singlePayment(body.payment) ? { singlePayment: true } : {};
  return {
    document: toDocument(body, tenant),
    number: filled(invoice_number),
    series: filled(invoice_number_series),
    stated: statedFigures(body),
    businessEntityId: body.business_entity_id ?? undefined,
    relatedInvoiceId: body.related_invoice_id ?? undefined,
    ...(filled(body.external_reference) !== undefined && { externalReference: filled(body.external_reference) }),
    warnings: [...unknownMemberWarnings(unknown), ...overruled(body)],
    extras,
  };
}

function toDocument(body: CreateInvoice, { timeZone, ...tenant }: Tenant): InvoiceDocument {
  const { invoice_number, invoice_number_series, invoice_type_code, invoice_period, rounding_amount, ...header } =
    body.header ?? {};
  const { seller, buyer, payee, delivery, references, totals, allowances, charges, attachments } = body;
  const currency = header.currency ?? tenant.currency;
  const single = singlePayment(body.payment);
  const day = (date: Maybe<string>) => (date ? dayIn(timeZone, date) : undefined);
  const period = <T extends { start_date?: Maybe<string>; end_date?: Maybe<string> }>(given: Maybe<T>) =>
    given && { ...given, start_date: day(given.start_date), end_date: day(given.end_date) };

  return camelCased({
    ...header,
    type_code: filled(invoice_type_code) ?? documentTypes[header.document_type ?? 'invoice'],
    issue_date: day(header.issue_date),
    due_date: day(header.due_date),
    tax_point_date: day(header.tax_point_date),
    currency,
    period: period(invoice_period),
    seller,
    buyer,
    payee,
    payment_terms: body.payment?.terms,
    payment_means: single ? [single] : body.payment?.payments,
    delivery: delivery && { ...delivery, date: day(delivery.date) },
    ...references,
    preceding_invoices: references?.preceding_invoices?.map(({ number, issue_date }) => ({
      number,
      issue_date: day(issue_date),
    })),
    lines: numbered(body.items).map((item) => ({ ...toLine(item, currency), period: period(item.period) })),
    allowances: allowances?.map(withTax),
    charges: charges?.map(withTax),
    prepaid_amount: totals?.paid_amount,
    rounding_amount: totals?.payable_rounding_amount ?? rounding_amount,
    attachments,
  });
}

/** Gives lines without an id the first numbers that no other line has. */
function numbered(items: Item[]): (Item & { id: string })[] {
  const taken = new Set(items.map(({ id }) => id));
  let next = 1;
  return items.map((item) => {
    if (filled(item.id) !== undefined) return item as Item & { id: string };
    while (taken.has(String(next))) next += 1;
    const id = String(next);
    next += 1;
    return { ...item, id };
  });
}

function toLine({ identifiers, ...item }: Item & { id: string }, currency: string) {
  const { standard, ...itemIds } = identifiers ?? {};
  const line = withTax(item);
  return {
    ...line,
    // Nothing says that tax is due.
    tax_category: line.tax_category ?? 'Z',
    price: Decimal.fromMinorUnits(item.price, minorUnitDigits(currency) ?? 0).toString(),
    standard_id: standard,
    ...itemIds,
  };
}

/** The fields of tax in the core's names; a rate alone tells the category. */
function withTax<
  T extends Pick<Item, 'tax_category' | 'tax_rate' | 'tax_exemption_reason' | 'tax_exemption_reason_code'>,
>({ tax_exemption_reason, tax_exemption_reason_code, ...member }: T) {
  const rated = member.tax_rate && (Number(member.tax_rate) > 0 ? 'S' : 'Z');
  return {
    ...member,
    tax_category: filled(member.tax_category) ?? (rated || undefined),
    exemption_reason: tax_exemption_reason,
    exemption_reason_code: tax_exemption_reason_code,
  };
}

/** The older form of payment, which holds only where there is no list. */
function singlePayment(payment: CreateInvoice['payment']): PaymentMeans | undefined {
  if (!payment || payment.payments) return undefined;
  const { terms, payments, bankAccount, ...means } = camelCased(payment);
  const single = bankAccount ? { ...means, bankAccounts: [bankAccount] } : means;
  return Object.keys(single).length > 0 ? single : undefined;
}

/** The figures that the caller stands by. Paid amount and rounding are facts and belong to the document. */
function statedFigures(body: CreateInvoice): StatedFigures | undefined {
  if (body.calculate_totals) return undefined;
  const totals = fromPublished(body.totals ?? {}, resultNames);
  const taxBreakdown = body.tax_breakdown?.map((group) => fromPublished(group, taxGroupNames)) ?? [];
  const figures = {
    ...(Object.keys(totals).length > 0 && { totals }),
    ...(taxBreakdown.length > 0 && { taxBreakdown }),
  };
  return Object.keys(figures).length > 0 ? figures : undefined;
}

/** What was sent and gives way to something else that was sent. */
function overruled(body: CreateInvoice): Warning[] {
  const warnings: Warning[] = [];
  if (body.calculate_totals && statedFigures({ ...body, calculate_totals: false })) {
    const message = 'With calculate_totals the figures sent along are not used; leave them out or check them here.';
    warnings.push({ code: 'totals_calculated', path: ['totals'], message });
  }
  if (body.payment?.payments && singlePayment({ ...body.payment, payments: null })) {
    const message = 'Beside payment.payments the single means of payment is not used; put it into the list.';
    warnings.push({ code: 'payment_ignored', path: ['payment'], message });
  }
  return warnings;
}

const filled = (text: Maybe<string>): string | undefined => (text?.trim() ? text : undefined);
