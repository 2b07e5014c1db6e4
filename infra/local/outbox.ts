/** Amazon SES on this machine: what is sent lands in a folder, one folder a message, with its attachments beside it. */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { badRequest, type ControlRoute } from './control-plane.ts';

interface SendEmail {
  FromEmailAddress?: string;
  Destination?: { ToAddresses?: string[] };
  Content?: { Raw?: { Data?: string } };
}

/** The routes of SES that are emulated: sending a finished message. */
export const outboxRoutes = (folder: string): ControlRoute[] => [
  [
    'POST',
    /^\/v2\/email\/outbound-emails$/,
    async ({ body }) => {
      const { FromEmailAddress, Destination, Content } = body as SendEmail;
      if (!FromEmailAddress || !Destination?.ToAddresses?.length || !Content?.Raw?.Data) {
        throw badRequest('Only a raw message with sender and recipients is emulated.');
      }
      const MessageId = randomUUID();
      await drop(join(folder, `${new Date().toISOString().replaceAll(':', '')}-${MessageId}`), Content.Raw.Data);
      return { status: 200, body: { MessageId } };
    },
  ],
];

async function drop(folder: string, raw: string): Promise<void> {
  const message = Buffer.from(raw, 'base64');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'message.eml'), message);
  for (const { filename, content } of attachmentsOf(message.toString())) {
    await writeFile(join(folder, filename), content);
  }
}

/** The attachments of a `multipart/mixed` message whose parts are in base64. */
function attachmentsOf(message: string) {
  const boundary = /boundary="([^"]+)"/.exec(message)?.[1];
  const parts = boundary === undefined ? [] : message.split(`--${boundary}`);
  return parts.flatMap((part) => {
    const [headers = '', content = ''] = part.split('\r\n\r\n');
    const [, plain, encoded] = /filename(?:="([^"]+)"|\*=UTF-8''(\S+))/.exec(headers) ?? [];
    const name = basename(plain ?? decodeURIComponent(encoded ?? ''));
    return /[^.]/.test(name) ? [{ filename: name, content: Buffer.from(content, 'base64') }] : [];
  });
}
