/** Integers for ids, taken from a counter of the scope. */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Scope } from '../invoice/model.ts';
import { number, toItem } from './attributes.ts';
import type { Table } from './connection.ts';
import { primaryKey, scopeKey } from './table.ts';

/** Takes the next integers of a counter; answers with the last of them. */
export const takeIntegers =
  ({ table, send }: Table) =>
  async (scope: Scope, counter: string, count = 1): Promise<number> => {
    // Without a condition: counted twice after a lost answer, it skips some, and nobody counts ids.
    const { Attributes = {} } = await send(
      new UpdateItemCommand({
        TableName: table,
        Key: primaryKey(`${scopeKey(scope)}#IDS`, counter),
        UpdateExpression: 'ADD #last :count',
        ExpressionAttributeNames: { '#last': 'last' },
        ExpressionAttributeValues: toItem({ ':count': count }),
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return number(Attributes, 'last') as number;
  };
