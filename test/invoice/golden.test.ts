import { describe, expect, it } from 'vitest';
import { calculate } from '../../lib/invoice/calculate.ts';
import type { Line } from '../../lib/invoice/document.ts';
import { invoice, line } from './documents.ts';

/** Cases that other invoicing software is known to have got wrong, with the public report of it. */
const figuresOf = (lines: Partial<Line>[], currency = 'EUR') =>
  calculate(invoice({ currency, lines: lines.map(line) }));

describe('prices that include tax keep their promise', () => {
  it.each([
    {
      report: 'frappe/erpnext#58712',
      lines: [{ price: '379' }, { price: '379' }],
      rate: '21',
      nets: [31322, 31322],
      totals: { taxExclusive: 62644, tax: 13155, taxInclusive: 75799, rounding: 1, payable: 75800 },
    },
    {
      report: 'frappe/erpnext#59001',
      lines: [
        { quantity: '20', price: '800' },
        { quantity: '10', price: '1000' },
      ],
      rate: '7',
      nets: [1495327, 934579],
      totals: { taxExclusive: 2429906, tax: 170093, taxInclusive: 2599999, rounding: 1, payable: 2600000 },
    },
    {
      report: 'frappe/erpnext#42523',
      lines: [{ price: '90' }, { price: '55' }],
      rate: '5',
      nets: [8571, 5238],
      totals: { taxExclusive: 13809, tax: 690, taxInclusive: 14499, rounding: 1, payable: 14500 },
    },
    {
      report: 'invopop/gobl#923, one line',
      lines: [{ price: '100' }],
      rate: '21',
      nets: [8264],
      totals: { taxExclusive: 8264, tax: 1735, taxInclusive: 9999, rounding: 1, payable: 10000 },
    },
  ])('$report', ({ lines, rate, nets, totals }) => {
    const figures = figuresOf(lines.map((each) => ({ ...each, taxRate: rate, priceIncludesTax: true })));
    expect(figures.lines.map(({ net }) => net)).toEqual(nets);
    expect(figures.totals).toMatchObject(totals);
  });

  it('invopop/gobl#923, two rates', () => {
    const figures = figuresOf([
      { quantity: '12', price: '125', taxRate: '6', priceIncludesTax: true },
      { quantity: '50', price: '19.99', taxRate: '19', priceIncludesTax: true },
    ]);
    expect(figures.taxBreakdown).toEqual([
      { taxCategory: 'S', taxRate: '6', taxable: 141509, tax: 8491 },
      { taxCategory: 'S', taxRate: '19', taxable: 83992, tax: 15958 },
    ]);
    expect(figures.totals).toMatchObject({ taxInclusive: 249950, rounding: 0, payable: 249950 });
  });
});

describe('half a unit goes away from zero', () => {
  it('lavaloon-eg/ksa_compliance#174', () => {
    expect(figuresOf([{ price: '1091.5', taxRate: '15' }]).totals.tax).toBe(16373);
  });

  it('itplr-kosit/validator-configuration-xrechnung#74', () => {
    expect(figuresOf([{ quantity: '-1', price: '7612.5' }]).totals.tax).toBe(-144638);
    expect(figuresOf([{ price: '7612.5' }]).totals.tax).toBe(144638);
  });

  it('OpenPEPPOL/peppol-bis#45', () => {
    expect(figuresOf([{ price: '97.62', taxRate: '25' }]).totals).toMatchObject({ tax: 2441, payable: 12203 });
  });

  it('frappe/books#1449: yen have no decimals', () => {
    expect(figuresOf([{ price: '1127', taxRate: '10' }], 'JPY').totals).toMatchObject({ tax: 113, payable: 1240 });
  });

  it('a price that binary floats take for less than it is', () => {
    expect(figuresOf([{ price: '1.005' }]).totals.lineExtension).toBe(101);
  });
});

describe('what is rounded, and when', () => {
  it('invopop/gobl#463: the line before its tax', () => {
    expect(figuresOf([{ quantity: '0.75', price: '98.5' }]).totals).toMatchObject({
      lineExtension: 7388,
      tax: 1404,
      payable: 8792,
    });
  });

  it('ConnectingEurope/eInvoicing-EN16931#143: tax of the group, not of its lines', () => {
    const figures = figuresOf([
      { quantity: '2', price: '348.11', taxRate: '25' },
      { quantity: '2', price: '348.11', taxRate: '25' },
    ]);
    expect(figures.totals).toMatchObject({ lineExtension: 139244, tax: 34811 });
  });

  it('invopop/gobl#964: the line, not the price', () => {
    expect(figuresOf([{ quantity: '3', price: '10.555' }]).lines[0]?.net).toBe(3167);
  });
});
