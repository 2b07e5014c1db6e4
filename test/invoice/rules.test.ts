import { describe, expect, it } from 'vitest';
import { calculate } from '../../lib/invoice/calculate.ts';
import type { InvoiceDocument, Line, StatedFigures } from '../../lib/invoice/document.ts';
import type { Fault } from '../../lib/invoice/failure.ts';
import { differences, findings } from '../../lib/invoice/rules.ts';
import { invoice, line } from './documents.ts';

const findingsOf = (document: InvoiceDocument, context?: { number?: string; stated?: StatedFigures }) =>
  findings(document, calculate(document), context);

const withLine = (overrides: Partial<Line>) => invoice({ lines: [line(overrides)] });
const { seller = {}, buyer } = invoice();
const withSeller = (overrides: object) => invoice({ seller: { ...seller, ...overrides } });
const withBuyer = (overrides: object) => invoice({ buyer: { ...buyer, ...overrides } });

const exemption = { exemptionReason: 'See the law that exempts it' };
const noVat = { vatNumber: undefined };
const delivery = { date: '2026-02-27', address: { country: 'FR' } };
const italian = { address: { city: 'Torino', country: 'IT' } };

/** For each VAT category an invoice that may be issued. */
const sound = {
  S: invoice(),
  Z: withLine({ taxCategory: 'Z', taxRate: '0' }),
  E: withLine({ taxCategory: 'E', taxRate: '0', ...exemption }),
  AE: withLine({ taxCategory: 'AE', taxRate: '0', exemptionReasonCode: 'VATEX-EU-AE' }),
  K: invoice({ lines: [line({ taxCategory: 'K', taxRate: '0', ...exemption })], delivery }),
  G: withLine({ taxCategory: 'G', taxRate: '0', ...exemption }),
  O: invoice({
    lines: [line({ taxCategory: 'O', taxRate: undefined, ...exemption })],
    seller: { ...seller, ...noVat },
    buyer: { ...buyer, ...noVat },
  }),
  L: withLine({ taxCategory: 'L', taxRate: '7' }),
  M: withLine({ taxCategory: 'M', taxRate: '0' }),
  B: invoice({
    lines: [line({ taxCategory: 'B', taxRate: '22' })],
    seller: { ...seller, ...italian },
    buyer: { ...buyer, ...italian },
  }),
};

/** The sound invoice of a category with its one line, an allowance and a charge changed alike. */
const everywhere = (category: keyof typeof sound, tax: Partial<Line>): InvoiceDocument => {
  const base = sound[category];
  const [first = line()] = base.lines;
  const { taxCategory, taxRate, exemptionReason, exemptionReasonCode } = { ...first, ...tax };
  const entry = { amount: 100, reason: 'Agreed', taxCategory, taxRate, exemptionReason, exemptionReasonCode };
  return { ...base, lines: [{ ...first, ...tax }], allowances: [entry], charges: [entry] };
};

/** The sound invoice of a category, with the category only on an allowance or a charge. */
const onlyOn = (place: 'allowances' | 'charges', category: keyof typeof sound, overrides: Partial<InvoiceDocument>) => {
  const { taxCategory, taxRate, exemptionReason, exemptionReasonCode } = sound[category].lines[0] ?? line();
  const entry = { amount: 100, reason: 'Agreed', taxCategory, taxRate, exemptionReason, exemptionReasonCode };
  return { ...sound[category], lines: [line({ taxCategory: 'B', taxRate: '22' })], [place]: [entry], ...overrides };
};

