/** What each part of an invoice comes to, such that the parts add up to its totals to the cent. */

import { calculate } from '../../invoice/calculate.ts';
import type {
  DocumentAllowanceCharge,
  Figures,
  InvoiceDocument,
  Line,
  MinorUnits,
  TaxGroup,
} from '../../invoice/document.ts';
import { InvoiceError } from '../../invoice/failure.ts';
import { Decimal } from '../../money/decimal.ts';
import { share, sum } from '../../money/minor-units.ts';

/**
 * A gross price is a promise: its gross stands, and may differ by a cent or two from net and tax as they are rounded. Such
 * differences are the invoice's rounding amount (BT-114).
 */
export interface Value {
  net: MinorUnits;
  tax: MinorUnits;
  gross: MinorUnits;
}

export interface Values {
  lines: Value[];
  /** Of those that have a tax category; the others are `shared`. */
  allowances: Value[];
  charges: Value[];
  /** The allowances and charges that are shared out over the VAT groups. */
  shared?: Value;
  /** A rounding that the caller asked for. */
  rounding?: Value;
  total: Value;
}

/** A value on its way, with the VAT group that its tax is a part of; none when it has a tax of its own. */
interface Part {
  net: MinorUnits;
  tax: MinorUnits;
  group?: string;
  /** The line, when its price includes tax. */
  inclusive?: Line;
}

/** The values of an invoice. Refuses what only adds up because more than can be represented cancels out. */
export function valuesOf(document: InvoiceDocument, figures: Figures): Values {
  try {
    return split(document, figures);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = 'These come to more than can be represented exactly; use smaller figures.';
    throw new InvoiceError({
      kind: 'invalid',
      faults: [{ in: 'body', path: ['lines'], code: 'out_of_range', message }],
    });
  }
}

function split(document: InvoiceDocument, figures: Figures): Values {
  const { lines, allowances = [], charges = [], roundingAmount: rounding } = document;
  const { taxExclusive, tax, taxInclusive, rounding: difference } = figures.totals;
  const parts = {
    lines: lines.map((line, index) => linePart(line, figures.lines[index]?.net ?? 0)),
    allowances: allowances.map((entry, index) => entryPart(entry, -(figures.allowances[index] ?? 0))),
    charges: charges.map((entry, index) => entryPart(entry, figures.charges[index] ?? 0)),
  };
  const all = [...parts.lines, ...parts.allowances, ...parts.charges];
  const inclusive = lines.filter((line) => line.priceIncludesTax && line.fixedTax === undefined);
  const promised = new Map(alone(document, inclusive).taxBreakdown.map((group) => [keyOf(group), group.tax]));
  for (const group of figures.taxBreakdown) shareTax(group, promised.get(keyOf(group)) ?? 0, all);

  const value = (part: Part): Value => ({
    net: part.net,
    tax: part.tax,
    gross: part.inclusive ? alone(document, [part.inclusive]).totals.payable : sum([part.net, part.tax]),
  });
  const isShared = [...allowances, ...charges].some(({ taxCategory }) => !taxCategory);
  const shared = { net: less(taxExclusive, all, 'net'), tax: less(tax, all, 'tax') };
  return {
    lines: parts.lines.map(value),
    allowances: parts.allowances.map(value),
    charges: parts.charges.map(value),
    ...(isShared && { shared: value(shared) }),
    ...(rounding && { rounding: { net: 0, tax: 0, gross: rounding } }),
    total: { net: taxExclusive, tax, gross: sum([taxInclusive, difference]) },
  };
}

/** The figures of some lines, as if there were no others. */
const alone = ({ typeCode, currency, buyer }: InvoiceDocument, lines: Line[]): Figures =>
  calculate({ typeCode, currency, buyer, lines });

function linePart(line: Line, net: MinorUnits): Part {
  if (line.fixedTax !== undefined) return { net, tax: line.fixedTax };
  return { net, tax: 0, group: keyOf(line), ...(line.priceIncludesTax && { inclusive: line }) };
}

const entryPart = ({ taxCategory, taxRate }: DocumentAllowanceCharge, net: MinorUnits): Part =>
  taxCategory ? { net, tax: 0, group: keyOf({ taxCategory, taxRate }) } : { net: 0, tax: 0 };

/** The norm rounds tax once for each VAT group: its parts share it by largest remainder, in proportion to their nets. */
function shareTax({ taxable, tax, ...group }: TaxGroup, promised: MinorUnits, parts: Part[]): void {
  // Nothing is due outside the scope of VAT, and a group without a rate has the taxes that its caller fixed.
  if (group.taxRate === undefined || group.taxCategory === 'O') return;
  const members = parts.filter((part) => part.group === keyOf(group));
  const inclusive = members.filter((part) => part.inclusive);
  const others = members.filter((part) => !part.inclusive);
  // Shared allowances and charges have their part in the group too.
  const besides: Part = { net: less(taxable, members, 'net'), tax: 0 };
  shareAmong(inclusive, promised);
  shareAmong([...others, besides], tax - promised);
}

function shareAmong(parts: Part[], tax: MinorUnits): void {
  const taxes = share(
    tax,
    parts.map(({ net }) => net),
  );
  for (const [index, part] of parts.entries()) part.tax = taxes[index] ?? 0;
}

/** What is left of a total. */
const less = (total: MinorUnits, parts: Part[], member: 'net' | 'tax'): MinorUnits =>
  sum([total, ...parts.map((part) => -part[member])]);

const keyOf = ({ taxCategory, taxRate }: { taxCategory: string; taxRate?: string | undefined }): string =>
  `${taxCategory} ${Decimal.of(taxRate ?? 0)}`;
