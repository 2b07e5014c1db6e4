/** Writes that hold together: all of them or none, and which conditions stood in the way. */
import { randomUUID } from 'node:crypto';
import { type TransactWriteItem, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { failedConditions, type Table } from './connection.ts';
import type { Item } from './table.ts';

/** A write and what it stands for, so that a failed condition can be told by its position. */
export type Write<Role extends string> = readonly [Role, TransactWriteItem];

/** Commits all or nothing; says which roles' conditions failed, none when it committed. */
export type Commit = <Role extends string>(writes: readonly Write<Role>[]) => Promise<ReadonlySet<Role>>;

/** A write of a whole item, on a condition if there is one. */
export type Put = (Item: Item, ConditionExpression?: string, values?: Item) => TransactWriteItem;

/** Transactions of a table, and what they are put together from. */
export function transactions({ table, send }: Table) {
  /** Which writes' conditions failed, by position; nothing when it committed. */
  async function tryCommit(writes: readonly Write<string>[]): Promise<readonly boolean[]> {
    try {
      await send(
        new TransactWriteItemsCommand({
          TransactItems: writes.map(([, write]) => write),
          // One token for all repetitions of this very request.
          ClientRequestToken: randomUUID(),
        }),
      );
      return [];
    } catch (error) {
      const failed = failedConditions(error);
      // Cancelled for another reason, such as an item that is too large.
      if (!failed?.includes(true)) throw error;
      return failed;
    }
  }

  const put: Put = (Item, ConditionExpression, values) => ({
    Put: { TableName: table, Item, ConditionExpression, ExpressionAttributeValues: values },
  });

  const commit: Commit = async (writes) => {
    const failed = await tryCommit(writes);
    return new Set(writes.flatMap(([role], position) => (failed[position] ? [role] : [])));
  };

  return { tryCommit, put, commit };
}
