/**
 * Events where they wait to be relayed: in the item of the change that they tell of, and by time in the index. Only what a
 * reader could not tell from the item's place is kept, so that an entry stays within one write unit.
 */
import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { eventOf, type InvoiceEvent, positionOf } from '../invoice/events.ts';
import type { EventStore } from '../invoice/feed.ts';
import type { Mode, Scope } from '../invoice/model.ts';
import { json, text, toItem } from './attributes.ts';
import { type Connection, isConditionFailure } from './connection.ts';
import { readFirst, readItem, readItems } from './reads.ts';
import { type Item, itemKey, itemName, primaryKey, scopeKey, tableLayout } from './table.ts';

const listOf = (scope: Scope): string => `${scopeKey(scope)}#EVENTS`;

type Kept = Pick<InvoiceEvent, 'type' | 'sequence'> & { readonly data: object };

/** The attributes that make any item an entry of the outbox. Its events are about one subject and happened together. */
export function toOutbox(scope: Scope, events: readonly InvoiceEvent[]): Item {
  const last = events.at(-1);
  if (!last) return {};
  const kept = events.map(({ type, sequence, data }, index): Kept => {
    const before = new Map<string, unknown>(Object.entries(events[index - 1]?.data ?? {}));
    // Of what the event before said, only what is different now.
    const news = Object.entries(data).filter(([name, value]) => !before.has(name) || before.get(name) !== value);
    return { type, sequence, data: Object.fromEntries(news) };
  });
  return toItem({ listKey: listOf(scope), listSort: positionOf(last), events: JSON.stringify(kept) });
}

/** The events of an entry, from the item, its image in a stream or its copy in the index. */
export function toEvents(item: Item): InvoiceEvent[] {
  const [tenant = '', mode = ''] = (text(item, 'listKey') as string).split(/[/#]/);
  const [occurred_at = '', subject = ''] = (text(item, 'listSort') as string).split('#');
  let said = {};
  return (json<Kept[]>(item, 'events') ?? []).map(({ type, sequence, data }) => {
    said = { ...said, ...data };
    const about = { type, subject, sequence, occurred_at, data: said as InvoiceEvent['data'] };
    return eventOf({ tenant, mode: mode as Mode }, about);
  });
}

/** Positions, the first and the last included. */
interface Range {
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

/** A scope's entries as the index has them, in order. */
async function entries(connection: Connection, scope: Scope, range: Range): Promise<Item[]> {
  const { index } = tableLayout;
  const { from, to = '~', limit } = range;
  const query = {
    IndexName: index.name,
    KeyConditionExpression: `${index.partitionKey} = :list AND ${index.sortKey} BETWEEN :from AND :to`,
    ExpressionAttributeValues: toItem({ ':list': listOf(scope), ':from': from || '0', ':to': to }),
  };
  return readFirst(connection)(query, limit);
}

/** Events as they are read back; the relay has `outbox`. */
export const eventStore = (connection: Connection): EventStore => ({
  async events(scope, { after = '', limit }) {
    // The entry at the position itself may hold later events, and no other: one more makes up for it.
    const found = await entries(connection, scope, { from: after, limit: limit + 1 });
    return found
      .flatMap(toEvents)
      .filter((event) => positionOf(event) > after)
      .slice(0, limit);
  },
});

/** The outbox as the relay sees it. */
export function outbox(connection: Connection) {
  const { table, send } = connection;
  const read = readItem(connection);
  const untilKey = (scope: Scope): Item => primaryKey(`${scopeKey(scope)}#RELAYED`, 'UNTIL');

  return {
    entries: (scope: Scope, range: Range) => entries(connection, scope, range),

    /** Those of some entries that are not marked as relayed, in their order. */
    async unrelayed(items: readonly Item[]): Promise<Item[]> {
      const found = await readItems(connection)(items.map(itemKey), 'pk, sk, relayedAt');
      const done = new Set(found.filter(({ relayedAt }) => relayedAt).map(itemName));
      return items.filter((item) => !done.has(itemName(item)));
    },

    /** Notes that an entry was relayed; once is enough. */
    async mark(entry: Item, at: string): Promise<void> {
      try {
        await send(
          new UpdateItemCommand({
            TableName: table,
            Key: itemKey(entry),
            UpdateExpression: 'SET relayedAt = :at',
            // What is gone needs no mark, and must not come back as one.
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(relayedAt)',
            ExpressionAttributeValues: toItem({ ':at': at }),
          }),
        );
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
    },

    /** The position before which everything is relayed. */
    async until(scope: Scope): Promise<string> {
      const item = await read(untilKey(scope));
      return (item && text(item, 'position')) ?? '';
    },

    setUntil: (scope: Scope, position: string) =>
      send(new PutItemCommand({ TableName: table, Item: { ...untilKey(scope), ...toItem({ position }) } })),
  };
}

export type Outbox = ReturnType<typeof outbox>;
