/** The port through which reference data is kept. */
import type { Scope } from '../model.ts';
import type { AnsweredOperation } from '../operation.ts';
import type { ReferenceKind, ReferenceOf } from './kinds.ts';

/** Where entries of a kind belong. */
export interface ReferenceList<K extends ReferenceKind = ReferenceKind> {
  readonly scope: Scope;
  readonly kind: K;
}

/** A new or changed entry and what must be true together with it. */
export interface ReferenceChange<K extends ReferenceKind = ReferenceKind> extends ReferenceList<K> {
  readonly entry: ReferenceOf<K>;
  readonly operation?: AnsweredOperation;
}

/** Which entries of a list are asked for, in the order of their ids. */
export interface ReferencePage {
  readonly limit: number;
  /** The id that came last. */
  readonly after?: string | number;
  /** Only those that are archived, or only those that are not. */
  readonly archived?: boolean;
}

/** Where reference data is kept; a part of the core's store. Every read is consistent. */
export interface ReferenceStore {
  reference<K extends ReferenceKind>(
    list: ReferenceList<K>,
    id: ReferenceOf<K>['id'],
  ): Promise<ReferenceOf<K> | undefined>;
  /** One page, and whether there is more. */
  referencePage<K extends ReferenceKind>(
    list: ReferenceList<K>,
    page: ReferencePage,
  ): Promise<{ entries: ReferenceOf<K>[]; more: boolean }>;
  /** Takes the next integer of a kind; a lost answer leaves a hole. */
  nextReferenceId(list: ReferenceList): Promise<number>;
  insertReference(change: ReferenceChange): Promise<'stored' | 'id-taken' | 'operation-exists'>;
  /** Replaces an entry if it still has the version before. */
  updateReference(change: ReferenceChange): Promise<'changed' | 'stale' | 'operation-exists'>;
  /** A random secret of the scope, made when it is first asked for; never leaves the house. */
  secret(scope: Scope): Promise<string>;
}
