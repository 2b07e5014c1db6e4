/**
 * Texts that may be too large for one item: deflated against a dictionary of what every invoice says, and cut into pieces.
 * A 10-line invoice takes a third of its JSON; an item holds at most 400 KB.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { InvoiceError } from '../invoice/failure.ts';
import { Unreadable } from '../invoice/store.ts';
import { dictionaries, newest } from './dictionary.ts';

/** Bytes of one piece: the item limit less room for keys and plain attributes. */
const pieceSize = 380_000;

/** Bytes a text may take once compressed. An invoice and its first answer share a transaction of at most 4 MB. */
const largestText = 4 * pieceSize;

/** An answer says what its invoice does, and a little more: it fits whenever the invoice did. */
export const largestAnswerText = 5 * pieceSize;

/** Compresses a text; the first byte names the dictionary. */
export function toPieces(text: string, largest = largestText): Uint8Array[] {
  const deflated = deflateRawSync(text, { dictionary: dictionaries.get(newest) });
  if (deflated.length > largest) {
    throw new InvoiceError({ kind: 'invoice-too-large', limit: largest, given: deflated.length });
  }
  const whole = Buffer.concat([Buffer.of(newest), deflated]);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < whole.length; at += pieceSize) pieces.push(whole.subarray(at, at + pieceSize));
  return pieces;
}

/** The text that was cut into pieces. */
export function fromPieces(pieces: readonly Uint8Array[]): string {
  const whole = Buffer.concat(pieces);
  const dictionary = dictionaries.get(whole[0] ?? 0);
  if (!dictionary) throw new Unreadable(`There is no dictionary ${whole[0]}: a newer version wrote this.`);
  try {
    return inflateRawSync(whole.subarray(1), { dictionary }).toString('utf8');
  } catch (cause) {
    throw new Unreadable('This is not what was compressed.', { cause });
  }
}
