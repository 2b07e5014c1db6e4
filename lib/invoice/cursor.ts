/**
 * Where a list goes on. A cursor is the position that came last under a code (HMAC-SHA-256, cut to 128 bits) over the list,
 * its filter and the position, with a secret that the scope alone has: it fits no other tenant, mode, list or filter, and
 * nobody can make one.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { InvoiceError } from './failure.ts';

const codeBytes = 16;

const codeOf = (secret: string, list: string, position: string): Buffer =>
  createHmac('sha256', secret).update(`${list}\n${position}`).digest().subarray(0, codeBytes);

/** A cursor for what follows `position`. `list` names the list with everything that filters it. */
export const sealCursor = (secret: string, list: string, position: string): string =>
  Buffer.concat([codeOf(secret, list, position), Buffer.from(position)]).toString('base64url');

/** The position in a cursor; a failure of the query's `member` when it was not sealed for this list. */
export function openCursor(secret: string, list: string, cursor: string, member = 'cursor'): string {
  const position = Buffer.from(cursor, 'base64url').subarray(codeBytes).toString();
  const sealed = Buffer.from(sealCursor(secret, list, position));
  const given = Buffer.from(cursor);
  if (given.length === sealed.length && timingSafeEqual(given, sealed)) return position;
  throw new InvoiceError({
    kind: 'invalid',
    faults: [
      {
        in: 'query',
        path: [member],
        code: 'invalid_cursor',
        message: 'Send the next_cursor of the page before with the same filters, or leave it out for the first page.',
      },
    ],
  });
}
