/** Whatever the core can calculate is shown with the same totals, and its parts add up to them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InvoiceAnswer } from '../../../lib/contracts/bookkeeping/invoice-resource.ts';
import type { InvoiceDocument } from '../../../lib/invoice/document.ts';
import { hexOf } from '../../../lib/invoice/identity.ts';
import type { Invoice } from '../../../lib/invoice/model.ts';
import { minorUnitDigits } from '../../../lib/money/currency.ts';
import { Decimal } from '../../../lib/money/decimal.ts';
import { arbitraryDocument, mirrored } from '../../invoice/arbitrary.ts';
import { caller } from '../../support/fixtures.ts';
import { data, newClient } from './client.ts';

/** An invoice that another contract made, as the core has it and as it is shown. */
async function shownOf(document: InvoiceDocument) {
  const { invoices, find, memory } = newClient();
  const render = ({ id }: Invoice) => ({ status: 200, headers: {}, body: id });
  const { body: id } = await invoices.create({ ...caller, contract: 'other' }, { document }, { render });
  const found = await find(hexOf(id));
  InvoiceAnswer.parse(JSON.parse(found.body));
  return { invoice: [...memory.invoices.values()][0] as Invoice, shown: data(found) };
}

const minor = (amount: number, { document }: Invoice) =>
  Decimal.of(amount).toMinorUnits(minorUnitDigits(document.currency) ?? 0);

it('adds up, whoever made the invoice', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryDocument, async (document) => {
      const { invoice, shown } = await shownOf(document);
      const { totals } = invoice.figures;
      const { subTotal, discount, tax, grandTotal } = shown.calculated;
      const [sub, off, vat, grand] = [subTotal, discount, tax, grandTotal].map((each) => minor(each, invoice));
      expect([grand, vat, minor(shown.amount, invoice)]).toEqual([totals.taxInclusive, totals.tax, totals.payable]);
      expect((sub ?? 0) - (off ?? 0) + (vat ?? 0)).toBe(grand);
    }),
    { numRuns: 300 },
  );
});

it('shows lines that come to their net', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryDocument, async (document) => {
      const { invoice, shown } = await shownOf(document);
      for (const [index, { quantity, unitPrice, discount }] of shown.lineItems.entries()) {
        if (quantity === 0) continue;
        const base = minorOf(Decimal.of(quantity).times(Decimal.of(unitPrice)), invoice);
        const off =
          discount.type === 'FIXED'
            ? minor(discount.value, invoice)
            : Decimal.of(base).times(Decimal.of(discount.value)).dividedBy(Decimal.of(100), 0).toMinorUnits(0);
        const { net } = invoice.figures.lines[index] as Invoice['figures']['lines'][number];
        expect(base - off).toBe(net);
      }
    }),
    { numRuns: 300 },
  );
});

const minorOf = (amount: Decimal, { document }: Invoice) =>
  amount.toMinorUnits(minorUnitDigits(document.currency) ?? 0);

it('shows what takes an invoice back as its mirror', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryDocument, async (document) => {
      const { shown: credit } = await shownOf({ ...document, typeCode: '381' });
      const { shown: mirror } = await shownOf(mirrored(document));
      expect({ ...credit.calculated, amount: credit.amount }).toEqual({ ...mirror.calculated, amount: mirror.amount });
    }),
    { numRuns: 100 },
  );
});
