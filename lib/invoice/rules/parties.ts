import type { Address, InvoiceDocument, Party } from '../document.ts';
import type { Fault } from '../failure.ts';
import { countries } from './code-lists.ts';
import { broken, type Candidate, filled, given, type Rule } from './rule.ts';

/** The ids and terms under which seller and buyer are ruled alike. */
interface Terms {
  role: string;
  name: [rule: string, term: string];
  address: [rule: string, term: string];
  country: [rule: string, term: string];
  endpoint: [rule: string, term: string];
  vatNumber: string;
}

const partyRules = ({ role, name, address, country, endpoint, vatNumber }: Terms): readonly Rule<Party>[] => [
  {
    id: name[0],
    term: name[1],
    path: ['name'],
    message: `The ${role}'s name is missing.`,
    holds: (party) => given(party.name) || given(party.legalName),
  },
  {
    id: address[0],
    term: address[1],
    path: ['address'],
    message: `The ${role}'s postal address is missing.`,
    holds: (party) => filled(party.address),
  },
  {
    id: country[0],
    term: country[1],
    path: ['address', 'country'],
    message: `The country of the ${role}'s address is missing; give its ISO 3166-1 code, such as DE.`,
    holds: (party) => !filled(party.address) || given(party.address?.country),
  },
  {
    ...knownCountry(country[1], ['address', 'country']),
    holds: (party) => isCountry(party.address?.country),
  },
  {
    id: endpoint[0],
    term: endpoint[1],
    path: ['endpointId', 'scheme'],
    message: `The ${role}'s electronic address needs the scheme that it belongs to, such as 0088 or EM.`,
    holds: ({ endpointId }) => !given(endpointId?.value) || given(endpointId.scheme),
  },
  {
    id: 'BR-CO-09',
    term: vatNumber,
    path: ['vatNumber'],
    code: 'unknown_code',
    message: 'A VAT identifier begins with the ISO 3166-1 code of the country that gave it (EL for Greece).',
    holds: (party) => !given(party.vatNumber) || isVatPrefix(party.vatNumber.slice(0, 2)),
  },
];

const sellerRules: readonly Rule<Party>[] = [
  ...partyRules({
    role: 'seller',
    name: ['BR-06', 'BT-27'],
    address: ['BR-08', 'BG-5'],
    country: ['BR-09', 'BT-40'],
    endpoint: ['BR-62', 'BT-34'],
    vatNumber: 'BT-31',
  }),
  {
    id: 'BR-CO-26',
    term: 'BT-31',
    path: ['vatNumber'],
    message: 'Nothing identifies the seller; give its VAT identifier, legal registration or another identifier.',
    holds: ({ vatNumber, companyId, identifiers }) =>
      given(vatNumber) || given(companyId?.value) || (identifiers ?? []).some(({ value }) => given(value)),
  },
];

const buyerRules = partyRules({
  role: 'buyer',
  name: ['BR-07', 'BT-44'],
  address: ['BR-10', 'BG-8'],
  country: ['BR-11', 'BT-55'],
  endpoint: ['BR-63', 'BT-49'],
  vatNumber: 'BT-48',
});

const payeeRules: readonly Rule<NonNullable<InvoiceDocument['payee']>>[] = [
  {
    id: 'BR-17',
    term: 'BT-59',
    path: ['name'],
    message: 'A payee other than the seller needs its name; give it or leave the payee out.',
    holds: (payee) => !filled(payee) || given(payee.name),
  },
];

const deliveryAddressRules: readonly Rule<Address>[] = [
  {
    id: 'BR-57',
    term: 'BT-80',
    path: ['country'],
    message: 'The country of the delivery address is missing; give its ISO 3166-1 code, such as DE.',
    holds: (address) => !filled(address) || given(address.country),
  },
  { ...knownCountry('BT-80', ['country']), holds: ({ country }) => isCountry(country) },
];

/** Who sells, buys, is paid and receives. */
export function partyFaults(candidate: Candidate): Fault[] {
  const { seller = {}, buyer, payee = {}, delivery } = candidate.document;
  return [
    ...broken(sellerRules, seller, ['seller'], candidate),
    ...broken(buyerRules, buyer, ['buyer'], candidate),
    ...broken(payeeRules, payee, ['payee'], candidate),
    ...broken(deliveryAddressRules, delivery?.address ?? {}, ['delivery', 'address'], candidate),
  ];
}

function knownCountry(term: string, path: string[]) {
  return {
    id: 'BR-CL-14',
    term,
    path,
    code: 'unknown_code',
    message: 'This is no country of ISO 3166-1; use its two-letter code, such as DE.',
  };
}

/** A country that is absent is another rule's affair. */
function isCountry(code: string | undefined): boolean {
  return !given(code) || countries.has(code);
}

function isVatPrefix(prefix: string): boolean {
  return prefix === 'EL' || countries.has(prefix);
}
