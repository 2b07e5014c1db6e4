/** Which sources of which AWS accounts may ask for invoices by events, and for whom. */
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Scope } from '../invoice/model.ts';
import { json, toItem } from './attributes.ts';
import type { Table } from './connection.ts';
import { readItem, readPartition } from './reads.ts';
import { type Item, primaryKey } from './table.ts';

/** The partition that no function may write. */
export const sourcesPartition = 'SOURCES';

export interface SourceName {
  readonly account: string;
  readonly source: string;
}

/** A source and the scope that its events belong to. */
export interface EventSource extends SourceName, Scope {}

const keyOf = ({ account, source }: SourceName): Item => primaryKey(sourcesPartition, `${account}#${source}`);

export type EventSources = ReturnType<typeof eventSources>;

/** The list of sources: functions read it, commands alone write it. */
export function eventSources(connection: Table) {
  const { table, send } = connection;
  return {
    async find(name: SourceName): Promise<EventSource | undefined> {
      const item = await readItem(connection)(keyOf(name));
      return item && json<EventSource>(item, 'value');
    },

    async put(source: EventSource): Promise<void> {
      const Item = { ...keyOf(source), ...toItem({ value: JSON.stringify(source) }) };
      await send(new PutItemCommand({ TableName: table, Item }));
    },

    /** Says whether there was one. */
    async remove(name: SourceName): Promise<boolean> {
      const { Attributes } = await send(
        new DeleteItemCommand({ TableName: table, Key: keyOf(name), ReturnValues: 'ALL_OLD' }),
      );
      return Attributes !== undefined;
    },

    async list(): Promise<EventSource[]> {
      const items = await readPartition(connection)(sourcesPartition);
      return items.map((item) => json<EventSource>(item, 'value') as EventSource);
    },
  };
}
