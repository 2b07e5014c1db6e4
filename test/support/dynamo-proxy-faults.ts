/** What can happen to a call between a client and DynamoDB. */
import type { Refusal } from './dynamo-proxy-answer.ts';
import type { Call } from './dynamo-proxy-call.ts';

export type Fault =
  /** The connection is reset; nothing was done. */
  | { readonly kind: 'request-lost' }
  /** It was done, but the connection is reset instead of an answer. */
  | { readonly kind: 'answer-lost' }
  /** It is done `by` milliseconds later, whether or not the client still waits; `hangUp` resets the connection at once. */
  | { readonly kind: 'late'; readonly by: number; readonly hangUp?: boolean }
  /** It is done and answered, and done again `after` milliseconds; the second answer goes nowhere. */
  | { readonly kind: 'twice'; readonly after: number }
  /** It is refused without being done. */
  | { readonly kind: 'refused'; readonly as: Refusal };

/** Decides what happens to a call; undefined lets it pass. */
export type FaultPlan = (call: Call) => Fault | undefined;

/** One fault of each kind, quick enough for tests that meet hundreds. */
export const everyFault: readonly Fault[] = [
  { kind: 'request-lost' },
  { kind: 'answer-lost' },
  { kind: 'late', by: 30 },
  { kind: 'late', by: 60, hangUp: true },
  { kind: 'twice', after: 20 },
  { kind: 'refused', as: 'InternalServerError' },
  { kind: 'refused', as: 'ThrottlingException' },
  { kind: 'refused', as: 'ProvisionedThroughputExceededException' },
  { kind: 'refused', as: 'TransactionInProgressException' },
  { kind: 'refused', as: 'TransactionConflict' },
];

/**
 * Lets `rate` (0 to 1) of the calls meet one of the faults. Depends on the seed and a call's ordinal only: a run whose calls
 * arrive in the same order meets the same faults.
 */
export function seededFaults(seed: number, rate: number, faults: readonly Fault[] = everyFault): FaultPlan {
  return ({ ordinal }) => {
    if (scatter(seed, 2 * ordinal) >= rate) return undefined;
    return faults[Math.floor(scatter(seed, 2 * ordinal + 1) * faults.length)];
  };
}

/** A number from 0 to below 1 for each (seed, index); the mixer is MurmurHash3's finaliser. */
function scatter(seed: number, index: number): number {
  let bits = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}
