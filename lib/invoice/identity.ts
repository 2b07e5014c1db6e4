/**
 * One identity in three spellings. An invoice's id is an integer of its scope; the UUID and the 24 hexadecimal digits that some
 * contracts ask for are that integer behind a fingerprint of the scope, so that each spelling finds the invoice without a
 * look-up, and an id of another tenant is unknown by its form alone.
 *
 *     integer           7
 *     24 digits         5f0c7a9be1d2 000000000007
 *     UUID              5f0c7a9b-e1d2-4ccc-8ccc-000000000007     (c: check digits)
 */
import { createHash } from 'node:crypto';
import type { Scope } from './model.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

const fingerprint = ({ tenant, mode }: Scope): string => digest(`${tenant}/${mode}`).slice(0, 12);

const tail = (integer: number): string => integer.toString(16).padStart(12, '0');

/** The largest integer id; 48 bits. */
const largestInteger = 2 ** 48 - 1;

/** The UUID of a scope's n-th invoice, shaped as version 4 because clients check for it. */
export function invoiceId(scope: Scope, integer: number): string {
  const head = fingerprint(scope);
  const end = tail(integer);
  const check = digest(head + end);
  return `${head.slice(0, 8)}-${head.slice(8)}-4${check.slice(0, 3)}-8${check.slice(3, 6)}-${end}`;
}

/** Whether a text is an id that this scope could have given out. */
export const isInvoiceId = (scope: Scope, text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/.test(text) &&
  text === invoiceId(scope, integerOf(text));

/** The integer spelling of an id. */
export const integerOf = (id: string): number => Number.parseInt(id.slice(24), 16);

/** The id behind an integer, as its decimal digits; `undefined` when it is none. */
export function fromInteger(scope: Scope, digits: string): string | undefined {
  if (!/^[1-9]\d{0,14}$/.test(digits) || Number(digits) > largestInteger) return undefined;
  return invoiceId(scope, Number(digits));
}

/** The 24-digit spelling of an id. */
export const hexOf = (id: string): string => id.slice(0, 8) + id.slice(9, 13) + id.slice(24);

/** The UUID behind an id spelled in 24 digits; `undefined` when it is none of this scope. */
export function fromHex(scope: Scope, hex: string): string | undefined {
  if (!/^[0-9a-f]{24}$/.test(hex) || hex.slice(0, 12) !== fingerprint(scope)) return undefined;
  return invoiceId(scope, Number.parseInt(hex.slice(12), 16));
}

/** Integers that a process takes at once, unless it makes many invoices. What it does not use is never used. */
const leased = 20;

/** Gives out ids from leases, so that a new invoice seldom costs a write for its id. */
export function idLease(size = leased) {
  const leases = new Map<string, Promise<{ next: number; end: number }>>();
  return async function next(scope: Scope, reserve: (count: number) => Promise<{ first: number }>): Promise<string> {
    const key = `${scope.tenant}/${scope.mode}`;
    for (;;) {
      const current = leases.get(key);
      const lease = current && (await current);
      if (lease && lease.next < lease.end) return invoiceId(scope, lease.next++);
      if (leases.get(key) !== current) continue;
      const renewed = reserve(size).then(({ first }) => ({ next: first, end: first + size }));
      leases.set(key, renewed);
      renewed.catch(() => leases.delete(key));
    }
  };
}
