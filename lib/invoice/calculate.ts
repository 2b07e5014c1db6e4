/** The arithmetic of EN 16931: from the document to its figures. */
import { minorUnitDigits } from '../money/currency.ts';
import { Decimal } from '../money/decimal.ts';
import { share, sum } from '../money/minor-units.ts';
import type {
  AllowanceCharge,
  DocumentAllowanceCharge,
  Figures,
  InvoiceDocument,
  Line,
  MinorUnits,
  Tax,
  TaxGroup,
} from './document.ts';
import { type Fault, InvoiceError } from './failure.ts';

type Path = Fault['path'];

const hundred = Decimal.of(100);
/** UNCL5305: services outside the scope of VAT. */
export const outOfScope = 'O';

/** A line on its way to its figures. */
export interface LineAmounts {
  /** Price and quantity, before allowances and charges. */
  full: MinorUnits;
  allowances: MinorUnits[];
  charges: MinorUnits[];
  /** What the line promises: with tax where its price includes tax, else its net. */
  promised: MinorUnits;
  /** BT-131 */
  net: MinorUnits;
}

/** What is taxed alike. Lines whose tax the caller fixed stand apart, without a rate: their tax is not derived from one. */
export interface Group {
  tax: Tax;
  rate: Decimal;
  /** They add up to BT-116. */
  parts: MinorUnits[];
  fixedTaxes: MinorUnits[];
  /** The lines among them whose price includes tax. */
  inclusive: LineAmounts[];
}

/** Everything on the way to the figures that is rounded or shared out. */
export interface Workings {
  /** Decimals of the currency. */
  digits: number;
  lines: LineAmounts[];
  allowances: MinorUnits[];
  charges: MinorUnits[];
  groups: Group[];
}

/**
 * Every figure of an invoice, in the order of EN 16931: each line is rounded once, tax once for each category and rate on
 * the summed lines, and totals are sums of what was rounded (BR-CO-10 to BR-CO-17). Rounding is half away from zero, so
 * that a cancellation mirrors its original.
 *
 * Where prices include tax, the gross is a promise: what rounding net and tax takes from it or adds to it goes into BT-114.
 */
export function calculate(document: InvoiceDocument): Figures {
  const workings = workingsOf(document);
  return within(['lines'], () => figuresOf(document, workings));
}

/** Every line, allowance, charge and VAT group on the way to the figures. */
export function workingsOf(document: InvoiceDocument): Workings {
  const digits = digitsOf(document);
  const lines = document.lines.map((line, index) => lineAmounts(line, digits, ['lines', index]));
  return within(['lines'], () => {
    const lineExtension = sum(lines.map(({ net }) => net));
    const allowances = amountsOf(document.allowances, lineExtension, ['allowances']);
    const charges = amountsOf(document.charges, lineExtension, ['charges']);
    return { digits, lines, allowances, charges, groups: groupsOf(document, lines, allowances, charges) };
  });
}

/** The figures that workings come to. */
export function figuresOf(document: InvoiceDocument, { lines, allowances, charges, groups }: Workings): Figures {
  const lineExtension = sum(lines.map(({ net }) => net));
  const taxBreakdown = groups.map(taxGroupOf);

  const taxExclusive = sum([lineExtension, -sum(allowances), sum(charges)]);
  const tax = sum(taxBreakdown.map((group) => group.tax));
  const taxInclusive = sum([taxExclusive, tax]);
  const prepaid = document.prepaidAmount ?? 0;
  const rounding = sum([document.roundingAmount ?? 0, ...groups.map(residualOf)]);
  return {
    lines: lines.map(({ net, allowances, charges }) => ({ net, allowances, charges })),
    allowances,
    charges,
    taxBreakdown,
    totals: {
      lineExtension,
      allowances: sum(allowances),
      charges: sum(charges),
      taxExclusive,
      tax,
      taxInclusive,
      prepaid,
      rounding,
      payable: sum([taxInclusive, -prepaid, rounding]),
    },
  };
}

function lineAmounts(line: Line, digits: number, path: Path): LineAmounts {
  const baseQuantity = Decimal.of(line.baseQuantity ?? 1);
  if (baseQuantity.isZero) {
    throw refusal(
      [...path, 'baseQuantity'],
      'out_of_range',
      'A base quantity of 0 prices nothing; leave it out for 1.',
    );
  }
  return within([...path, 'price'], () => {
    const full = Decimal.of(line.price)
      .times(Decimal.of(line.quantity))
      .dividedBy(baseQuantity, digits)
      .toMinorUnits(digits);
    const allowances = amountsOf(line.allowances, full, [...path, 'allowances']);
    const charges = amountsOf(line.charges, full, [...path, 'charges']);
    const promised = sum([full, -sum(allowances), sum(charges)]);
    return { full, allowances, charges, promised, net: line.priceIncludesTax ? netOf(line, promised) : promised };
  });
}

