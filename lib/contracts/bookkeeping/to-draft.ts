import { canonicalJson } from '../../invoice/canonical-json.ts';
import type { AllowanceCharge, InvoiceDocument, Line } from '../../invoice/document.ts';
import { InvoiceError } from '../../invoice/failure.ts';
import type { Draft, Invoice, Tenant, Warning } from '../../invoice/model.ts';
import { minorUnitDigits } from '../../money/currency.ts';
import { Decimal } from '../../money/decimal.ts';
import { dayIn, momentOf } from '../fields.ts';
import { type CounterPartyCopy, toBuyer } from './counter-party.ts';
import { incremental, type LineItem, type Rate, type UpdateInvoice } from './create-invoice.ts';
import { type Extras, extrasOf } from './extras.ts';
import { isCreditNote, shownDiscount, shownLineItems } from './figures.ts';

/** UNTDID 1001: commercial invoice. */
const invoiceType = '380';

/** UNTDID 5189: discount. The norm asks every allowance for a reason (BR-33, BR-42). */
const discountReason = { reason: 'Discount', reasonCode: '95' };

/** UN/ECE Recommendation 20: one. Page 004 has no units. */
const one = 'C62';

interface Context {
  readonly company: Tenant;
  /** The entry behind `counterParty`. */
  readonly counterParty?: CounterPartyCopy | undefined;
  /** Where numbers come from that the caller does not choose. */
  readonly series?: string | undefined;
}

/**
 * The request as a draft of the core: a new one, or what stands with the members that were sent. Whatever another contract
 * put into the invoice stays, unless what was sent replaces it.
 */
export function toDraft(body: UpdateInvoice, context: Context, seen?: Invoice): Draft {
  const { company, counterParty, series } = context;
  const currency = body.currency ?? seen?.document.currency ?? company.currency;
  const digits = minorUnitDigits(currency) ?? 0;
  if (seen) refuseReinterpretation(body, seen, digits);
  const warnings: Warning[] = [];
  const round = (value: number, path: Warning['path']): number => {
    const exact = Decimal.of(value);
    const amount = exact.toMinorUnits(digits);
    if (!Decimal.fromMinorUnits(amount, digits).equals(exact)) {
      warnings.push({ code: 'rounded', path, message: `Was rounded to the ${digits} decimals of ${currency}.` });
    }
    return amount;
  };

  // What stands can be kept only as long as its amounts count the same unit.
  const standing = seen && minorUnitDigits(seen.document.currency) === digits ? seen : undefined;
  const { dueDate, invoiceDate, purchaseOrderId, note, lineItems, discount } = body;
  const day = (date: string) => dayIn(company.timeZone, date);
  const document: InvoiceDocument = {
    typeCode: invoiceType,
    lines: [],
    buyer: {},
    ...seen?.document,
    currency,
    ...(invoiceDate !== undefined && { issueDate: day(invoiceDate) }),
    ...(dueDate !== undefined && { dueDate: day(dueDate) }),
    ...(purchaseOrderId !== undefined && { purchaseOrder: purchaseOrderId ?? undefined }),
    ...(note !== undefined && { notes: note === '' ? undefined : [note] }),
    ...(counterParty && { buyer: toBuyer(counterParty) }),
    ...(lineItems && { lines: toLines(lineItems, round, standing) }),
    ...(discount && { allowances: toAllowances(discount, round, standing) }),
  };
  const recalculated = lineItems !== undefined || discount !== undefined || body.currency !== undefined;
  return {
    document,
    ...numbering(body, series, seen),
    stated: recalculated ? undefined : seen?.stated,
    businessEntityId: seen?.businessEntityId,
    relatedInvoiceId: seen?.relatedInvoiceId,
    warnings,
    extras: { ...seen?.extras, bookkeeping: toExtras(body, counterParty, seen) },
  };
}

type Round = (value: number, path: Warning['path']) => number;

/** A number of the caller's own, or the next one, which a draft that has one does not ask for again. */
function numbering(
  { invoiceId }: UpdateInvoice,
  series: string | undefined,
  seen: Invoice | undefined,
): Pick<Draft, 'number' | 'series'> {
  if (invoiceId !== undefined && invoiceId !== incremental) return { number: invoiceId };
  if (seen?.number !== undefined || invoiceId === undefined) return { number: seen?.number, series: seen?.series };
  return { series };
}

