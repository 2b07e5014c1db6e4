/** What the ids of a position item stand for. All that is missing is reported together. */
import type { Fault } from '../../invoice/failure.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller, Invoice } from '../../invoice/model.ts';
import type { ReferenceKind, ReferenceOf } from '../../invoice/reference/kinds.ts';
import type { Child, PositionItem } from './position-item.ts';
import { type Customer, extrasOf } from './positions.ts';

export type Unit = ReferenceOf<'units'>;
export type TaxGroup = ReferenceOf<'tax-groups'>;
export type Product = ReferenceOf<'products'>;

type Path = Fault['path'];

export interface References {
  unit(id: string, path: Path): Unit | undefined;
  product(id: string | null | undefined, path: Path): Product | undefined;
  /** The group asked for, or the default of the product, the customer or the tenant. */
  taxGroup(id: string | null, product: Product | undefined, path: Path): TaxGroup | undefined;
  readonly customer: Customer | undefined;
}

/** A buyer may have many identifiers; a customer's is among the first. */
const mostIdentifiers = 20;

/** Reads all that an item and its children refer to. What is not there becomes a fault when it is asked for. */
export async function readReferences(
  caller: Caller,
  { reference }: Invoices,
  item: PositionItem,
  invoice: Invoice,
  faults: Fault[],
): Promise<References> {
  const items: Child[] = [item as Child, ...(item.children ?? [])];
  const idsOf = (member: 'unitId' | 'product' | 'taxGroupId') =>
    items.map((one) => one[member]).filter((id) => typeof id === 'string');
  const buyerIds = (invoice.document.buyer.identifiers ?? []).slice(0, mostIdentifiers).map(({ value }) => value ?? '');
  const [units, products, customers] = await Promise.all([
    reference.findMany(caller, 'units', idsOf('unitId')),
    reference.findMany(caller, 'products', idsOf('product')),
    reference.findMany(caller, 'customers', buyerIds),
  ]);
  const [customer] = customers.values();
  const defaults = [...products.values(), customer].flatMap((entry) => entry?.defaultTaxGroupId ?? []);
  const taxGroups = await reference.findMany(caller, 'tax-groups', [...idsOf('taxGroupId'), ...defaults]);
  const asksForDefault = items.some(({ taxGroupId }) => taxGroupId === null);
  const tenantDefault = asksForDefault ? await defaultTaxGroup(caller, reference) : undefined;

  /** An entry that may be used for something new. */
  function usable<K extends ReferenceKind>(
    what: string,
    entries: ReadonlyMap<string | number, ReferenceOf<K>>,
    id: string,
    path: Path,
  ): ReferenceOf<K> | undefined {
    const entry = entries.get(id.toLowerCase());
    if (entry && !entry.archived) return entry;
    const state = entry ? 'is archived' : 'does not exist';
    faults.push({
      in: 'body',
      path,
      code: 'unknown_reference',
      message: `The ${what} "${id}" ${state}. Use another one.`,
    });
    return undefined;
  }

  return {
    customer: customer ? toCustomer(customer) : extrasOf(invoice).customer,
    unit: (id, path) => usable('unit', units, id, path),
    product: (id, path) => (typeof id === 'string' ? usable('product', products, id, path) : undefined),
    taxGroup(id, product, path) {
      if (id !== null) return usable('tax group', taxGroups, id, path);
      const own = [product?.defaultTaxGroupId, customer?.defaultTaxGroupId]
        .map((group) => taxGroups.get(group ?? ''))
        .find((group) => group && !group.archived);
      if (own ?? tenantDefault) return own ?? tenantDefault;
      faults.push({ in: 'body', path, code: 'required', message: 'There is no default tax group; name one.' });
      return undefined;
    },
  };
}

async function defaultTaxGroup(caller: Caller, reference: Invoices['reference']): Promise<TaxGroup | undefined> {
  let cursor: string | undefined;
  do {
    const page = await reference.list(caller, 'tax-groups', { limit: 100, archived: false, ...(cursor && { cursor }) });
    const found = page.entries.find(({ isDefault }) => isDefault);
    if (found) return found;
    cursor = page.nextCursor;
  } while (cursor);
  return undefined;
}

function toCustomer(entry: ReferenceOf<'customers'>): Customer {
  const { id, customerNumber, firstName, lastName, companyName, currencyCode, timeZone, datevId, status } = entry;
  return { id, customerNumber, firstName, lastName, companyName, currencyCode, timeZone, datevId, status };
}
