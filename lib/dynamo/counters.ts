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

/** Where a counter stands. */
export const counterKey = ({ scope, name, period }: SeriesCounter): Item =>
  primaryKey(`${scopeKey(scope)}#COUNTER#${name}#${period}`, 'COUNTER');

/** A ticket's name in the counter: the same for every process that finishes its invoice. Short, since all are written each time. */
const nameOf = ({ invoiceId, since }: Omit<Ticket, 'ordinal'>) => `${invoiceId} ${Date.parse(since).toString(36)}`;

function toState(item: Item): CounterState {
  const open = Object.entries(item.open?.M ?? {}).map(([name, { N }]) => {
    const [invoiceId = '', since = ''] = name.split(' ');
    return { invoiceId, since: new Date(Number.parseInt(since, 36)).toISOString(), ordinal: Number(N) };
  });
  const ordinals = (name: string) => (item[name]?.NS ?? []).map(Number).sort((a, b) => a - b);
  return { next: number(item, 'next') as number, open, spare: ordinals('spare'), handedOn: ordinals('handedOn') };
}

type Counters = Pick<InvoiceStore, 'takeTicket' | 'skipTicket' | 'dropTicket' | 'releaseTicket' | 'counter'>;

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

  const mayTake = 'attribute_exists(pk) AND attribute_not_exists(#open.#mine) AND size(#open) < :most';

  /** Both right-hand sides see the item as it was: the ticket gets the number that `next` then leaves. */
  const takeNext = (counter: SeriesCounter, ticket: Omit<Ticket, 'ordinal'>) =>
    update(
      counter,
      { '#mine': nameOf(ticket), '#next': 'next' },
      { ':one': 1, ':most': mostOpenTickets },
      {
        UpdateExpression: 'SET #open.#mine = #next, #next = #next + :one',
        ConditionExpression: `${mayTake} AND attribute_not_exists(spare)`,
      },
    );

  /** A spare number goes first, and the counter remembers that it was handed on. */
  const takeSpare = (counter: SeriesCounter, ticket: Omit<Ticket, 'ordinal'>, ordinal: number) =>
    update(
      counter,
      { '#mine': nameOf(ticket) },
      { ':ordinal': ordinal, ':spare': [ordinal], ':most': mostOpenTickets },
      {
        UpdateExpression: 'SET #open.#mine = :ordinal DELETE spare :spare ADD handedOn :spare',
        ConditionExpression: `${mayTake} AND contains(spare, :ordinal)`,
      },
    );

  return {
    async takeTicket(counter, start, ticket) {
      let repeated = false;
      for (;;) {
        const before = attempts();
        const { changed, state } = await takeNext(counter, ticket);
        repeated ||= attempts() > before + 1;
        if (!state) await begin(counter, start);
        else if (changed || state.open.some((open) => nameOf(open) === nameOf(ticket))) {
          return { ...state, repeated: repeated || !changed };
        } else if (state.open.length >= mostOpenTickets) return 'full';
        else if (state.spare[0] !== undefined) await takeSpare(counter, ticket, state.spare[0]);
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

    async releaseTicket(counter, ticket) {
      const { changed } = await update(
        counter,
        { '#mine': nameOf(ticket), '#next': 'next' },
        { ':ordinal': ticket.ordinal, ':after': ticket.ordinal + 1 },
        {
          UpdateExpression: 'SET #next = :ordinal REMOVE #open.#mine',
          ConditionExpression: '#open.#mine = :ordinal AND #next = :after',
        },
      );
      if (changed) return;
      await update(
        counter,
        { '#mine': nameOf(ticket) },
        { ':ordinal': ticket.ordinal, ':spare': [ticket.ordinal] },
        {
          UpdateExpression: 'REMOVE #open.#mine ADD spare :spare',
          ConditionExpression: '#open.#mine = :ordinal',
        },
      );
    },

    async counter(counter) {
      const { Item } = await send(
        new GetItemCommand({ TableName: table, Key: counterKey(counter), ConsistentRead: true }),
      );
      return Item && toState(Item);
    },
  };
}
