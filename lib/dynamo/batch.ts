/** Items that need no condition, many in a call. It costs what single writes cost, and takes the time of one. */
import { setTimeout as wait } from 'node:timers/promises';
import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { OutcomeUnknown, StoreBusy } from '../invoice/store.ts';
import type { Table } from './connection.ts';
import { gather } from './gather.ts';
import { lotsOf } from './lots.ts';
import { type Item, itemName } from './table.ts';

/**
 * Writes items before what they are for. Items with the same key are taken for the same. Throws `StoreBusy` when it does not get
 * them all written: what has been may be written again.
 */
export type PutAll = (items: readonly Item[]) => Promise<void>;

/** DynamoDB's limit for one call. */
const mostItems = 25;

/** How often what DynamoDB left undone is tried again. */
const mostRounds = 8;

/** What writes items in calls of as many as DynamoDB takes. */
export function batchPut({ table, send }: Table): PutAll {
  async function put(items: readonly Item[]): Promise<void> {
    let waiting: WriteRequest[] = items.map((Item) => ({ PutRequest: { Item } }));
    for (let round = 0; round < mostRounds; round++) {
      const answer = await send(new BatchWriteItemCommand({ RequestItems: { [table]: waiting } })).catch((error) => {
        throw error instanceof OutcomeUnknown ? new StoreBusy() : error;
      });
      waiting = answer.UnprocessedItems?.[table] ?? [];
      if (waiting.length === 0) return;
      await wait(Math.random() * 20 * 2 ** round);
    }
    throw new StoreBusy();
  }

  return async (items) => {
    // DynamoDB refuses a call that names a key twice, as when two that come by finish the same invoice.
    const distinct = [...new Map(items.map((item) => [itemName(item), item])).values()];
    await Promise.all(lotsOf(distinct, mostItems).map(put));
  };
}

/** The same for callers that arrive together. */
export function groupedPut(connection: Table): PutAll {
  const putAll = batchPut(connection);
  const together = gather<readonly Item[], void>(async (all) => {
    await putAll(all.flatMap(({ input }) => input));
    for (const { resolve } of all) resolve();
  });
  return async (items) => {
    if (items.length > 0) await together(items);
  };
}
