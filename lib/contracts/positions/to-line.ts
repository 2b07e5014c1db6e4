/** A position item as a line of the document. Prices are exact; only a converted one is rounded. */

import type { CalendarDate, DecimalText, Line, MinorUnits } from '../../invoice/document.ts';
import type { Conversion, ConversionRefusal } from '../../invoice/exchange-rates.ts';
import type { Fault } from '../../invoice/failure.ts';
import type { Tenant } from '../../invoice/model.ts';
import { minorUnitDigits } from '../../money/currency.ts';
import { Decimal } from '../../money/decimal.ts';
import { dayIn } from '../fields.ts';
import type { Child, PositionItem } from './position-item.ts';
import { type Rate, sealOf, type Terms } from './positions.ts';
import type { Product, References, TaxGroup } from './references.ts';

type Path = Fault['path'];
type Item = PositionItem | Child;

/** What a line is made with. */
export interface Setting {
  readonly company: Tenant;
  /** The invoice's. */
  readonly currency: string;
  readonly references: References;
  convert(amount: Decimal, from: string, decimals: number): Promise<Conversion | ConversionRefusal>;
  /** The id of the group that an item asks for. */
  groupOf(item: Item, path: Path): string | undefined;
  readonly faults: Fault[];
}

/** Decimals of a converted unit price; so many that the cents of its line are right. */
const priceDecimals = 10;
const hundredth = Decimal.of('0.01');

/** The line that an item makes of what stood in its place, and the terms of it; `undefined` when something is wrong. */
export async function toLine(
  item: Item,
  before: Partial<Line> & Pick<Line, 'id'>,
  setting: Setting,
  path: Path = [],
): Promise<{ line: Line; terms: Terms } | undefined> {
  const { references, faults, company, currency } = setting;
  const count = faults.length;
  const unit = references.unit(item.unitId, [...path, 'unitId']);
  const product = references.product(item.product, [...path, 'product']);
  const taxGroup = references.taxGroup(item.taxGroupId, product, [...path, 'taxGroupId']);
  const group = setting.groupOf(item, [...path, 'group']);
  const period = periodOf(item, company.timeZone, path, faults);
  const price = await priceOf(item, setting, path);
  const net = price && netOf(price.full, item.quantity, currency, path, faults);
  if (faults.length > count || !unit || !taxGroup || !price || net === undefined) return undefined;

  const line: Line = {
    ...carriedOver(before),
    name: item.name,
    ...(item.description != null && { description: item.description }),
    ...signed(price.net, item.quantity),
    unitCode: unit.code,
    ...taxOf(taxGroup),
    ...(period && { period }),
  };
  const terms: Terms = {
    ...termsOf(item, product),
    seal: sealOf(line),
    currency: item.currencyCode ?? currency,
    net,
    unit: { id: unit.id, name: unit.name },
    taxGroup: { id: taxGroup.id, name: taxGroup.name },
    ...(price.rates && { rates: price.rates }),
    ...(group !== undefined && { group }),
  };
  return { line, terms };
}

/** What an item says nothing of stays; what its price replaces goes. */
function carriedOver(before: Partial<Line> & Pick<Line, 'id'>) {
  const { id, note, orderLineReference, accountingCost, originCountry } = before;
  const { standardId, sellersItemId, buyersItemId, classifications, attributes } = before;
  const members = { id, note, orderLineReference, accountingCost, originCountry, standardId, sellersItemId };
  const all = Object.entries({ ...members, buyersItemId, classifications, attributes });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as Pick<Line, 'id'>;
}

const termsOf = (item: Item, product: Product | undefined) => ({
  quantity: item.quantity,
  unitPrice: item.unitPrice,
  ...(item.discountAmount != null && item.discountAmount !== '0' && { discountAmount: item.discountAmount }),
  ...(item.discountPercentage != null && { discountPercentage: item.discountPercentage }),
  ...(item.unitPriceInterval != null && { unitPriceInterval: item.unitPriceInterval }),
  ...(item.subscriptionItem != null && { subscriptionItem: item.subscriptionItem }),
  ...(product && { product: { id: product.id, name: product.name } }),
});