/** The net in a gross. */
function netOf(line: Line, gross: MinorUnits): MinorUnits {
  if (line.fixedTax !== undefined) return sum([gross, -line.fixedTax]);
  return Decimal.fromMinorUnits(gross, 0)
    .times(hundred)
    .dividedBy(hundred.plus(rateOf(line)), 0)
    .toMinorUnits(0);
}

/** What allowances or charges come to on the amount they stand on. */
function amountsOf(entries: AllowanceCharge[] = [], basis: MinorUnits, path: Path): MinorUnits[] {
  return entries.map(({ amount, percentage, baseAmount }, index) =>
    within([...path, index], () => amount ?? percentOf(baseAmount ?? basis, Decimal.of(percentage ?? 0))),
  );
}

/** The groups of the VAT breakdown in the order of their first member: lines, then allowances, then charges. */
function groupsOf(
  document: InvoiceDocument,
  lines: LineAmounts[],
  allowances: MinorUnits[],
  charges: MinorUnits[],
): Group[] {
  const groups = new Map<string, Group>();
  const join = (tax: Tax, part: MinorUnits, fixed = false): Group => {
    const key = `${tax.taxCategory} ${fixed ? 'fixed' : rateOf(tax)}`;
    const group = groups.get(key) ?? emptyGroup(tax, fixed);
    for (const member of ['exemptionReasonCode', 'exemptionReason'] as const) {
      if (tax[member] !== undefined) group.tax[member] ??= tax[member];
    }
    group.parts.push(part);
    groups.set(key, group);
    return group;
  };

  for (const [index, line] of document.lines.entries()) {
    const amounts = lines[index] as LineAmounts;
    const group = join(line, amounts.net, line.fixedTax !== undefined);
    if (line.fixedTax !== undefined) group.fixedTaxes.push(line.fixedTax);
    else if (line.priceIncludesTax) group.inclusive.push(amounts);
  }

  const lineGroups = [...groups.values()];
  const weights = lineGroups.map(({ parts }) => sum(parts));
  const place = ({ taxCategory, ...entry }: DocumentAllowanceCharge, amount: MinorUnits) => {
    if (taxCategory) join({ taxCategory, ...entry }, amount);
    else for (const [index, part] of share(amount, weights).entries()) lineGroups[index]?.parts.push(part);
  };
  for (const [index, entry] of document.allowances?.entries() ?? []) place(entry, -(allowances[index] as MinorUnits));
  for (const [index, entry] of document.charges?.entries() ?? []) place(entry, charges[index] as MinorUnits);
  return [...groups.values()];
}

function emptyGroup(tax: Tax, fixed: boolean): Group {
  const { taxCategory } = tax;
  const rate = rateOf(tax);
  const taxRate = fixed ? undefined : taxCategory === outOfScope ? tax.taxRate : String(rate);
  const group = taxRate === undefined ? { taxCategory } : { taxCategory, taxRate };
  return { tax: group, rate, parts: [], fixedTaxes: [], inclusive: [] };
}

function taxGroupOf({ tax, rate, parts, fixedTaxes }: Group): TaxGroup {
  const taxable = sum(parts);
  return { ...tax, taxable, tax: fixedTaxes.length > 0 ? sum(fixedTaxes) : percentOf(taxable, rate) };
}

/** What tax-inclusive prices promise beyond their net and its tax as rounded. */
export function residualOf({ rate, inclusive }: Group): MinorUnits {
  const net = sum(inclusive.map((line) => line.net));
  return sum([...inclusive.map(({ promised }) => promised), -net, -percentOf(net, rate)]);
}

/** Category O has no rate (BR-O-05); a 0 given with it stays in the breakdown as it was given. */
export function rateOf({ taxCategory, taxRate }: Tax): Decimal {
  return taxCategory === outOfScope ? Decimal.zero : Decimal.of(taxRate ?? 0);
}

function percentOf(amount: MinorUnits, percentage: Decimal): MinorUnits {
  return exactPercentOf(amount, percentage).toMinorUnits(0);
}

/** Read with two decimals, an integer is the hundredth part of itself. */
export const exactPercentOf = (amount: MinorUnits, percentage: Decimal): Decimal =>
  Decimal.fromMinorUnits(amount, 2).times(percentage);

function digitsOf({ currency }: InvoiceDocument): number {
  const digits = minorUnitDigits(currency);
  if (digits === undefined) throw refusal(['currency'], 'unknown_code', `"${currency}" is no currency of ISO 4217.`);
  return digits;
}

/** Names the member whose figure leaves the range of exact integers. */
function within<Result>(path: Path, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refusal(path, 'out_of_range', 'This comes to more than can be represented exactly; use smaller figures.');
  }
}

function refusal(path: Path, code: string, message: string): InvoiceError {
  return new InvoiceError({ kind: 'invalid', faults: [{ in: 'body', path, code, message }] });
}
