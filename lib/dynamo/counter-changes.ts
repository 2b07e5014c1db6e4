/**
 * How a counter changes. Every change carries a condition that makes it idempotent: a request that is repeated, or commits late,
 * finds what it did before instead of doing it twice. Every right-hand side sees the item as it was.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { CalendarDate } from '../invoice/document.ts';
import type { CounterState, IssueOrder, SeriesCounter, Ticket } from '../invoice/store.ts';
import { counterKey, nameOf } from './counter-item.ts';

/** Numbers that may be open at once: the counter's item stays small, and a crowd is told to come back. */
export const mostOpenTickets = 150;

export interface CounterChange {
  readonly names: Record<string, string>;
  readonly values: Record<string, number | number[] | string>;
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
}

/** Who a ticket is for. */
type Asking = Omit<Ticket, 'ordinal'>;

/** Whether a counter gives out numbers: a part of every condition under which it does. */
const isThawed = 'attribute_not_exists(frozenAt)';

/** What a change that gives a number out adds for the order of dates. */
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

/** What keeps a counter from giving out any number. */
export function refusalOf(state: CounterState, order: IssueOrder | undefined): 'frozen' | 'too-early' | undefined {
  if (state.frozenAt !== undefined) return 'frozen';
  return isTooEarly(order, state) ? 'too-early' : undefined;
}

/** The next numbers for tickets, in their order. */
export function takingNext(tickets: readonly Asking[], order: IssueOrder | undefined): CounterChange {
  const { set, condition, values } = ordered(order);
  const places = tickets.map((_, index) => `#open.#t${index}`);
  const taken = places.map((place, index) => (index === 0 ? `${place} = #next` : `${place} = #next + :n${index}`));
  const free = places.map((place) => `attribute_not_exists(${place})`);
  return {
    names: { '#next': 'next', ...Object.fromEntries(tickets.map((ticket, index) => [`#t${index}`, nameOf(ticket)])) },
    values: {
      ':count': tickets.length,
      ':room': mostOpenTickets - tickets.length,
      ...Object.fromEntries(tickets.slice(1).map((_, index) => [`:n${index + 1}`, index + 1])),
      ...values,
    },
    UpdateExpression: `SET ${taken.join(', ')}, #next = #next + :count${set}`,
    ConditionExpression: `attribute_exists(pk) AND ${isThawed} AND attribute_not_exists(spare) AND size(#open) <= :room AND ${free.join(' AND ')}${condition}`,
  };
}

/** A spare number goes first, and the counter remembers that it was handed on. */
export function takingSpare(ticket: Asking, ordinal: number, order: IssueOrder | undefined): CounterChange {
  const { set, condition, values } = ordered(order);
  return {
    names: { '#mine': nameOf(ticket) },
    values: { ':ordinal': ordinal, ':spare': [ordinal], ':most': mostOpenTickets, ...values },
    UpdateExpression: `SET #open.#mine = :ordinal${set} DELETE spare :spare ADD handedOn :spare`,
    ConditionExpression: `${isThawed} AND attribute_not_exists(#open.#mine) AND size(#open) < :most AND contains(spare, :ordinal)${condition}`,
  };
}

/** The next number instead of the ticket's own. */
export function skipping(ticket: Ticket, order: IssueOrder | undefined): CounterChange {
  const { set, condition, values } = ordered(order);
  return {
    names: { '#mine': nameOf(ticket), '#next': 'next' },
    values: { ':one': 1, ':ordinal': ticket.ordinal, ...values },
    UpdateExpression: `SET #open.#mine = #next, #next = #next + :one${set}`,
    ConditionExpression: `#open.#mine = :ordinal AND ${isThawed}${condition}`,
  };
}

/** Used tickets are forgotten, if all are still the same ones. */
export function dropping(tickets: readonly Ticket[]): CounterChange {
  const places = tickets.map((_, index) => `#open.#t${index}`);
  return {
    names: Object.fromEntries(tickets.map((ticket, index) => [`#t${index}`, nameOf(ticket)])),
    values: Object.fromEntries(tickets.map(({ ordinal }, index) => [`:n${index}`, ordinal])),
    UpdateExpression: `REMOVE ${places.join(', ')}`,
    ConditionExpression: places.map((place, index) => `${place} = :n${index}`).join(' AND '),
  };
}

/** The last number is taken back. */
export const takingBack = (ticket: Ticket): CounterChange => ({
  names: { '#mine': nameOf(ticket), '#next': 'next' },
  values: { ':ordinal': ticket.ordinal, ':after': ticket.ordinal + 1 },
  UpdateExpression: 'SET #next = :ordinal REMOVE #open.#mine',
  ConditionExpression: '#open.#mine = :ordinal AND #next = :after',
});

/** Any other number becomes spare. */
export const sparing = (ticket: Ticket): CounterChange => ({
  names: { '#mine': nameOf(ticket) },
  values: { ':ordinal': ticket.ordinal, ':spare': [ticket.ordinal] },
  UpdateExpression: 'REMOVE #open.#mine ADD spare :spare',
  ConditionExpression: '#open.#mine = :ordinal',
});

/** A counter that gave out nothing itself goes on with another number, after the date of what was taken over. */
export const continuing = (start: number, next: number, lastIssueDate: CalendarDate | undefined): CounterChange => ({
  names: { '#next': 'next', '#first': 'first' },
  values: { ':start': start, ':to': next, ':none': 0, ...(lastIssueDate !== undefined && { ':date': lastIssueDate }) },
  UpdateExpression: `SET #next = :to, #first = :to${lastIssueDate === undefined ? '' : ', lastIssueDate = :date'}`,
  ConditionExpression: `${isThawed} AND size(#open) = :none AND #next < :to AND (#next = #first OR (attribute_not_exists(#first) AND #next = :start))`,
});

function toValue(value: number | number[] | string): AttributeValue {
  if (typeof value === 'string') return { S: value };
  return Array.isArray(value) ? { NS: value.map(String) } : { N: String(value) };
}

/** A change as DynamoDB takes it, by itself or in a transaction. */
export const toUpdate = (
  table: string,
  counter: SeriesCounter,
  { names, values, UpdateExpression, ConditionExpression }: CounterChange,
) => ({
  TableName: table,
  Key: counterKey(counter),
  ExpressionAttributeNames: { '#open': 'open', ...names },
  ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toValue(value)])),
  UpdateExpression,
  ConditionExpression,
});
