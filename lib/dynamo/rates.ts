/** Exchange rates in the table: one item a day, for all tenants. */
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { ExchangeRateStore, ExchangeRates } from '../invoice/exchange-rates.ts';
import { json, toItem } from './attributes.ts';
import { isConditionFailure, type Table } from './connection.ts';
import { primaryKey } from './table.ts';

/** The partition that only the scheduled function may write. */
export const ratesPartition = 'RATES';

/** Functions read; only the scheduled one puts. */
export function exchangeRateStore({ table, send }: Table) {
  return {
    async exchangeRates(onOrBefore) {
      const { Items = [] } = await send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk <= :day',
          ExpressionAttributeValues: toItem({ ':pk': ratesPartition, ':day': onOrBefore }),
          ConsistentRead: true,
          ScanIndexForward: false,
          Limit: 1,
        }),
      );
      return Items[0] && json<ExchangeRates>(Items[0], 'value');
    },

    /** Keeps a day's rates. A day published again is written over: the last word counts, but never a made-up one. */
    async putExchangeRates(rates) {
      const Item = {
        ...primaryKey(ratesPartition, rates.date),
        ...toItem({ source: rates.source, value: JSON.stringify(rates) }),
      };
      const only = rates.source === 'demo' && { ConditionExpression: 'attribute_not_exists(pk)' };
      try {
        await send(new PutItemCommand({ TableName: table, Item, ...only }));
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
    },
  } satisfies ExchangeRateStore & { putExchangeRates(rates: ExchangeRates): Promise<void> };
}
