import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CreditRequest, creditContent } from '../../lib/invoice/credit-content.ts';
import { creditable, worthOf } from '../../lib/invoice/creditable.ts';
import type { InvoiceDocument, TaxGroup } from '../../lib/invoice/document.ts';
import { InvoiceError } from '../../lib/invoice/failure.ts';
import type { Invoice } from '../../lib/invoice/model.ts';
import { Decimal } from '../../lib/money/decimal.ts';
import { sum } from '../../lib/money/minor-units.ts';
import { invoiceOf } from '../support/fixtures.ts';
import { arbitraryDocument } from './arbitrary.ts';
import { invoice, line } from './documents.ts';

interface Life {
  invoice: Invoice;
  notes: Invoice[];
}

const begun = (document: InvoiceDocument): Life => ({ invoice: invoiceOf(document), notes: [] });

/** The next credit note, and the invoice as it leaves it. */
function credited({ invoice, notes }: Life, request: CreditRequest): Life {
  const { document, lines } = creditContent(request, invoice, notes);
  const note = invoiceOf(document);
  const amount = worthOf(note.figures);
  const link = { id: String(notes.length), kind: 'credit', amount, ...(lines && { lines }) } as const;
  const corrections = [...(invoice.facts.corrections ?? []), link];
  return {
    invoice: { ...invoice, credited: invoice.credited + amount, facts: { corrections } },
    notes: [...notes, note],
  };
}

const creditedAll = (document: InvoiceDocument, ...requests: CreditRequest[]): Life =>
  requests.reduce(credited, begun(document));

const refusal = (step: () => unknown): InvoiceError['failure'] => {
  try {
    step();
  } catch (error) {
    if (error instanceof InvoiceError) return error.failure;
    throw error;
  }
  throw new Error('It was not refused.');
};

const last = ({ notes }: Life): Invoice => notes.at(-1) as Invoice;

/** Of each VAT group what the credit notes took. */
const takenOf = ({ notes }: Life, { taxCategory, taxRate }: { taxCategory: string; taxRate?: string }) =>
  notes
    .flatMap(({ figures }) => figures.taxBreakdown)
    .filter((group) => group.taxCategory === taxCategory && group.taxRate === taxRate);

const twoRates = invoice({
  lines: [
    line({ id: '1', quantity: '2', price: '100', taxRate: '19' }),
    line({ id: '2', quantity: '1', price: '100', taxRate: '7' }),
  ],
});

describe('credit by lines', () => {
  it('takes no more of a line than is left of it', () => {
    const life = creditedAll(twoRates, { lines: [{ id: '1', quantity: '1.5' }] });
    expect(refusal(() => credited(life, { lines: [{ id: '1', quantity: '1' }] }))).toMatchObject({
      kind: 'invalid',
      faults: [{ path: ['lines', 0, 'quantity'], message: expect.stringContaining('at most 0.5') }],
    });
    // Without a quantity it is what is left.
    const rest = credited(life, { lines: [{ id: '1' }] });
    expect(last(rest).document.lines).toMatchObject([{ id: '1', quantity: '0.5' }]);
    expect(refusal(() => credited(rest, { lines: [{ id: '1' }] }))).toMatchObject({ kind: 'invalid' });
  });

  it('counts a line that is named twice once', () => {
    const lines = [{ id: '1', quantity: '1.5' }, { id: '1' }, { id: '1' }];
    expect(refusal(() => creditedAll(twoRates, { lines }))).toMatchObject({
      faults: [{ path: ['lines', 2, 'quantity'] }],
    });
    expect(last(creditedAll(twoRates, { lines: lines.slice(0, 2) })).document.lines).toMatchObject([{ quantity: '2' }]);
  });

  it('does not choose among lines of one id', () => {
    const twins = invoice({ lines: [line({ id: '1' }), line({ id: '1' })] });
    expect(refusal(() => creditedAll(twins, { lines: [{ id: '1' }] }))).toMatchObject({
      faults: [{ path: ['lines', 0, 'id'], message: expect.stringContaining('Several lines') }],
    });
  });

  it('takes everything back piece by piece; rounding goes with the last', () => {
    const ten = invoice({ lines: [line({ id: '1', quantity: '10', price: '0.99', taxRate: '19' })] });
    const pieces = Array.from({ length: 10 }, () => ({ lines: [{ id: '1', quantity: '1' }] }));
    const life = creditedAll(ten, ...pieces);
    expect(life.notes.map(({ figures }) => figures.totals.payable)).toEqual([...Array(9).fill(118), 116]);
    expect(last(life).figures.totals).toMatchObject({ taxInclusive: 118, rounding: -2 });
    expect(creditable(life.invoice)).toBe(0);
  });

  it('takes an allowance back with the lines that it stood on', () => {
    const document = { ...twoRates, allowances: [{ amount: 1_000, taxCategory: 'S', taxRate: '19' }] };
    const other = last(creditedAll(document, { lines: [{ id: '2' }] }));
    expect(other.figures.taxBreakdown).toMatchObject([{ taxRate: '7', taxable: 10_000 }]);
    const half = last(creditedAll(document, { lines: [{ id: '1', quantity: '1' }] }));
    expect(half.figures.taxBreakdown).toMatchObject([{ taxRate: '19', taxable: 9_500 }]);
  });

  it('takes no VAT back that an amount took before', () => {
    const life = creditedAll(twoRates, { amount: 1_000 });
    expect(refusal(() => credited(life, { lines: [{ id: '1' }] }))).toMatchObject({ kind: 'exceeds-open' });
    expect(creditable(credited(life, { lines: [{ id: '1', quantity: '1' }] }).invoice)).toBe(34_500 - 1_000 - 11_900);
  });
});

