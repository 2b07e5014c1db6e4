/** The page's items: the lines of an invoice, and whatever else its totals are made of. */

import type { DocumentAllowanceCharge, InvoiceDocument, Line, MinorUnits } from '../../invoice/document.ts';
import type { Invoice } from '../../invoice/model.ts';
import { isUnitCode } from '../../invoice/rules/unit-codes.ts';
import { minorUnitDigits } from '../../money/currency.ts';
import { Decimal } from '../../money/decimal.ts';
import type { Item } from './create-invoice.ts';
import { beyond, type Json } from './extras.ts';
import type { ItemAnswer } from './invoice-answer.ts';
import type { Value, Values } from './values.ts';

/** UN/ECE Recommendation 20: one, of whatever it is. */
const one = 'C62';
/** ISO 6523: GTIN. */
const gtin = '0160';
const hundred = Decimal.of(100);
/** What a price for many has when it is told for one: more than anybody prices with. */
const priceDecimals = 10;

export function toLine(item: Item, index: number): Line {
  const { name, unit, quantity, price, description, sku, barcode, tax } = item;
  const taxRate = tax?.value == null ? undefined : Decimal.of(tax.value).times(hundred).toString();
  return {
    id: String(index + 1),
    name,
    quantity,
    unitCode: isUnitCode(unit) ? unit : one,
    price,
    // Nothing says that tax is due.
    taxCategory: taxRate !== undefined && taxRate !== '0' ? 'S' : 'Z',
    ...(taxRate !== undefined && { taxRate }),
    ...(item.price_is_brutto && { priceIncludesTax: true }),
    ...(description != null && { description }),
    ...(sku != null && { sellersItemId: sku }),
    ...(barcode != null && isGtin(barcode) && { standardId: { scheme: gtin, value: barcode } }),
  };
}

/** GTIN-8 to GTIN-14: the digits from the right, weighted 1 and 3 in turn, add up to a multiple of ten. */
function isGtin(text: string): boolean {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) return false;
  const total = [...text].reverse().reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
  return total % 10 === 0;
}

/** What the core's line does not tell of an item. */
export function itemBeyond(item: Item, line: Line): Json {
  const { description, sku, barcode, item_type, tax, accounting_software_number, unit } = item;
  return beyond({ unit, description, sku, barcode, item_type, tax, accounting_software_number }, toldBy(line));
}

const toldBy = (line: Line) => ({
  unit: line.unitCode ?? null,
  description: line.description ?? null,
  sku: line.sellersItemId ?? null,
  barcode: line.standardId?.value ?? null,
  item_type: null,
  tax: taxView(line),
  accounting_software_number: null,
});

const taxView = ({ taxRate, fixedTax }: Pick<Line, 'fixedTax'> & { taxRate?: string }) =>
  taxRate === undefined || fixedTax !== undefined
    ? null
    : { name: `${taxRate} %`, value: Number(Decimal.of(taxRate).dividedBy(hundred, 30).toString()) };

/** Every item, such that they add up to the invoice. Allowances, charges and rounding of the document are items too. */
export function toItems({ document }: Invoice, values: Values, kept: Json[] = []): ItemAnswer[] {
  const { allowances = [], charges = [], currency } = document;
  const extra = (name: string, value: Value | undefined, tax: ItemAnswer['tax']) =>
    value ? [extraItem(name, shownValue(value, currency), tax)] : [];
  const entry = (name: string, given: DocumentAllowanceCharge, value: Value | undefined) =>
    given.taxCategory ? extra(given.reason ?? name, value, taxView(given)) : [];
  return [
    ...document.lines.map((line, index) => ({
      ...lineItem(line),
      ...shownValue(values.lines[index] ?? nothing, currency),
      ...kept[index],
    })),
    ...allowances.flatMap((given, index) => entry('Allowance', given, values.allowances[index])),
    ...charges.flatMap((given, index) => entry('Charge', given, values.charges[index])),
    ...extra(sharedReasons(document), values.shared, null),
    ...extra('Rounding', values.rounding, null),
  ];
}

const nothing: Value = { net: 0, tax: 0, gross: 0 };

function lineItem(line: Line) {
  const { name, quantity, price, baseQuantity } = line;
  const each =
    baseQuantity === undefined ? price : Decimal.of(price).dividedBy(Decimal.of(baseQuantity), priceDecimals);
  const { unit, description, sku, barcode, item_type, tax, accounting_software_number } = toldBy(line);
  return {
    name,
    unit,
    quantity: Number(quantity),
    price: Number(String(each)),
    price_is_brutto: line.priceIncludesTax ?? false,
    description,
    sku,
    barcode,
    item_type,
    netto_value: 0,
    brutto_value: 0,
    tax_value: 0,
    tax,
    accounting_software_number,
  };
}

/** What is no line: one of it, at what it comes to. */
const extraItem = (name: string, value: ReturnType<typeof shownValue>, tax: ItemAnswer['tax']): ItemAnswer => ({
  ...lineItem({ id: '', name, quantity: '1', unitCode: one, price: '0', taxCategory: '' }),
  price: value.netto_value,
  ...value,
  tax,
});

/** Allowances and charges that are shared out over all lines are one item, because their taxes are not known apart. */
function sharedReasons({ allowances = [], charges = [] }: InvoiceDocument): string {
  const reasons = [...allowances, ...charges].flatMap(({ taxCategory, reason }) => (taxCategory ? [] : (reason ?? [])));
  return reasons.join(', ') || 'Allowances and charges';
}

/** Amounts as the page tells them: numbers in the currency's major unit. */
export function shownValue({ net, tax, gross }: Value, currency: string) {
  const shown = (amount: MinorUnits) =>
    Number(Decimal.fromMinorUnits(amount, minorUnitDigits(currency) ?? 0).toString());
  return { netto_value: shown(net), brutto_value: shown(gross), tax_value: shown(tax) };
}
