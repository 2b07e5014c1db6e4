/** The books of the series in the table: numbers in order, audit entries, hash chains. */
import { PutItemCommand, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import type { AuditEntry } from '../invoice/audit.ts';
import type { ChainEntry, Numbered } from '../invoice/chain.ts';
import type { Series } from '../invoice/model.ts';
import type { InvoiceStore, SeriesCounter } from '../invoice/store.ts';
import { json, number, text, toItem } from './attributes.ts';
import { type Connection, isConditionFailure } from './connection.ts';
import { seriesItem } from './directory.ts';
import { invoiceKey } from './invoice-items.ts';
import { isFree, nowInSeconds, toOperationItems } from './operations.ts';
import { type Item, primaryKey, scopeKey, tableLayout } from './table.ts';
import { transactions, type Write } from './transaction.ts';

/** The index partition that lists a counter's claims. */
export const claimsOf = ({ scope, name, period }: SeriesCounter): string =>
  `${scopeKey(scope)}#COUNTER#${name}#${period}`;

/** Ordinals in an order that is that of the keys. */
export const padded = (ordinal: number): string => String(ordinal).padStart(12, '0');

const chainKey = ({ scope, name, period }: SeriesCounter): string => `${scopeKey(scope)}#CHAIN#${name}#${period}`;

type Evidence = Pick<
  InvoiceStore,
  'numbersOf' | 'chain' | 'chainHead' | 'appendChain' | 'history' | 'issuedDigest' | 'insertSeries'
>;

export function evidence(connection: Connection): Evidence {
  const { table, send } = connection;
  const { put, commit } = transactions(connection);

  async function query(input: Omit<ConstructorParameters<typeof QueryCommand>[0], 'TableName'>): Promise<Item[]> {
    const items: Item[] = [];
    let ExclusiveStartKey: QueryCommandOutput['LastEvaluatedKey'];
    do {
      const page: QueryCommandOutput = await send(new QueryCommand({ TableName: table, ...input, ExclusiveStartKey }));
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = input.Limit === undefined ? page.LastEvaluatedKey : undefined;
    } while (ExclusiveStartKey);
    return items;
  }

  const chainItems = (counter: SeriesCounter, more: { Limit?: number; ScanIndexForward?: boolean } = {}) =>
    query({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: toItem({ ':pk': chainKey(counter) }),
      ConsistentRead: true,
      ...more,
    });

  const toEntry = (item: Item) => json<ChainEntry>(item, 'value') as ChainEntry;

  async function history(scope: SeriesCounter['scope'], invoiceId: string): Promise<AuditEntry[]> {
    const items = await query({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :audit)',
      ExpressionAttributeValues: toItem({ ':pk': invoiceKey(scope, invoiceId), ':audit': 'AUDIT#' }),
      ConsistentRead: true,
    });
    return items.map((item) => {
      const numbered = text(item, 'number');
      return {
        action: text(item, 'action') as AuditEntry['action'],
        at: text(item, 'at') as string,
        actor: text(item, 'actor') as string,
        version: number(item, 'version') as number,
        ...(numbered !== undefined && { number: numbered }),
        digest: text(item, 'digest') as string,
      };
    });
  }

  return {
    async numbersOf(counter, from, to) {
      const { index } = tableLayout;
      const items = await query({
        IndexName: index.name,
        KeyConditionExpression: `${index.partitionKey} = :claims AND ${index.sortKey} BETWEEN :from AND :to`,
        ExpressionAttributeValues: toItem({ ':claims': claimsOf(counter), ':from': padded(from), ':to': padded(to) }),
      });
      return items.map(toNumbered);
    },

    chain: async (counter) => (await chainItems(counter)).map(toEntry),

    async chainHead(counter) {
      const [item] = await chainItems(counter, { Limit: 1, ScanIndexForward: false });
      return item && toEntry(item);
    },

    async appendChain(counter, entry) {
      try {
        await send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...primaryKey(chainKey(counter), padded(entry.ordinal)),
              ...toItem({ value: JSON.stringify(entry) }),
            },
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return entry;
      } catch (error) {
        if (!isConditionFailure(error) || !error.Item) throw error;
        return toEntry(error.Item);
      }
    },

    history,

    async issuedDigest(scope, invoiceId) {
      return (await history(scope, invoiceId)).find(({ action }) => action === 'issued')?.digest;
    },

    async insertSeries(scope, series: Series, operation) {
      const writes: Write<'series' | 'other'>[] = [
        ['series', put(seriesItem(scope, series), 'attribute_not_exists(pk)')],
      ];
      if (operation) {
        const items = toOperationItems(scope, { ...operation, subject: `number-series/${series.name}` });
        const free = toItem({ ':now': nowInSeconds() });
        writes.push(...items.map((item, at) => ['other', at === 0 ? put(item, isFree, free) : put(item)] as const));
      }
      return (await commit(writes)).size > 0 ? 'exists' : 'stored';
    },
  };
}

/** The index holds keys and what a ledger needs, so that a page costs one query. */
function toNumbered(item: Item): Numbered {
  return {
    ordinal: Number(text(item, 'listSort')),
    number: text(item, 'number') as string,
    invoiceId: text(item, 'invoiceId') as string,
  };
}
