import { isFullyCredited, quantityLeft } from '../../invoice/creditable.ts';
import type { Line, MinorUnits } from '../../invoice/document.ts';
import type { Invoice } from '../../invoice/model.ts';
import { creditNoteCodes } from '../../invoice/rules/code-lists.ts';
import { Decimal } from '../../money/decimal.ts';
import { sum } from '../../money/minor-units.ts';
import { lineTaxes } from './line-taxes.ts';
import { inMajor, type Money, minorMoney, money } from './money.ts';
import { extrasOf, flattened, type Position, positionsOf, type Terms } from './positions.ts';
import type { PositionResource } from './resources.ts';

/** An invoice's positions in the order of its lines, children after their parent. */
export function toPositions(invoice: Invoice): PositionResource[] {
  const taxes = lineTaxes(invoice.document, invoice.figures);
  const places = placesOf(invoice);
  const { groups } = extrasOf(invoice);
  const top = positionsOf(invoice);
  const parents = new Map(top.flatMap((parent) => parent.children.map((child) => [child, parent.id] as const)));
  return flattened(top).map((position) => {
    const { id, line, kept } = position;
    const { terms } = kept;
    const index = places.get(line) as number;
    const parent = parents.get(position);
    const group = terms?.group;
    return {
      id,
      createdAt: kept.createdAt,
      name: line.name,
      description: line.description ?? null,
      position: kept.position,
      quantity: quantityOf(line, terms),
      ...creditOf(position, invoice),
      ...amountsOf(position, index, taxes[index] ?? 0, invoice),
      tax: { category: line.taxCategory, rate: line.taxRate ?? null },
      taxGroup: terms?.taxGroup ?? null,
      group: group === undefined ? null : { id: group, name: groups[group] ?? null },
      parent: parent === undefined ? null : { id: parent },
      product: terms?.product ?? null,
      subscriptionItem: terms?.subscriptionItem === undefined ? null : { id: terms.subscriptionItem },
      serviceDateFrom: line.period?.startDate ?? null,
      serviceDateTo: line.period?.endDate ?? null,
      unit: unitOf(line, terms),
      unitPrice: terms ? money(Decimal.of(terms.unitPrice), terms.currency) : unitPriceOf(line, invoice),
      unitPriceInterval: terms?.unitPriceInterval ?? null,
      currencyCode: terms?.currency ?? invoice.document.currency,
    };
  });
}

/** The place of each line among the figures. */
export const placesOf = ({ document }: Invoice): ReadonlyMap<Line, number> =>
  new Map(document.lines.map((line, index) => [line, index]));

const unitOf = ({ unitCode }: Line, terms: Terms | undefined) => terms?.unit ?? { id: null, name: unitCode ?? null };

const quantityOf = (line: Line, terms: Terms | undefined) => ({
  value: terms?.quantity ?? line.quantity,
  unit: unitOf(line, terms),
});

/** The net price of one; there may be none that is exact. */
function unitPriceOf(line: Line, { document }: Invoice): Money | null {
  if (line.priceIncludesTax) return null;
  const full = Decimal.of(line.price);
  const base = Decimal.of(line.baseQuantity ?? 1);
  const one = full.dividedBy(base, 10);
  return one.times(base).equals(full) ? money(one, document.currency) : null;
}

/** What a credit note over an amount took back of this position shows only when nothing is left of the invoice. */
function creditOf({ line, kept }: Position, invoice: Invoice) {
  const { document, issuedAt, state, facts } = invoice;
  const left = quantityLeft(invoice, line);
  const isUntouched = left.equals(Decimal.of(line.quantity));
  const nothingIsLeft = isFullyCredited(invoice) || (left.isZero && !isUntouched);
  const isCreditable =
    issuedAt !== undefined && state !== 'cancelled' && !nothingIsLeft && !creditNoteCodes.has(document.typeCode);
  const isKnown = facts.corrections?.every(({ lines }) => lines) ?? true;
  const quantity = quantityOf(line, kept.terms);
  const isTurned = Decimal.of(quantity.value).isNegative !== Decimal.of(line.quantity).isNegative;
  const some = isUntouched ? quantity : { ...quantity, value: String(isTurned ? left.negate() : left) };
  const nothing = { ...quantity, value: '0' };
  return {
    creditableQuantity: isCreditable ? (isKnown ? some : null) : nothing,
    isCreditable,
    isFullyCredited: nothingIsLeft,
  };
}

function amountsOf(
  { line, kept: { terms } }: Position,
  index: number,
  tax: MinorUnits,
  { document, figures }: Invoice,
) {
  const { currency } = document;
  const net = inMajor(figures.lines[index]?.net ?? 0, currency);
  const discount = discountOf(line, terms, index, { document, figures });
  return {
    netAmount: money(net.plus(discount), currency),
    discountAmount: money(discount, currency),
    discountFixed: terms?.discountAmount === undefined ? null : money(Decimal.of(terms.discountAmount), terms.currency),
    discountPercentage: terms?.discountPercentage ?? null,
    taxAmount: minorMoney(tax, currency),
    grossAmount: money(net.plus(inMajor(tax, currency)), currency),
  };
}

/** What was taken off a line. */
export function discountOf(
  { priceIncludesTax }: Line,
  terms: Terms | undefined,
  index: number,
  { document: { currency }, figures }: Pick<Invoice, 'document' | 'figures'>,
): Decimal {
  const { net = 0, allowances = [] } = figures.lines[index] ?? {};
  if (terms) return inMajor(terms.net, currency).minus(inMajor(net, currency));
  // Allowances on a price with tax are gross, and no net amount can be said to be without them.
  if (priceIncludesTax) return Decimal.zero;
  return inMajor(sum(allowances), currency);
}
