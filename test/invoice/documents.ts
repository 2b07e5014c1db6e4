import type { InvoiceDocument, Line, Party } from '../../lib/invoice/document.ts';

const seller: Party = {
  name: 'Werkstatt Lindenhof GmbH',
  vatNumber: 'DE987654321',
  companyId: { scheme: '0088', value: '4000001000005' },
  endpointId: { scheme: 'EM', value: 'rechnung@lindenhof.example' },
  address: { street: 'Lindenhof 3', city: 'Kassel', postalCode: '34117', country: 'DE' },
};

const buyer: Party = {
  name: 'Atelier du Canal SARL',
  vatNumber: 'FR12345678901',
  address: { street: '8 quai du Canal', city: 'Nantes', postalCode: '44000', country: 'FR' },
};

/** A line at the standard rate that costs 100.00 unless told otherwise. */
export function line(overrides: Partial<Line> = {}): Line {
  return {
    id: '1',
    name: 'Repair of a bicycle',
    quantity: '1',
    unitCode: 'C62',
    price: '100',
    taxCategory: 'S',
    taxRate: '19',
    ...overrides,
  };
}

/** A document that nothing keeps from being issued unless told otherwise. */
export function invoice(overrides: Partial<InvoiceDocument> = {}): InvoiceDocument {
  return {
    typeCode: '380',
    issueDate: '2026-03-02',
    dueDate: '2026-03-16',
    currency: 'EUR',
    seller,
    buyer,
    lines: [line()],
    ...overrides,
  };
}
