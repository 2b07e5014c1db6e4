/** What a tenant is made of besides invoices: its defaults and its number series. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Scope, Series, Tenant } from '../invoice/model.ts';
import { json, toItem } from './attributes.ts';
import type { Table } from './connection.ts';
import { readItem, readPartition } from './reads.ts';
import { type Item, primaryKey, scopeKey } from './table.ts';

const tenants = 'TENANTS';
const allSeries = (scope: Scope) => `${scopeKey(scope)}#SERIES`;

const keptWhole = (pk: string, sk: string, value: object): Item => ({
  ...primaryKey(pk, sk),
  ...toItem({ value: JSON.stringify(value) }),
});

/** A series as an item. */
export const seriesItem = (scope: Scope, series: Series): Item => keptWhole(allSeries(scope), series.name, series);

/** Reads and writes the directory. Values are kept whole as JSON: nothing in them is queried. */
export function directory(connection: Table) {
  const { table, send } = connection;
  const one = readItem(connection);
  const all = readPartition(connection);
  async function read<Value>(pk: string, sk: string): Promise<Value | undefined> {
    const item = await one(primaryKey(pk, sk));
    return item && json<Value>(item, 'value');
  }

  const write = async (pk: string, sk: string, value: object): Promise<void> => {
    await send(new PutItemCommand({ TableName: table, Item: keptWhole(pk, sk, value) }));
  };

  const list = async <Value>(pk: string): Promise<Value[]> =>
    (await all(pk)).map((item) => json<Value>(item, 'value') as Value);

  return {
    tenant: (id: string) => read<Tenant>(tenants, id),
    tenants: () => list<Tenant>(tenants),
    putTenant: (tenant: Tenant) => write(tenants, tenant.id, tenant),
    series: (scope: Scope, name: string) => read<Series>(allSeries(scope), name),
    allSeries: (scope: Scope) => list<Series>(allSeries(scope)),
    putSeries: (scope: Scope, series: Series) => write(allSeries(scope), series.name, series),
  };
}
