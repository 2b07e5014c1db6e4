import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../lib/money/decimal.ts';

/** A decimal and the same value as an exact fraction, made from the same digits. */
const numeric = fc
  .record({ units: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), scale: fc.nat({ max: 12 }) })
  .map(({ units, scale }) => ({
    decimal: Decimal.of(units.toString()).times(Decimal.of(`1e-${scale}`)),
    numerator: units,
    denominator: 10n ** BigInt(scale),
  }));
const decimals = numeric.map(({ decimal }) => decimal);

/** Half away from zero, written the other way round than the code: by doubling and flooring the magnitude. */
const rounded = (numerator: bigint, denominator: bigint): bigint => {
  const negative = numerator < 0n !== denominator < 0n;
  const [n, d] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator];
  const magnitude = (2n * n + d) / (2n * d);
  return negative ? -magnitude : magnitude;
};

describe('reading', () => {
  it.each([
    ['0', '0'],
    ['-0.00', '0'],
    ['007.50', '7.5'],
    ['1.005', '1.005'],
    ['-12', '-12'],
    ['1e-7', '0.0000001'],
    ['1e-30', `0.${'0'.repeat(29)}1`],
    ['1e29', `1${'0'.repeat(29)}`],
    ['1.25E+3', '1250'],
    [1.005, '1.005'],
    [-0, '0'],
    [1e21, '1000000000000000000000'],
    [5e-7, '0.0000005'],
    [123456789012345, '123456789012345'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
  ])('takes %s for %s', (value, text) => {
    expect(String(Decimal.of(value))).toBe(text);
    expect(Decimal.accepts(value)).toBe(true);
  });

  it.each([
    '',
    ' 1',
    '+1',
    '.5',
    '5.',
    '1,5',
    '1_000',
    '0x10',
    '1e',
    '--1',
    'NaN',
    'Infinity',
    '١',
    '1e31',
    '1e-31',
    '1e9999',
    `1${'0'.repeat(30)}`,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    5e-324,
    1e300,
    0.1 + 0.2,
    2 ** 53,
    null,
    undefined,
    true,
    1n,
    {},
    ['1'],
  ])('refuses %s', (value) => {
    expect(Decimal.accepts(value)).toBe(false);
    expect(() => Decimal.of(value as string)).toThrow(RangeError);
  });

  it('looks at no more of a text than a number can need', () => {
    expect(Decimal.accepts('1'.repeat(5_000_000))).toBe(false);
    expect(Decimal.accepts(`0.${'0'.repeat(5_000_000)}`)).toBe(false);
  });

  it('accepts exactly what it reads, whatever the text', () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^-?\d{0,40}\.?\d{0,40}(e[+-]?\d{0,4})?$/));
    fc.assert(
      fc.property(fc.oneof(texts, fc.double()), (value) => {
        if (Decimal.accepts(value)) expect(Decimal.of(value)).toBeInstanceOf(Decimal);
        else expect(() => Decimal.of(value)).toThrow(RangeError);
      }),
    );
  });
});

describe('texts', () => {
  it('come back as the same number', () => {
    fc.assert(
      fc.property(decimals, (a) => {
        expect(Decimal.of(String(a))).toEqual(a);
      }),
    );
  });

  it('are canonical', () => {
    fc.assert(
      fc.property(decimals, (a) => {
        expect(String(a)).toMatch(/^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])$/);
      }),
    );
  });
});

