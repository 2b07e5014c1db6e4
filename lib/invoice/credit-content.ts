/** What a credit note takes back: the whole invoice, some of its lines, or an amount. */

import { minorUnitDigits } from '../money/currency.ts';
import { Decimal } from '../money/decimal.ts';
import { share } from '../money/minor-units.ts';
import type { AllowanceCharge, InvoiceDocument, Line, MinorUnits } from './document.ts';
import { type Fault, InvoiceError } from './failure.ts';
import type { Invoice } from './model.ts';

/** So much of a line; all of it without a quantity. */
export interface LineSelection {
  id: string;
  quantity?: string;
}

export interface CreditRequest {
  lines?: LineSelection[];
  /** With tax, in minor units. */
  amount?: MinorUnits;
}

/** The content of a credit note. Without lines or amount it is all that earlier credits left. */
export function creditContent({ lines, amount }: CreditRequest): (invoice: Invoice) => InvoiceDocument {
  return (invoice) => {
    if (lines) return withLines(invoice, lines);
    const left = invoice.figures.totals.payable - invoice.credited;
    if (amount === undefined && invoice.credited === 0) return withoutFacts(invoice.document);
    return withAmount(invoice, amount ?? left);
  };
}

/** What was paid before issue stays paid, but rounding belongs to what is taken back. */
const withoutFacts = ({ attachments: _, ...document }: InvoiceDocument): InvoiceDocument => document;

function withLines(invoice: Invoice, selections: LineSelection[]): InvoiceDocument {
  const { document, figures } = invoice;
  const faults: Fault[] = [];
  const chosen = selections.flatMap(({ id, quantity }, index) => {
    const position = document.lines.findIndex((line) => line.id === id);
    const line = document.lines[position];
    if (!line) {
      faults.push(fault(index, 'id', `The invoice has no line "${id}".`, id));
      return [];
    }
    const part = quantity === undefined ? Decimal.of(1) : partOf(line, quantity);
    if (!part) {
      const message = `Must be more than 0 and at most the line's quantity, ${line.quantity}.`;
      faults.push(fault(index, 'quantity', message, quantity ?? ''));
      return [];
    }
    return [{ line: portion(line, quantity ?? line.quantity, part), net: figures.lines[position]?.net ?? 0, part }];
  });
  if (faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults });

  const { allowances, charges, roundingAmount: _, prepaidAmount: __, ...rest } = withoutFacts(document);
  // The document's own allowances and charges go with the lines that they stood on.
  const credited = chosen.reduce((sum, { net, part }) => sum.plus(Decimal.of(net).times(part)), Decimal.of(0));
  const whole = Decimal.of(figures.totals.lineExtension);
  const ratio = whole.isZero ? Decimal.of(0) : credited.dividedBy(whole, 12);
  const scaled = (entries: InvoiceDocument['allowances'], amounts: MinorUnits[]) =>
    entries?.map((entry, index) => ({
      ...entry,
      ...fixed(
        Decimal.of(amounts[index] ?? 0)
          .times(ratio)
          .toMinorUnits(0),
      ),
    }));
  return {
    ...rest,
    lines: chosen.map(({ line }) => line),
    ...(allowances && { allowances: scaled(allowances, figures.allowances) }),
    ...(charges && { charges: scaled(charges, figures.charges) }),
  };
}

/** How much of a line a quantity is, from above 0 to 1. */
function partOf(line: Line, quantity: string): Decimal | undefined {
  const [wanted, all] = [Decimal.of(quantity), Decimal.of(line.quantity)];
  if (all.isZero || wanted.isZero) return undefined;
  const part = wanted.dividedBy(all, 12);
  return part.compare(Decimal.of(0)) > 0 && part.compare(Decimal.of(1)) <= 0 ? part : undefined;
}

function portion(line: Line, quantity: string, part: Decimal): Line {
  const scaled = (entries: AllowanceCharge[] | undefined) =>
    entries?.map((entry) => ({
      ...entry,
      ...(entry.amount !== undefined && fixed(Decimal.of(entry.amount).times(part).toMinorUnits(0))),
      ...(entry.baseAmount !== undefined && { baseAmount: Decimal.of(entry.baseAmount).times(part).toMinorUnits(0) }),
    }));
  return {
    ...line,
    quantity: Decimal.of(quantity).toString(),
    ...(line.fixedTax !== undefined && { fixedTax: Decimal.of(line.fixedTax).times(part).toMinorUnits(0) }),
    ...(line.allowances && { allowances: scaled(line.allowances) }),
    ...(line.charges && { charges: scaled(line.charges) }),
  };
}

const fixed = (amount: MinorUnits) => ({ amount });

/** An amount, shared out over the VAT groups by what each came to; the amount with tax is the promise. */
function withAmount(invoice: Invoice, amount: MinorUnits): InvoiceDocument {
  const { document, figures } = invoice;
  const { allowances: _, charges: __, roundingAmount: ___, prepaidAmount: ____, ...rest } = withoutFacts(document);
  const digits = minorUnitDigits(document.currency) ?? 0;
  const groups = figures.taxBreakdown.filter(({ taxable, tax }) => taxable + tax !== 0);
  const parts = share(
    amount,
    groups.map(({ taxable, tax }) => taxable + tax),
  );
  const lines = groups.map(
    ({ taxable: _t, tax: _x, ...tax }, index): Line => ({
      ...tax,
      id: String(index + 1),
      name: `Credit for ${invoice.number ?? invoice.id}`,
      quantity: '1',
      unitCode: 'C62',
      price: Decimal.fromMinorUnits(parts[index] ?? 0, digits).toString(),
      priceIncludesTax: true,
    }),
  );
  return { ...rest, lines };
}

const fault = (index: number, member: string, message: string, given: string): Fault => ({
  in: 'body',
  path: ['lines', index, member],
  code: 'unknown_reference',
  message,
  given,
});
