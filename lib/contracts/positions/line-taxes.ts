import type { Figures, InvoiceDocument, Line, MinorUnits } from '../../invoice/document.ts';
import { Decimal } from '../../money/decimal.ts';
import { share } from '../../money/minor-units.ts';

/**
 * Each line's part of the VAT. The norm computes tax on the lines of a rate together; the parts are shared out by net amount
 * and add up to it, with what falls on allowances and charges of the whole document left aside.
 */
export function lineTaxes({ lines }: InvoiceDocument, figures: Figures): MinorUnits[] {
  const taxes = lines.map(({ fixedTax }) => fixedTax ?? 0);
  for (const group of figures.taxBreakdown) {
    // Tax that was fixed has no rate, and where none is due there is none to share out.
    if (group.taxRate === undefined || group.tax === 0) continue;
    const rate = Decimal.of(group.taxRate);
    const isMember = ({ fixedTax, taxCategory, taxRate }: Line) =>
      fixedTax === undefined && taxCategory === group.taxCategory && Decimal.of(taxRate ?? 0).equals(rate);
    const members = [...lines.entries()].filter(([, line]) => isMember(line)).map(([index]) => index);
    const nets = members.map((index) => figures.lines[index]?.net ?? 0);
    const parts = shared(group.tax, [...nets, nets.reduce((rest, net) => rest - net, group.taxable)]);
    for (const [place, index] of members.entries()) taxes[index] = parts[place] as MinorUnits;
  }
  return taxes;
}

/** Where amounts cancel out down to a few cents, a proportion may leave the range of exact integers: the first takes all. */
function shared(tax: MinorUnits, weights: readonly number[]): MinorUnits[] {
  try {
    return share(tax, weights);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return weights.map((_, index) => (index === 0 ? tax : 0));
  }
}
