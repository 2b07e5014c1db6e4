/** The page's flat buyer, with address and bank data in one object, and the core's party. */
import type { Address, InvoiceDocument, Party, PaymentMeans } from '../../invoice/document.ts';
import { countries } from '../../invoice/rules/code-lists.ts';
import type { Buyer } from './create-invoice.ts';

/** UNTDID 4461: SEPA direct debit. */
const sepaDirectDebit = '59';

type Maybe<T> = T | null | undefined;

const filled = (text: Maybe<string>): string | undefined => (text?.trim() ? text : undefined);

const joined = (separator: string, ...parts: Maybe<string>[]): string | undefined =>
  filled(parts.filter(filled).join(separator));

export function toParty(buyer: Buyer): Party {
  const [firstLine, ...lines] = (buyer.address ?? '').split(/[\r\n]+/).filter(filled);
  const known = filled(buyer.name) ?? filled(buyer.payment_owner);
  // Without another name, an address of several lines begins with it.
  const named = known === undefined && firstLine !== undefined;
  const name = known ?? firstLine ?? filled(buyer.number);
  const street =
    joined(' ', buyer.address_street, buyer.address_house_number) ??
    joined(', ', ...(named ? lines : [firstLine, ...lines]));
  const address = addressOf(buyer, street);
  const number = filled(buyer.number);
  return {
    ...(name !== undefined && { name }),
    ...(number !== undefined && { identifiers: [{ value: number }] }),
    ...(Object.keys(address).length > 0 && { address }),
  };
}

function addressOf(buyer: Buyer, street: string | undefined): Address {
  const country = buyer.address_country?.trim().toUpperCase();
  const members: Address = {
    street,
    additionalLine: joined(', ', buyer.address_co, buyer.address_street_level),
    city: filled(buyer.address_city),
    subdivision: filled(buyer.address_admin_level1),
    postalCode: filled(buyer.address_zip),
    country: country !== undefined && countries.has(country) ? country : undefined,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** BG-19: a mandate is there to be used. */
export function toPaymentMeans({ payment_mandate, payment_iban }: Buyer): PaymentMeans[] | undefined {
  const mandateId = filled(payment_mandate);
  const debitedAccount = filled(payment_iban);
  if (mandateId === undefined) return undefined;
  return [{ meansCode: sepaDirectDebit, directDebit: { mandateId, ...(debitedAccount && { debitedAccount }) } }];
}

/** The buyer as far as the core knows it, with every published member. */
export function buyerView({ buyer, paymentMeans }: InvoiceDocument) {
  const { address } = buyer;
  const debit = paymentMeans?.find(({ directDebit }) => directDebit)?.directDebit;
  return {
    name: buyer.name ?? buyer.legalName ?? null,
    address: null,
    address_street: address?.street ?? null,
    address_house_number: null,
    address_street_level: null,
    address_co: address?.additionalLine ?? null,
    address_city: address?.city ?? null,
    address_zip: address?.postalCode ?? null,
    address_admin_level1: address?.subdivision ?? null,
    address_country: address?.country ?? null,
    address_full_country: null,
    address_geo_lat: null,
    address_geo_lng: null,
    address_external_provider_id: null,
    // Whoever gave out an identifier with a scheme, it was not the seller.
    number: buyer.identifiers?.find(({ scheme }) => scheme === undefined)?.value ?? null,
    payment_owner: null,
    payment_institution: null,
    payment_bic: null,
    payment_iban: debit?.debitedAccount ?? null,
    payment_mandate: debit?.mandateId ?? null,
    payment_mandate_sign_date: null,
    payment_mandate_valid_until_date: null,
    accounting_software_number: null,
  };
}
