import type { Fault } from '../../invoice/failure.ts';

/** Where the page has what the core's document holds; a star stands for a line's index. */
const places: Record<string, string> = {
  dueDate: 'invoice.payment_goal.date_string',
  paymentTerms: 'invoice.payment_goal.name',
  paymentMeans: 'invoice.buyer.payment_mandate',
  'paymentMeans.*.directDebit.debitedAccount': 'invoice.buyer.payment_iban',
  buyer: 'invoice.buyer',
  'buyer.identifiers': 'invoice.buyer.number',
  'buyer.address': 'invoice.buyer.address',
  'buyer.address.street': 'invoice.buyer.address_street',
  'buyer.address.additionalLine': 'invoice.buyer.address_co',
  'buyer.address.city': 'invoice.buyer.address_city',
  'buyer.address.postalCode': 'invoice.buyer.address_zip',
  'buyer.address.subdivision': 'invoice.buyer.address_admin_level1',
  'buyer.address.country': 'invoice.buyer.address_country',
  lines: 'invoice.items',
  'lines.*.unitCode': 'invoice.items.*.unit',
  'lines.*.taxCategory': 'invoice.items.*.tax',
  'lines.*.taxRate': 'invoice.items.*.tax.value',
  'lines.*.priceIncludesTax': 'invoice.items.*.price_is_brutto',
  'lines.*.sellersItemId': 'invoice.items.*.sku',
  'lines.*.standardId': 'invoice.items.*.barcode',
};

/** The place that a fault names, as the page spells it. Names of the caller's own stay as they are. */
export function published(path: Fault['path']): Fault['path'] {
  for (let length = path.length; length > 0; length--) {
    const known = path.slice(0, length);
    const key = known.map((step) => (typeof step === 'number' ? '*' : step)).join('.');
    if (!Object.hasOwn(places, key)) continue;
    const indices = known.filter((step) => typeof step === 'number');
    const place = (places[key] as string).split('.').map((step) => (step === '*' ? (indices.shift() ?? step) : step));
    return [...place, ...path.slice(length)];
  }
  return path;
}
