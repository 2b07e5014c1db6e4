import { minorUnitDigits } from '../../money/currency.ts';
import type { Attachment, InvoiceDocument } from '../document.ts';
import type { Fault } from '../failure.ts';
import { attachmentTypes, taxPointDateCodes, typeCodes } from './code-lists.ts';
import { periodRules } from './periods.ts';
import { broken, brokenInEach, type Candidate, given, type Rule } from './rule.ts';

const documentRules: readonly Rule<InvoiceDocument>[] = [
  {
    id: 'BR-02',
    term: 'BT-1',
    path: ['number'],
    message: 'An invoice number cannot be blank; write one, or leave it out to be given one from a series.',
    holds: (_, { number }) => number === undefined || given(number),
  },
  {
    id: 'BR-03',
    term: 'BT-2',
    path: ['issueDate'],
    message: 'The issue date is missing; give the day of issue.',
    holds: ({ issueDate }) => given(issueDate),
  },
  {
    id: 'BR-04',
    term: 'BT-3',
    path: ['typeCode'],
    message: 'The type code is missing; use 380 for an invoice or 381 for a credit note.',
    holds: ({ typeCode }) => given(typeCode),
  },
  {
    id: 'BR-CL-01',
    term: 'BT-3',
    path: ['typeCode'],
    code: 'unknown_code',
    message: 'This is no document type of UNTDID 1001 for invoices; use 380 for an invoice or 381 for a credit note.',
    holds: ({ typeCode }) => !given(typeCode) || typeCodes.has(typeCode),
  },
  {
    id: 'BR-05',
    term: 'BT-5',
    path: ['currency'],
    message: 'The currency is missing; give its ISO 4217 code.',
    holds: ({ currency }) => given(currency),
  },
  {
    id: 'BR-CL-04',
    term: 'BT-5',
    path: ['currency'],
    code: 'unknown_code',
    message: 'This is no currency of ISO 4217; use a code such as EUR.',
    holds: ({ currency }) => !given(currency) || minorUnitDigits(currency) !== undefined,
  },
  {
    id: 'BR-CL-05',
    term: 'BT-6',
    path: ['vatCurrency'],
    code: 'unknown_code',
    message: 'This is no currency of ISO 4217; use a code such as EUR.',
    holds: ({ vatCurrency }) => !given(vatCurrency) || minorUnitDigits(vatCurrency) !== undefined,
  },
  {
    id: 'BR-53',
    term: 'BT-111',
    path: ['vatCurrency'],
    code: 'not_supported',
    message:
      'VAT in another currency needs its total in that currency, which this invoice has no place for; leave the VAT currency out or invoice in it.',
    holds: ({ currency, vatCurrency }) => !given(vatCurrency) || vatCurrency === currency,
  },
  {
    id: 'BR-16',
    term: 'BG-25',
    path: ['lines'],
    message: 'An invoice needs at least one line.',
    holds: ({ lines }) => lines.length > 0,
  },
  {
    id: 'BR-CO-18',
    term: 'BG-23',
    path: ['lines'],
    message: 'There is nothing to break VAT down by; add a line with its VAT category.',
    holds: (_, { figures }) => figures.taxBreakdown.length > 0,
  },
  {
    id: 'BR-CO-03',
    term: 'BT-7',
    path: ['taxPointDate'],
    code: 'not_allowed',
    message: 'A tax point date and a tax point date code (the description of the period) exclude each other; keep one.',
    holds: ({ taxPointDate, period }) => !given(taxPointDate) || !taxPointDateCodes.has(period?.description ?? ''),
  },
  {
    id: 'BR-CO-25',
    term: 'BT-9',
    path: ['dueDate'],
    message: 'An amount is due, but not said when; give a due date or payment terms.',
    holds: ({ dueDate, paymentTerms }, { figures }) =>
      figures.totals.payable <= 0 || given(dueDate) || given(paymentTerms),
  },
];

const invoicingPeriodRules = periodRules('BR-29', 'BR-CO-19', 'BT-73', 'BT-74');

const precedingInvoiceRules: readonly Rule<{ number?: string }>[] = [
  {
    id: 'BR-55',
    term: 'BT-25',
    path: ['number'],
    message: 'A reference to a preceding invoice needs its number.',
    holds: ({ number }) => given(number),
  },
];

const attachmentRules: readonly Rule<Attachment>[] = [
  {
    id: 'BR-CL-24',
    term: 'BT-125',
    path: ['mimeType'],
    code: 'unknown_code',
    message: 'Attachments may be PDF, PNG, JPEG, CSV, XLSX or ODS; convert the file or refer to it by its address.',
    holds: ({ data, mimeType }) => !given(data) || attachmentTypes.has(mimeType ?? ''),
  },
];

/** What concerns the invoice as a whole. */
export function documentFaults(candidate: Candidate): Fault[] {
  const { document } = candidate;
  return [
    ...broken(documentRules, document, [], candidate),
    ...(document.period ? broken(invoicingPeriodRules, document.period, ['period'], candidate) : []),
    ...brokenInEach(precedingInvoiceRules, document.precedingInvoices, ['precedingInvoices'], candidate),
    ...brokenInEach(attachmentRules, document.attachments, ['attachments'], candidate),
  ];
}
