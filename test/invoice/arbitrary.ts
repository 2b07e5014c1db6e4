import fc from 'fast-check';
import type { AllowanceCharge, DocumentAllowanceCharge, InvoiceDocument, Line } from '../../lib/invoice/document.ts';
import { Decimal } from '../../lib/money/decimal.ts';
import { invoice, line } from './documents.ts';

const decimal = (min: number, max: number, scale: number) =>
  fc
    .integer({ min: min * 10 ** scale, max: max * 10 ** scale })
    .map((units) => String(Decimal.fromMinorUnits(units, scale)));

const amount = fc.integer({ min: -100_000, max: 100_000 });
const tax = fc.constantFrom(
  { taxCategory: 'S', taxRate: '19' },
  { taxCategory: 'S', taxRate: '7' },
  { taxCategory: 'S', taxRate: '5.5' },
  { taxCategory: 'Z', taxRate: '0' },
);
const allowanceCharge: fc.Arbitrary<AllowanceCharge> = fc.oneof(
  fc.record({ amount }),
  fc.record({ percentage: decimal(0, 50, 1) }),
  fc.record({ percentage: decimal(0, 50, 1), baseAmount: amount }),
);
const entries = fc.array(allowanceCharge, { maxLength: 2 });

const arbitraryLine: fc.Arbitrary<Line> = fc
  .record({
    tax,
    quantity: decimal(-50, 50, 3),
    price: decimal(0, 500, 4),
    baseQuantity: fc.option(fc.constantFrom('3', '12', '1000'), { nil: undefined }),
    priceIncludesTax: fc.boolean(),
    fixedTax: fc.option(amount, { nil: undefined, freq: 8 }),
    allowances: entries,
    charges: entries,
  })
  .map(({ tax, ...members }) => line({ ...tax, ...members }));

/** Weights that all but cancel out make shares of any size, so what is shared out stands on lines of one sign only. */
const documentEntries = fc.array(
  fc.tuple(allowanceCharge, tax).map(([entry, tax]): DocumentAllowanceCharge => ({ ...entry, ...tax })),
  { maxLength: 2 },
);
const arbitraryMixed = fc.record({
  currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
  lines: fc.array(arbitraryLine, { minLength: 1, maxLength: 8 }),
  allowances: documentEntries,
  charges: documentEntries,
  prepaidAmount: amount,
  roundingAmount: fc.integer({ min: -5, max: 5 }),
});
const arbitraryShared = fc.record({
  currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
  lines: fc.array(
    fc.record({ tax, price: decimal(1, 500, 2) }).map(({ tax, price }) => line({ ...tax, price })),
    { minLength: 1, maxLength: 8 },
  ),
  allowances: fc.array(allowanceCharge, { maxLength: 2 }),
  charges: fc.array(allowanceCharge, { maxLength: 2 }),
});

/** A document with all that figures depend on. */
export const arbitraryDocument: fc.Arbitrary<InvoiceDocument> = fc.oneof(arbitraryMixed, arbitraryShared).map(invoice);

/** The document that takes everything back: quantities and amounts with their signs turned. */
export function mirrored(document: InvoiceDocument): InvoiceDocument {
  const turned = (amount: number | undefined) => amount && 0 - amount;
  const entry = <Entry extends AllowanceCharge>(each: Entry): Entry => ({
    ...each,
    amount: turned(each.amount),
    baseAmount: turned(each.baseAmount),
  });
  return {
    ...document,
    lines: document.lines.map((line) => ({
      ...line,
      quantity: String(Decimal.of(line.quantity).negate()),
      fixedTax: turned(line.fixedTax),
      allowances: line.allowances?.map(entry),
      charges: line.charges?.map(entry),
    })),
    allowances: document.allowances?.map(entry),
    charges: document.charges?.map(entry),
    prepaidAmount: turned(document.prepaidAmount),
    roundingAmount: turned(document.roundingAmount),
  };
}
