/** What earlier credit notes left of an invoice: in all, of its VAT groups, and of its lines. */
import { Decimal } from '../money/decimal.ts';
import { sum } from '../money/minor-units.ts';
import { calculate } from './calculate.ts';
import type { Figures, InvoiceDocument, Line, MinorUnits, TaxGroup } from './document.ts';
import { type Fault, InvoiceError } from './failure.ts';
import type { Correction, Invoice } from './model.ts';

/** The content of a credit note, and which lines it takes back where it was asked for by lines. */
export interface Credit extends Pick<Correction, 'lines'> {
  document: InvoiceDocument;
}

/** What an invoice comes to, whatever was paid before it was issued (BT-112 and BT-114). */
export const worthOf = ({ totals }: Figures): MinorUnits => sum([totals.payable, totals.prepaid]);

/** What may still be credited. */
export const creditable = ({ figures, credited }: Invoice): MinorUnits => worthOf(figures) - credited;

/** What is credited never exceeds the invoice. */
export function mustBeCreditable(invoice: Invoice, given: MinorUnits, path: Fault['path']): void {
  const open = creditable(invoice);
  if (given <= 0 || given > open) throw new InvoiceError({ kind: 'exceeds-open', action: 'credit', open, given, path });
}

/** Whether its credit notes took back all of it. */
export const isFullyCredited = (invoice: Invoice): boolean => invoice.credited > 0 && creditable(invoice) <= 0;

/** The VAT groups of an invoice without what its credit notes took. */
export function groupsLeft({ figures }: Invoice, creditNotes: readonly Invoice[]): TaxGroup[] {
  const taken = creditNotes.flatMap((note) => note.figures.taxBreakdown);
  return figures.taxBreakdown.map((group) => {
    const alike = taken.filter((other) => isAlike(group, other));
    return {
      ...group,
      taxable: sum([group.taxable, ...alike.map(({ taxable }) => -taxable)]),
      tax: sum([group.tax, ...alike.map(({ tax }) => -tax)]),
    };
  });
}

/** Whether two VAT groups are the same one: of one category and rate (BG-23). */
export const isAlike = (one: TaxGroup, other: TaxGroup): boolean =>
  one.taxCategory === other.taxCategory && one.taxRate === other.taxRate;

/** The quantity of a line that was not credited yet. What was credited by amount names no line. */
export function quantityLeft({ facts }: Invoice, { id, quantity }: Line): Decimal {
  const credited = (facts.corrections ?? []).flatMap(({ lines = [] }) => lines.filter((line) => line.id === id));
  return credited.reduce((left, line) => left.minus(Decimal.of(line.quantity)), Decimal.of(quantity));
}

/** What was paid before is given back with the rest, and the credit note itself was not paid. */
export const withoutFacts = ({ attachments: _, prepaidAmount: __, ...document }: InvoiceDocument): InvoiceDocument =>
  document;

/** A document that comes to all that is left; BT-114 shows what rounding would else add to it or take from it. */
export function closing(invoice: Invoice, document: InvoiceDocument): InvoiceDocument {
  const difference = creditable(invoice) - calculate(document).totals.payable;
  return difference === 0 ? document : { ...document, roundingAmount: difference };
}
