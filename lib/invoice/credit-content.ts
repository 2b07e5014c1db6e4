/** What a credit note takes back: the whole invoice, some of its lines, or an amount. */

import { minorUnitDigits } from '../money/currency.ts';
import { Decimal } from '../money/decimal.ts';
import { share, sum } from '../money/minor-units.ts';
import { outOfScope } from './calculate.ts';
import { type Credit, closing, creditable, groupsLeft, mustBeCreditable, withoutFacts } from './creditable.ts';
import { creditedLines, type LineSelection } from './credited-lines.ts';
import type { InvoiceDocument, Line, MinorUnits, TaxGroup } from './document.ts';
import type { Invoice } from './model.ts';

export interface CreditRequest {
  lines?: LineSelection[];
  /** With tax, in minor units. */
  amount?: MinorUnits;
}

/** The content of a credit note, after those that there are. Without lines or amount it is all that they left. */
export function creditContent(
  { lines, amount }: CreditRequest,
  invoice: Invoice,
  creditNotes: readonly Invoice[],
): Credit {
  if (lines) return creditedLines(invoice, lines, creditNotes);
  const left = creditable(invoice);
  const given = amount ?? left;
  mustBeCreditable(invoice, given, ['amount']);
  if (given < left) return { document: withAmount(invoice, given, creditNotes) };
  return { document: creditNotes.length > 0 ? remainder(invoice, creditNotes) : withoutFacts(invoice.document) };
}

/** All that is left: of each VAT group its taxable amount, and in BT-114 what earlier rounding left. */
export function remainder(invoice: Invoice, creditNotes: readonly Invoice[]): InvoiceDocument {
  const lines = openGroups(invoice, creditNotes).map(
    (group, index): Line => ({
      ...lineOf(invoice, group, index, group.taxable),
      ...(isFixed(group) && { fixedTax: group.tax }),
    }),
  );
  return closing(invoice, { ...withoutAdjustments(invoice.document), lines });
}

/** An amount, shared out over the VAT groups by what is left of each; the amount with tax is the promise. */
function withAmount(invoice: Invoice, amount: MinorUnits, creditNotes: readonly Invoice[]): InvoiceDocument {
  const groups = openGroups(invoice, creditNotes);
  const parts = share(amount, groups.map(worthOfGroup));
  const lines = groups.map((group, index): Line => {
    const part = parts[index] ?? 0;
    return {
      ...lineOf(invoice, group, index, part),
      priceIncludesTax: true,
      ...(isFixed(group) && { fixedTax: fixedTaxIn(part, group) }),
    };
  });
  return { ...withoutAdjustments(invoice.document), lines };
}

const worthOfGroup = ({ taxable, tax }: TaxGroup): MinorUnits => sum([taxable, tax]);

function fixedTaxIn(part: MinorUnits, group: TaxGroup): MinorUnits {
  const worth = worthOfGroup(group);
  const tax = Decimal.of(part).times(Decimal.of(group.tax));
  return worth === 0 ? 0 : tax.dividedBy(Decimal.of(worth), 0).toMinorUnits(0);
}

/** The VAT groups of which something is left; where only rounding is, it goes with the first. */
function openGroups(invoice: Invoice, creditNotes: readonly Invoice[]): TaxGroup[] {
  const groups = groupsLeft(invoice, creditNotes);
  const open = groups.filter(({ taxable }) => taxable !== 0);
  return open.length > 0 ? open : groups.slice(0, 1);
}

function withoutAdjustments(document: InvoiceDocument): InvoiceDocument {
  const { allowances: _, charges: __, roundingAmount: ___, ...kept } = withoutFacts(document);
  return kept;
}

/** Tax that is not derived from a rate, even when it is none. Category O has no rate either (BR-O-05). */
const isFixed = ({ taxCategory, taxRate, tax }: TaxGroup): boolean =>
  taxRate === undefined && (taxCategory !== outOfScope || tax !== 0);

/** Prices are never negative (BR-27), quantities may be. */
function lineOf(
  { number, id, document }: Invoice,
  { taxable: _, tax: __, ...tax }: TaxGroup,
  index: number,
  amount: MinorUnits,
): Line {
  const digits = minorUnitDigits(document.currency) ?? 0;
  return {
    ...tax,
    id: String(index + 1),
    name: `Credit for ${number ?? id}`,
    quantity: amount < 0 ? '-1' : '1',
    unitCode: 'C62',
    price: Decimal.fromMinorUnits(Math.abs(amount), digits).toString(),
  };
}
