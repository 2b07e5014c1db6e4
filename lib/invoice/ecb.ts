/**
 * The euro foreign exchange reference rates as the European Central Bank publishes them: an envelope around one `Cube`, in it
 * one for each day, in that one for each currency. The form is fixed, so anything else is a fault and not a variant.
 */
import { Decimal } from '../money/decimal.ts';
import { isDay } from './calendar.ts';
import type { ExchangeRates } from './exchange-rates.ts';

/** A document that is not as it should be; nothing of it is used. */
export class UnreadableRates extends Error {}

interface Tag {
  /** What stands between the angle brackets. */
  readonly name: string;
  /** What follows until the next tag. */
  readonly text: string;
}

const day = /^Cube time=(?<quote>['"])(?<date>[^'"]*)\k<quote>$/;
const rate =
  /^Cube currency=(?<q>['"])(?<currency>[A-Z]{3})\k<q> rate=(?<r>['"])(?<units>\d{1,9}(\.\d{1,9})?)\k<r> ?\/$/;

/** The rates of every day in a document. */
export function parseRates(xml: string): ExchangeRates[] {
  const days = new Map<string, Map<string, string>>();
  let open: Map<string, string> | undefined;
  for (const { name } of cubesIn(xml)) {
    const { date } = day.exec(name)?.groups ?? {};
    const { currency, units } = rate.exec(name)?.groups ?? {};
    if (date !== undefined && !open && isDay(date) && !days.has(date)) {
      open = new Map();
      days.set(date, open);
    } else if (currency && units && open && !open.has(currency) && !Decimal.of(units).isZero) {
      open.set(currency, Decimal.of(units).toString());
    } else if (name === '/Cube' && open && open.size > 0) {
      open = undefined;
    } else {
      throw new UnreadableRates(`Unexpected among exchange rates: <${name.slice(0, 80)}>.`);
    }
  }
  if (open || days.size === 0) throw new UnreadableRates('The document has no rates, or not all of them.');
  return [...days].map(([date, rates]) => ({ date, source: 'ECB', rates: Object.fromEntries(rates) }));
}

/** What stands within the outer `Cube`, if the document is one of rates and whole. */
function cubesIn(xml: string): Tag[] {
  const tags = tagsOf(xml);
  const first = tags.findIndex(({ name }) => name === 'Cube');
  const [cube, envelope] = tags.slice(-2);
  const isWhole = cube?.name === '/Cube' && envelope?.name === '/gesmes:Envelope';
  const begins = tags.slice(0, first).some(({ name }) => name.startsWith('gesmes:Envelope '));
  // Between rates there is nothing to say.
  const isBare = tags.slice(first).every(({ text }) => text.trim() === '');
  if (first < 0 || !begins || !isWhole || !isBare) {
    throw new UnreadableRates('This is no document of exchange rates, or not a whole one.');
  }
  return tags.slice(first + 1, -2);
}

function tagsOf(xml: string): Tag[] {
  const tags: Tag[] = [];
  const next = /<(?<name>[^<>]*)>(?<text>[^<>]*)/y;
  next.lastIndex = xml.length - xml.trimStart().length;
  while (next.lastIndex < xml.length) {
    const at = next.lastIndex;
    const { name, text } = next.exec(xml)?.groups ?? {};
    if (name === undefined || text === undefined) throw new UnreadableRates(`No tag after ${at} characters.`);
    tags.push({ name, text });
  }
  return tags;
}
