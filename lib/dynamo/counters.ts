/**
 * Counters of series. Every write carries a condition that makes it idempotent: a request that is repeated, or commits late,
 * finds what it did before instead of doing it twice.
 */
import {
  type AttributeValue,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { CounterState, InvoiceStore, IssueOrder, SeriesCounter, Ticket } from '../invoice/store.ts';
import { type Connection, isConditionFailure, wasRepeated } from './connection.ts';
import { counterKey, nameOf, toState } from './counter-item.ts';

/** Numbers that may be open at once: the counter's item stays small, and a crowd is told to come back. */
export const mostOpenTickets = 150;

/** Whether a counter gives out numbers: a part of every condition under which it does. */
const isThawed = 'attribute_not_exists(frozenAt)';

/** What a write that gives a number out adds for the order of dates. */
function ordered(order: IssueOrder | undefined): { set: string; condition: string; values: Record<string, string> } {
  if (!order) return { set: '', condition: '', values: {} };
  const condition = ' AND (attribute_not_exists(lastIssueDate) OR lastIssueDate <= :date)';
  return {
    set: ', lastIssueDate = :date',
    condition: order.enforce ? condition : '',
    values: { ':date': order.date },
  };
}

const isTooEarly = (order: IssueOrder | undefined, { lastIssueDate = '' }: CounterState): boolean =>
  order?.enforce === true && order.date < lastIssueDate;

function toValue(value: number | number[] | string): AttributeValue {
  if (typeof value === 'string') return { S: value };
  return Array.isArray(value) ? { NS: value.map(String) } : { N: String(value) };
}

export type Counters = Pick<
  InvoiceStore,
  'takeTicket' | 'skipTicket' | 'dropTicket' | 'releaseTicket' | 'counter' | 'continueCounter'
>;

type Table = Pick<Connection, 'table' | 'send'>;

/** The writes on a counter that more than one ticket may share. */
export function ticketWrites({ table, send }: Table) {
  /** Changes a counter if the condition holds; else says how it stands. */
  async function update(
    counter: SeriesCounter,
    names: Record<string, string>,
    values: Record<string, number | number[] | string>,
    expression: Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression'> &
      Partial<Pick<UpdateItemCommandInput, 'ReturnValues' | 'ReturnValuesOnConditionCheckFailure'>>,
  ): Promise<{ changed: boolean; repeated: boolean; state: CounterState | undefined }> {
    try {
      const output = await send(
        new UpdateItemCommand({
          TableName: table,
          Key: counterKey(counter),
          ExpressionAttributeNames: { '#open': 'open', ...names },
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(values).map(([name, value]) => [name, toValue(value)]),
          ),
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...expression,
        }),
      );
      return { changed: true, repeated: wasRepeated(output), state: output.Attributes && toState(output.Attributes) };
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      return { changed: false, repeated: wasRepeated(error), state: error.Item && toState(error.Item) };
    }
  }

  /** The next numbers for tickets, in their order. Every right-hand side sees the item as it was. */
  function takeNext(
    counter: SeriesCounter,
    tickets: readonly Omit<Ticket, 'ordinal'>[],
    order: IssueOrder | undefined,
  ) {
    const { set, condition, values } = ordered(order);
    const places = tickets.map((_, index) => `#open.#t${index}`);
    const taken = places.map((place, index) => (index === 0 ? `${place} = #next` : `${place} = #next + :n${index}`));
    const free = places.map((place) => `attribute_not_exists(${place})`);
    return update(
      counter,
      { '#next': 'next', ...Object.fromEntries(tickets.map((ticket, index) => [`#t${index}`, nameOf(ticket)])) },
      {
        ':count': tickets.length,
        ':room': mostOpenTickets - tickets.length,
        ...Object.fromEntries(tickets.slice(1).map((_, index) => [`:n${index + 1}`, index + 1])),
        ...values,
      },
      {
        UpdateExpression: `SET ${taken.join(', ')}, #next = #next + :count${set}`,
        ConditionExpression: `attribute_exists(pk) AND ${isThawed} AND attribute_not_exists(spare) AND size(#open) <= :room AND ${free.join(' AND ')}${condition}`,
      },
    );
  }

  /** Forgets used tickets, if all are still the same ones. */
  async function drop(counter: SeriesCounter, tickets: readonly Ticket[]): Promise<boolean> {
    const places = tickets.map((_, index) => `#open.#t${index}`);
    const { changed } = await update(
      counter,
      Object.fromEntries(tickets.map((ticket, index) => [`#t${index}`, nameOf(ticket)])),
      Object.fromEntries(tickets.map(({ ordinal }, index) => [`:n${index}`, ordinal])),
      {
        UpdateExpression: `REMOVE ${places.join(', ')}`,
        ConditionExpression: places.map((place, index) => `${place} = :n${index}`).join(' AND '),
        // A busy counter is large, and nobody looks.
        ReturnValues: 'NONE',
        ReturnValuesOnConditionCheckFailure: 'NONE',
      },
    );
    return changed;
  }

  return { update, takeNext, drop };
}

