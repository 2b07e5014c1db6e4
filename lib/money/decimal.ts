import { exact } from './minor-units.ts';

/** What a double can carry without loss: the digits that a JSON number may print. */
const numberDigits = 15;
/** What a text may carry before and after the point; keeps every product cheap, whoever wrote the text. */
const textDigits = 30;
const longestText = 80;
const form = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * An exact decimal number: an integer of units and the count of decimals that it stands for. Immutable, and always in
 * canonical form, so that equal numbers are equal in every member.
 */
export class Decimal {
  static readonly zero = new Decimal(0n, 0);

  private readonly units: bigint;
  private readonly scale: number;

  private constructor(units: bigint, scale: number) {
    while (scale > 0 && units % 10n === 0n) {
      units /= 10n;
      scale -= 1;
    }
    this.units = units;
    this.scale = scale;
    Object.freeze(this);
  }

  /** Reads a text such as `-12.50` or `1e-7`, or a number by the digits that it prints. RangeError when `accepts` says no. */
  static of(value: string | number): Decimal {
    const decimal = Decimal.read(value);
    if (!decimal) throw new RangeError('Not a decimal number that can be kept exactly');
    return decimal;
  }

  /** Whether `of` takes the value: at most 15 significant digits for a number, 30 on each side of the point for a text. */
  static accepts(value: unknown): boolean {
    return Decimal.read(value) !== undefined;
  }

  static fromMinorUnits(amount: number, digits: number): Decimal {
    return new Decimal(BigInt(amount), digits);
  }

  private static read(value: unknown): Decimal | undefined {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || text.length > longestText) return undefined;
    const [matched, sign, whole = '', fraction = '', exponent = '0'] = form.exec(text) ?? [];
    if (matched === undefined) return undefined;
    const decimals = fraction.length - Number(exponent);
    if (decimals > textDigits || whole.length + Number(exponent) > textDigits) return undefined;
    if (typeof value === 'number' && significantDigits(whole + fraction) > numberDigits) return undefined;
    const units = BigInt(`${sign}${whole}${fraction}`);
    return decimals < 0 ? new Decimal(units * power(-decimals), 0) : new Decimal(units, decimals);
  }

  plus(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.unitsAt(scale) + other.unitsAt(scale), scale);
  }

  minus(other: Decimal): Decimal {
    return this.plus(other.negate());
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.units * other.units, this.scale + other.scale);
  }

  negate(): Decimal {
    return new Decimal(-this.units, this.scale);
  }

  /** The quotient rounded half away from zero to `scale` decimals. RangeError when the divisor is zero. */
  dividedBy(divisor: Decimal, scale: number): Decimal {
    const dividend = this.units * power(scale + divisor.scale);
    return new Decimal(quotient(dividend, divisor.units * power(this.scale)), scale);
  }

  /** Rounded half away from zero to at most `scale` decimals, so that a mirrored amount rounds to its mirror. */
  round(scale: number): Decimal {
    if (scale >= this.scale) return this;
    return new Decimal(quotient(this.units, power(this.scale - scale)), scale);
  }

  compare(other: Decimal): -1 | 0 | 1 {
    const difference = this.minus(other).units;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  equals(other: Decimal): boolean {
    return this.compare(other) === 0;
  }

  get isZero(): boolean {
    return this.units === 0n;
  }

  get isNegative(): boolean {
    return this.units < 0n;
  }

  /** As an integer of the minor unit, rounded half away from zero. RangeError when no safe integer holds it. */
  toMinorUnits(digits: number): number {
    return exact(Number(this.round(digits).unitsAt(digits)));
  }

  /** Canonical: no exponent, no trailing zeros, no `-0`. */
  toString(): string {
    if (this.scale === 0) return String(this.units);
    const digits = String(this.isNegative ? -this.units : this.units).padStart(this.scale + 1, '0');
    const text = `${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`;
    return this.isNegative ? `-${text}` : text;
  }

  /** Operators would fall back to binary floats or glue texts together. */
  valueOf(): never {
    throw new TypeError('Use the methods of Decimal, not operators');
  }

  private unitsAt(scale: number): bigint {
    return this.units * power(scale - this.scale);
  }
}

function significantDigits(digits: string): number {
  return digits.replace(/^0+|0+$/g, '').length;
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** Half away from zero. BigInt division truncates, which is symmetric around zero; so must be what is added to it. */
function quotient(dividend: bigint, divisor: bigint): bigint {
  const whole = dividend / divisor;
  const rest = dividend % divisor;
  if (2n * magnitude(rest) < magnitude(divisor)) return whole;
  return whole + (dividend < 0n === divisor < 0n ? 1n : -1n);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
