/**
 * The euro foreign exchange reference rates as the European Central Bank publishes them: an envelope around one `Cube` for each
 * day, and in it one for each currency. The form has not changed since 1999, so anything else is a fault and not a variant.
 */
import { Decimal } from '../money/decimal.ts';
import type { ExchangeRates } from './exchange-rates.ts';
import { isDay } from './fields.ts';

const envelope =
  /^\s*(?:<\?xml [^>]*\?>\s*)?<gesmes:Envelope [^>]*>[\s\S]*?<Cube>(?<days>[\s\S]*)<\/Cube>\s*<\/gesmes:Envelope>\s*$/;
const day = /\s*<Cube time=(?<quote>['"])(?<date>[^'"]*)\k<quote>>(?<rates>[\s\S]*?)<\/Cube>\s*/y;
const rate =
  /\s*<Cube currency=(?<q1>['"])(?<currency>[A-Z]{3})\k<q1> rate=(?<q2>['"])(?<rate>\d{1,9}(?:\.\d{1,9})?)\k<q2>\s*\/>\s*/y;

/** A document that is not as it should be; nothing of it is used. */
export class UnreadableRates extends Error {}

/** The rates of every day in a document. */
export function parseRates(xml: string): ExchangeRates[] {
  const days = envelope.exec(xml)?.groups?.days;
  if (days === undefined) throw new UnreadableRates('This is no document of exchange rates, or not a whole one.');
  const read = all(day, days).map(({ date = '', rates = '' }): ExchangeRates => {
    if (!isDay(date)) throw new UnreadableRates(`"${date}" is no day.`);
    return { date, source: 'ECB', rates: ratesOf(date, rates) };
  });
  if (new Set(read.map(({ date }) => date)).size < read.length) throw new UnreadableRates('A day is there twice.');
  return read;
}

function ratesOf(date: string, text: string): ExchangeRates['rates'] {
  const rates = new Map<string, string>();
  for (const { currency = '', rate: value = '' } of all(rate, text)) {
    const units = Decimal.of(value);
    if (units.isZero) throw new UnreadableRates(`The rate of ${currency} on ${date} is 0.`);
    if (rates.has(currency)) throw new UnreadableRates(`The rate of ${currency} on ${date} is there twice.`);
    rates.set(currency, units.toString());
  }
  return Object.fromEntries(rates);
}

/** The named groups of a pattern that must match again and again, at least once, until nothing is left. */
function all(pattern: RegExp, text: string): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  pattern.lastIndex = 0;
  do {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match?.groups) throw new UnreadableRates(`Unexpected after ${at} characters: "${text.slice(at, at + 40)}".`);
    found.push(match.groups);
  } while (pattern.lastIndex < text.length);
  return found;
}