describe('an invoice that may be issued', () => {
  it.each(Object.entries(sound))('in category %s', (_, document) => {
    expect(findingsOf(document, { number: '2026-0001' })).toEqual([]);
  });

  it.each<[string, InvoiceDocument]>([
    ['on terms without a due date', invoice({ dueDate: undefined, paymentTerms: 'Payable at once' })],
    ['with nothing to pay', invoice({ dueDate: undefined, prepaidAmount: 11900 })],
    ['that gives money back', invoice({ typeCode: '381', dueDate: undefined, lines: [line({ quantity: '-1' })] })],
    ['as a credit note over positive amounts', invoice({ typeCode: '381', precedingInvoices: [{ number: '7' }] })],
    ['with a discount for all', invoice({ allowances: [{ percentage: '3', reason: 'Loyalty' }] })],
    ['with a tax that was fixed', withLine({ fixedTax: 1234, taxRate: undefined })],
    ['from Greece', withSeller({ vatNumber: 'EL123456789' })],
    ['by a seller without a VAT identifier', withSeller({ ...noVat, taxRegistrationId: { value: '26/123/45678' } })],
    [
      'to a buyer under reverse charge known by its registration',
      { ...sound.AE, buyer: { ...buyer, ...noVat, companyId: { value: '552 100 554' } } },
    ],
    ['with a code for its tax point', invoice({ period: { description: '432' } })],
    ['within one day', invoice({ period: { startDate: '2026-02-01', endDate: '2026-02-01' } })],
    ['with a rate of 0 outside VAT', { ...sound.O, lines: [line({ taxCategory: 'O', taxRate: '0', ...exemption })] }],
    [
      'with every way to pay',
      invoice({
        paymentMeans: [
          { meansCode: '58', bankAccounts: [{ iban: 'DE02120300000000202051' }] },
          { meansCode: '48', card: { pan: '411111******1111' } },
          { meansCode: '59', directDebit: { mandateId: 'M-1' } },
        ],
      }),
    ],
    [
      'with all that an item can carry',
      withLine({
        period: { startDate: '2026-02-01' },
        originCountry: 'IT',
        standardId: { scheme: '0160', value: '4006381333931' },
        classifications: [{ listId: 'STI', value: '50111000' }],
        attributes: [{ name: 'Colour', value: 'red' }],
        allowances: [{ amount: 1, reasonCode: '95' }],
        charges: [{ percentage: '1', reason: 'Express' }],
      }),
    ],
    [
      'with attachments',
      invoice({
        attachments: [
          { mimeType: 'application/pdf', data: 'JVBERi0=' },
          { externalReference: 'https://files.example/1' },
        ],
      }),
    ],
    ...['1', '70', '74', '78', '91', '98', 'ZZZ'].map((meansCode): [string, InvoiceDocument] => [
      `paid by means ${meansCode}`,
      invoice({ paymentMeans: [{ meansCode }] }),
    ]),
    ['with VAT in its own currency', invoice({ vatCurrency: 'EUR' })],
  ])('%s', (_, document) => {
    expect(findingsOf(document)).toEqual([]);
  });
});

