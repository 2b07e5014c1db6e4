import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExchangeRates, exchangeRates } from '../../lib/invoice/exchange-rates.ts';
import { Decimal } from '../../lib/money/decimal.ts';

const friday: ExchangeRates = { date: '2026-07-24', source: 'ECB', rates: { USD: '1.25', JPY: '160', GBP: '0.8' } };
const { convert, rates } = exchangeRates({
  exchangeRates: async (onOrBefore) => (onOrBefore >= friday.date ? friday : undefined),
});

const hundred = Decimal.of('100');
const on = '2026-07-26';

describe('a conversion', () => {
  it.each([
    ['EUR', 'USD', 2, '125'],
    ['USD', 'EUR', 2, '80'],
    ['USD', 'JPY', 0, '12800'],
    ['GBP', 'USD', 4, '156.25'],
    ['JPY', 'EUR', 2, '0.63'],
    ['JPY', 'EUR', 3, '0.625'],
  ])('%s to %s with %i decimals', async (from, to, decimals, expected) => {
    const result = await convert({ amount: hundred, from, to, on, decimals });
    if ('refused' in result) throw new Error(result.refused);
    expect(result.amount.toString()).toBe(expected);
    expect(result).toMatchObject({ date: '2026-07-24', source: 'ECB', age: 2 });
  });

  it('says which rates it used', async () => {
    expect(await convert({ amount: hundred, from: 'USD', to: 'EUR', on, decimals: 2 })).toMatchObject({
      rates: { USD: '1.25', EUR: '1' },
    });
  });

  it('leaves an amount alone that is in its currency already, and needs no rates for it', async () => {
    const amount = Decimal.of('1.005');
    expect(await convert({ amount, from: 'XCG', to: 'XCG', on: '2020-01-01', decimals: 2 })).toEqual({
      amount,
      rates: {},
    });
  });

  it('rounds once, and half away from zero', async () => {
    const convertTo = async (text: string) => {
      const result = await convert({ amount: Decimal.of(text), from: 'JPY', to: 'EUR', on, decimals: 2 });
      return 'refused' in result ? result.refused : result.amount.toString();
    };
    // 0.8 yen are exactly half a cent; a little less is less, however it is written.
    expect(await convertTo('0.8')).toBe('0.01');
    expect(await convertTo('-0.8')).toBe('-0.01');
    expect(await convertTo('0.7999999999999')).toBe('0');
  });

  it('there and back is off by less than a unit of the last place', async () => {
    const code = fc.constantFrom('USD', 'GBP', 'EUR');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -1e9, max: 1e9 }), code, code, async (minor, from, to) => {
        const amount = Decimal.fromMinorUnits(minor, 2);
        const there = await convert({ amount, from, to, on, decimals: 12 });
        if ('refused' in there) return false;
        const back = await convert({ amount: there.amount, from: to, to: from, on, decimals: 6 });
        return !('refused' in back) && back.amount.equals(amount);
      }),
    );
  });
});

describe('no conversion', () => {
  const request = { amount: hundred, from: 'USD', to: 'EUR', on, decimals: 2 };

  it('without rates', async () => {
    expect(await convert({ ...request, on: '2026-07-23' })).toEqual({ refused: 'no-rates', on: '2026-07-23' });
  });

  it('with rates older than a week', async () => {
    expect(await convert({ ...request, on: '2026-07-31' })).toMatchObject({ age: 7 });
    expect(await convert({ ...request, on: '2026-08-01' })).toEqual({
      refused: 'rates-too-old',
      on: '2026-08-01',
      date: '2026-07-24',
      age: 8,
    });
  });

  it.each([
    ['USD', 'TRY', 'TRY'],
    ['TRY', 'USD', 'TRY'],
    ['EUR', 'constructor', 'constructor'],
  ])('from %s to %s: there is no rate for %s', async (from, to, currency) => {
    expect(await convert({ ...request, from, to })).toMatchObject({ refused: 'no-rate-for-currency', currency });
  });

  it('but old rates can be looked at, with their age', async () => {
    expect(await rates('2026-12-24')).toMatchObject({ date: '2026-07-24', age: 153 });
    expect(await rates('2026-01-01')).toBeUndefined();
  });
});
