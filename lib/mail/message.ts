/** A message as it goes over the wire: RFC 5322 with MIME (RFC 2045 to 2047, RFC 2231). */

export interface MailPart {
  readonly filename: string;
  readonly mediaType: string;
  readonly content: string | Uint8Array;
}

export interface Mail {
  readonly from: { readonly name?: string; readonly address: string };
  readonly to: string;
  readonly replyTo?: string;
  readonly subject: string;
  readonly date: Date;
  readonly text: string;
  readonly attachments: readonly MailPart[];
  /** Separates the parts. Base64 never contains it, as long as it contains an underscore. */
  readonly boundary: string;
}

export function messageOf({ from, to, replyTo, subject, date, text, attachments, boundary }: Mail): string {
  const headers = [
    `From: ${from.name ? `${phrase(from.name)} <${from.address}>` : from.address}`,
    `To: ${to}`,
    ...(replyTo === undefined ? [] : [`Reply-To: ${replyTo}`]),
    `Subject: ${unstructured(subject)}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
  ];
  const parts = [part(['Content-Type: text/plain; charset=utf-8'], text), ...attachments.map(attachment)];
  return [...headers, '', ...parts.map((each) => `--${boundary}\r\n${each}`), `--${boundary}--`, ''].join('\r\n');
}

const attachment = ({ filename, mediaType, content }: MailPart): string =>
  part([`Content-Type: ${mediaType}`, `Content-Disposition: attachment;\r\n ${filenameParameter(filename)}`], content);

/** Everything in base64: it survives every relay, whatever the content. */
function part(headers: readonly string[], content: string | Uint8Array): string {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return [...headers, 'Content-Transfer-Encoding: base64', '', ...lines].join('\r\n');
}

/** The end of a name says more than its beginning; encoded, 80 characters still fit the 998 of a line. */
function filenameParameter(given: string): string {
  const name = [...given.toWellFormed()].slice(-80).join('');
  if (/^[\w .()-]+$/.test(name)) return `filename="${name}"`;
  const marks = (text: string) => text.replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  return `filename*=UTF-8''${marks(encodeURIComponent(name))}`;
}

/** A display name: quoted, or encoded where it is not plain ASCII. */
const phrase = (text: string): string =>
  /^[ -~]*$/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : encoded(text);

/** A line break would begin another header: it is encoded away like everything that is not plain ASCII. */
const unstructured = (text: string): string =>
  /^[ -~]{0,200}$/.test(text) && !text.includes('=?') ? text : encoded(text);

/** Encoded words hold 75 characters at most and never part of a character. */
function encoded(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const character of text.replace(/\s+/g, ' ')) {
    if (Buffer.byteLength(word + character) > 45) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((each) => `=?UTF-8?B?${Buffer.from(each).toString('base64')}?=`).join('\r\n ');
}