const broken: [rule: string, path: string, document: InvoiceDocument][] = [
  ['BR-03', 'issueDate', invoice({ issueDate: undefined })],
  ['BR-04', 'typeCode', invoice({ typeCode: ' ' })],
  ['BR-CL-01', 'typeCode', invoice({ typeCode: '999' })],
  ['BR-CL-05', 'vatCurrency', invoice({ vatCurrency: 'XYZ' })],
  ['BR-53', 'vatCurrency', invoice({ vatCurrency: 'PLN' })],
  ['BR-16', 'lines', invoice({ lines: [] })],
  ['BR-CO-18', 'lines', invoice({ lines: [] })],
  ['BR-CO-03', 'taxPointDate', invoice({ taxPointDate: '2026-03-01', period: { description: '35' } })],
  ['BR-CO-19', 'period.startDate', invoice({ period: { description: 'Winter' } })],
  ['BR-29', 'period.endDate', invoice({ period: { startDate: '2026-02-02', endDate: '2026-02-01' } })],
  ['BR-CO-25', 'dueDate', invoice({ dueDate: undefined })],
  ['BR-55', 'precedingInvoices.0.number', invoice({ precedingInvoices: [{ issueDate: '2026-01-01' }] })],
  ['BR-CL-24', 'attachments.0.mimeType', invoice({ attachments: [{ mimeType: 'text/html', data: 'PGI+' }] })],

  ['BR-06', 'seller.name', withSeller({ name: '' })],
  ['BR-07', 'buyer.name', withBuyer({ name: ' ' })],
  ['BR-08', 'seller.address', withSeller({ address: undefined })],
  ['BR-10', 'buyer.address', withBuyer({ address: {} })],
  ['BR-10', 'buyer.address', withBuyer({ address: { city: undefined, country: '' } })],
  ['BR-09', 'seller.address.country', withSeller({ address: { city: 'Kassel' } })],
  ['BR-11', 'buyer.address.country', withBuyer({ address: { city: 'Nantes' } })],
  ['BR-CL-14', 'seller.address.country', withSeller({ address: { country: 'UK' } })],
  ['BR-CL-14', 'buyer.address.country', withBuyer({ address: { country: 'fr' } })],
  ['BR-CL-14', 'delivery.address.country', invoice({ delivery: { address: { country: 'XX' } } })],
  ['BR-57', 'delivery.address.country', invoice({ delivery: { address: { city: 'Nantes' } } })],
  ['BR-62', 'seller.endpointId.scheme', withSeller({ endpointId: { value: 'a@b.example' } })],
  ['BR-63', 'buyer.endpointId.scheme', withBuyer({ endpointId: { value: 'a@b.example' } })],
  ['BR-CO-09', 'seller.vatNumber', withSeller({ vatNumber: '987654321' })],
  ['BR-CO-09', 'buyer.vatNumber', withBuyer({ vatNumber: 'UK123456' })],
  [
    'BR-CO-26',
    'seller.vatNumber',
    withSeller({ ...noVat, companyId: undefined, taxRegistrationId: { value: '26/1' } }),
  ],
  ['BR-17', 'payee.name', invoice({ payee: { companyId: { value: '1' } } })],

  ['BR-49', 'paymentMeans.0.meansCode', invoice({ paymentMeans: [{ paymentId: 'RF18' }] })],
  ['BR-CL-16', 'paymentMeans.0.meansCode', invoice({ paymentMeans: [{ meansCode: '71' }] })],
  [
    'BR-50',
    'paymentMeans.0.bankAccounts.0.iban',
    invoice({ paymentMeans: [{ meansCode: '1', bankAccounts: [{ bic: 'X' }] }] }),
  ],
  ['BR-61', 'paymentMeans.0.bankAccounts', invoice({ paymentMeans: [{ meansCode: '30' }] })],
  ['BR-61', 'paymentMeans.0.bankAccounts', invoice({ paymentMeans: [{ meansCode: '58', bankAccounts: [] }] })],
  [
    'BR-51',
    'paymentMeans.0.card.pan',
    invoice({ paymentMeans: [{ meansCode: '48', card: { pan: '4111 1111 1111 1111' } }] }),
  ],

  ['BR-21', 'lines.0.id', withLine({ id: '' })],
  ['BR-23', 'lines.0.unitCode', withLine({ unitCode: undefined })],
  ['BR-CL-23', 'lines.0.unitCode', withLine({ unitCode: 'piece' })],
  ['BR-25', 'lines.0.name', withLine({ name: '' })],
  ['BR-27', 'lines.0.price', withLine({ price: '-0.01' })],
  ['BR-64', 'lines.0.standardId.scheme', withLine({ standardId: { value: '4006381333931' } })],
  ['BR-CL-15', 'lines.0.originCountry', withLine({ originCountry: 'EN' })],
  ['BR-CO-20', 'lines.0.period.startDate', withLine({ period: {} })],
  ['BR-30', 'lines.0.period.endDate', withLine({ period: { startDate: '2026-02-02', endDate: '2025-12-31' } })],
  ['BR-41', 'lines.0.allowances.0.amount', withLine({ allowances: [{ reason: 'Agreed' }] })],
  ['BR-42', 'lines.0.allowances.0.reason', withLine({ allowances: [{ amount: 1 }] })],
  ['BR-43', 'lines.0.charges.0.amount', withLine({ charges: [{ reason: 'Agreed' }] })],
  ['BR-44', 'lines.0.charges.0.reason', withLine({ charges: [{ amount: 1 }] })],
  ['BR-65', 'lines.0.classifications.0.listId', withLine({ classifications: [{ value: '50111000' }] })],
  ['BR-54', 'lines.0.attributes.0', withLine({ attributes: [{ name: 'Colour' }] })],
  ['BR-31', 'allowances.0.amount', invoice({ allowances: [{ reason: 'Agreed' }] })],
  ['BR-32', 'allowances.0.taxCategory', invoice({ allowances: [{ amount: 1, reason: 'Agreed', taxRate: '19' }] })],
  ['BR-33', 'allowances.0.reason', invoice({ allowances: [{ amount: 1 }] })],
  ['BR-36', 'charges.0.amount', invoice({ charges: [{ reason: 'Agreed' }] })],
  ['BR-37', 'charges.0.taxCategory', invoice({ charges: [{ amount: 1, reason: 'Agreed', exemptionReason: 'Why' }] })],
  ['BR-38', 'charges.0.reason', invoice({ charges: [{ amount: 1 }] })],

  ['BR-CO-04', 'lines.0.taxCategory', withLine({ taxCategory: '' })],
  ['BR-CL-18', 'lines.0.taxCategory', withLine({ taxCategory: 'X' })],
  [
    'BR-CL-17',
    'allowances.0.taxCategory',
    invoice({ allowances: [{ amount: 1, reason: 'Agreed', taxCategory: 's' }] }),
  ],
  [
    'BR-CL-17',
    'charges.0.taxCategory',
    invoice({ charges: [{ amount: 1, reason: 'Agreed', taxCategory: 'toString' }] }),
  ],
  ['BR-CL-22', 'lines.0.exemptionReasonCode', withLine({ taxCategory: 'E', taxRate: '0', exemptionReasonCode: '132' })],
  ['BR-IC-11', 'delivery.date', { ...sound.K, delivery: { address: { country: 'FR' } } }],
  ['BR-IC-12', 'delivery.address.country', { ...sound.K, delivery: { date: '2026-02-27' } }],
  ['BR-O-11', 'lines', { ...sound.O, lines: [...sound.O.lines, line()] }],
  ['BR-O-12', 'lines.1.taxCategory', { ...sound.O, lines: [...sound.O.lines, line()] }],
  [
    'BR-O-13',
    'allowances.0.taxCategory',
    { ...sound.O, allowances: [{ amount: 1, reason: 'Agreed', taxCategory: 'S', taxRate: '19' }] },
  ],
  ['BR-O-14', 'charges.0.taxCategory', { ...sound.O, charges: [{ amount: 1, reason: 'Agreed', taxCategory: 'Z' }] }],
  ['BR-B-01', 'buyer.address.country', { ...sound.B, buyer }],
  ['BR-B-01', 'seller.address.country', { ...sound.B, seller }],
  ['BR-B-02', 'lines.1.taxCategory', { ...sound.B, lines: [...sound.B.lines, line({ taxRate: '22' })] }],
];

