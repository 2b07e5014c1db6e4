import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { share, sum } from '../../lib/money/minor-units.ts';

const amount = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });

describe('sum', () => {
  it('adds', () => {
    expect(sum([])).toBe(0);
    expect(sum([1, -3, 7])).toBe(5);
    expect(sum([-0])).toBe(0);
  });

  it('refuses to lose a unit', () => {
    expect(sum([Number.MAX_SAFE_INTEGER, 0])).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => sum([Number.MAX_SAFE_INTEGER, 1])).toThrow(RangeError);
    expect(() => sum([Number.MIN_SAFE_INTEGER, -1])).toThrow(RangeError);
    expect(() => sum([0.5])).toThrow(RangeError);
  });
});

describe('share', () => {
  it.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [-100, [1, 1, 1], [-34, -33, -33]],
    [5, [50, 30, 20], [3, 1, 1]],
    [10, [100, 0], [10, 0]],
    [8, [100, -20], [10, -2]],
    [7, [0, 0], [7, 0]],
    [7, [5, -5], [7, 0]],
    [0, [3, 4], [0, 0]],
    [1, [], []],
  ])('%d over %j is %j', (whole, weights, shares) => {
    expect(share(whole, weights)).toEqual(shares);
  });

  it('adds up, and leaves less than a unit between each share and its proportion', () => {
    fc.assert(
      fc.property(amount, fc.array(amount, { minLength: 1, maxLength: 8 }), (whole, weights) => {
        const total = sum(weights);
        fc.pre(Math.abs(total) > 1_000_000);
        const shares = share(whole, weights);
        expect(sum(shares)).toBe(whole);
        for (const [index, part] of shares.entries()) {
          const distance = BigInt(part) * BigInt(total) - BigInt(whole) * BigInt(weights[index] as number);
          expect(distance < 0n ? -distance : distance).toBeLessThan(Math.abs(total));
        }
      }),
    );
  });

  it('refuses shares that leave the exact range, where weights all but cancel out', () => {
    expect(() => share(1_000_000_000, [10_000_000_000, -9_999_999_999])).toThrow(RangeError);
  });

  it('mirrors', () => {
    fc.assert(
      fc.property(amount, fc.array(amount, { maxLength: 8 }), (whole, weights) => {
        fc.pre(Math.abs(sum(weights)) > 1_000_000);
        const negated = (amounts: number[]) => amounts.map((part) => 0 - part);
        expect(negated(share(0 - whole, negated(weights)))).toEqual(share(whole, weights));
      }),
    );
  });
});
