/** Plain JSON fields that the core's schemas and the contracts' share. What comes out is of the form that went in. */
import * as z from 'zod';
import { minorUnitDigits } from '../money/currency.ts';
import { Decimal } from '../money/decimal.ts';
import { isDay } from './calendar.ts';
import { countries } from './rules/code-lists.ts';

/** Characters of a text: code points, as JSON Schema counts them. */
export function lengthOf(value: string): number {
  let characters = 0;
  for (const _ of value) characters += 1;
  return characters;
}

const atMost = (longest: number) =>
  [
    (value: string) => lengthOf(value) <= longest,
    { error: `May have at most ${longest} characters.`, params: { code: 'too_long' } },
  ] as const;

/** Text of at most so many characters. */
export const text = (longest: number) =>
  z
    .string()
    .refine(...atMost(longest))
    .meta({ maxLength: longest });

/** An email address, also with letters beyond ASCII (RFC 6532). */
export const email = (longest: number) =>
  z
    .email({ pattern: z.regexes.unicodeEmail })
    .refine(...atMost(longest))
    .meta({ maxLength: longest });

/** A UUID in whatever letter case; lower case is how it is kept. */
export const uuid = z.guid().toLowerCase();

/** An ISO 4217 code in whatever letter case. */
export const currency = z
  .string()
  .toUpperCase()
  .refine((code) => minorUnitDigits(code) !== undefined, {
    error: 'Must be a currency of ISO 4217, such as EUR.',
    params: { code: 'unknown_code' },
  })
  .meta({ minLength: 3, maxLength: 3 });

/** An ISO 3166-1 alpha-2 code in whatever letter case. */
export const country = z
  .string()
  .toUpperCase()
  .refine((code) => countries.has(code), {
    error: 'Must be a country of ISO 3166-1, such as DE.',
    params: { code: 'unknown_code' },
  })
  .meta({ minLength: 2, maxLength: 2 });

/** A JSON number that its digits say exactly. */
export const exactNumber = z.number().refine(Decimal.accepts, {
  error: 'Cannot be kept exactly; send at most 15 significant digits.',
  params: { code: 'imprecise_number' },
});

/** A calendar day that exists. */
export const day = z
  .string()
  .refine(isDay, { error: 'Must be a day such as 2026-03-29.', params: { code: 'invalid_date' } })
  .meta({ format: 'date' });

/** A name of the IANA time zone database that this machine knows. */
export const timeZone = text(64).refine(isTimeZone, {
  error: 'Must be an IANA time zone, such as Europe/Berlin.',
  params: { code: 'unknown_code' },
});

function isTimeZone(name: string): boolean {
  try {
    // An offset such as +01:00 is accepted too, but knows no summer time.
    return /^[A-Z]/i.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
