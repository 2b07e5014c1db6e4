/**
 * A position's id carries its invoice, so that it is found without a look-up: it is the invoice's UUID in which the position's
 * number stands in place of the check digits, and a 9 in place of the 8 tells the two apart.
 *
 *     invoice           5f0c7a9b-e1d2-4ccc-8ccc-000000000007     (c: check digits)
 *     its position 1    5f0c7a9b-e1d2-4000-9001-000000000007
 */
import { createHash } from 'node:crypto';
import type { Line } from '../../invoice/document.ts';
import { integerOf, invoiceId } from '../../invoice/identity.ts';
import type { Scope } from '../../invoice/model.ts';

/** Numbers below this one are line ids themselves (BT-126); those from here on stand for line ids of another form. */
const named = 2 ** 23;

export function positionId(invoice: string, number: number): string {
  const digits = number.toString(16).padStart(6, '0');
  return `${invoice.slice(0, 15)}${digits.slice(0, 3)}-9${digits.slice(3)}${invoice.slice(23)}`;
}

/** The invoice and the number in an id that this scope could have given out. */
export function readPositionId(scope: Scope, id: string): { invoice: string; number: number } | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}$/.test(id)) return undefined;
  const invoice = invoiceId(scope, integerOf(id));
  const number = Number.parseInt(id.slice(15, 18) + id.slice(20, 23), 16);
  return positionId(invoice, number) === id ? { invoice, number } : undefined;
}

/** The numbers of an invoice's lines: each its own, and the same however often lines around it come and go. */
export function numbersOf(lines: readonly Pick<Line, 'id'>[]): number[] {
  const taken = new Set<number>();
  const next = new Map<number, number>();
  return lines.map(({ id }) => {
    let number = ownNumber(id);
    // Nothing keeps other contracts from giving two lines one id.
    if (number === undefined || taken.has(number)) {
      const first = named + (createHash('sha256').update(id).digest().readUInt32BE() % named);
      number = next.get(first) ?? first;
      while (taken.has(number)) number = number + 1 < 2 * named ? number + 1 : named;
      next.set(first, number);
    }
    taken.add(number);
    return number;
  });
}

function ownNumber(lineId: string): number | undefined {
  const number = /^[1-9]\d{0,6}$/.test(lineId) ? Number(lineId) : named;
  return number < named ? number : undefined;
}

/** The number of a new line, and with it the line's id. */
export function nextNumber(taken: ReadonlySet<number>): number {
  let number = 1;
  for (const one of taken) if (one < named && one >= number) number = one + 1;
  if (number === named) for (number = 1; taken.has(number); ) number += 1;
  return number;
}
