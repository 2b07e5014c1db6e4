/**
 * Counters of series. Every write carries a condition that makes it idempotent: a request that is repeated, or commits late,
 * finds what it did before instead of doing it twice.
 */
import {
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { CounterState, InvoiceStore, SeriesCounter, Ticket } from '../invoice/store.ts';
import { number } from './attributes.ts';
import { type Connection, isConditionFailure } from './connection.ts';
import { type Item, primaryKey, scopeKey } from './table.ts';

/** Numbers that may be open at once: the counter's item stays small, and a crowd is told to come back. */
export const mostOpenTickets = 150;

const counterKey = ({ scope, name, period }: SeriesCounter): Item =>
  primaryKey(`${scopeKey(scope)}#COUNTER#${name}#${period}`, 'COUNTER');

/** A ticket's name in the counter: the same for every process that finishes its invoice. Short, since all are written each time. */
const nameOf = ({ invoiceId, since }: Omit<Ticket, 'ordinal'>) => `${invoiceId} ${Date.parse(since).toString(36)}`;

function toState(item: Item): CounterState {
  const open = Object.entries(item.open?.M ?? {}).map(([name, { N }]) => {
    const [invoiceId = '', since = ''] = name.split(' ');
    return { invoiceId, since: new Date(Number.parseInt(since, 36)).toISOString(), ordinal: Number(N) };
  });
  return { next: number(item, 'next') as number, open, handedOn: (item.handedOn?.NS ?? []).map(Number) };
}

type Counters = Pick<InvoiceStore, 'takeTicket' | 'skipTicket' | 'dropTicket' | 'returnTicket' | 'handOn' | 'counter'>;

export function counters({ table, send, attempts }: Connection): Counters {
  /** Changes a counter if the condition holds; else says how it stands. */
  async function update(
    counter: SeriesCounter,
    names: Record<string, string>,
    values: Record<string, number | number[]>,
    expression: Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression'>,
  ): Promise<{ changed: boolean; state: CounterState | undefined }> {
    try {
      const { Attributes } = await send(
        new UpdateItemCommand({
          TableName: table,
          Key: counterKey(counter),
          ...expression,
          ExpressionAttributeNames: { '#open': 'open', ...names },
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(values).map(([name, value]) => [
              name,
              Array.isArray(value) ? { NS: value.map(String) } : { N: String(value) },
            ]),
          ),
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { changed: true, state: toState(Attributes ?? {}) };
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      return { changed: false, state: error.Item && toState(error.Item) };
    }
  }

  /** A counter begins with its first ticket. */
  async function begin(counter: SeriesCounter, start: number): Promise<void> {
    try {
      await send(
        new PutItemCommand({
          TableName: table,
          Item: { ...counterKey(counter), next: { N: String(start) }, open: { M: {} } },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
  }

  return {
    async takeTicket(counter, start, ticket) {
      const before = attempts();
      for (;;) {
        // Both right-hand sides see the item as it was: the ticket gets the number that `next` then leaves.
        const { changed, state } = await update(
          counter,
          { '#mine': nameOf(ticket), '#next': 'next' },
          { ':one': 1, ':most': mostOpenTickets },
          {
            UpdateExpression: 'SET #open.#mine = #next, #next = #next + :one',
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#open.#mine) AND size(#open) < :most',
          },
        );
        if (!state) await begin(counter, start);
        else if (changed || state.open.some((open) => nameOf(open) === nameOf(ticket))) {
          return { ...state, repeated: !changed || attempts() > before + 1 };
        } else return 'full';
      }
    },

    async skipTicket(counter, ticket) {
      const { changed, state } = await update(
        counter,
        { '#mine': nameOf(ticket), '#next': 'next' },
        { ':one': 1, ':ordinal': ticket.ordinal },
        {
          UpdateExpression: 'SET #open.#mine = #next, #next = #next + :one',
          ConditionExpression: '#open.#mine = :ordinal',
        },
      );
      return changed && state ? state : 'changed';
    },

    async dropTicket(counter, ticket) {
      await update(
        counter,
        { '#mine': nameOf(ticket) },
        { ':ordinal': ticket.ordinal },
        { UpdateExpression: 'REMOVE #open.#mine', ConditionExpression: '#open.#mine = :ordinal' },
      );
    },

    async returnTicket(counter, ticket) {
      const { changed } = await update(
        counter,
        { '#mine': nameOf(ticket), '#next': 'next' },
        { ':ordinal': ticket.ordinal, ':after': ticket.ordinal + 1 },
        {
          UpdateExpression: 'SET #next = :ordinal REMOVE #open.#mine',
          ConditionExpression: '#open.#mine = :ordinal AND #next = :after',
        },
      );
      return changed ? 'returned' : 'changed';
    },

    async handOn(counter, surplus, to) {
      const { changed, state } = await update(
        counter,
        { '#surplus': nameOf(surplus), '#mine': nameOf(to), '#next': 'next' },
        { ':surplus': surplus.ordinal, ':last': to.ordinal, ':after': to.ordinal + 1, ':handed': [surplus.ordinal] },
        {
          UpdateExpression: 'SET #open.#mine = :surplus, #next = :last REMOVE #open.#surplus ADD handedOn :handed',
          ConditionExpression: '#open.#surplus = :surplus AND #open.#mine = :last AND #next = :after',
        },
      );
      return changed && state ? state : 'changed';
    },

    async counter(counter) {
      const { Item } = await send(
        new GetItemCommand({ TableName: table, Key: counterKey(counter), ConsistentRead: true }),
      );
      return Item && toState(Item);
    },
  };
}
