/** What a key may ask for, by plan. Usage plans keep rate, burst and quota by best effort: a ceiling, not a bill. */
import type { Windows } from '../contracts/contract.ts';

export interface Plan {
  /** Sustained requests a second. */
  readonly rate: number;
  /** Requests at once. */
  readonly burst: number;
  readonly quota?: { readonly limit: number; readonly period: 'DAY' | 'WEEK' | 'MONTH' };
  /** By contract, what stands in place of its published limits. Without any span nothing is counted. */
  readonly windows?: Readonly<Record<string, Windows>>;
}

/** The plans by name. The stack makes a usage plan of each. */
export const plans: Readonly<Record<string, Plan>> = {
  free: { rate: 5, burst: 10, quota: { limit: 1_000, period: 'DAY' } },
  standard: { rate: 100, burst: 200, quota: { limit: 1_000_000, period: 'MONTH' } },
  premium: { rate: 1_000, burst: 2_000, windows: { invoices: { second: 1_000 } } },
};
