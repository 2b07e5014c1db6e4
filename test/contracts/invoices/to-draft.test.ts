import { describe, expect, it } from 'vitest';
import { CreateInvoice } from '../../../lib/contracts/invoices/create-invoice.ts';
import { toDraft } from '../../../lib/contracts/invoices/to-draft.ts';
import { tenant } from '../../support/fixtures.ts';
import { smallest } from './client.ts';

const draftOf = (body: object, timeZone = tenant.timeZone) =>
  toDraft(CreateInvoice.parse({ ...smallest, ...body }), { ...tenant, timeZone });
const documentOf = (body: object) => draftOf(body).document;
const itemsOf = (...items: object[]) =>
  documentOf({ items: items.map((item) => ({ ...smallest.items[0], ...item })) }).lines;

describe('toDraft', () => {
  it('fills in what a document cannot do without', () => {
    expect(draftOf({})).toEqual({
      document: {
        typeCode: '380',
        currency: 'EUR',
        buyer: { name: 'Käufer AG' },
        lines: [{ id: '1', name: 'Work', price: '100', quantity: '1', taxCategory: 'Z' }],
      },
      warnings: [],
      extras: {},
    });
  });

  it.each([
    ['Europe/Berlin', '2026-01-15', '2026-01-15'],
    ['Pacific/Auckland', '2026-01-15', '2026-01-15'],
    ['Pacific/Honolulu', '2026-01-15', '2026-01-15'],
    ['Europe/Berlin', '2026-01-14T23:00:00Z', '2026-01-15'],
    ['Europe/Berlin', '2026-01-14T22:59:59.999Z', '2026-01-14'],
    ['Pacific/Auckland', '2026-01-14T11:00:00Z', '2026-01-15'],
    ['Pacific/Auckland', '2026-01-14T10:59:59Z', '2026-01-14'],
    ['Pacific/Honolulu', '2026-01-15T09:59:59Z', '2026-01-14'],
    ['Pacific/Honolulu', '2026-01-15T10:00:00Z', '2026-01-15'],
    ['Pacific/Kiritimati', '2025-12-31T12:00:00+02:00', '2026-01-01'],
    // The nights when clocks change.
    ['Europe/Berlin', '2026-03-28T22:59:59Z', '2026-03-28'],
    ['Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29'],
    ['Europe/Berlin', '2026-03-29T21:59:59Z', '2026-03-29'],
    ['Europe/Berlin', '2026-03-29T22:00:00Z', '2026-03-30'],
    ['Europe/Berlin', '2026-10-25T22:30:00Z', '2026-10-25'],
    ['Pacific/Auckland', '2026-04-04T10:59:59Z', '2026-04-04'],
    ['Pacific/Auckland', '2026-04-05T12:00:00Z', '2026-04-06'],
    ['UTC', '2026-12-31T23:59:60Z', '2026-12-31'],
    ['UTC', '2026-12-31t23:30:00.5-01:00', '2027-01-01'],
  ])('in %s, %s is %s', (timeZone, given, day) => {
    const body = {
      header: {
        issue_date: given,
        due_date: given,
        tax_point_date: given,
        invoice_period: { start_date: given, end_date: given },
      },
      delivery: { date: given },
      references: { preceding_invoices: [{ number: 'A', issue_date: given }] },
      items: [{ ...smallest.items[0], period: { start_date: given, end_date: given } }],
    };
    const { issueDate, dueDate, taxPointDate, period, delivery, precedingInvoices, lines } = draftOf(
      body,
      timeZone,
    ).document;
    expect([issueDate, dueDate, taxPointDate, delivery?.date, precedingInvoices?.[0]?.issueDate]).toEqual(
      Array(5).fill(day),
    );
    expect([period, lines[0]?.period]).toEqual(Array(2).fill({ startDate: day, endDate: day }));
  });

  it.each([
    ['EUR', '12345', 'EUR', '123.45'],
    ['jpy', '12345', 'JPY', '12345'],
    ['KWD', '12345', 'KWD', '12.345'],
    ['EUR', '-5', 'EUR', '-0.05'],
  ])('reads prices in the minor unit of %s', (given, cents, currency, price) => {
    const document = documentOf({
      header: { currency: given },
      items: [{ ...smallest.items[0], price: Number(cents) }],
    });
    expect([document.currency, document.lines[0]?.price]).toEqual([currency, price]);
  });

  it('derives the tax category from the rate', () => {
    const categories = (...items: object[]) => itemsOf(...items).map(({ taxCategory }) => taxCategory);
    expect(
      categories({}, { tax_rate: 0 }, { tax_rate: 19 }, { tax_rate: 0, tax_category: 'E' }, { tax_category: '' }),
    ).toEqual(['Z', 'Z', 'S', 'E', 'Z']);
    const { allowances } = documentOf({
      allowances: [{ amount: 1 }, { amount: 1, tax_rate: 7 }, { amount: 1, tax_rate: 0 }],
    });
    expect(allowances?.map(({ taxCategory }) => taxCategory)).toEqual([undefined, 'S', 'Z']);
  });

  it('numbers lines without an id and leaves the numbers of others alone', () => {
    expect(itemsOf({}, { id: '1' }, { id: null }, { id: ' ' }, { id: 'b' }, {}).map(({ id }) => id)).toEqual([
      '2',
      '1',
      '3',
      '4',
      'b',
      '5',
    ]);
  });

  it('takes the type code from the document type', () => {
    expect(documentOf({ header: { document_type: 'credit_note' } }).typeCode).toBe('381');
    expect(documentOf({ header: { document_type: 'xrechnung_cii_invoice' } }).typeCode).toBe('380');
    expect(documentOf({ header: { invoice_type_code: '384' } }).typeCode).toBe('384');
  });

  it('passes on number, series and references; blank ones are none', () => {
    const header = { invoice_number: 'A-1', invoice_number_series: 'billing' };
    const id = '2B1D7F00-93C4-4E0B-8A11-6C5D4E3F2A1B';
    const draft = draftOf({ header, business_entity_id: id, related_invoice_id: id });
    expect(draft).toMatchObject({
      number: 'A-1',
      series: 'billing',
      businessEntityId: id.toLowerCase(),
      relatedInvoiceId: id.toLowerCase(),
    });
    expect(draftOf({ header: { invoice_number: ' ', invoice_number_series: '' } })).toMatchObject({
      number: undefined,
      series: undefined,
    });
  });

  it('leaves out what says nothing, but keeps the places in lists', () => {
    const body = {
      header: {},
      seller: { address: { street: null } },
      payee: {},
      attachments: [{}, { filename: 'a' }],
      payment: { payments: [] },
    };
    const { seller, payee, attachments, paymentMeans } = documentOf(body);
    expect({ seller, payee, attachments, paymentMeans }).toEqual({
      attachments: [{}, { filename: 'a' }],
      paymentMeans: [],
    });
  });

  it('takes the single form of payment where there is no list', () => {
    const single = { means_code: '58', bank_account: { iban: 'DE02' }, direct_debit: { mandate_id: 'M' } };
    const means = { meansCode: '58', bankAccounts: [{ iban: 'DE02' }], directDebit: { mandateId: 'M' } };
    expect(draftOf({ payment: { ...single, payments: null, terms: 'T' } })).toMatchObject({
      document: { paymentTerms: 'T', paymentMeans: [means] },
      extras: { singlePayment: true },
      warnings: [],
    });
    expect(draftOf({ payment: { ...single, payments: [{ means_code: '30' }] } })).toMatchObject({
      document: { paymentMeans: [{ meansCode: '30' }] },
      extras: {},
      warnings: [{ code: 'payment_ignored', path: ['payment'] }],
    });
    expect(draftOf({ payment: { terms: 'T', card: {}, bank_account: { iban: null } } }).document).not.toHaveProperty(
      'paymentMeans',
    );
  });

  it.each([
    ['4111111111111111', '411111******1111'],
    ['4111 1111 1111 1111', '4111 11** **** 1111'],
    ['3782-822463-10005', '3782-82****-*0005'],
    ['6011000990139424123', '601100*********4123'],
    ['411111XXXXXX1111', '411111XXXXXX1111'],
    ['************1111', '************1111'],
    ['1111', '1111'],
    ['123456789012', '********9012'],
    ['٤١١١١١١١١١١١١١١١', '٤١١١١١******١١١١'],
  ])('masks the card number %s', (pan, masked) => {
    const { paymentMeans } = documentOf({ payment: { payments: [{ card: { pan } }] } });
    expect(paymentMeans?.[0]?.card?.pan).toBe(masked);
    expect(documentOf({ payment: { card: { pan } } }).paymentMeans?.[0]?.card?.pan).toBe(masked);
  });

  it('takes paid amount and rounding as facts, other figures as stated', () => {
    const totals = {
      paid_amount: 5,
      payable_rounding_amount: null,
      tax_amount: 7,
      payable_amount: 99,
      line_extension_amount: null,
    };
    const body = {
      header: { rounding_amount: 3 },
      totals,
      tax_breakdown: [{ category_code: 'S', rate: 19, tax_amount: 7 }],
    };
    const facts = { prepaidAmount: 5, roundingAmount: 3 };
    const stated = { totals: { tax: 7, payable: 99 }, taxBreakdown: [{ taxCategory: 'S', taxRate: '19', tax: 7 }] };
    expect(draftOf(body)).toMatchObject({ document: facts, stated, warnings: [] });
    expect(draftOf({ ...body, calculate_totals: false }).stated).toEqual(stated);
    expect(draftOf({ ...body, calculate_totals: true })).toMatchObject({
      document: facts,
      stated: undefined,
      warnings: [{ code: 'totals_calculated', path: ['totals'] }],
    });
    expect(
      draftOf({ header: { rounding_amount: 3 }, totals: { payable_rounding_amount: 0 } }).document.roundingAmount,
    ).toBe(0);
    expect(draftOf({ totals: { paid_amount: 5 }, tax_breakdown: [] }).stated).toBeUndefined();
  });
});