describe('a rule that is broken', () => {
  it.each(broken)('%s at %s', (rule, path, document) => {
    expect(placesOf(findingsOf(document))).toContain(`${rule} ${path}`);
  });

  it('is the only one, where the mistake is only one', () => {
    expect(placesOf(findingsOf(invoice({ issueDate: undefined })))).toEqual(['BR-03 issueDate']);
    expect(placesOf(findingsOf(withLine({ price: '-1' })))).toEqual(['BR-27 lines.0.price']);
    expect(placesOf(findingsOf(withSeller({ address: undefined })))).toEqual(['BR-08 seller.address']);
  });

  it('does not hide the others', () => {
    const empty = findingsOf({ typeCode: '', currency: 'EUR', buyer: {}, lines: [line({ id: '', name: '' })] });
    expect(placesOf(empty)).toEqual([
      'BR-03 issueDate',
      'BR-04 typeCode',
      'BR-CO-25 dueDate',
      'BR-06 seller.name',
      'BR-08 seller.address',
      'BR-CO-26 seller.vatNumber',
      'BR-07 buyer.name',
      'BR-10 buyer.address',
      'BR-21 lines.0.id',
      'BR-25 lines.0.name',
      'BR-S-02 seller.vatNumber',
    ]);
  });

  it('says what, where and under which term', () => {
    expect(findingsOf(invoice({ dueDate: undefined }))).toEqual([
      {
        in: 'body',
        path: ['dueDate'],
        code: 'required',
        message: expect.stringMatching(/due date or payment terms/),
        rule: 'BR-CO-25',
        term: 'BT-9',
      },
    ]);
  });

  it('knows a number that is blank from one that a series will give', () => {
    expect(placesOf(findingsOf(invoice(), { number: ' ' }))).toEqual(['BR-02 number']);
    expect(findingsOf(invoice(), { number: undefined })).toEqual([]);
  });

  it('knows a currency that calculation would not have taken', () => {
    const figures = calculate(invoice());
    expect(placesOf(findings(invoice({ currency: '' }), figures))).toEqual(['BR-05 currency']);
    expect(placesOf(findings(invoice({ currency: 'DEM' }), figures))).toEqual(['BR-CL-04 currency']);
  });
});