/** EN 16931 knows no negative price (BR-27): the quantity is negative instead, which comes to the same. */
function signed(price: Decimal, quantity: DecimalText): Pick<Line, 'price' | 'quantity'> {
  if (!price.isNegative) return { price: price.toString(), quantity };
  return { price: price.negate().toString(), quantity: Decimal.of(quantity).negate().toString() };
}

function taxOf({ category, percent, exemptionReason, exemptionReasonCode }: TaxGroup) {
  return {
    taxCategory: category,
    // Services outside the scope of VAT have no rate (BR-O-05).
    ...(category !== 'O' && { taxRate: Decimal.of(percent).toString() }),
    ...(exemptionReason !== undefined && { exemptionReason }),
    ...(exemptionReasonCode !== undefined && { exemptionReasonCode }),
  };
}

function periodOf({ serviceDateFrom, serviceDateTo }: Item, timeZone: string, path: Path, faults: Fault[]) {
  const startDate = serviceDateFrom ? dayIn(timeZone, serviceDateFrom) : undefined;
  const endDate = serviceDateTo ? dayIn(timeZone, serviceDateTo) : undefined;
  if (startDate !== undefined && endDate !== undefined && endDate < startDate) {
    const message = 'The service ends before it begins; exchange or correct its days.';
    faults.push({ in: 'body', path: [...path, 'serviceDateTo'], code: 'out_of_range', message });
  }
  if (startDate === undefined && endDate === undefined) return undefined;
  return { ...(startDate !== undefined && { startDate }), ...(endDate !== undefined && { endDate }) };
}

/** The unit price in the invoice's currency, before and after the discount. */
async function priceOf(
  { unitPrice, discountAmount, discountPercentage, currencyCode }: Item,
  { currency, convert, faults }: Setting,
  path: Path,
): Promise<{ full: Decimal; net: Decimal; rates?: Rate[] } | undefined> {
  const full = Decimal.of(unitPrice);
  const discount = discountPercentage
    ? full.times(Decimal.of(discountPercentage)).times(hundredth)
    : Decimal.of(discountAmount ?? 0);
  const net = full.minus(discount);
  const from = currencyCode ?? currency;
  if (from === currency) return { full, net };
  const [converted, reduced] = await Promise.all([
    convert(full, from, priceDecimals),
    convert(net, from, priceDecimals),
  ]);
  if ('refused' in converted || 'refused' in reduced) {
    const refusal = 'refused' in converted ? converted : (reduced as ConversionRefusal);
    const message = refusalText(refusal, from, currency);
    faults.push({ in: 'body', path: [...path, 'currencyCode'], code: 'no_exchange_rate', message });
    return undefined;
  }
  return { full: converted.amount, net: reduced.amount, rates: ratesOf(converted) };
}

function refusalText(refusal: ConversionRefusal, from: string, to: string): string {
  const way = `Send the price in ${to}.`;
  switch (refusal.refused) {
    case 'no-rates':
      return `There are no exchange rates for ${refusal.on}. ${way}`;
    case 'rates-too-old':
      return `The exchange rates for ${refusal.on} are ${refusal.age} days old, too old to convert ${from}. ${way}`;
    case 'no-rate-for-currency':
      return `There is no exchange rate for ${refusal.currency} on ${refusal.on}. ${way}`;
  }
}

const ratesOf = ({ rates, date, source }: Conversion): Rate[] =>
  Object.entries(rates)
    .filter(([currency]) => currency !== 'EUR')
    .map(([currency, rate]) => ({ currency, rate, date: date as CalendarDate, source: source as string }));

/** What the line would come to without the discount. */
function netOf(
  price: Decimal,
  quantity: DecimalText,
  currency: string,
  path: Path,
  faults: Fault[],
): MinorUnits | undefined {
  try {
    return price.times(Decimal.of(quantity)).toMinorUnits(minorUnitDigits(currency) ?? 0);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = 'Price and quantity come to more than can be represented exactly; use smaller figures.';
    faults.push({ in: 'body', path: [...path, 'unitPrice'], code: 'out_of_range', message });
    return undefined;
  }
}
