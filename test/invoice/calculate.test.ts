import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calculate } from '../../lib/invoice/calculate.ts';
import type { InvoiceDocument } from '../../lib/invoice/document.ts';
import { InvoiceError } from '../../lib/invoice/failure.ts';
import { sum } from '../../lib/money/minor-units.ts';
import { arbitraryDocument, mirrored } from './arbitrary.ts';
import { invoice, line } from './documents.ts';

const faultsOf = (document: InvoiceDocument) => {
  try {
    calculate(document);
  } catch (error) {
    if (error instanceof InvoiceError && error.failure.kind === 'invalid') return error.failure.faults;
    throw error;
  }
  return [];
};

describe('a line', () => {
  it.each([
    ['price by quantity', { quantity: '3', price: '9.99' }, 2997],
    ['a price for a hundred', { quantity: '250', price: '1.99', baseQuantity: '100' }, 498],
    ['a third of a price', { quantity: '1', price: '10', baseQuantity: '3' }, 333],
    ['a quantity taken back', { quantity: '-2', price: '0.125' }, -25],
    ['an allowance as an amount', { allowances: [{ amount: 1250 }] }, 8750],
    ['an allowance as a percentage', { price: '33.33', allowances: [{ percentage: '7.5' }] }, 3083],
    ['an allowance on another base', { allowances: [{ percentage: '10', baseAmount: 5005 }] }, 9499],
    ['an amount that wins over its percentage', { charges: [{ amount: 1, percentage: '50' }] }, 10001],
    [
      'allowances and charges, each rounded',
      { price: '0.05', allowances: [{ percentage: '50' }], charges: [{ percentage: '50' }] },
      5,
    ],
    [
      'an allowance that takes tax-inclusive cents',
      { price: '119', priceIncludesTax: true, allowances: [{ amount: 1190 }] },
      9000,
    ],
    ['a gross price that holds a fixed tax', { price: '110', priceIncludesTax: true, fixedTax: 1500 }, 9500],
  ])('takes %s', (_, overrides, net) => {
    expect(calculate(invoice({ lines: [line(overrides)] })).lines[0]?.net).toBe(net);
  });

  it('tells what its allowances and charges came to', () => {
    const allowances = [{ percentage: '10' }, { amount: 7 }];
    const charges = [{ percentage: '2.5', baseAmount: 4000 }];
    expect(calculate(invoice({ lines: [line({ allowances, charges })] })).lines).toEqual([
      { net: 9093, allowances: [1000, 7], charges: [100] },
    ]);
  });
});

describe('the VAT breakdown', () => {
  it('takes rates by value, in the order of appearance', () => {
    const { taxBreakdown } = calculate(
      invoice({
        lines: [line({ taxRate: '7' }), line({ taxRate: '19' }), line({ taxRate: '7.0' })],
        charges: [{ amount: 500, taxCategory: 'Z', taxRate: '0' }],
        allowances: [{ amount: 100, taxCategory: 'S', taxRate: '5.5' }],
      }),
    );
    expect(taxBreakdown.map(({ taxCategory, taxRate, taxable }) => [taxCategory, taxRate, taxable])).toEqual([
      ['S', '7', 20000],
      ['S', '19', 10000],
      ['S', '5.5', -100],
      ['Z', '0', 500],
    ]);
  });

  it('has one group for what is not subject to VAT, rate or no rate', () => {
    const outside = { taxCategory: 'O', taxRate: undefined, exemptionReason: 'Statutory fee' };
    const { taxBreakdown } = calculate(
      invoice({ lines: [line(outside), line({ ...outside, taxRate: '0', exemptionReason: 'Another' })] }),
    );
    expect(taxBreakdown).toEqual([{ taxCategory: 'O', exemptionReason: 'Statutory fee', taxable: 20000, tax: 0 }]);
  });

  it('takes the first exemption reason and the first code', () => {
    const exempt = { taxCategory: 'E', taxRate: '0' };
    const { taxBreakdown } = calculate(
      invoice({
        lines: [
          line(exempt),
          line({ ...exempt, exemptionReason: 'Training' }),
          line({ ...exempt, exemptionReason: 'Lessons', exemptionReasonCode: 'VATEX-EU-132-1I' }),
        ],
      }),
    );
    expect(taxBreakdown[0]).toMatchObject({ exemptionReason: 'Training', exemptionReasonCode: 'VATEX-EU-132-1I' });
  });

  it('keeps fixed taxes as they are, apart from what is rated', () => {
    const { taxBreakdown, totals } = calculate(
      invoice({ lines: [line({ fixedTax: 333 }), line(), line({ taxRate: '7', fixedTax: 667 })] }),
    );
    expect(taxBreakdown).toEqual([
      { taxCategory: 'S', taxable: 20000, tax: 1000 },
      { taxCategory: 'S', taxRate: '19', taxable: 10000, tax: 1900 },
    ]);
    expect(totals.tax).toBe(2900);
  });

  it('shares what names no category out over the groups of the lines', () => {
    const { taxBreakdown, totals } = calculate(
      invoice({
        lines: [
          line({ price: '50' }),
          line({ price: '30', taxRate: '7' }),
          line({ price: '20', taxCategory: 'Z', taxRate: '0' }),
        ],
        allowances: [{ percentage: '10' }, { amount: 5 }],
      }),
    );
    expect(taxBreakdown.map(({ taxable }) => taxable)).toEqual([5000 - 500 - 3, 3000 - 300 - 1, 2000 - 200 - 1]);
    expect(totals).toMatchObject({ allowances: 1005, taxExclusive: 8995 });
  });
});