describe('a family of VAT rules', () => {
  const unregistered = { seller: { ...seller, ...noVat }, buyer: { ...buyer, ...noVat } };

  it.each([
    ['S', 'BR-S', '0'],
    ['Z', 'BR-Z', '7'],
    ['E', 'BR-E', '7'],
    ['AE', 'BR-AE', '19'],
    ['K', 'BR-IC', '19'],
    ['G', 'BR-G', '19'],
    ['O', 'BR-O', '19'],
    ['L', 'BR-IG', '-7'],
    ['M', 'BR-IP', '-7'],
  ] as const)('%s: %s-05 to -07 on the rate', (category, prefix, taxRate) => {
    expect(placesOf(findingsOf(everywhere(category, {})))).toEqual([]);
    expect(placesOf(findingsOf(everywhere(category, { taxRate })))).toEqual([
      `${prefix}-05 lines.0.taxRate`,
      `${prefix}-06 allowances.0.taxRate`,
      `${prefix}-07 charges.0.taxRate`,
    ]);
  });

  it.each([
    ['S', 'BR-S', ['seller']],
    ['Z', 'BR-Z', ['seller']],
    ['E', 'BR-E', ['seller']],
    ['AE', 'BR-AE', ['seller', 'buyer']],
    ['K', 'BR-IC', ['seller', 'buyer']],
    ['G', 'BR-G', ['seller']],
    ['L', 'BR-IG', ['seller']],
    ['M', 'BR-IP', ['seller']],
  ] as const)('%s: %s-02 to -04 on who must be identified', (category, prefix, roles) => {
    const expected = (number: string) => roles.map((role) => `${prefix}-${number} ${role}.vatNumber`);
    const family = (document: InvoiceDocument) =>
      placesOf(findingsOf(document)).filter((place) => place.startsWith(prefix));
    expect(family({ ...sound[category], ...unregistered })).toEqual(expected('02'));
    expect(family(onlyOn('allowances', category, unregistered))).toEqual(expected('03'));
    expect(family(onlyOn('charges', category, unregistered))).toEqual(expected('04'));
  });

  it.each(['K', 'G'] as const)('%s takes no other registration of the seller for its VAT identifier', (category) => {
    const registered = { ...seller, ...noVat, taxRegistrationId: { value: '26/123/45678' } };
    expect(findingsOf({ ...sound[category], seller: registered })).toHaveLength(1);
  });

  it('O: BR-O-02 to -04 on who must not be identified', () => {
    expect(placesOf(findingsOf({ ...sound.O, seller, buyer }))).toEqual([
      'BR-O-02 seller.vatNumber',
      'BR-O-02 buyer.vatNumber',
    ]);
    expect(placesOf(findingsOf(onlyOn('allowances', 'O', { seller })))).toContain('BR-O-03 seller.vatNumber');
    expect(placesOf(findingsOf(onlyOn('charges', 'O', { buyer })))).toContain('BR-O-04 buyer.vatNumber');
  });

  it.each([
    ['E', 'BR-E'],
    ['AE', 'BR-AE'],
    ['K', 'BR-IC'],
    ['G', 'BR-G'],
    ['O', 'BR-O'],
  ] as const)('%s: %s-10 asks for a reason, once', (category, prefix) => {
    const silent = { exemptionReason: undefined, exemptionReasonCode: undefined };
    expect(placesOf(findingsOf(everywhere(category, silent)))).toEqual([`${prefix}-10 lines.0.exemptionReason`]);
    expect(findingsOf(everywhere(category, { ...silent, exemptionReasonCode: 'VATEX-EU-132' }))).toEqual([]);

    const [first = line()] = sound[category].lines;
    const second = { ...first, ...silent };
    expect(findingsOf({ ...sound[category], lines: [second, first, second] })).toEqual([]);
  });

  it.each([
    ['S', 'BR-S'],
    ['Z', 'BR-Z'],
    ['L', 'BR-IG'],
    ['M', 'BR-IP'],
  ] as const)('%s: %s-10 wants no reason', (category, prefix) => {
    const [first = line()] = sound[category].lines;
    const coded = { ...sound[category], lines: [{ ...first, exemptionReasonCode: 'VATEX-EU-132' }] };
    expect(placesOf(findingsOf(coded))).toEqual([`${prefix}-10 lines.0.exemptionReasonCode`]);
    expect(placesOf(findingsOf(everywhere(category, exemption)))).toEqual([
      `${prefix}-10 lines.0.exemptionReason`,
      `${prefix}-10 allowances.0.exemptionReason`,
      `${prefix}-10 charges.0.exemptionReason`,
    ]);
  });

  it.each([
    ['Z', 'BR-Z'],
    ['E', 'BR-E'],
    ['AE', 'BR-AE'],
    ['K', 'BR-IC'],
    ['G', 'BR-G'],
    ['O', 'BR-O'],
  ] as const)('%s: %s-09 on a tax that was fixed where none is due', (category, prefix) => {
    const [first = line()] = sound[category].lines;
    const fixed = (fixedTax: number) => findingsOf({ ...sound[category], lines: [{ ...first, fixedTax }] });
    expect(placesOf(fixed(1))).toEqual([`${prefix}-09 lines.0.fixedTax`]);
    expect(fixed(0)).toEqual([]);
  });
});

