import { expect, it } from 'vitest';
import { minorUnitDigits } from '../../lib/money/currency.ts';

it.each([
  ['EUR', 2],
  ['USD', 2],
  ['JPY', 0],
  ['ISK', 0],
  ['HUF', 2],
  ['KWD', 3],
  ['TND', 3],
  ['CLF', 4],
  ['XCG', 2],
])('%s has %d digits', (code, digits) => {
  expect(minorUnitDigits(code)).toBe(digits);
});

it.each(['', 'eur', 'EURO', 'XAU', 'XXX', 'XTS', 'DEM', 'HRK', ' EUR', 'constructor', '__proto__'])(
  '%s is no currency to invoice in',
  (code) => {
    expect(minorUnitDigits(code)).toBeUndefined();
  },
);
