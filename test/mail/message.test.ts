import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buyerAddress, invoiceMail, isAddress } from '../../lib/mail/invoice-mail.ts';
import { type Mail, messageOf } from '../../lib/mail/message.ts';
import { document, invoiceOf, seller } from '../support/fixtures.ts';

const mail: Mail = {
  from: { name: 'Müller "& Co"', address: 'billing@us.example' },
  to: 'buyer@them.example',
  subject: 'Rechnung für März',
  date: new Date('2026-01-20T12:00:00.000Z'),
  text: 'Guten Tag,\r\nanbei.\r\n',
  attachments: [
    { filename: 'INV-1.html', mediaType: 'text/html; charset=utf-8', content: '<p>ä</p>' },
    { filename: 'Übersicht (1).pdf', mediaType: 'application/pdf', content: new Uint8Array([0, 255, 13, 10]) },
  ],
  boundary: '_part_1',
};

/** Reads a message back as RFC 5322 and MIME say, independently of how it was written. */
function read(message: string) {
  const [head = '', ...rest] = message.split('\r\n\r\n');
  const headers = new Map(
    head
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')), decoded(line.slice(line.indexOf(':') + 2))] as const),
  );
  const boundary = /boundary="(.+)"/.exec(headers.get('Content-Type') ?? '')?.[1];
  const parts = rest.join('\r\n\r\n').split(`--${boundary}`);
  expect(parts.shift()).toBe('');
  expect(parts.pop()).toBe('--\r\n');
  return {
    headers,
    parts: parts.map((part) => {
      const [heading = '', body = ''] = part.split('\r\n\r\n');
      return { heading, content: Buffer.from(body, 'base64') };
    }),
  };
}

const decoded = (text: string) =>
  text
    .replace(/\?= +=\?/g, '?==?')
    .replace(/=\?UTF-8\?B\?([^?]*)\?=/g, (_, data) => Buffer.from(data, 'base64').toString());

describe('a message', () => {
  it('reads back as it was meant', () => {
    const { headers, parts } = read(messageOf(mail));
    expect(Object.fromEntries(headers)).toMatchObject({
      From: 'Müller "& Co" <billing@us.example>',
      To: 'buyer@them.example',
      Subject: 'Rechnung für März',
      Date: 'Tue, 20 Jan 2026 12:00:00 +0000',
      'MIME-Version': '1.0',
    });
    expect(parts.map(({ content }) => content)).toEqual(
      [mail.text, '<p>ä</p>', new Uint8Array([0, 255, 13, 10])].map((content) => Buffer.from(content)),
    );
    expect(parts[1]?.heading).toContain('filename="INV-1.html"');
    expect(parts[2]?.heading).toContain("filename*=UTF-8''%C3%9Cbersicht%20%281%29.pdf");
  });

  it('has short lines of ASCII, and no header that a text smuggled in', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(text, text, fc.string({ unit: 'binary', size: 'max', maxLength: 300 }), (subject, name, filename) => {
        const [attachment] = mail.attachments;
        const attachments = [{ ...attachment, filename: `${filename}a` } as (typeof mail.attachments)[number]];
        const message = messageOf({ ...mail, from: { ...mail.from, name }, subject, attachments });
        expect(message).toMatch(/^[\r\n -~]*$/);
        expect(message.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        for (const line of message.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
        const { headers, parts } = read(message);
        expect([...headers.keys()]).toEqual(['From', 'To', 'Subject', 'Date', 'MIME-Version', 'Content-Type']);
        expect(parts).toHaveLength(2);
        expect(headers.get('Subject')).toBe(subject.replace(/\s+/g, ' '));
      }),
    );
  });
});

describe('the mail of an invoice', () => {
  const invoice = invoiceOf({
    ...document,
    seller: { ...seller, contact: { email: 'a@us.example' } },
    dueDate: '2026-02-14',
  });

  it('names number, amount and due date, and brings the document', () => {
    const made = invoiceMail(invoice, 'mail@us.example', 'b@them.example');
    expect(made).toMatchObject({
      from: { name: 'Example GmbH', address: 'mail@us.example' },
      replyTo: 'a@us.example',
      subject: 'Rechnung INV-2026-00001 – Example GmbH',
      attachments: [{ filename: 'INV-2026-00001.html' }],
    });
    expect(made.text).toContain('Zahlbetrag: 119,00 EUR\r\nFällig am: 14.02.2026\r\n');
    expect(messageOf(made)).toBe(messageOf(invoiceMail(invoice, 'mail@us.example', 'b@them.example')));
  });

  it('asks nobody to pay a credit note', () => {
    const { text } = invoiceMail(
      invoiceOf({ ...document, seller, typeCode: '381', dueDate: '2026-02-14' }),
      'us@x.example',
      'to@x.example',
    );
    expect(text).toContain('Gutgeschriebener Betrag: 119,00');
    for (const demand of ['Zahlbetrag', 'Fällig am']) expect(text).not.toContain(demand);
  });

  it('brings what is attached to the invoice', () => {
    const attachments = [
      { filename: 'x.csv', mimeType: 'text/csv', data: 'YTti' },
      { externalReference: 'https://a.example' },
    ];
    const made = invoiceMail(
      { ...invoice, document: { ...invoice.document, attachments } },
      'm@u.example',
      'b@t.example',
    );
    expect(made.attachments.map(({ filename }) => filename)).toEqual(['INV-2026-00001.html', 'x.csv']);
  });

  it('lets no media type begin another header', () => {
    const attachments = [{ data: 'YTti', mimeType: 'text/csv\r\nBcc: x@y.example' }];
    const made = invoiceMail(
      { ...invoice, document: { ...invoice.document, attachments } },
      'm@u.example',
      'b@t.example',
    );
    expect(made.attachments[1]?.mediaType).toBe('application/octet-stream');
  });

  it.each([
    [{ contact: { email: 'a@b.example' }, endpointId: { scheme: 'EM', value: 'c@d.example' } }, 'a@b.example'],
    [{ endpointId: { scheme: 'EM', value: 'c@d.example' } }, 'c@d.example'],
    [{ endpointId: { scheme: '0088', value: '4012345000009' } }, undefined],
    [{}, undefined],
  ])('goes to the buyer: %j', (buyer, address) => {
    expect(buyerAddress({ ...invoice, document: { ...document, buyer } })).toBe(address);
  });

  it.each([
    'a@b',
    'a@b.example, c@d.example',
    'A <a@b.example>',
    'a@b.example\r\nBcc: c@d.example',
    'ä@b.example',
    '@b.example',
  ])('takes %j for no address', (text) => expect(isAddress(text)).toBe(false));
});