/** A line that is sent as it was shown stays what it is, with all that page 004 has no words for. */
function toLines(items: readonly LineItem[], round: Round, seen: Invoice | undefined): Line[] {
  const shown = seen ? shownLineItems(seen) : [];
  return items.map((item, index) => {
    const position = shown.findIndex(({ id }) => id === item.id);
    const standing = seen?.document.lines[position];
    const sent = { ...item, quantity: Number(item.quantity), unitPrice: Number(item.unitPrice) };
    if (standing && canonicalJson(sent) === canonicalJson(shown[position])) return standing;
    return toLine(item, round, ['lineItems', index]);
  });
}

function toLine({ tax, discount, unitPrice, ...item }: LineItem, round: Round, path: Warning['path']): Line {
  const line = { ...item, price: unitPrice, unitCode: one };
  const fixed = tax.type === 'FIXED';
  const category = { taxCategory: tax.value > 0 ? 'S' : 'Z' };
  const taxed = fixed
    ? { ...category, fixedTax: round(tax.value, [...path, 'tax', 'value']) }
    : { ...category, taxRate: Decimal.of(tax.value).toString() };
  const allowances = allowancesOf(discount, round, [...path, 'discount', 'value']);
  return { ...line, ...taxed, ...(allowances.length > 0 && { allowances }) };
}

/** BG-20 without a category: it lowers every VAT group in proportion. One that is sent as it was shown stays what it is. */
function toAllowances(discount: Rate, round: Round, seen: Invoice | undefined): InvoiceDocument['allowances'] {
  if (seen && canonicalJson(discount) === canonicalJson(shownDiscount(seen))) return seen.document.allowances;
  const allowances = allowancesOf(discount, round, ['discount', 'value']);
  return allowances.length > 0 ? allowances : undefined;
}

/** A discount of nothing is none. */
function allowancesOf({ type, value }: Rate, round: Round, path: Warning['path']): AllowanceCharge[] {
  if (type === 'PERCENTAGE') {
    return value === 0 ? [] : [{ ...discountReason, percentage: Decimal.of(value).toString() }];
  }
  const amount = round(value, path);
  return amount === 0 ? [] : [{ ...discountReason, amount }];
}

/** What stands would mean something else, or what is sent would. */
function refuseReinterpretation({ lineItems, discount }: UpdateInvoice, seen: Invoice, digits: number): void {
  const standing = minorUnitDigits(seen.document.currency);
  if (standing !== digits && !(lineItems && discount)) {
    const message = `Its amounts have ${digits} decimals and not ${standing}; send lineItems and discount with it.`;
    throw refusal('currency', 'incompatible_currency', message);
  }
  if (isCreditNote(seen) && (lineItems || discount)) {
    throw refusal('lineItems', 'not_supported', 'The figures of a credit note cannot be changed here.');
  }
}

const refusal = (member: string, code: string, message: string) =>
  new InvoiceError({ kind: 'invalid', faults: [{ in: 'body', path: [member], code, message }] });

function toExtras(
  { invoiceDate, dueDate, payViaStripeAccountConnectionId: stripe, discount, lineItems }: UpdateInvoice,
  counterParty: CounterPartyCopy | undefined,
  seen: Invoice | undefined,
): Extras {
  const standing = seen ? extrasOf(seen) : {};
  const { payViaStripeAccountConnectionId: standingStripe, fixedNothing, ...rest } = standing;
  const connection = stripe === undefined ? standingStripe : (stripe ?? undefined);
  const document = discount ? isFixedNothing(discount) : fixedNothing?.document;
  const lines = lineItems
    ? lineItems.filter((item) => isFixedNothing(item.discount)).map(({ id }) => id)
    : fixedNothing?.lines;
  const nothing = { ...(document && { document }), ...(lines && lines.length > 0 && { lines }) };
  return {
    ...rest,
    ...(invoiceDate !== undefined && { invoiceDate: momentOf(invoiceDate) }),
    ...(dueDate !== undefined && { dueDate: momentOf(dueDate) }),
    ...(counterParty && { counterParty }),
    ...(connection !== undefined && { payViaStripeAccountConnectionId: connection }),
    ...(Object.keys(nothing).length > 0 && { fixedNothing: nothing }),
  };
}

const isFixedNothing = ({ type, value }: Rate): true | undefined =>
  type === 'FIXED' && value === 0 ? true : undefined;
