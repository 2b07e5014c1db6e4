/** Fields that contracts share. What goes in is plain JSON, so that OpenAPI can describe it. */
import * as z from 'zod';
import { isDay } from '../invoice/calendar.ts';
import type { CalendarDate, Timestamp } from '../invoice/document.ts';
import { exactNumber, lengthOf, text } from '../invoice/fields.ts';
import { Decimal } from '../money/decimal.ts';

export { currency, email, exactNumber, text, uuid } from '../invoice/fields.ts';

/** Any text: what is not an id of the caller's answers like an unknown one. */
export const IdPath = z.object({ id: z.string() });

export const NoBody = z.strictObject({}).optional();

/** Text of exactly so many characters. */
export const textOf = (characters: number) =>
  z
    .string()
    .refine((value) => lengthOf(value) === characters, {
      error: `Must have exactly ${characters} characters.`,
      params: { code: 'wrong_length' },
    })
    .meta({ minLength: characters, maxLength: characters });

/** An amount in the currency's minor unit. */
export const amount = z.int();

/** A JSON number by the digits that it prints; comes out as decimal text. */
export const decimal = exactNumber.transform(decimalText);

/** A decimal number of 0 or more; comes out as decimal text. */
export const nonNegative = exactNumber.min(0).transform(decimalText);

/** A decimal number that something is divided by. */
export const divisor = exactNumber
  .refine((value) => value !== 0, { error: 'Must not be 0; leave it out for 1.', params: { code: 'out_of_range' } })
  .transform(decimalText);

/** A percentage of 0 to 100; comes out as decimal text. */
export const percentage = exactNumber.min(0).max(100).transform(decimalText);

function decimalText(value: number): string {
  return Decimal.of(value).toString();
}

/** A card number, masked before anything else sees it. */
export const cardNumber = (longest: number) => text(longest).transform(masked);

/**
 * Keeps at most the first 6 and last 4 digits, as PCI DSS allows, and only the last 4 of what is too short to be a whole
 * number. What stands between them is masked already or will be; spaces and hyphens stay.
 */
function masked(number: string): string {
  const places = [...number.matchAll(/[^\s-]/gu)].map(({ index }) => index);
  const head = places.length < 13 ? 0 : 6;
  const hidden = new Set(places.slice(head, -4));
  return [...number.matchAll(/./gsu)]
    .map(({ 0: character, index }) => (hidden.has(index) && /\p{N}/u.test(character) ? '*' : character))
    .join('');
}

/** RFC 3339, section 5.6: a full date, or one with a time and its offset from UTC. */
const dateForm =
  /^(?<day>[1-9]\d{3}-\d\d-\d\d)(?:[Tt](?<time>(?:[01]\d|2[0-3]):[0-5]\d):(?<second>[0-5]\d|60)(?:\.\d+)?(?<offset>[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

/** A day, or a moment that falls on one: `2026-03-29` or `2026-03-29T23:30:00+01:00`. `dayIn` tells which. */
export const date = z
  .string()
  .refine(isDate, {
    error: 'Must be a day such as 2026-03-29, or a moment with its offset such as 2026-03-29T12:00:00Z.',
    params: { code: 'invalid_date' },
  })
  .meta({ anyOf: [{ format: 'date-time' }, { format: 'date' }] });

function isDate(value: string): boolean {
  const { day, time } = dateForm.exec(value)?.groups ?? {};
  if (day === undefined) return false;
  // Elsewhere it may be the day before or after, whose year must have four digits too.
  if (time !== undefined && (day === '1000-01-01' || day === '9999-12-31')) return false;
  return isDay(day);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of a `date` in a time zone. A plain day is taken as it is. */
export function dayIn(timeZone: string, value: string): CalendarDate {
  const { day = '', time, offset } = dateForm.exec(value)?.groups ?? {};
  if (time === undefined) return day;
  // Seconds decide no day, and a leap second would be no time to `Date`.
  const moment = new Date(`${day}T${time}:00${offset}`);
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  return format.format(moment);
}

/** The moment of a `date`; none in a plain day. A leap second counts as the one before it, which `Date` knows. */
export function momentOf(value: string): Timestamp | undefined {
  const { time } = dateForm.exec(value)?.groups ?? {};
  return time === undefined ? undefined : new Date(value.toUpperCase().replace(/:60(?=[.Z+-])/, ':59')).toISOString();
}

/** A moment that falls on a day in a time zone and in UTC alike, for answers that must tell a day as a moment. */
export function momentOn(timeZone: string, day: CalendarDate): Timestamp {
  const hours = Array.from({ length: 24 }, (_, hour) => `${day}T${String(hour).padStart(2, '0')}:00:00.000Z`);
  return hours.find((moment) => dayIn(timeZone, moment) === day) as Timestamp;
}
