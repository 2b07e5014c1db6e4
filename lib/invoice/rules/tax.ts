/** Rules on VAT, by category. */
import { Decimal } from '../../money/decimal.ts';
import type { InvoiceDocument, Line, MinorUnits, Tax } from '../document.ts';
import type { Fault } from '../failure.ts';
import { exemptionCodeForm } from './code-lists.ts';
import { broken, brokenInEach, type Candidate, given, type Path, type Rule } from './rule.ts';
import { type Category, categories, type Place, places, splitPayment } from './tax-categories.ts';

/** A line, allowance or charge that names its VAT category. */
interface Member {
  tax: Tax & { fixedTax?: MinorUnits };
  at: Path;
  place: Place;
}

const lineRules: readonly Rule<Line>[] = [
  {
    id: 'BR-CO-04',
    term: 'BT-151',
    path: ['taxCategory'],
    message: 'The line needs its VAT category; use S for the standard rate.',
    holds: ({ taxCategory }) => given(taxCategory),
  },
];

const codeRules = ({ codeRule, category }: Place): readonly Rule<Tax>[] => [
  {
    id: codeRule,
    term: category,
    path: ['taxCategory'],
    code: 'unknown_code',
    message: 'This is no VAT category; use S, Z, E, AE, K, G, O, L, M or B.',
    holds: ({ taxCategory }) => categories.has(taxCategory) || taxCategory === splitPayment,
  },
  {
    id: 'BR-CL-22',
    term: 'BT-121',
    path: ['exemptionReasonCode'],
    code: 'unknown_code',
    message: 'This is no exemption code; use a VATEX code such as VATEX-EU-AE, or give the reason as a text.',
    holds: ({ exemptionReasonCode }) => !given(exemptionReasonCode) || exemptionCodeForm.test(exemptionReasonCode),
  },
];

const rates: Record<Category['rate'], { demand: string; holds: (rate: Decimal) => boolean }> = {
  positive: { demand: 'a rate above 0', holds: (rate) => !rate.isZero && !rate.isNegative },
  zero: { demand: 'the rate 0', holds: (rate) => rate.isZero },
  'not-negative': { demand: 'a rate of 0 or more', holds: (rate) => !rate.isNegative },
  // An exporter leaves the 0 out.
  absent: { demand: 'no rate', holds: (rate) => rate.isZero },
};

const exemptionMembers = [
  { member: 'exemptionReason', term: 'BT-120' },
  { member: 'exemptionReasonCode', term: 'BT-121' },
] as const;

const memberRules = ({ prefix, name, rate, exemption }: Category, place: Place): readonly Rule<Member['tax']>[] => [
  {
    id: `${prefix}-${place.rated}`,
    term: place.rate,
    path: ['taxRate'],
    code: 'out_of_range',
    message: `What is ${name} has ${rates[rate].demand}; correct the rate or the category.`,
    holds: ({ taxRate, fixedTax }) => fixedTax !== undefined || rates[rate].holds(Decimal.of(taxRate ?? 0)),
  },
  {
    id: `${prefix}-09`,
    term: 'BT-117',
    path: ['fixedTax'],
    code: 'out_of_range',
    message: `What is ${name} bears no VAT; make it 0 or correct the category.`,
    holds: ({ fixedTax }) => !fixedTax || rate === 'positive' || rate === 'not-negative',
  },
  ...exemptionMembers.map(({ member, term }) => ({
    id: `${prefix}-10`,
    term,
    path: [member],
    code: 'not_allowed',
    message: `What is ${name} has no exemption reason; remove it or correct the category.`,
    holds: (tax: Tax) => exemption === 'required' || !given(tax[member]),
  })),
];

/** What a category asks of the whole invoice, said once, at the first member that asks it. */
const familyRules = (
  category: Category,
  members: Member[],
  { place, at }: Member,
): readonly Rule<InvoiceDocument>[] => [
  {
    id: `${category.prefix}-${place.identified}`,
    term: 'BT-31',
    path: ['seller', 'vatNumber'],
    ...identification(category, 'seller'),
  },
  {
    id: `${category.prefix}-${place.identified}`,
    term: 'BT-48',
    path: ['buyer', 'vatNumber'],
    ...identification(category, 'buyer'),
  },
  {
    id: `${category.prefix}-10`,
    term: 'BT-120',
    path: [...at, 'exemptionReason'],
    message: `What is ${category.name} needs its reason, as a text or as a VATEX code.`,
    holds: () => category.exemption === 'none' || members.some(({ tax }) => isExplained(tax)),
  },
];

const intraCommunityRules: readonly Rule<InvoiceDocument>[] = [
  {
    id: 'BR-IC-11',
    term: 'BT-72',
    path: ['delivery', 'date'],
    message: 'An intra-community supply needs its delivery date or an invoicing period.',
    holds: ({ delivery, period }) => [delivery?.date, period?.startDate, period?.endDate].some(given),
  },
  {
    id: 'BR-IC-12',
    term: 'BT-80',
    path: ['delivery', 'address', 'country'],
    message: 'An intra-community supply needs the country that it is delivered to.',
    holds: ({ delivery }) => given(delivery?.address?.country),
  },
];

