/** Reads; consistent ones, where no query says otherwise. */
import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { toItem } from './attributes.ts';
import type { Table } from './connection.ts';
import { lotsOf } from './lots.ts';
import type { Item } from './table.ts';

/** Reads one item. */
export const readItem =
  ({ table, send }: Table) =>
  async (Key: Item): Promise<Item | undefined> =>
    (await send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;

/** DynamoDB's limit for one call. */
const mostKeys = 100;

/** Reads items by their keys, or some of their attributes: those that are there, in no order. */
export const readItems =
  ({ table, send }: Table) =>
  async (keys: readonly Item[], ProjectionExpression?: string): Promise<Item[]> => {
    const found: Item[] = [];
    async function read(Keys: Item[] | undefined): Promise<void> {
      if (!Keys) return;
      const request = { Keys, ConsistentRead: true, ProjectionExpression };
      const answer: BatchGetItemCommandOutput = await send(
        new BatchGetItemCommand({ RequestItems: { [table]: request } }),
      );
      found.push(...(answer.Responses?.[table] ?? []));
      await read(answer.UnprocessedKeys?.[table]?.Keys);
    }
    await Promise.all(lotsOf(keys, mostKeys).map(read));
    return found;
  };

/** `range` is a condition on `sk`, whose placeholders stand in `values`. */
export type ReadPartition = (pk: string, range?: string, values?: Record<string, string>) => Promise<Item[]>;

/** Reads all items of a partition, or a range of them, in the order of their sort keys. */
export const readPartition =
  ({ table, send }: Table): ReadPartition =>
  async (pk, range, values = {}) => {
    const items: Item[] = [];
    let ExclusiveStartKey: QueryCommandOutput['LastEvaluatedKey'];
    do {
      const page: QueryCommandOutput = await send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: range ? `pk = :pk AND ${range}` : 'pk = :pk',
          ExpressionAttributeValues: toItem({ ':pk': pk, ...values }),
          ConsistentRead: true,
          ExclusiveStartKey,
        }),
      );
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return items;
  };

/** The first items that a query finds, so many at most. One call ends after a megabyte, however few they were. */
export const readFirst =
  ({ table, send }: Table) =>
  async (query: Omit<QueryCommandInput, 'TableName' | 'Limit'>, limit: number): Promise<Item[]> => {
    const items: Item[] = [];
    let ExclusiveStartKey: QueryCommandOutput['LastEvaluatedKey'];
    do {
      const page: QueryCommandOutput = await send(
        new QueryCommand({ ...query, TableName: table, Limit: limit - items.length, ExclusiveStartKey }),
      );
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey && items.length < limit);
    return items;
  };
