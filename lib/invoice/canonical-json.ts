/**
 * The one text of a JSON value, after RFC 8785: members sorted by UTF-16 code units, no white space, numbers as ECMAScript
 * prints them. Equal values have equal texts, so that fingerprints and digests do not depend on how something was written.
 * A member that is `undefined` counts as absent.
 */
import { createHash } from 'node:crypto';

/** The text of a value. RangeError for a number that JSON does not have. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} has no JSON text.`);
  return JSON.stringify(value);
}

/** SHA-256 of a value's canonical JSON, in hexadecimal digits. */
export const digest = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');
