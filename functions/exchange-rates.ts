import { exchangeRatesTask } from '../lib/lambda/exchange-rates.ts';
import { liveExchangeRates } from '../lib/live.ts';

/** Runs on a schedule: keeps the rates that the European Central Bank published. */
export const handler = exchangeRatesTask(liveExchangeRates());
