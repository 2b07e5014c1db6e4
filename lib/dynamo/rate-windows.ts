/**
 * Counts requests against limits, exactly, however many processes count at once: whether a request is let through is the
 * condition of the very update that counts it.
 *
 * A request costs one update of one small item: one write unit, whether it is let through or not. The item holds one longest
 * window and expires after it. The shorter windows within it are attributes named by their number, so that none ever has to
 * be set back, which would take a second update; old ones are removed along the way.
 */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Scope } from '../invoice/model.ts';
import { OutcomeUnknown, StoreBusy } from '../invoice/store.ts';
import { number } from './attributes.ts';
import { isConditionFailure, type Table } from './connection.ts';
import { type Item, primaryKey, scopeKey } from './table.ts';

/** What is counted: the requests of a key, by whatever tells its counters apart. */
export interface Counter {
  readonly scope: Scope;
  readonly keyId: string;
  readonly name: string;
}

interface Window {
  readonly seconds: number;
  readonly limit: number;
}

export interface Count {
  /** Whether all windows had room. If one had none, nothing was counted in any. */
  readonly admitted: boolean;
  /** What is used of each window, in their order. */
  readonly used: readonly number[];
}

export type CountRequest = (counter: Counter, windows: readonly Window[], at: number) => Promise<Count>;

/** How many old windows of each length an update removes. Longer pauses leave a few behind, until the item expires. */
const swept = 60;

/** For how long an item is kept after its window, in seconds: clocks may differ by less. */
const keep = 3_600;

const nameOf = (seconds: number, index: number) => `s${seconds}_${index}`;

/** Makes the counting function. A window begins at a whole multiple of its length since the epoch, hence in UTC. */
export function rateWindows({ table, send }: Table): CountRequest {
  return async ({ scope, keyId, name }, windows, at) => {
    const longest = Math.max(...windows.map(({ seconds }) => seconds));
    const start = Math.floor(at / 1_000 / longest) * longest;
    const counters = windows.map(({ seconds, limit }) => {
      const index = Math.floor(at / 1_000 / seconds);
      return { seconds, limit, index, attribute: nameOf(seconds, index) };
    });
    // The window just before stays: a process whose clock lags may still be counting in it.
    const old = counters
      .filter(({ seconds }) => seconds < longest)
      .flatMap(({ seconds, index }) => Array.from({ length: swept }, (_, back) => nameOf(seconds, index - 2 - back)));
    const increments = counters.map(({ attribute }) => `${attribute} = if_not_exists(${attribute}, :none) + :one`);
    const conditions = counters.map(
      ({ attribute }, position) => `(attribute_not_exists(${attribute}) OR ${attribute} < :limit${position})`,
    );
    const limits = counters.map(({ limit }, position): [string, number] => [`:limit${position}`, limit]);
    const values = { ':none': 0, ':one': 1, ':expiresAt': start + longest + keep, ...Object.fromEntries(limits) };
    const used = (item: Item) => counters.map(({ attribute }) => number(item, attribute) ?? 0);
    try {
      // Repeated after a lost answer this may count one request twice: never one too few, so that the limit holds.
      const { Attributes } = await send(
        new UpdateItemCommand({
          TableName: table,
          Key: primaryKey(`${scopeKey(scope)}#RATE#${keyId}`, `${name}#${start}`),
          UpdateExpression: [
            `SET expiresAt = :expiresAt, ${increments.join(', ')}`,
            old.length > 0 && `REMOVE ${old.join(', ')}`,
          ]
            .filter(Boolean)
            .join(' '),
          ConditionExpression: conditions.join(' AND '),
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(values).map(([key, value]) => [key, { N: String(value) }]),
          ),
          ReturnValues: 'UPDATED_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { admitted: true, used: used(Attributes ?? {}) };
    } catch (error) {
      if (isConditionFailure(error)) return { admitted: false, used: used(error.Item ?? {}) };
      // Whatever became of the count, the request itself has not begun.
      throw error instanceof OutcomeUnknown ? new StoreBusy() : error;
    }
  };
}