describe('algebra', () => {
  it('agrees with exact fractions', () => {
    fc.assert(
      fc.property(numeric, numeric, (a, b) => {
        const common = a.denominator * b.denominator;
        const [left, right] = [a.numerator * b.denominator, b.numerator * a.denominator];
        expect(isFraction(a.decimal.plus(b.decimal), left + right, common)).toBe(true);
        expect(isFraction(a.decimal.minus(b.decimal), left - right, common)).toBe(true);
        expect(isFraction(a.decimal.times(b.decimal), a.numerator * b.numerator, common)).toBe(true);
        expect(a.decimal.equals(b.decimal)).toBe(left === right);
        expect(a.decimal.compare(b.decimal)).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
    );
  });

  it('compares by value', () => {
    expect(Decimal.of('1.50').compare(Decimal.of(1.5))).toBe(0);
    expect(Decimal.of('19').equals(Decimal.of('19.0'))).toBe(true);
  });

  it('knows zero and signs', () => {
    fc.assert(
      fc.property(numeric, ({ decimal, numerator }) => {
        expect(decimal.isZero).toBe(numerator === 0n);
        expect(decimal.isNegative).toBe(numerator < 0n);
        expect(decimal.plus(decimal.negate())).toEqual(Decimal.zero);
      }),
    );
  });
});

describe('rounding', () => {
  it.each([
    ['1.005', 2, '1.01'],
    ['-1.005', 2, '-1.01'],
    ['1.0049', 2, '1'],
    ['163.725', 2, '163.73'],
    ['-1446.375', 2, '-1446.38'],
    ['112.7', 0, '113'],
    ['-0.4', 0, '0'],
    ['0.5', 0, '1'],
    ['2.5', 0, '3'],
    ['1.5', 3, '1.5'],
  ])('takes %s to %d decimals as %s', (value, scale, text) => {
    expect(String(Decimal.of(value).round(scale))).toBe(text);
  });

  it('moves by at most half a unit and mirrors', () => {
    fc.assert(
      fc.property(decimals, fc.nat({ max: 6 }), (a, scale) => {
        const moved = a.round(scale).minus(a).times(Decimal.of(2));
        const unit = Decimal.of(`1e-${scale}`);
        expect(moved.compare(unit) <= 0 && moved.negate().compare(unit) <= 0).toBe(true);
        expect(a.negate().round(scale)).toEqual(a.round(scale).negate());
      }),
    );
  });

  it('divides as exact fractions do', () => {
    fc.assert(
      fc.property(numeric, numeric, fc.nat({ max: 6 }), (a, b, scale) => {
        fc.pre(b.numerator !== 0n);
        const unit = 10n ** BigInt(scale);
        const expected = rounded(a.numerator * b.denominator * unit, a.denominator * b.numerator);
        expect(isFraction(a.decimal.dividedBy(b.decimal, scale), expected, unit)).toBe(true);
      }),
    );
  });

  it('cannot divide by zero', () => {
    expect(() => Decimal.of(1).dividedBy(Decimal.zero, 2)).toThrow(RangeError);
  });
});

describe('minor units', () => {
  it.each([
    ['10.555', 2, 1056],
    ['-10.555', 2, -1056],
    ['1240', 0, 1240],
    ['0.0005', 3, 1],
    ['90071992547409.91', 2, Number.MAX_SAFE_INTEGER],
  ])('takes %s at %d digits as %d', (value, digits, amount) => {
    expect(Decimal.of(value).toMinorUnits(digits)).toBe(amount);
  });

  it('come back', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat({ max: 4 }), (amount, digits) => {
        expect(Decimal.fromMinorUnits(amount, digits).toMinorUnits(digits)).toBe(amount === 0 ? 0 : amount);
      }),
    );
  });

  it('are refused when no safe integer holds them', () => {
    expect(() => Decimal.of('90071992547409.92').toMinorUnits(2)).toThrow(RangeError);
    expect(() => Decimal.of('-90071992547409.92').toMinorUnits(2)).toThrow(RangeError);
    expect(() => Decimal.fromMinorUnits(0.5, 2)).toThrow(RangeError);
  });
});

it('leaves no way to operators', () => {
  const [a, b] = [Decimal.of(1), Decimal.of(2)] as unknown as number[];
  expect(() => (a as number) + (b as number)).toThrow(TypeError);
  expect(() => (a as number) < (b as number)).toThrow(TypeError);
  expect(`${a}`).toBe('1');
});

it('cannot be changed', () => {
  expect(Object.isFrozen(Decimal.of('1.5'))).toBe(true);
});

/** Reads the digits without Decimal's own arithmetic. */
function isFraction(decimal: Decimal, numerator: bigint, denominator: bigint): boolean {
  const [whole, decimals = ''] = String(decimal).split('.');
  return BigInt(`${whole}${decimals}`) * denominator === numerator * 10n ** BigInt(decimals.length);
}
