import { expect, it } from 'vitest';
import { calculate } from '../../lib/invoice/calculate.ts';
import type { Figures, InvoiceDocument } from '../../lib/invoice/document.ts';
import { findings } from '../../lib/invoice/rules.ts';
import { invoice, line } from './documents.ts';

/** Whole invoices, worked out with pencil and paper; each may be issued as it stands. */
interface Case {
  about: string;
  document: InvoiceDocument;
  figures: Figures;
}

const germanBuyer = { name: 'Küche & Co. OHG', address: { street: 'Ring 9', city: 'Fulda', country: 'DE' } };

const cases: Case[] = [
  {
    about: 'two rates, a price for a hundred, allowances and charges on both levels, a part paid already',
    document: invoice({
      buyer: germanBuyer,
      lines: [
        // 12 x 8.40 = 100.80, less 5 %, which is 5.04
        line({ id: '1', quantity: '12', price: '8.4', allowances: [{ percentage: '5', reason: 'Regular customer' }] }),
        // 3 x 24.90 = 74.70
        line({ id: '2', quantity: '3', price: '24.9', taxRate: '7' }),
        // 350 x 3.15 / 100 = 11.025, hence 11.03, and 2.00 on top
        line({
          id: '3',
          quantity: '350',
          price: '3.15',
          baseQuantity: '100',
          charges: [{ amount: 200, reason: 'Small quantity' }],
        }),
      ],
      // 2 % of 183.49 is 3.6698
      allowances: [{ percentage: '2', reason: 'Spring', taxCategory: 'S', taxRate: '19' }],
      charges: [{ amount: 690, reasonCode: 'FC', taxCategory: 'S', taxRate: '19' }],
      prepaidAmount: 5000,
    }),
    figures: {
      lines: [
        { net: 9576, allowances: [504], charges: [] },
        { net: 7470, allowances: [], charges: [] },
        { net: 1303, allowances: [], charges: [200] },
      ],
      allowances: [367],
      charges: [690],
      taxBreakdown: [
        // 95.76 + 13.03 - 3.67 + 6.90 = 112.02; 19 % of it is 21.2838
        { taxCategory: 'S', taxRate: '19', taxable: 11202, tax: 2128 },
        // 7 % of 74.70 is 5.229
        { taxCategory: 'S', taxRate: '7', taxable: 7470, tax: 523 },
      ],
      totals: {
        lineExtension: 18349,
        allowances: 367,
        charges: 690,
        taxExclusive: 18672,
        tax: 2651,
        taxInclusive: 21323,
        prepaid: 5000,
        rounding: 0,
        payable: 16323,
      },
    },
  },
  {
    about: 'a credit note over positive amounts',
    document: invoice({
      typeCode: '381',
      precedingInvoices: [{ number: '2026-0007', issueDate: '2026-02-11' }],
      lines: [line({ quantity: '2', price: '38.955', taxRate: '20' })],
    }),
    figures: {
      lines: [{ net: 7791, allowances: [], charges: [] }],
      allowances: [],
      charges: [],
      // 20 % of 77.91 is 15.582
      taxBreakdown: [{ taxCategory: 'S', taxRate: '20', taxable: 7791, tax: 1558 }],
      totals: {
        lineExtension: 7791,
        allowances: 0,
        charges: 0,
        taxExclusive: 7791,
        tax: 1558,
        taxInclusive: 9349,
        prepaid: 0,
        rounding: 0,
        payable: 9349,
      },
    },
  },
  {
    about: 'a corrected invoice that takes back more than it gives',
    document: invoice({
      typeCode: '384',
      dueDate: undefined,
      precedingInvoices: [{ number: '2026-0008' }],
      lines: [
        // -4 x 12.345 = -49.38
        line({ id: '1', quantity: '-4', price: '12.345' }),
        // 4 x 11.995 = 47.98
        line({ id: '2', quantity: '4', price: '11.995' }),
      ],
    }),
    figures: {
      lines: [
        { net: -4938, allowances: [], charges: [] },
        { net: 4798, allowances: [], charges: [] },
      ],
      allowances: [],
      charges: [],
      // 19 % of -1.40 is -0.266
      taxBreakdown: [{ taxCategory: 'S', taxRate: '19', taxable: -140, tax: -27 }],
      totals: {
        lineExtension: -140,
        allowances: 0,
        charges: 0,
        taxExclusive: -140,
        tax: -27,
        taxInclusive: -167,
        prepaid: 0,
        rounding: 0,
        payable: -167,
      },
    },
  },
  {
    about: 'an intra-community supply with packaging',
    document: invoice({
      delivery: { date: '2026-02-27', address: { city: 'Nantes', country: 'FR' } },
      lines: [
        line({
          quantity: '40',
          price: '17.125',
          taxCategory: 'K',
          taxRate: '0',
          exemptionReasonCode: 'VATEX-EU-IC',
        }),
      ],
      // 1.5 % of 685.00 is 10.275
      charges: [{ percentage: '1.5', reason: 'Packaging', taxCategory: 'K', taxRate: '0' }],
    }),
    figures: {
      lines: [{ net: 68500, allowances: [], charges: [] }],
      allowances: [],
      charges: [1028],
      taxBreakdown: [{ taxCategory: 'K', taxRate: '0', exemptionReasonCode: 'VATEX-EU-IC', taxable: 69528, tax: 0 }],
      totals: {
        lineExtension: 68500,
        allowances: 0,
        charges: 1028,
        taxExclusive: 69528,
        tax: 0,
        taxInclusive: 69528,
        prepaid: 0,
        rounding: 0,
        payable: 69528,
      },
    },
  },
  {
    about: 'dinars with three digits, prices that include tax, and a residual that lowers what is due',
    document: invoice({
      currency: 'BHD',
      lines: [
        // 7 x 1.250 = 8.750, of which net 7.9545…
        line({ id: '1', quantity: '7', price: '1.25', taxRate: '10', priceIncludesTax: true }),
        // 3 x 0.999 = 2.997, of which net 2.7245…
        line({ id: '2', quantity: '3', price: '0.999', taxRate: '10', priceIncludesTax: true }),
      ],
    }),
    figures: {
      lines: [
        { net: 7955, allowances: [], charges: [] },
        { net: 2725, allowances: [], charges: [] },
      ],
      allowances: [],
      charges: [],
      taxBreakdown: [{ taxCategory: 'S', taxRate: '10', taxable: 10680, tax: 1068 }],
      totals: {
        lineExtension: 10680,
        allowances: 0,
        charges: 0,
        taxExclusive: 10680,
        tax: 1068,
        taxInclusive: 11748,
        prepaid: 0,
        rounding: -1,
        payable: 11747,
      },
    },
  },
  {
    about: 'yen at two rates with one discount for all, and a total made round',
    document: invoice({
      currency: 'JPY',
      lines: [
        line({ id: '1', quantity: '3', price: '1980', taxRate: '10' }),
        line({ id: '2', quantity: '7', price: '333', taxRate: '8' }),
      ],
      // 5 % of 8271 is 413.55; of 414 yen, 297.32 fall to the first group and 116.68 to the second
      allowances: [{ percentage: '5', reason: 'Anniversary' }],
      roundingAmount: 2,
    }),
    figures: {
      lines: [
        { net: 5940, allowances: [], charges: [] },
        { net: 2331, allowances: [], charges: [] },
      ],
      allowances: [414],
      charges: [],
      taxBreakdown: [
        { taxCategory: 'S', taxRate: '10', taxable: 5643, tax: 564 },
        { taxCategory: 'S', taxRate: '8', taxable: 2214, tax: 177 },
      ],
      totals: {
        lineExtension: 8271,
        allowances: 414,
        charges: 0,
        taxExclusive: 7857,
        tax: 741,
        taxInclusive: 8598,
        prepaid: 0,
        rounding: 2,
        payable: 8600,
      },
    },
  },
  {
    about: 'a public fee that is not subject to VAT',
    document: invoice({
      seller: {
        name: 'Stadt Kassel',
        identifiers: [{ value: '06611000' }],
        address: { city: 'Kassel', country: 'DE' },
      },
      buyer: germanBuyer,
      lines: [
        line({ quantity: '1.5', price: '80.01', taxCategory: 'O', taxRate: undefined, exemptionReason: 'Public fee' }),
      ],
    }),
    figures: {
      // 1.5 x 80.01 = 120.015
      lines: [{ net: 12002, allowances: [], charges: [] }],
      allowances: [],
      charges: [],
      taxBreakdown: [{ taxCategory: 'O', exemptionReason: 'Public fee', taxable: 12002, tax: 0 }],
      totals: {
        lineExtension: 12002,
        allowances: 0,
        charges: 0,
        taxExclusive: 12002,
        tax: 0,
        taxInclusive: 12002,
        prepaid: 0,
        rounding: 0,
        payable: 12002,
      },
    },
  },
];

it.each(cases)('$about', ({ document, figures }) => {
  expect(calculate(document)).toEqual(figures);
  expect(findings(document, figures)).toEqual([]);
});
