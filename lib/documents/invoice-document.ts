/**
 * The invoice as its buyer reads it: one HTML page that needs nothing from elsewhere. It prints the figures that were issued
 * and calculates nothing; the same invoice always gives the same bytes.
 */
import type { Attachment, InvoiceDocument } from '../invoice/document.ts';
import type { Invoice } from '../invoice/model.ts';
import { definitions, type Html, html } from './html.ts';
import { linesOf } from './lines.ts';
import { periodText, sellersOf } from './parties.ts';
import { paymentOf } from './payment.ts';
import { type Printing, printingOf } from './printing.ts';
import { styles } from './styles.ts';
import { taxesOf, totalsOf } from './totals.ts';
import type { Language } from './words.ts';

export interface PrintedInvoice {
  readonly language: Language;
  /** Such as `Invoice INV-2026-00001`. */
  readonly title: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly content: string;
}

export function invoiceDocument(invoice: Invoice): PrintedInvoice {
  const printing = printingOf(invoice);
  const { words, language, title } = printing;
  const { document } = invoice;
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${styles}</style>
</head>
<body>
${invoice.scope.mode === 'test' && html`<p class="test">${words.test}</p>\n`}<h1>${title}</h1>
${sellersOf(printing)}
${referencesOf(printing)}
${linesOf(printing)}
${totalsOf(printing)}
${taxesOf(printing)}
${paymentOf(printing)}
${section(words.notes, [...(document.notes ?? []), ...legalOf(document)])}
${section(words.attachments, (document.attachments ?? []).map(attachmentText))}
</body>
</html>
`;
  return {
    language,
    title,
    // What a file system or a mail header may trip over is left out of the name.
    filename: `${(invoice.number ?? invoice.id).replace(/[^\w.-]+/g, '-')}.html`,
    mediaType: 'text/html; charset=utf-8',
    content: page.text.replace(/\n{2,}/g, '\n'),
  };
}

const section = (title: string, texts: readonly string[]): Html =>
  texts.length === 0 ? html`` : html`<section><h2>${title}</h2>${texts.map((text) => html`<p>${text}</p>`)}</section>`;

/** BT-33: what the law of the seller's kind of company wants on every letter. */
const legalOf = ({ seller }: InvoiceDocument): string[] => (seller?.legalInformation ? [seller.legalInformation] : []);

const attachmentText = ({ filename, description, externalReference }: Attachment) =>
  [filename, description, externalReference].filter((text) => text !== undefined).join(' · ');

function referencesOf({ invoice: { document, number }, words, print, isCreditNote }: Printing): Html {
  const day = (date: string | undefined) => date && print.day(date);
  return definitions([
    [words.number, number],
    [words.issueDate, day(document.issueDate)],
    [words.dueDate, isCreditNote ? undefined : day(document.dueDate)],
    [words.taxPointDate, day(document.taxPointDate)],
    [words.deliveryDate, day(document.delivery?.date)],
    [words.period, periodText(document.period, print)],
    [words.buyerReference, document.buyerReference],
    [words.purchaseOrder, document.purchaseOrder],
    [words.salesOrder, document.salesOrder],
    [words.contract, document.contractReference],
    [words.project, document.projectReference],
    ...(document.precedingInvoices ?? []).map(
      ({ number: name, issueDate }) =>
        [
          words.preceding,
          [name, issueDate && `${words.of} ${print.day(issueDate)}`].filter(Boolean).join(' '),
        ] as const,
    ),
  ]);
}
