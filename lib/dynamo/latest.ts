/** A scope's invoices in the order in which they were made, from the index; it may lag behind a write. */
import { QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import type { InvoiceStore } from '../invoice/store.ts';
import { text, toItem } from './attributes.ts';
import type { Connection } from './connection.ts';
import { headKey, listOf } from './invoice-items.ts';
import { tableLayout } from './table.ts';

/** Served from the index `byTime`. */
export function latest({ table, send }: Connection): Pick<InvoiceStore, 'newest' | 'countInvoices'> {
  const { index } = tableLayout;
  return {
    async newest(scope, limit, after) {
      const listKey = listOf(scope);
      const [, id] = after?.split('#') ?? [];
      const start = id !== undefined && after !== undefined;
      const { Items = [], LastEvaluatedKey } = await send(
        new QueryCommand({
          TableName: table,
          IndexName: index.name,
          KeyConditionExpression: `${index.partitionKey} = :list`,
          ExpressionAttributeValues: toItem({ ':list': listKey }),
          ScanIndexForward: false,
          Limit: limit,
          ...(start && { ExclusiveStartKey: { ...headKey(scope, id), ...toItem({ listKey, listSort: after }) } }),
        }),
      );
      const last = LastEvaluatedKey && text(LastEvaluatedKey, 'listSort');
      return {
        ids: Items.map((item) => text(item, 'listSort')?.split('#')[1] as string),
        ...(last !== undefined && { next: last }),
      };
    },

    async countInvoices(scope) {
      let count = 0;
      let from: QueryCommandOutput['LastEvaluatedKey'];
      do {
        const page: QueryCommandOutput = await send(
          new QueryCommand({
            TableName: table,
            IndexName: index.name,
            KeyConditionExpression: `${index.partitionKey} = :list`,
            ExpressionAttributeValues: toItem({ ':list': listOf(scope) }),
            Select: 'COUNT',
            ExclusiveStartKey: from,
          }),
        );
        count += page.Count ?? 0;
        from = page.LastEvaluatedKey;
      } while (from);
      return count;
    },
  };
}
