/** Money as this contract shows it. */
import * as z from 'zod';
import type { MinorUnits } from '../../invoice/document.ts';
import { minorUnitDigits } from '../../money/currency.ts';
import { Decimal } from '../../money/decimal.ts';

export const Money = z.object({ amount: z.string(), currencyCode: z.string() });

export type Money = z.output<typeof Money>;

/** An amount of the currency's minor unit, exact beyond what is safe as an integer. */
export const inMajor = (amount: MinorUnits, currency: string): Decimal =>
  Decimal.fromMinorUnits(amount, minorUnitDigits(currency) ?? 0);

/** Money with at least the decimals that its currency has. */
export function money(amount: Decimal, currencyCode: string): Money {
  const [whole = '', decimals = ''] = amount.toString().split('.');
  const padded = decimals.padEnd(minorUnitDigits(currencyCode) ?? 0, '0');
  return { amount: padded === '' ? whole : `${whole}.${padded}`, currencyCode };
}

export const minorMoney = (amount: MinorUnits, currency: string): Money => money(inMajor(amount, currency), currency);