describe('figures that the caller states', () => {
  const document = invoice({
    lines: [line(), line({ taxRate: '7' })],
    allowances: [{ amount: 1000, reason: 'Agreed', taxCategory: 'S', taxRate: '19' }],
    charges: [{ amount: 500, reason: 'Agreed', taxCategory: 'S', taxRate: '7' }],
  });
  const figures = calculate(document);

  it('may be ours, all or some', () => {
    expect(differences(figures, figures)).toEqual([]);
    expect(differences({ totals: { payable: figures.totals.payable } }, figures)).toEqual([]);
    expect(differences({ taxBreakdown: [] }, figures)).toEqual([]);
    expect(differences({}, figures)).toEqual([]);
    expect(findingsOf(document, { stated: figures })).toEqual([]);
  });

  it.each([
    ['lineExtension', 'BR-CO-10', 'BT-106'],
    ['allowances', 'BR-CO-11', 'BT-107'],
    ['charges', 'BR-CO-12', 'BT-108'],
    ['taxExclusive', 'BR-CO-13', 'BT-109'],
    ['tax', 'BR-CO-14', 'BT-110'],
    ['taxInclusive', 'BR-CO-15', 'BT-112'],
    ['payable', 'BR-CO-16', 'BT-115'],
  ] as const)('%s: %s', (member, rule, term) => {
    const expected = figures.totals[member];
    const stated = { totals: { ...figures.totals, [member]: expected + 1 } };
    const fault = { in: 'body', path: ['totals', member], rule, term, expected, given: expected + 1 };
    expect(differences(stated, figures)).toMatchObject([fault]);
    expect(findingsOf(document, { stated })).toMatchObject([fault]);
  });

  it('do not include paid amount and rounding, which are facts', () => {
    expect(differences({ totals: { prepaid: 1, rounding: 1 } }, figures)).toEqual([]);
  });

  it('are compared group by group, in any order, rates by value', () => {
    const [standard, reduced] = figures.taxBreakdown;
    const stated = [
      { ...reduced, taxRate: '7.00', tax: 0 },
      { ...standard, taxable: 9001 },
    ];
    expect(differences({ taxBreakdown: stated }, figures)).toMatchObject([
      { path: ['taxBreakdown', 0, 'tax'], rule: 'BR-CO-17', term: 'BT-117', expected: 735, given: 0 },
      { path: ['taxBreakdown', 1, 'taxable'], rule: 'BR-S-08', term: 'BT-116', expected: 9000, given: 9001 },
    ]);
  });

  it('may leave out what they do not know', () => {
    expect(differences({ taxBreakdown: [{ taxRate: '19', tax: 1710 }, { taxCategory: 'S' }] }, figures)).toEqual([]);

    const outside = { taxCategory: 'O', taxable: 10000, tax: 0 };
    const ours = calculate(sound.O);
    expect(differences({ taxBreakdown: [outside] }, ours)).toEqual([]);
    expect(differences({ taxBreakdown: [{ ...outside, taxRate: '0' }] }, ours)).toEqual([]);
  });

  it('miss a group, or have one too many', () => {
    const [standard] = figures.taxBreakdown;
    const stranger = { taxCategory: 'E', taxRate: '0', taxable: 5, tax: 0 };
    expect(differences({ taxBreakdown: [{ ...standard }, stranger] }, figures)).toMatchObject([
      { path: ['taxBreakdown', 1, 'taxable'], rule: 'BR-E-08', expected: 0, given: 5 },
      { path: ['taxBreakdown'], rule: 'BR-S-01', term: 'BT-118', expected: 'S 7', given: null },
    ]);
  });
});

function placesOf(faults: Fault[]): string[] {
  return faults.map(({ rule, path }) => `${rule} ${path.join('.')}`);
}