const onlyOutOfScope = {
  code: 'not_allowed',
  message: 'What is not subject to VAT cannot stand beside other VAT categories; issue two invoices.',
};

const outOfScopeRules: readonly Rule<InvoiceDocument>[] = [
  {
    ...onlyOutOfScope,
    id: 'BR-O-11',
    term: 'BT-118',
    path: ['lines'],
    holds: (_, { figures }) => figures.taxBreakdown.every(({ taxCategory }) => taxCategory === 'O'),
  },
];

const besideOutOfScopeRules = ({ alone, category }: Place): readonly Rule<Tax>[] => [
  {
    ...onlyOutOfScope,
    id: `BR-O-${alone}`,
    term: category,
    path: ['taxCategory'],
    holds: ({ taxCategory }) => taxCategory === 'O',
  },
];

const splitPaymentRules: readonly Rule<InvoiceDocument>[] = (['seller', 'buyer'] as const).map((role) => ({
  id: 'BR-B-01',
  term: 'BT-151',
  path: [role, 'address', 'country'],
  code: 'not_allowed',
  message: 'Split payment is for invoices within Italy; use another VAT category.',
  holds: (document) => document[role]?.address?.country === 'IT',
}));

const besideSplitPaymentRules = ({ category }: Place): readonly Rule<Tax>[] => [
  {
    id: 'BR-B-02',
    term: category,
    path: ['taxCategory'],
    code: 'not_allowed',
    message: 'Split payment cannot stand beside the standard rate; issue two invoices.',
    holds: ({ taxCategory }) => taxCategory !== 'S',
  },
];

/** What the VAT categories of an invoice ask of it. */
export function taxFaults(candidate: Candidate): Fault[] {
  const { document } = candidate;
  const members = membersOf(document);
  const codes = new Set(members.map(({ tax }) => tax.taxCategory));
  const byCategory = new Map([...codes].map((code) => [code, members.filter(({ tax }) => tax.taxCategory === code)]));
  const ofDocument = (rules: readonly Rule<InvoiceDocument>[]) => broken(rules, document, [], candidate);
  const ofMembers = (members: Member[], rules: (place: Place) => readonly Rule<Member['tax']>[]) =>
    members.flatMap(({ tax, at, place }) => broken(rules(place), tax, at, candidate));

  const families = [...byCategory].flatMap(([code, own]) => {
    const category = categories.get(code);
    const [first] = own;
    if (!category || !first) return [];
    return [
      ...ofDocument(familyRules(category, own, first)),
      ...ofMembers(own, (place) => memberRules(category, place)),
    ];
  });
  return [
    ...brokenInEach(lineRules, document.lines, ['lines'], candidate),
    ...ofMembers(members, codeRules),
    ...families,
    ...(byCategory.has('K') ? ofDocument(intraCommunityRules) : []),
    ...(byCategory.has('O') ? [...ofDocument(outOfScopeRules), ...ofMembers(members, besideOutOfScopeRules)] : []),
    ...(byCategory.has(splitPayment)
      ? [...ofDocument(splitPaymentRules), ...ofMembers(members, besideSplitPaymentRules)]
      : []),
  ];
}

function membersOf(document: InvoiceDocument): Member[] {
  return places.flatMap((place) =>
    (document[place.member] ?? []).flatMap((entry, index) => {
      const { taxCategory } = entry;
      return given(taxCategory) ? [{ tax: { ...entry, taxCategory }, at: [place.member, index], place }] : [];
    }),
  );
}

function isExplained(tax: Tax): boolean {
  return exemptionMembers.some(({ member }) => given(tax[member]));
}

/** Whether the tax office knows a party, or must not be told of it. */
function identification({ name, ...wanted }: Category, role: 'seller' | 'buyer') {
  const isRegistered = ({ seller, buyer }: InvoiceDocument) =>
    given(role === 'seller' ? seller?.taxRegistrationId?.value : buyer.companyId?.value);
  const hasNumber = (document: InvoiceDocument) => given(document[role]?.vatNumber);
  switch (wanted[role]) {
    case 'none':
      return {
        code: 'not_allowed',
        message: `What is ${name} shows no VAT identifier of the ${role}; remove it.`,
        holds: (document: InvoiceDocument) => !hasNumber(document),
      };
    case 'vat':
      return { message: `What is ${name} needs the VAT identifier of the ${role}.`, holds: hasNumber };
    default:
      return {
        message: `What is ${name} needs the VAT identifier of the ${role} or another registration.`,
        holds: (document: InvoiceDocument) =>
          wanted[role] === undefined || hasNumber(document) || isRegistered(document),
      };
  }
}
