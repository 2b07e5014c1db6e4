/** The message that brings an invoice to its buyer. */
import { invoiceDocument } from '../documents/invoice-document.ts';
import { printingOf } from '../documents/printing.ts';
import type { Invoice } from '../invoice/model.ts';
import type { Mail } from './message.ts';

/** Where the buyer wants mail: at its contact (BT-58), or at an electronic address that is one of e-mail (BT-49, EAS code EM). */
export function buyerAddress({ document: { buyer } }: Invoice): string | undefined {
  const { contact, endpointId } = buyer;
  return contact?.email ?? (endpointId?.scheme === 'EM' ? endpointId.value : undefined);
}

/** What SES takes: ASCII before the @ and a domain with a dot after it. Refuses line breaks, lists and display names. */
export const isAddress = (text: string): boolean =>
  text.length <= 254 && /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d-]+(\.[a-z\d-]+)+$/i.test(text);

export function invoiceMail(invoice: Invoice, from: string, to: string): Mail {
  const { words, print, title, isCreditNote } = printingOf(invoice);
  const document = invoiceDocument(invoice);
  const { seller, dueDate, attachments = [] } = invoice.document;
  const name = seller?.legalName ?? seller?.name;
  const test = invoice.scope.mode === 'test';
  const lines = [
    test && `${words.test}\n`,
    words.greeting,
    words.enclosed,
    '',
    title,
    `${isCreditNote ? words.credited : words.payable}: ${print.amount(invoice.figures.totals.payable)}`,
    dueDate && !isCreditNote && `${words.dueDate}: ${print.day(dueDate)}`,
    '',
    name,
  ];
  const replyTo = seller?.contact?.email;
  return {
    from: { address: from, ...(name && { name }) },
    to,
    ...(replyTo && isAddress(replyTo) && { replyTo }),
    subject: [test && '[TEST]', title, name && `– ${name}`].filter(Boolean).join(' '),
    // The moment of the attempt as it was recorded: the same attempt gives the same bytes.
    date: new Date(invoice.facts.sendingAt ?? invoice.updatedAt),
    text: `${lines.filter((line) => line !== undefined && line !== false).join('\r\n')}\r\n`,
    attachments: [
      document,
      // BG-24 is part of the invoice; what only has an address is named in the document.
      ...attachments.flatMap(({ data, filename = 'attachment', mimeType = '' }) =>
        data === undefined ? [] : [{ filename, mediaType: mediaType(mimeType), content: Buffer.from(data, 'base64') }],
      ),
    ],
    boundary: `_part_${invoice.id}`,
  };
}

/** What the caller called it, if that can stand in a header. */
const mediaType = (given: string): string =>
  /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(given) ? given : 'application/octet-stream';