describe('the totals', () => {
  it('count prepaid and rounding amounts as facts', () => {
    const { totals } = calculate(
      invoice({
        prepaidAmount: 5000,
        roundingAmount: -2,
        charges: [{ percentage: '3', taxCategory: 'S', taxRate: '19' }],
      }),
    );
    expect(totals).toEqual({
      lineExtension: 10000,
      allowances: 0,
      charges: 300,
      taxExclusive: 10300,
      tax: 1957,
      taxInclusive: 12257,
      prepaid: 5000,
      rounding: -2,
      payable: 7255,
    });
  });

  it('add the residual of gross prices to the rounding that was given', () => {
    const lines = [line({ price: '100', taxRate: '21', priceIncludesTax: true })];
    expect(calculate(invoice({ lines, roundingAmount: 4 })).totals).toMatchObject({ rounding: 5, payable: 10004 });
  });

  it.each([
    ['JPY', '33.4', 33, 3, 36],
    ['KWD', '33.3335', 33334, 3333, 36667],
    ['CLF', '0.00005', 1, 0, 1],
  ])('are whole minor units of %s', (currency, price, taxExclusive, tax, payable) => {
    const lines = [line({ price, taxRate: '10' })];
    expect(calculate(invoice({ currency, lines })).totals).toMatchObject({ taxExclusive, tax, payable });
  });
});

describe('what cannot be computed', () => {
  const huge = '90000000000000';
  it.each<[string, Partial<InvoiceDocument>, (string | number)[]]>([
    ['a product', { lines: [line(), line({ price: huge, quantity: '2' })] }, ['lines', 1, 'price']],
    ['the sum of the lines', { lines: [line({ price: huge }), line({ price: huge })] }, ['lines']],
    [
      'a line with its charge',
      { lines: [line({ price: huge, charges: [{ amount: 10 ** 14 }] })] },
      ['lines', 0, 'price'],
    ],
    ['a charge', { lines: [line({ price: huge, charges: [{ percentage: '101' }] })] }, ['lines', 0, 'charges', 0]],
    ['a document charge', { lines: [line({ price: huge })], charges: [{ percentage: '101' }] }, ['charges', 0]],
    ['tax', { lines: [line({ price: huge, taxRate: '999' })] }, ['lines']],
    ['what is left to pay', { prepaidAmount: -Number.MAX_SAFE_INTEGER }, ['lines']],
    ['a base quantity of 0', { lines: [line({ baseQuantity: '0' })] }, ['lines', 0, 'baseQuantity']],
  ])('names %s', (_, overrides, path) => {
    expect(faultsOf(invoice(overrides))).toMatchObject([{ in: 'body', path, code: 'out_of_range' }]);
  });

  it('names a currency that is none', () => {
    expect(faultsOf(invoice({ currency: 'XAU' }))).toMatchObject([{ path: ['currency'], code: 'unknown_code' }]);
  });
});

describe('any document', () => {
  it('adds up as BR-CO-10 to BR-CO-17 ask', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        const { lines, allowances, charges, taxBreakdown, totals } = calculate(document);
        expect(totals.lineExtension).toBe(sum(lines.map(({ net }) => net)));
        expect(totals.allowances).toBe(sum(allowances));
        expect(totals.charges).toBe(sum(charges));
        expect(totals.taxExclusive).toBe(totals.lineExtension - totals.allowances + totals.charges);
        expect(totals.taxExclusive).toBe(sum(taxBreakdown.map(({ taxable }) => taxable)));
        expect(totals.tax).toBe(sum(taxBreakdown.map(({ tax }) => tax)));
        expect(totals.taxInclusive).toBe(totals.taxExclusive + totals.tax);
        expect(totals.payable).toBe(totals.taxInclusive - totals.prepaid + totals.rounding);
        for (const { taxable, tax, taxRate } of taxBreakdown) {
          if (taxRate !== undefined)
            expect(Math.abs(tax * 100 - taxable * Number(taxRate))).toBeLessThanOrEqual(50.001);
        }
      }),
    );
  });

  it('has the same totals whatever the order of its lines', () => {
    const shuffled = arbitraryDocument.chain((document) =>
      fc.record({
        document: fc.constant(document),
        lines: fc.shuffledSubarray(document.lines, { minLength: document.lines.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ document, lines }) => {
        // Shares of a remainder go to the earlier group, so their tax may move with the order.
        const categorised = (document.allowances ?? [])
          .concat(document.charges ?? [])
          .every((entry) => entry.taxCategory);
        fc.pre(categorised);
        expect(calculate({ ...document, lines }).totals).toEqual(calculate(document).totals);
      }),
    );
  });

  it('is negated by its mirror to the last figure', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        expect(calculate(mirrored(document))).toEqual(negated(calculate(document)));
      }),
    );
  });

  it('keeps the promise of gross prices', () => {
    fc.assert(
      fc.property(arbitraryDocument, ({ currency, lines }) => {
        const inclusive = lines.map(({ fixedTax, ...line }) => ({
          ...line,
          priceIncludesTax: true,
          taxCategory: 'S',
          taxRate: line.taxRate ?? '0',
        }));
        const gross = lines.map(({ fixedTax, ...line }) => ({ ...line, priceIncludesTax: false }));
        const promised = calculate(invoice({ currency, lines: gross })).totals.lineExtension;
        expect(calculate(invoice({ currency, lines: inclusive })).totals.payable).toBe(promised);
      }),
    );
  });
});

/** Every amount with its sign turned; texts as they are. */
function negated<Value>(value: Value): Value {
  if (typeof value === 'number') return (0 - value) as Value;
  if (Array.isArray(value)) return value.map(negated) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([member, part]) => [member, negated(part)])) as Value;
}
