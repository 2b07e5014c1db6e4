/** The item of a series' counter, and what it says. */
import type { CounterState, SeriesCounter, Ticket } from '../invoice/store.ts';
import { number, optional } from './attributes.ts';
import { type Item, primaryKey, scopeKey } from './table.ts';

/** Where a counter stands. */
export const counterKey = ({ scope, name, period }: SeriesCounter): Item =>
  primaryKey(`${scopeKey(scope)}#COUNTER#${name}#${period}`, 'COUNTER');

/** A ticket's name in the counter: the same for every process that finishes its invoice. Short, since all are written each time. */
export const nameOf = ({ invoiceId, since }: Omit<Ticket, 'ordinal'>) =>
  `${invoiceId} ${Date.parse(since).toString(36)}`;

/** What a counter says; its tickets are members of one map, so that each is changed by itself. */
export function toState(item: Item): CounterState {
  const open = Object.entries(item.open?.M ?? {}).map(([name, { N }]) => {
    const [invoiceId = '', since = ''] = name.split(' ');
    return { invoiceId, since: new Date(Number.parseInt(since, 36)).toISOString(), ordinal: Number(N) };
  });
  const ordinals = (name: string) => (item[name]?.NS ?? []).map(Number).sort((a, b) => a - b);
  const first = number(item, 'first');
  return {
    next: number(item, 'next') as number,
    open,
    spare: ordinals('spare'),
    handedOn: ordinals('handedOn'),
    ...optional(item, 'lastIssueDate'),
    ...(first !== undefined && { first }),
    ...optional(item, 'frozenAt'),
  };
}
