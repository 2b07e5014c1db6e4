/** Converting amounts by published reference rates. What cannot be converted soundly is refused, never guessed. */
import { Decimal } from '../money/decimal.ts';
import { daysBetween } from './calendar.ts';
import type { CalendarDate, DecimalText } from './document.ts';

/** The rates of one day: units of a currency for one euro, as the European Central Bank publishes them. */
export interface ExchangeRates {
  readonly date: CalendarDate;
  /** `ECB`, or `demo` for figures that were made up. */
  readonly source: 'ECB' | 'demo';
  readonly rates: Readonly<Record<string, DecimalText>>;
}

/** Where rates are kept; they are the same for all tenants. */
export interface ExchangeRateStore {
  /** The latest rates of that day or a day before. */
  exchangeRates(onOrBefore: CalendarDate): Promise<ExchangeRates | undefined>;
}

/** The rates that a day is converted with. */
export interface DatedRates extends ExchangeRates {
  /** Days from the rates to the day that was asked for. */
  readonly age: number;
}

/** Older rates convert nothing: longer than any run of days without a publication. */
export const oldestRates = 7;

/** An amount in another currency, with what it came from. */
export interface Conversion {
  readonly amount: Decimal;
  /** The rates' day; absent when the currency stayed the same. */
  readonly date?: CalendarDate;
  readonly source?: ExchangeRates['source'];
  readonly age?: number;
  /** Units of each of both currencies for one euro. */
  readonly rates: Readonly<Record<string, DecimalText>>;
}

/** Why there is no conversion. */
export type ConversionRefusal =
  | { readonly refused: 'no-rates'; readonly on: CalendarDate }
  | { readonly refused: 'rates-too-old'; readonly on: CalendarDate; readonly date: CalendarDate; readonly age: number }
  | {
      readonly refused: 'no-rate-for-currency';
      readonly on: CalendarDate;
      readonly date: CalendarDate;
      readonly currency: string;
    };

export interface ConversionRequest {
  readonly amount: Decimal;
  readonly from: string;
  readonly to: string;
  /** The day whose rates count. */
  readonly on: CalendarDate;
  /** Decimals of the result, which is rounded once, half away from zero. */
  readonly decimals: number;
}

/** Rates and conversions over what is published. */
export function exchangeRates({ exchangeRates: latest }: ExchangeRateStore) {
  /** The latest rates of that day or before, whatever their age. */
  async function rates(on: CalendarDate): Promise<DatedRates | undefined> {
    const found = await latest(on);
    return found && { ...found, age: daysBetween(found.date, on) };
  }

  return {
    rates,

    /** Converts by way of the euro, with both rates from one day. */
    async convert(request: ConversionRequest): Promise<Conversion | ConversionRefusal> {
      const { amount, from, to, on, decimals } = request;
      if (from === to) return { amount, rates: {} };
      const found = await rates(on);
      if (!found) return { refused: 'no-rates', on };
      const { date, source, age } = found;
      if (age > oldestRates) return { refused: 'rates-too-old', on, date, age };
      const [fromRate, toRate] = [rateOf(found, from), rateOf(found, to)];
      if (!fromRate || !toRate) {
        return { refused: 'no-rate-for-currency', on, date, currency: fromRate ? to : from };
      }
      return {
        amount: amount.times(Decimal.of(toRate)).dividedBy(Decimal.of(fromRate), decimals),
        date,
        source,
        age,
        rates: { [from]: fromRate, [to]: toRate },
      };
    },
  };
}

const rateOf = ({ rates }: ExchangeRates, currency: string): DecimalText | undefined =>
  currency === 'EUR' ? '1' : Object.hasOwn(rates, currency) ? rates[currency] : undefined;
