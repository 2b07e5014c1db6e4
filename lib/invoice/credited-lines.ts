/** What a credit note takes back of an invoice's lines, and of the allowances and charges that stood on them. */
import { Decimal } from '../money/decimal.ts';
import { calculate, rateOf } from './calculate.ts';
import {
  type Credit,
  closing,
  groupsLeft,
  isAlike,
  mustBeCreditable,
  quantityLeft,
  withoutFacts,
} from './creditable.ts';
import type { AllowanceCharge, DocumentAllowanceCharge, InvoiceDocument, Line, MinorUnits } from './document.ts';
import { type Fault, InvoiceError } from './failure.ts';
import type { Invoice } from './model.ts';

/** So much of a line; all that is left of it without a quantity. */
export interface LineSelection {
  id: string;
  quantity?: string;
}

/** A line of the invoice with what is left of it before and after the credit note. */
interface Taken {
  readonly line: Line;
  readonly net: MinorUnits;
  readonly before: Decimal;
  after: Decimal;
}

/** The content of a credit note over lines, after those that there are. The last one takes what rounding left. */
export function creditedLines(
  invoice: Invoice,
  selections: readonly LineSelection[],
  creditNotes: readonly Invoice[],
): Credit {
  const all = takenFrom(invoice, selections);
  const chosen = all.filter(({ before, after }) => !before.equals(after));
  const { allowances, charges, roundingAmount: _, ...rest } = withoutFacts(invoice.document);
  const asTaken: InvoiceDocument = {
    ...rest,
    lines: chosen.map(portion),
    ...(allowances && { allowances: scaled(allowances, invoice.figures.allowances, all) }),
    ...(charges && { charges: scaled(charges, invoice.figures.charges, all) }),
  };
  const lines = chosen.map(({ line: { id }, before, after }) => ({ id, quantity: before.minus(after).toString() }));
  const byAmount = invoice.facts.corrections?.some((correction) => !correction.lines) ?? false;
  if (byAmount) mustLeaveGroups(invoice, asTaken, creditNotes);
  // With the last lines goes what the rounding of one credit note after the other left.
  const worth = all.filter(({ net }) => net !== 0);
  const isLast = !byAmount && worth.length > 0 && worth.every(isGone);
  const document = isLast ? closing(invoice, asTaken) : asTaken;
  mustBeCreditable(invoice, calculate(document).totals.payable, ['lines']);
  return { document, lines };
}

/** Every line of the invoice, with what the selections take of it. */
function takenFrom(invoice: Invoice, selections: readonly LineSelection[]): Taken[] {
  const { document, figures } = invoice;
  const all = document.lines.map((line, index): Taken => {
    const left = quantityLeft(invoice, line);
    return { line, net: figures.lines[index]?.net ?? 0, before: left, after: left };
  });
  const faults = selections.flatMap(({ id, quantity }, index) => {
    const [taken, ...namesakes] = all.filter(({ line }) => line.id === id);
    if (!taken) return [fault(index, 'id', `The invoice has no line "${id}".`, id)];
    if (namesakes.length > 0) return [fault(index, 'id', 'Several lines have this id; credit an amount instead.', id)];
    const wanted = quantity === undefined ? taken.after : Decimal.of(quantity);
    const after = taken.after.minus(wanted);
    if (wanted.isZero || wanted.isNegative !== taken.after.isNegative || isBeyond(after, taken.after)) {
      return [fault(index, 'quantity', quantityText(taken.after), quantity ?? null)];
    }
    taken.after = after;
    return [];
  });
  if (faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults, asSent: true });
  return all;
}

const isGone = ({ line, after }: Taken): boolean => after.isZero && !Decimal.of(line.quantity).isZero;

const isBeyond = (after: Decimal, before: Decimal): boolean => !after.isZero && after.isNegative !== before.isNegative;

function quantityText(left: Decimal): string {
  if (left.isZero) return 'Nothing is left of this line to credit.';
  return left.isNegative
    ? `Must be less than 0 and at least ${left}, which is left of this line.`
    : `Must be more than 0 and at most ${left}, which is left of this line.`;
}

/** How much of the whole line is taken, from 0 to 1. A line without quantity, which charges alone make worth something, is never. */
const partOf = ({ line, before, after }: Taken): Decimal =>
  before.equals(after) ? Decimal.zero : before.minus(after).dividedBy(Decimal.of(line.quantity), 12);

function portion(taken: Taken): Line {
  const { line, before, after } = taken;
  const part = partOf(taken);
  const partly = (entries: AllowanceCharge[] | undefined) =>
    entries?.map((entry) => ({
      ...entry,
      ...(entry.amount !== undefined && { amount: times(entry.amount, part) }),
      ...(entry.baseAmount !== undefined && { baseAmount: times(entry.baseAmount, part) }),
    }));
  return {
    ...line,
    quantity: before.minus(after).toString(),
    ...(line.fixedTax !== undefined && { fixedTax: times(line.fixedTax, part) }),
    ...(line.allowances && { allowances: partly(line.allowances) }),
    ...(line.charges && { charges: partly(line.charges) }),
  };
}

/** The document's own allowances and charges go with the lines that are taxed as they are, or else with all. */
function scaled(entries: DocumentAllowanceCharge[], amounts: MinorUnits[], all: Taken[]): DocumentAllowanceCharge[] {
  return entries.flatMap((entry, index) => {
    const ratio = ratioOf(all.filter(({ line }) => isTaxedAlike(line, entry))) ?? ratioOf(all) ?? Decimal.zero;
    const amount = times(amounts[index] ?? 0, ratio);
    // What it was a percentage of is no longer there.
    const { percentage: _, baseAmount: __, ...kept } = entry;
    return amount === 0 ? [] : [{ ...kept, amount }];
  });
}

const isTaxedAlike = (line: Line, { taxCategory, ...entry }: DocumentAllowanceCharge): boolean =>
  taxCategory === undefined ||
  (line.fixedTax === undefined &&
    line.taxCategory === taxCategory &&
    rateOf(line).equals(rateOf({ taxCategory, ...entry })));

/** How much of the net of lines is taken; none when they come to nothing. */
function ratioOf(lines: readonly Taken[]): Decimal | undefined {
  const whole = lines.reduce((total, { net }) => total.plus(Decimal.of(net)), Decimal.zero);
  if (whole.isZero) return undefined;
  const nets = lines.filter(({ net }) => net !== 0).map((each) => Decimal.of(each.net).times(partOf(each)));
  return nets.reduce((total, net) => total.plus(net), Decimal.zero).dividedBy(whole, 12);
}

const times = (amount: MinorUnits, part: Decimal): MinorUnits => Decimal.of(amount).times(part).toMinorUnits(0);

/** What was credited by amount was shared out over the VAT groups: of none may more be taken than is left. */
function mustLeaveGroups(invoice: Invoice, document: InvoiceDocument, creditNotes: readonly Invoice[]): void {
  const left = groupsLeft(invoice, creditNotes);
  for (const group of calculate(document).taxBreakdown) {
    const { taxable, tax } = left.find((other) => isAlike(group, other)) ?? { taxable: 0, tax: 0 };
    const [open, given] = [taxable + tax, group.taxable + group.tax];
    if (given > open) throw new InvoiceError({ kind: 'exceeds-open', action: 'credit', open, given, path: ['lines'] });
  }
}

const fault = (index: number, member: string, message: string, given: string | null): Fault => ({
  in: 'body',
  path: ['lines', index, member],
  code: member === 'id' ? 'unknown_reference' : 'out_of_range',
  message,
  given,
});
