/**
 * Tickets for many at once: one write takes the next numbers of a series for all invoices that arrive together, another one drops
 * them. Whatever a group write cannot do (a spare number to hand on, a counter that does not exist yet, one that is full) is
 * done one by one.
 */
import type { InvoiceStore, IssueOrder, SeriesCounter, Ticket } from '../invoice/store.ts';
import type { Connection } from './connection.ts';
import { takingNext } from './counter-changes.ts';
import { nameOf } from './counter-item.ts';
import { type Counters, counters, counterUpdate, ticketDrop } from './counters.ts';
import { gather, type Waiting } from './gather.ts';
import { lotsOf } from './lots.ts';

/** Tickets in one write: DynamoDB takes 4 KB of an expression. */
const mostTickets = 25;

interface Taking {
  readonly counter: SeriesCounter;
  readonly start: number;
  readonly ticket: Omit<Ticket, 'ordinal'>;
  readonly order: IssueOrder | undefined;
}

interface Dropping {
  readonly counter: SeriesCounter;
  readonly ticket: Ticket;
}

type Taken = Awaited<ReturnType<InvoiceStore['takeTicket']>>;

/** Counters whose tickets are taken and dropped in groups; all else is as with `counters`. */
export function groupedCounters(connection: Connection): Counters {
  const plain = counters(connection);
  const update = counterUpdate(connection);
  const dropAll = ticketDrop(connection);

  async function take(group: readonly Waiting<Taking, Taken>[]): Promise<void> {
    const [first, ...others] = group;
    if (!first) return;
    const { counter, start, order } = first.input;
    const tickets = distinct(group);
    const { changed, repeated, state } =
      tickets.length > 1 ? await update(counter, takingNext(tickets, order)) : { changed: false, repeated: false };
    const rest: Waiting<Taking, Taken>[] = [];
    for (const member of group) {
      const name = nameOf(member.input.ticket);
      // Before our write, whoever has a ticket had taken it.
      if (state?.open.some((open) => nameOf(open) === name))
        member.resolve({ ...state, repeated: repeated || !changed });
      else rest.push(member);
    }
    if (rest.length < group.length) return take(rest);
    await plain.takeTicket(counter, start, first.input.ticket, order).then(first.resolve, first.reject);
    await take(others);
  }

  async function drop(group: readonly Waiting<Dropping, void>[]): Promise<void> {
    const [first] = group;
    if (!first) return;
    const tickets = distinct(group);
    const dropped = await dropAll(first.input.counter, tickets);
    // One of them was somebody else's to drop.
    const single = ({ input, resolve, reject }: Waiting<Dropping, void>) =>
      plain.dropTicket(input.counter, input.ticket).then(resolve, reject);
    if (dropped) for (const { resolve } of group) resolve();
    else await Promise.all(group.map(single));
  }

  const taking = gather<Taking, Taken>((all) => each(all, ({ counter, order }) => [counter, order], take));
  const dropping = gather<Dropping, void>((all) => each(all, ({ counter }) => [counter], drop));

  return {
    ...plain,
    takeTicket: (counter, start, ticket, order) => taking({ counter, start, ticket, order }),
    dropTicket: (counter, ticket) => dropping({ counter, ticket }),
  };
}

/** The tickets of a group, each once: two processes may finish one invoice, and an expression names no place twice. */
const distinct = <T extends Omit<Ticket, 'ordinal'>>(group: readonly Waiting<{ readonly ticket: T }, never>[]): T[] => [
  ...new Map(group.map(({ input: { ticket } }) => [nameOf(ticket), ticket])).values(),
];

/** Works on what belongs together, so many at a time. A group that fails fails for its own callers. */
async function each<Input, Output>(
  all: readonly Waiting<Input, Output>[],
  sameOf: (input: Input) => unknown,
  work: (group: readonly Waiting<Input, Output>[]) => Promise<void>,
): Promise<void> {
  const groups = new Map<string, Waiting<Input, Output>[]>();
  for (const one of all) {
    const same = JSON.stringify(sameOf(one.input));
    groups.set(same, [...(groups.get(same) ?? []), one]);
  }
  const parts = [...groups.values()].flatMap((group) => lotsOf(group, mostTickets));
  await Promise.all(
    parts.map((part) =>
      work(part).catch((error) => {
        for (const { reject } of part) reject(error);
      }),
    ),
  );
}