export function counters(connection: Table): Counters {
  const { table, send } = connection;
  const { update, takeNext, drop } = ticketWrites(connection);

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

  /** A spare number goes first, and the counter remembers that it was handed on. */
  function takeSpare(
    counter: SeriesCounter,
    ticket: Omit<Ticket, 'ordinal'>,
    ordinal: number,
    order: IssueOrder | undefined,
  ) {
    const { set, condition, values } = ordered(order);
    return update(
      counter,
      { '#mine': nameOf(ticket) },
      { ':ordinal': ordinal, ':spare': [ordinal], ':most': mostOpenTickets, ...values },
      {
        UpdateExpression: `SET #open.#mine = :ordinal${set} DELETE spare :spare ADD handedOn :spare`,
        ConditionExpression: `${isThawed} AND attribute_not_exists(#open.#mine) AND size(#open) < :most AND contains(spare, :ordinal)${condition}`,
      },
    );
  }

  return {
    async takeTicket(counter, start, ticket, order) {
      let repeated = false;
      for (;;) {
        const { changed, state, ...sent } = await takeNext(counter, [ticket], order);
        repeated ||= sent.repeated;
        if (!state) await begin(counter, start);
        else if (changed || state.open.some((open) => nameOf(open) === nameOf(ticket))) {
          return { ...state, repeated: repeated || !changed };
        } else if (state.frozenAt !== undefined) return 'frozen';
        else if (isTooEarly(order, state)) return 'too-early';
        else if (state.open.length >= mostOpenTickets) return 'full';
        else if (state.spare[0] !== undefined) await takeSpare(counter, ticket, state.spare[0], order);
      }
    },

    async skipTicket(counter, ticket, order) {
      const { set, condition, values } = ordered(order);
      const { changed, state } = await update(
        counter,
        { '#mine': nameOf(ticket), '#next': 'next' },
        { ':one': 1, ':ordinal': ticket.ordinal, ...values },
        {
          UpdateExpression: `SET #open.#mine = #next, #next = #next + :one${set}`,
          ConditionExpression: `#open.#mine = :ordinal AND ${isThawed}${condition}`,
        },
      );
      if (changed && state) return state;
      const isOurs = state?.open.some((open) => nameOf(open) === nameOf(ticket) && open.ordinal === ticket.ordinal);
      if (!state || !isOurs) return 'changed';
      if (state.frozenAt !== undefined) return 'frozen';
      return isTooEarly(order, state) ? 'too-early' : 'changed';
    },

    async dropTicket(counter, ticket) {
      await drop(counter, [ticket]);
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

    async continueCounter(counter, start, next) {
      await begin(counter, start);
      const { state } = await update(
        counter,
        { '#next': 'next', '#first': 'first' },
        { ':start': start, ':to': next, ':none': 0 },
        {
          UpdateExpression: 'SET #next = :to, #first = :to',
          ConditionExpression: `${isThawed} AND size(#open) = :none AND #next < :to AND (#next = #first OR (attribute_not_exists(#first) AND #next = :start))`,
        },
      );
      return state as CounterState;
    },

    async counter(counter) {
      const { Item } = await send(
        new GetItemCommand({ TableName: table, Key: counterKey(counter), ConsistentRead: true }),
      );
      return Item && toState(Item);
    },
  };
}
