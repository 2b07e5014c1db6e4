/** Reference data in the table. An entry is kept whole as JSON beside what conditions and filters ask for. */
import { randomBytes } from 'node:crypto';
import { QueryCommand, type QueryCommandOutput, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { ReferenceKind, ReferenceOf } from '../invoice/reference/kinds.ts';
import type { ReferenceChange, ReferenceList, ReferencePage, ReferenceStore } from '../invoice/reference/store.ts';
import { OutcomeUnknown } from '../invoice/store.ts';
import { json, text, toItem } from './attributes.ts';
import type { Connection } from './connection.ts';
import { takeIntegers } from './ids.ts';
import { operationWrites } from './operations.ts';
import { readItem } from './reads.ts';
import { type Item, itemKey, primaryKey, scopeKey } from './table.ts';
import { transactions, type Write } from './transaction.ts';

/** Entries under their version, each change with the operation that asked for it. */
export function referenceStore(connection: Connection): ReferenceStore {
  const { table, send } = connection;
  const { put, commit } = transactions(connection);
  const read = readItem(connection);

  /** Writes an entry and the operation that asked for it; says whose condition stood in the way. */
  function write(
    change: ReferenceChange,
    condition: string,
    values?: Item,
  ): Promise<ReadonlySet<'entry' | 'operation'>> {
    const { scope, kind, entry, operation } = change;
    const item = {
      ...entryKey(change, entry.id),
      ...toItem({ version: entry.version, archived: entry.archived, value: JSON.stringify(entry) }),
    };
    const writes: Write<'entry' | 'operation'>[] = [
      ['entry', put(item, condition, values)],
      ...(operation ? operationWrites(put, scope, { ...operation, subject: `${kind}/${entry.id}` }) : []),
    ];
    return commit(writes).catch(async (error) => {
      if (error instanceof OutcomeUnknown && (await isStored(item))) return new Set();
      throw error;
    });
  }

  /** Whether an item stands exactly as it was written: its time and version make it ours. */
  async function isStored(item: Item): Promise<boolean> {
    const standing = await read(itemKey(item));
    return standing !== undefined && text(standing, 'value') === text(item, 'value');
  }

  return {
    async reference(list, id) {
      const item = await read(entryKey(list, id));
      return item && toEntry(item);
    },

    async referencePage<K extends ReferenceKind>(list: ReferenceList<K>, { limit, after, archived }: ReferencePage) {
      const found: ReferenceOf<K>[] = [];
      let ExclusiveStartKey = after === undefined ? undefined : entryKey(list, after);
      do {
        const page: QueryCommandOutput = await send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk',
            // One more than asked for tells whether there is more. A limit counts before the filter: with one there is none.
            ...(archived === undefined
              ? { Limit: limit + 1 - found.length }
              : { FilterExpression: 'archived = :archived' }),
            ExpressionAttributeValues: toItem({ ':pk': partition(list), ':archived': archived }),
            ConsistentRead: true,
            ExclusiveStartKey,
          }),
        );
        found.push(...(page.Items ?? []).map((item) => toEntry<K>(item)));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey && found.length <= limit);
      return { entries: found.slice(0, limit), more: found.length > limit };
    },

    nextReferenceId: ({ scope, kind }) => takeIntegers(connection)(scope, kind),

    async insertReference(change) {
      const failed = await write(change, 'attribute_not_exists(pk)');
      if (failed.has('operation')) return 'operation-exists';
      return failed.has('entry') ? 'id-taken' : 'stored';
    },

    async updateReference(change) {
      const seen = toItem({ ':seen': change.entry.version - 1 });
      const failed = await write(change, 'version = :seen', seen);
      if (failed.has('operation')) return 'operation-exists';
      return failed.has('entry') ? 'stale' : 'changed';
    },

    async secret(scope) {
      const Key = primaryKey(`${scopeKey(scope)}#SECRET`, 'CURSORS');
      const item = await read(Key);
      if (item) return text(item, 'secret') as string;
      // Whoever comes first decides.
      const { Attributes } = await send(
        new UpdateItemCommand({
          TableName: table,
          Key,
          UpdateExpression: 'SET secret = if_not_exists(secret, :new)',
          ExpressionAttributeValues: toItem({ ':new': randomBytes(32).toString('base64url') }),
          ReturnValues: 'ALL_NEW',
        }),
      );
      return text(Attributes ?? {}, 'secret') as string;
    },
  };
}

const partition = ({ scope, kind }: ReferenceList): string => `${scopeKey(scope)}#REFERENCE#${kind}`;

/** Integers are padded, so that their order is that of the keys. */
const entryKey = (list: ReferenceList, id: string | number): Item =>
  primaryKey(partition(list), typeof id === 'number' ? String(id).padStart(12, '0') : id);

const toEntry = <K extends ReferenceKind>(item: Item): ReferenceOf<K> =>
  json<ReferenceOf<K>>(item, 'value') as ReferenceOf<K>;
