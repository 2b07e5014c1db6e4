/** Writes that hold together: all of them or none, and which conditions stood in the way. */
import { randomUUID } from 'node:crypto';
import { type TransactWriteItem, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { type Connection, failedConditions } from './connection.ts';
import type { Item } from './table.ts';

/** A write and what it stands for, so that a failed condition can be told by its position. */
export type Write<Role extends string> = readonly [Role, TransactWriteItem];

export function transactions({ table, send }: Pick<Connection, 'table' | 'send'>) {
  return {
    put: (Item: Item, ConditionExpression?: string, values?: Item): TransactWriteItem => ({
      Put: { TableName: table, Item, ConditionExpression, ExpressionAttributeValues: values },
    }),

    /** Commits all or nothing; says which roles' conditions failed, none when it committed. */
    async commit<Role extends string>(writes: readonly Write<Role>[]): Promise<ReadonlySet<Role>> {
      try {
        await send(
          new TransactWriteItemsCommand({
            TransactItems: writes.map(([, write]) => write),
            // One token for all repetitions of this very request.
            ClientRequestToken: randomUUID(),
          }),
        );
        return new Set();
      } catch (error) {
        const failed = failedConditions(error);
        if (!failed) throw error;
        return new Set(writes.flatMap(([role], position) => (failed[position] ? [role] : [])));
      }
    },
  };
}
