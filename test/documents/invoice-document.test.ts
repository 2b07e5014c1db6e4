import { describe, expect, it } from 'vitest';
import { invoiceDocument } from '../../lib/documents/invoice-document.ts';
import { calculate } from '../../lib/invoice/calculate.ts';
import type { InvoiceDocument } from '../../lib/invoice/document.ts';
import { document, invoiceOf, seller } from '../support/fixtures.ts';

const printed = (content: Partial<InvoiceDocument> = {}, more = {}) =>
  invoiceDocument(invoiceOf({ ...document, seller, ...content }, more));

/** What a reader sees: the texts of the page in order, without markup. */
const textOf = (html: string): string =>
  html
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]+>/g, '\n')
    .replace(/&amp;/g, '&')
    .replace(/&lt;/g, '<')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');

const everything: Partial<InvoiceDocument> = {
  dueDate: '2026-02-14',
  buyerReference: 'Kst 7',
  precedingInvoices: [{ number: 'INV-2025-00009', issueDate: '2025-12-01' }],
  notes: ['Vielen Dank & bis bald'],
  paymentTerms: '14 Tage netto',
  paymentMeans: [
    { meansCode: '58', paymentId: 'INV-1', bankAccounts: [{ iban: 'DE89370400440532013000', accountName: 'Example' }] },
  ],
  seller: { ...seller, legalInformation: 'Geschäftsführerin: A. Muster' },
  lines: [
    { id: '1', name: 'Work', quantity: '12.5', unitCode: 'HUR', price: '100', taxCategory: 'S', taxRate: '19' },
    {
      id: '2',
      name: 'Licence',
      quantity: '1',
      unitCode: 'C62',
      price: '1234.5',
      taxCategory: 'AE',
      taxRate: '0',
      exemptionReason: 'Article 196',
      exemptionReasonCode: 'VATEX-EU-AE',
      allowances: [{ reason: 'Loyal', amount: 450 }],
    },
  ],
};

describe('the printed invoice', () => {
  it('says all that the invoice says, in the language of the seller', () => {
    expect(textOf(printed(everything).content)).toMatchSnapshot();
  });

  it('is English elsewhere, and fetches nothing', () => {
    const { content, language } = printed({ seller: { ...seller, address: { country: 'IE' } } });
    expect(language).toBe('en');
    expect(textOf(content)).toContain('Amount due\n119.00 EUR');
    expect(content).not.toMatch(/src=|href=|url\(|<script/);
  });

  it.each([
    ['381', 'Rechnungskorrektur'],
    ['396', 'Rechnungskorrektur'],
  ])('asks nobody to pay a credit note (%s)', (typeCode, title) => {
    const text = textOf(printed({ ...everything, typeCode }).content);
    expect(text).toContain(title);
    expect(text).toContain('Gutgeschriebener Betrag');
    for (const demand of ['Zahlbetrag', 'Fällig am', 'IBAN', '14 Tage netto']) expect(text).not.toContain(demand);
  });

  it('prints the figures as issued, and calculates none', () => {
    const figures = structuredClone(calculate(document));
    figures.totals.payable = 123_456_789;
    expect(textOf(printed({}, { figures }).content)).toContain('Zahlbetrag\n1.234.567,89 EUR');
  });

  it.each([
    ['JPY', 11_900, '11.900 JPY'],
    ['KWD', 11_900, '11,900 KWD'],
    ['EUR', -5, '\u22120,05 EUR'],
  ])('prints %s with its digits', (currency, payable, text) => {
    const figures = structuredClone(calculate(document));
    figures.totals.payable = payable;
    expect(textOf(printed({ currency }, { figures }).content)).toContain(`Zahlbetrag\n${text}`);
  });

  it('lets no text become markup', () => {
    const attack = '<script>alert("1")</script>';
    const { content } = printed({ buyer: { name: attack }, notes: [attack], paymentTerms: attack });
    expect(content).not.toContain('<script');
    expect(content.match(/&lt;script&gt;/g)).toHaveLength(3);
  });

  it('gives the same bytes for the same invoice', () => {
    expect(printed(everything).content).toBe(printed(structuredClone(everything)).content);
  });

  it('is marked when it is a test, and named after its number', () => {
    const { content, filename } = printed({}, { scope: { tenant: 't', mode: 'test' }, number: 'RE/2026/1' });
    expect(content).toContain('keine Zahlungsaufforderung');
    expect(filename).toBe('RE-2026-1.html');
  });
});
