/** Tells how the figures of an invoice came about, step by step, from the workings of the one calculation there is. */
import { Decimal } from '../money/decimal.ts';
import {
  exactPercentOf,
  figuresOf,
  type Group,
  type LineAmounts,
  rateOf,
  residualOf,
  workingsOf,
} from './calculate.ts';
import type { AllowanceCharge, DecimalText, Figures, InvoiceDocument, Line, MinorUnits } from './document.ts';
import type { Fault } from './failure.ts';

export interface Step {
  /** Names the member that the step makes or explains, in canonical terms. */
  path: Fault['path'];
  /** The norm's business term, when the result is one. */
  term?: string;
  /** The norm's rule for it. */
  rule?: string;
  /** Amounts in major units. */
  formula: string;
  /** What the formula comes to in minor units, when that is no whole number: to six digits if it does not end. */
  exact?: DecimalText;
  result: MinorUnits;
  /** What rounding left over, in minor units: `exact` less `result`. */
  residual?: DecimalText;
}

type Told = Omit<Step, 'exact' | 'result' | 'residual'>;

/** Digits of a quotient that does not end. */
const shown = 6;

/** The steps to every figure of a document, in the order in which they are made. */
export function explain(document: InvoiceDocument): Step[] {
  const workings = workingsOf(document);
  const { digits, lines, groups } = workings;
  const figures = figuresOf(document, workings);
  const major = (amount: MinorUnits) => Decimal.fromMinorUnits(amount, digits).toString();
  return [
    ...document.lines.flatMap((line, index) => lineSteps(line, lines[index] as LineAmounts, index, digits, major)),
    ...documentSteps(document, figures, major),
    ...groups.flatMap((group, index) => groupSteps(group, figures, index, major)),
    ...totalSteps(document, figures, groups, major),
  ];
}

type Major = (amount: MinorUnits) => string;

/** `a + b − c` */
const summed = (amounts: readonly MinorUnits[], major: Major): string =>
  amounts.reduce((text, amount, index) => {
    if (index === 0) return major(amount);
    return amount < 0 ? `${text} − ${major(-amount)}` : `${text} + ${major(amount)}`;
  }, '') || '0';

/** A step that may have been rounded. */
function rounded(told: Told, exact: Decimal, result: MinorUnits): Step {
  const residual = exact.minus(Decimal.fromMinorUnits(result, 0));
  return residual.isZero
    ? { ...told, result }
    : { ...told, exact: exact.toString(), result, residual: residual.toString() };
}

function lineSteps(line: Line, amounts: LineAmounts, index: number, digits: number, major: Major): Step[] {
  const { full, allowances, charges, promised, net } = amounts;
  const path = ['lines', index];
  const { price, quantity, baseQuantity = '1' } = line;
  const product = Decimal.of(price).times(Decimal.of(quantity));
  const exact = product.dividedBy(Decimal.of(baseQuantity), digits + shown).times(Decimal.of(10 ** digits));
  const divided = baseQuantity === '1' ? '' : ` ÷ ${baseQuantity}`;
  const steps = [
    rounded({ path: [...path, 'price'], formula: `${price} × ${quantity}${divided}` }, exact, full),
    ...entrySteps(line.allowances, allowances, full, [...path, 'allowances'], 'BT-136', major),
    ...entrySteps(line.charges, charges, full, [...path, 'charges'], 'BT-141', major),
  ];
  const parts = summed([full, ...allowances.map((amount) => -amount), ...charges], major);
  const told = { path: [...path, 'net'], term: 'BT-131' };
  if (!line.priceIncludesTax) return [...steps, { ...told, formula: parts, result: net }];
  steps.push({ path: [...path, 'priceIncludesTax'], formula: parts, result: promised });
  if (line.fixedTax !== undefined) {
    return [...steps, { ...told, formula: `${major(promised)} − ${major(line.fixedTax)}`, result: net }];
  }
  const divisor = Decimal.of(100).plus(rateOf(line));
  const quotient = Decimal.fromMinorUnits(promised, 0).times(Decimal.of(100)).dividedBy(divisor, shown);
  return [...steps, rounded({ ...told, formula: `${major(promised)} × 100 ÷ ${divisor}` }, quotient, net)];
}

