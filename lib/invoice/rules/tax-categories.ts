/** How the norm wants a party identified: by its VAT identifier, by that or another registration, or not at all. */
export type Identification = 'vat' | 'vat-or-registration' | 'none';

/** What a VAT category asks of an invoice. */
export interface Category {
  /** Begins the ids of its rules. */
  prefix: string;
  name: string;
  rate: 'positive' | 'zero' | 'not-negative' | 'absent';
  exemption: 'required' | 'none';
  seller: Identification;
  buyer?: Identification;
}

const taxed = { rate: 'positive', exemption: 'none', seller: 'vat-or-registration' } as const;
const untaxed = { rate: 'zero', exemption: 'required', seller: 'vat-or-registration' } as const;

/**
 * The codes of UNCL5305 that have a family of rules. Where the norm writes BR-IG and BR-IP, its Schematron writes BR-AF
 * and BR-AG.
 */
export const categories: ReadonlyMap<string, Category> = new Map<string, Category>([
  ['S', { ...taxed, prefix: 'BR-S', name: 'standard rated' }],
  ['Z', { ...taxed, prefix: 'BR-Z', name: 'zero rated', rate: 'zero' }],
  ['L', { ...taxed, prefix: 'BR-IG', name: 'subject to IGIC', rate: 'not-negative' }],
  ['M', { ...taxed, prefix: 'BR-IP', name: 'subject to IPSI', rate: 'not-negative' }],
  ['E', { ...untaxed, prefix: 'BR-E', name: 'exempt' }],
  ['AE', { ...untaxed, prefix: 'BR-AE', name: 'under reverse charge', buyer: 'vat-or-registration' }],
  ['K', { ...untaxed, prefix: 'BR-IC', name: 'an intra-community supply', seller: 'vat', buyer: 'vat' }],
  ['G', { ...untaxed, prefix: 'BR-G', name: 'an export', seller: 'vat' }],
  ['O', { ...untaxed, prefix: 'BR-O', name: 'not subject to VAT', rate: 'absent', seller: 'none', buyer: 'none' }],
]);

/** Italian split payment has two rules of its own instead of a family. */
export const splitPayment = 'B';

/** Where VAT categories stand: the terms of category and rate, and the numbers of their rules within a family. */
export const places = [
  {
    member: 'lines',
    codeRule: 'BR-CL-18',
    category: 'BT-151',
    rate: 'BT-152',
    identified: '02',
    rated: '05',
    alone: '12',
  },
  {
    member: 'allowances',
    codeRule: 'BR-CL-17',
    category: 'BT-95',
    rate: 'BT-96',
    identified: '03',
    rated: '06',
    alone: '13',
  },
  {
    member: 'charges',
    codeRule: 'BR-CL-17',
    category: 'BT-102',
    rate: 'BT-103',
    identified: '04',
    rated: '07',
    alone: '14',
  },
] as const;

export type Place = (typeof places)[number];
