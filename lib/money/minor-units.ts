/** Passes an amount on if it is exact. RangeError when it is no safe integer. */
export function exact(amount: number): number {
  if (!Number.isSafeInteger(amount)) throw new RangeError('Amount out of range');
  return amount;
}

/** The sum of integers of a minor unit. RangeError as soon as it is no longer exact. */
export function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => exact(total + amount), 0);
}

/**
 * Shares an amount out in proportion to weights by largest remainder; ties go to the earlier one. The shares always add
 * up to the amount, and mirrored amounts give mirrored shares. Weights that cancel out leave no proportion: the first
 * takes all.
 */
export function share(amount: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((total, weight) => total + BigInt(weight), 0n);
  if (whole === 0n) return weights.map((_, index) => (index === 0 ? amount : 0));
  const [divisor, sign] = whole < 0n ? [-whole, -1n] : [whole, 1n];
  const parts = weights.map((weight) => {
    const dividend = BigInt(Math.abs(amount)) * BigInt(weight) * sign;
    const rest = ((dividend % divisor) + divisor) % divisor;
    return { floor: (dividend - rest) / divisor, rest };
  });
  const left = BigInt(Math.abs(amount)) - parts.reduce((total, part) => total + part.floor, 0n);
  // Sorting is stable, so equal remainders stay in order.
  const byRest = parts.toSorted((a, b) => Number(b.rest - a.rest));
  for (const part of byRest.slice(0, Number(left))) part.floor += 1n;
  return parts.map(({ floor }) => exact(Number(amount < 0 ? -floor : floor)));
}
