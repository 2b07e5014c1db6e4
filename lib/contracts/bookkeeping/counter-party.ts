/** The counterparty of an invoice: an entry of the reference data, copied when the invoice is written. */
import { canonicalJson } from '../../invoice/canonical-json.ts';
import type { Party } from '../../invoice/document.ts';
import type { ReferenceOf } from '../../invoice/reference/kinds.ts';
import type { InvoiceResource } from './invoice-resource.ts';

type Counterparty = ReferenceOf<'counterparties'>;

/** The copy: what it says of itself, without what is only the entry's. */
export type CounterPartyCopy = Omit<Counterparty, 'version' | 'archived' | 'createdAt' | 'updatedAt'>;

export function copyOf({ version, archived, createdAt, updatedAt, ...copy }: Counterparty): CounterPartyCopy {
  return copy;
}

/** BG-7. */
export function toBuyer({ accountName, accountNumber, email, phone, address }: CounterPartyCopy): Party {
  const { line1, line2, city, state, postalCode, cca2 } = address ?? {};
  const place = present({
    street: line1,
    additionalLine: line2,
    city,
    subdivision: state,
    postalCode,
    country: cca2,
  });
  const contact = present({ phone, email });
  return present({
    identifiers: accountNumber === undefined ? undefined : [{ value: accountNumber }],
    name: accountName,
    address: place,
    contact,
  }) as Party;
}

/** `undefined` when there is nothing in it. */
function present<T extends object>(members: T): T | undefined {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as T) : undefined;
}

/** The counterparty as page 004 shows it, if it is still the buyer: another contract may have named another one. */
export function shownCounterParty(copy: CounterPartyCopy | undefined, buyer: Party): InvoiceResource['counterParty'] {
  if (!copy || canonicalJson(toBuyer(copy)) !== canonicalJson(buyer)) return null;
  const { id, accountName, accountNumber, email, phone, type, otherEmails, address } = copy;
  return {
    _id: id,
    accountName,
    accountNumber: accountNumber ?? null,
    email: email ?? null,
    phone: phone ?? null,
    type: type ?? null,
    otherEmails: otherEmails ?? null,
    address: address
      ? {
          city: address.city ?? null,
          country: address.country ?? null,
          state: address.state ?? null,
          cca2: address.cca2 ?? null,
          line1: address.line1 ?? null,
          line2: address.line2 ?? null,
          postalCode: address.postalCode ?? null,
        }
      : null,
  };
}
