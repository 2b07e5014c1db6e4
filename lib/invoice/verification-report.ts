/** What a verification comes to. */
import type { Anchor } from './anchors.ts';
import type { VoidNumber } from './chain.ts';

/** What is wrong, at the first number where it shows. */
export interface Finding {
  readonly ordinal: number;
  readonly number: string;
  readonly code: Code;
  readonly message: string;
}

export type Code =
  /** The invoice is not what its own history says; or it, or the books, cannot be read. */
  | 'changed'
  /** The invoice is gone. */
  | 'removed'
  /** Nobody has the number. */
  | 'missing'
  | 'duplicate'
  /** Number, place, claim and books do not agree. */
  | 'wrong-number'
  /** The counter stands before numbers that were given out. */
  | 'counter'
  | 'broken-chain'
  /** An anchored head is not in the chain. */
  | 'cut-tail'
  /** A series that keeps the order of dates does not. */
  | 'wrong-order';

export interface Report {
  readonly series: string;
  readonly period: string;
  /** In number order. */
  readonly findings: readonly Finding[];
  readonly count: number;
  /** Numbers that are said to be nobody's, since a restore or an import: no finding, and not to be overlooked either. */
  readonly voids: readonly VoidNumber[];
  readonly head?: Anchor;
}