/** Allowances or charges. One that was given as an amount is no result, and tells nothing. */
function entrySteps(
  entries: readonly AllowanceCharge[] = [],
  amounts: readonly MinorUnits[],
  basis: MinorUnits,
  path: Fault['path'],
  term: string,
  major: Major,
): Step[] {
  return entries.flatMap(({ amount, percentage = '0', baseAmount = basis }, index) => {
    if (amount !== undefined) return [];
    const formula = `${major(baseAmount)} × ${percentage} %`;
    const exact = exactPercentOf(baseAmount, Decimal.of(percentage));
    return [rounded({ path: [...path, index, 'amount'], term, formula }, exact, amounts[index] ?? 0)];
  });
}

function documentSteps({ allowances, charges }: InvoiceDocument, figures: Figures, major: Major): Step[] {
  const { totals } = figures;
  const basis = totals.lineExtension;
  const nets = figures.lines.map(({ net }) => net);
  const total = (member: keyof Figures['totals'], term: string, rule: string, parts: readonly MinorUnits[]): Step => ({
    path: ['totals', member],
    term,
    rule,
    formula: summed(parts, major),
    result: totals[member],
  });
  return [
    total('lineExtension', 'BT-106', 'BR-CO-10', nets),
    ...entrySteps(allowances, figures.allowances, basis, ['allowances'], 'BT-92', major),
    ...entrySteps(charges, figures.charges, basis, ['charges'], 'BT-99', major),
    total('allowances', 'BT-107', 'BR-CO-11', figures.allowances),
    total('charges', 'BT-108', 'BR-CO-12', figures.charges),
  ];
}

/** Once for each category and rate. What belongs to no category is shared out over the groups. */
function groupSteps(group: Group, figures: Figures, index: number, major: Major): Step[] {
  const { parts, rate, fixedTaxes } = group;
  const { taxable = 0, tax = 0 } = figures.taxBreakdown[index] ?? {};
  const path = ['taxBreakdown', index];
  const told = { path: [...path, 'tax'], term: 'BT-117' };
  return [
    { path: [...path, 'taxable'], term: 'BT-116', formula: summed(parts, major), result: taxable },
    fixedTaxes.length > 0
      ? { ...told, formula: summed(fixedTaxes, major), result: tax }
      : rounded(
          { ...told, rule: 'BR-CO-17', formula: `${major(taxable)} × ${rate} %` },
          exactPercentOf(taxable, rate),
          tax,
        ),
  ];
}

function totalSteps(
  document: InvoiceDocument,
  { totals, taxBreakdown }: Figures,
  groups: Group[],
  major: Major,
): Step[] {
  const { lineExtension, allowances, charges, taxExclusive, tax, prepaid, rounding, taxInclusive } = totals;
  const step = (member: keyof typeof totals, term: string, rule: string | undefined, parts: MinorUnits[]): Step => ({
    path: ['totals', member],
    term,
    ...(rule !== undefined && { rule }),
    formula: summed(parts, major),
    result: totals[member],
  });
  const residuals = groups.map(residualOf).filter((residual) => residual !== 0);
  const given = document.roundingAmount === undefined ? [] : [document.roundingAmount];
  return [
    step('taxExclusive', 'BT-109', 'BR-CO-13', [lineExtension, -allowances, charges]),
    step(
      'tax',
      'BT-110',
      'BR-CO-14',
      taxBreakdown.map((group) => group.tax),
    ),
    step('taxInclusive', 'BT-112', 'BR-CO-15', [taxExclusive, tax]),
    // What was given, and what prices with tax promise beyond their net and its tax as rounded.
    step('rounding', 'BT-114', undefined, [...given, ...residuals]),
    step('payable', 'BT-115', 'BR-CO-16', [taxInclusive, -prepaid, rounding]),
  ];
}
