/** The part of the store's port in memory that keeps reference data and exchange rates. */
import type { ExchangeRateStore, ExchangeRates } from '../../lib/invoice/exchange-rates.ts';
import type { Scope } from '../../lib/invoice/model.ts';
import type { OperationRecord } from '../../lib/invoice/operation.ts';
import type { Entry, ReferenceKind, ReferenceOf } from '../../lib/invoice/reference/kinds.ts';
import type { ReferenceChange, ReferenceList, ReferenceStore } from '../../lib/invoice/reference/store.ts';

export interface ReferenceMemory {
  /** By `entryKey`. */
  entries: Map<string, Entry>;
  rates: ExchangeRates[];
  operations: Map<string, OperationRecord>;
  ids: Map<string, number>;
}

export const entryKey = ({ scope, kind }: ReferenceList, id: string | number): string =>
  `${scope.tenant}/${scope.mode} ${kind} ${id}`;

export function memoryReference(memory: ReferenceMemory): ReferenceStore & ExchangeRateStore {
  const operationKey = (scope: Scope, id: string) => `${scope.tenant}/${scope.mode} ${id}`;

  function write(change: ReferenceChange): void {
    const { scope, kind, entry, operation } = change;
    memory.entries.set(entryKey(change, entry.id), entry);
    if (operation) {
      memory.operations.set(operationKey(scope, operation.id), { ...operation, subject: `${kind}/${entry.id}` });
    }
  }
  const wasDone = ({ scope, operation }: ReferenceChange) =>
    operation !== undefined && memory.operations.has(operationKey(scope, operation.id));

  return {
    reference: async <K extends ReferenceKind>(list: ReferenceList<K>, id: string | number) =>
      memory.entries.get(entryKey(list, id)) as ReferenceOf<K> | undefined,

    async referencePage<K extends ReferenceKind>(
      list: ReferenceList<K>,
      { limit, after, archived }: { limit: number; after?: string | number; archived?: boolean },
    ) {
      const order = (a: Entry, b: Entry) => (a.id < b.id ? -1 : 1);
      const rest = [...memory.entries]
        .filter(([key]) => key.startsWith(entryKey(list, '')))
        .map(([, entry]) => entry)
        .filter((entry) => archived === undefined || entry.archived === archived)
        .sort(order)
        .filter(({ id }) => after === undefined || id > after);
      return { entries: rest.slice(0, limit) as ReferenceOf<K>[], more: rest.length > limit };
    },

    async nextReferenceId(list) {
      const next = (memory.ids.get(entryKey(list, '')) ?? 0) + 1;
      memory.ids.set(entryKey(list, ''), next);
      return next;
    },

    async insertReference(change) {
      if (wasDone(change)) return 'operation-exists';
      if (memory.entries.has(entryKey(change, change.entry.id))) return 'id-taken';
      write(change);
      return 'stored';
    },

    async updateReference(change) {
      if (wasDone(change)) return 'operation-exists';
      if (memory.entries.get(entryKey(change, change.entry.id))?.version !== change.entry.version - 1) return 'stale';
      write(change);
      return 'changed';
    },

    secret: async ({ tenant, mode }) => `secret of ${tenant}/${mode}`,

    exchangeRates: async (onOrBefore) =>
      memory.rates
        .filter(({ date }) => date <= onOrBefore)
        .sort((a, b) => (a.date < b.date ? 1 : -1))
        .at(0),
  };
}
