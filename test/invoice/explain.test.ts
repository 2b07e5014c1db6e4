import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calculate } from '../../lib/invoice/calculate.ts';
import type { InvoiceDocument } from '../../lib/invoice/document.ts';
import { explain, type Step } from '../../lib/invoice/explain.ts';
import { minorUnitDigits } from '../../lib/money/currency.ts';
import { Decimal } from '../../lib/money/decimal.ts';
import { arbitraryDocument } from './arbitrary.ts';
import { invoice, line } from './documents.ts';

/** Reads a formula as somebody with a pocket calculator would: in major units, rounded at its end. */
function computed(formula: string, digits: number): number {
  const factors = formula.split(/ [×÷] /);
  if (factors.length === 1) {
    const [first = '0', ...rest] = formula.split(/ ([+−]) /);
    let total = Decimal.of(first);
    for (let index = 0; index < rest.length; index += 2) {
      const part = Decimal.of(rest[index + 1] ?? '0');
      total = rest[index] === '−' ? total.minus(part) : total.plus(part);
    }
    return total.toMinorUnits(digits);
  }
  const percent = formula.endsWith(' %');
  const [a = '', b = '', c = percent ? '100' : '1'] = factors.map((factor) => factor.replace(' %', ''));
  return Decimal.of(a).times(Decimal.of(b)).dividedBy(Decimal.of(c), digits).toMinorUnits(digits);
}

/** The figure that a step says it makes; nothing for a step on the way. */
function figureAt(document: InvoiceDocument, { path }: Step): number | undefined {
  const figures = calculate(document);
  const [top, at, member, inner] = path as [string, number & keyof typeof figures.totals, string, number];
  if (top === 'totals') return figures.totals[at];
  if (top === 'taxBreakdown') return figures.taxBreakdown[at]?.[member as 'tax' | 'taxable'];
  if (top === 'allowances' || top === 'charges') return figures[top][at];
  if (member === 'net') return figures.lines[at]?.net;
  if (member === 'allowances' || member === 'charges') return figures.lines[at]?.[member][inner];
  return undefined;
}

describe('the calculation, explained', () => {
  it('makes every figure by a formula that comes to it, and says what rounding left', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        const digits = minorUnitDigits(document.currency) ?? 0;
        for (const step of explain(document)) {
          const told = JSON.stringify(step);
          expect(computed(step.formula, digits), told).toBe(step.result);
          expect(figureAt(document, step) ?? step.result, told).toBe(step.result);
          if (step.exact === undefined) continue;
          const residual = Decimal.of(step.exact).minus(Decimal.fromMinorUnits(step.result, 0));
          expect(String(residual), told).toBe(step.residual);
          expect(Math.abs(Number(step.residual)), told).toBeLessThanOrEqual(0.5);
        }
      }),
    );
  });

  it('leaves no figure out', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        const made = new Set(explain(document).map(({ path }) => path.join('.')));
        const { totals, lines, taxBreakdown } = calculate(document);
        const due = [
          ...Object.keys(totals)
            .filter((member) => member !== 'prepaid')
            .map((member) => `totals.${member}`),
          ...lines.map((_, index) => `lines.${index}.net`),
          ...taxBreakdown.flatMap((_, index) => [`taxBreakdown.${index}.taxable`, `taxBreakdown.${index}.tax`]),
        ];
        expect(due.filter((path) => !made.has(path))).toEqual([]);
      }),
    );
  });

  it('reads like a calculation by hand', () => {
    const document = invoice({
      lines: [line({ price: '9.99', quantity: '3', taxCategory: 'S', taxRate: '19', priceIncludesTax: true })],
      allowances: [{ percentage: '2.5' }],
    });
    const told = explain(document).map(({ path, term, rule, formula, exact, result }) =>
      [path.join('.'), term, rule, formula, exact, result].filter((part) => part !== undefined).join(' | '),
    );
    expect(told).toEqual([
      'lines.0.price | 9.99 × 3 | 2997',
      'lines.0.priceIncludesTax | 29.97 | 2997',
      'lines.0.net | BT-131 | 29.97 × 100 ÷ 119 | 2518.487395 | 2518',
      'totals.lineExtension | BT-106 | BR-CO-10 | 25.18 | 2518',
      'allowances.0.amount | BT-92 | 25.18 × 2.5 % | 62.95 | 63',
      'totals.allowances | BT-107 | BR-CO-11 | 0.63 | 63',
      'totals.charges | BT-108 | BR-CO-12 | 0 | 0',
      'taxBreakdown.0.taxable | BT-116 | 25.18 − 0.63 | 2455',
      'taxBreakdown.0.tax | BT-117 | BR-CO-17 | 24.55 × 19 % | 466.45 | 466',
      'totals.taxExclusive | BT-109 | BR-CO-13 | 25.18 − 0.63 + 0 | 2455',
      'totals.tax | BT-110 | BR-CO-14 | 4.66 | 466',
      'totals.taxInclusive | BT-112 | BR-CO-15 | 24.55 + 4.66 | 2921',
      'totals.rounding | BT-114 | 0.01 | 1',
      'totals.payable | BT-115 | BR-CO-16 | 29.21 + 0 + 0.01 | 2922',
    ]);
  });
});
