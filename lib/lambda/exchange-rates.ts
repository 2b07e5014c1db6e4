/** How published exchange rates come in: by a scheduled function that keeps all of a document or nothing. */
import { daysBetween, todayIn } from '../invoice/calendar.ts';
import type { Timestamp } from '../invoice/document.ts';
import { parseRates, UnreadableRates } from '../invoice/ecb.ts';
import { type ExchangeRates, oldestRates } from '../invoice/exchange-rates.ts';

export interface ExchangeRatesTask {
  /** Where the European Central Bank publishes them, or something of the same form. */
  readonly url: string;
  put(rates: ExchangeRates): Promise<void>;
  now(): Timestamp;
}

const timeout = 10_000;

/** Throws whatever is wrong, so that the function's alarm tells of it; the next run may find it mended. */
export const exchangeRatesTask =
  ({ url, put, now }: ExchangeRatesTask) =>
  async (): Promise<{ newest: string; days: number }> => {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeout) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
    const published = parseRates(await response.text());
    const today = todayIn('Europe/Berlin', now());
    const newest = published.reduce((latest, { date }) => (date > latest ? date : latest), '');
    // A feed that stands still is as bad as none, only quieter.
    if (newest > today || daysBetween(newest, today) > oldestRates) {
      throw new UnreadableRates(`The newest rates are of ${newest}, and today is ${today}.`);
    }
    for (const rates of published) await put(rates);
    return { newest, days: published.length };
  };