describe('credit of what is left', () => {
  it('takes of each VAT group what earlier credit notes left', () => {
    const life = creditedAll(twoRates, { lines: [{ id: '1' }] }, {});
    expect(last(life).figures.taxBreakdown).toMatchObject([{ taxRate: '7', taxable: 10_000, tax: 700 }]);
    expect(creditable(life.invoice)).toBe(0);
  });

  it('writes what is negative as a quantity, for no price may be (BR-27)', () => {
    const voucher = line({ id: '2', quantity: '-1', price: '10', taxCategory: 'Z', taxRate: '0' });
    const life = creditedAll({ ...twoRates, lines: [line({ id: '1', price: '100' }), voucher] }, { amount: 1_000 }, {});
    for (const { document } of life.notes) {
      expect(document.lines.map(({ quantity }) => quantity)).toEqual(['1', '-1']);
      expect(document.lines.some(({ price }) => price.startsWith('-'))).toBe(false);
    }
  });

  it('shares tax that the caller fixed as it was', () => {
    const fixed = invoice({ lines: [line({ id: '1', price: '100', fixedTax: 1_234 })] });
    const life = creditedAll(fixed, { amount: 5_617 }, {});
    expect(life.notes.map(({ figures }) => figures.totals.tax)).toEqual([617, 617]);
  });

  it('leaves a line that charges alone make worth something to the last credit', () => {
    const charged = line({ id: '2', quantity: '0', price: '0', charges: [{ amount: 500 }] });
    const content = { lines: [line({ id: '1', price: '100' }), charged], charges: [{ amount: 1_000 }] };
    const life = creditedAll(invoice(content), { lines: [{ id: '1' }] });
    expect(creditable(life.invoice)).toBeGreaterThan(0);
    expect(last(life).document.roundingAmount).toBeUndefined();
    expect(creditable(credited(life, {}).invoice)).toBe(0);
  });

  it('keeps lines whose tax the caller fixed at nothing apart from those of a rate', () => {
    const free = line({ id: '1', price: '50', fixedTax: 0 });
    const life = creditedAll(invoice({ lines: [free, line({ id: '2', price: '100' })] }), { amount: 100 }, {});
    const [fixed] = life.invoice.figures.taxBreakdown;
    expect(fixed).toMatchObject({ taxable: 5_000, tax: 0 });
    expect(sum(takenOf(life, fixed as TaxGroup).map(({ taxable }) => taxable))).toBe(5_000);
  });

  it('gives back what was paid before the invoice was issued', () => {
    const life = creditedAll({ ...twoRates, prepaidAmount: 34_500 }, { amount: 500 }, {});
    expect(life.invoice.credited).toBe(34_500);
  });
});

const requests = fc.array(
  fc.oneof(
    fc.record({ share: fc.integer({ min: 1, max: 100 }) }),
    fc.record({
      lines: fc.array(fc.tuple(fc.nat(7), fc.integer({ min: 1, max: 100 })), { minLength: 1, maxLength: 4 }),
    }),
  ),
  { maxLength: 6 },
);

/** Hundredth parts of what the invoice has, as a request. */
function requestOf({ invoice }: Life, asked: { share: number } | { lines: [number, number][] }): CreditRequest {
  if ('share' in asked) return { amount: Math.ceil((worthOf(invoice.figures) * asked.share) / 100) };
  const { lines } = invoice.document;
  const chosen = asked.lines.map(([place, part]) => {
    const { id, quantity } = lines[place % lines.length] as (typeof lines)[number];
    return { id, quantity: String(Decimal.of(quantity).times(Decimal.of(part).times(Decimal.of('0.01')))) };
  });
  return { lines: chosen };
}

it('never exceeds the invoice, and comes to exactly the invoice in the end', () => {
  let ended = 0;
  fc.assert(
    fc.property(arbitraryDocument, requests, (content, asked) => {
      const lines = content.lines.map((each, index) => ({ ...each, id: String(index + 1) }));
      let life = begun({ ...content, lines });
      const worth = worthOf(life.invoice.figures);
      for (const one of asked) {
        try {
          life = credited(life, requestOf(life, one));
        } catch (error) {
          if (!(error instanceof InvoiceError)) throw error;
        }
        expect(life.invoice.credited).toBeLessThanOrEqual(Math.max(worth, 0));
      }
      if (creditable(life.invoice) <= 0 || life.notes.length === 0) return;
      ended += 1;
      life = credited(life, {});
      expect(life.invoice.credited).toBe(worth);
      for (const group of life.invoice.figures.taxBreakdown) {
        expect(sum(takenOf(life, group).map(({ taxable }) => taxable))).toBe(group.taxable);
        const tax = sum(takenOf(life, group).map((each) => each.tax));
        if (group.taxRate !== undefined) expect(Math.abs(tax - group.tax)).toBeLessThanOrEqual(life.notes.length);
      }
    }),
    { numRuns: 500 },
  );
  expect(ended).toBeGreaterThan(50);
});
