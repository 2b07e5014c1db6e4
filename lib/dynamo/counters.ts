/** Counters of series, changed by one conditional write each, or by one transaction where an invoice must still wait. */
import { PutItemCommand, UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { CounterState, InvoiceStore, SeriesCounter, Ticket } from '../invoice/store.ts';
import { toItem } from './attributes.ts';
import { isConditionFailure, type Table, wasRepeated } from './connection.ts';
import {
  type CounterChange,
  continuing,
  dropping,
  mostOpenTickets,
  refusalOf,
  skipping,
  sparing,
  takingBack,
  takingNext,
  takingSpare,
  toUpdate,
} from './counter-changes.ts';
import { counterKey, nameOf, toState } from './counter-item.ts';
import { headKey } from './invoice-items.ts';
import { readItem } from './reads.ts';
import { transactions } from './transaction.ts';

export type Counters = Pick<
  InvoiceStore,
  'takeTicket' | 'takeLateTicket' | 'skipTicket' | 'dropTicket' | 'releaseTicket' | 'counter' | 'continueCounter'
>;

/** Changes a counter if the change's condition holds; else says how it stands. */
export const counterUpdate =
  ({ table, send }: Table) =>
  async (
    counter: SeriesCounter,
    change: CounterChange,
    returns: Partial<Pick<UpdateItemCommandInput, 'ReturnValues' | 'ReturnValuesOnConditionCheckFailure'>> = {
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  ): Promise<{ changed: boolean; repeated: boolean; state: CounterState | undefined }> => {
    try {
      const output = await send(new UpdateItemCommand({ ...toUpdate(table, counter, change), ...returns }));
      return { changed: true, repeated: wasRepeated(output), state: output.Attributes && toState(output.Attributes) };
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      return { changed: false, repeated: wasRepeated(error), state: error.Item && toState(error.Item) };
    }
  };

/** Forgets used tickets, if all are still the same ones. A busy counter is large, and nobody looks: it is not sent back. */
export const ticketDrop = (connection: Table) => {
  const update = counterUpdate(connection);
  return async (counter: SeriesCounter, tickets: readonly Ticket[]): Promise<boolean> =>
    (await update(counter, dropping(tickets), {})).changed;
};

/** Each call is by itself; see `groupedCounters` for many that arrive together. */
export function counters(connection: Table): Counters {
  const { table, send } = connection;
  const { tryCommit } = transactions(connection);
  const one = readItem(connection);
  const update = counterUpdate(connection);
  const drop = ticketDrop(connection);

  async function read(counter: SeriesCounter): Promise<CounterState | undefined> {
    const item = await one(counterKey(counter));
    return item && toState(item);
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

  const holds = (state: CounterState, ticket: Omit<Ticket, 'ordinal'>) =>
    state.open.some((open) => nameOf(open) === nameOf(ticket));

  return {
    async takeTicket(counter, start, ticket, order) {
      let repeated = false;
      for (;;) {
        const { changed, state, ...sent } = await update(counter, takingNext([ticket], order));
        repeated ||= sent.repeated;
        if (!state) await begin(counter, start);
        else if (changed || holds(state, ticket)) return { ...state, repeated: repeated || !changed };
        else {
          const refusal = refusalOf(state, order);
          if (refusal) return refusal;
          if (state.open.length >= mostOpenTickets) return 'full';
          if (state.spare[0] !== undefined) await update(counter, takingSpare(ticket, state.spare[0], order));
        }
      }
    },

    async takeLateTicket(counter, start, ticket, version, order) {
      const stillWaits = {
        ConditionCheck: {
          TableName: table,
          Key: headKey(counter.scope, ticket.invoiceId),
          ConditionExpression: 'version = :version',
          ExpressionAttributeValues: toItem({ ':version': version }),
        },
      };
      for (;;) {
        const state = await read(counter);
        if (!state) await begin(counter, start);
        else if (holds(state, ticket)) return { ...state, repeated: true };
        else {
          const refusal = refusalOf(state, order);
          if (refusal) return refusal;
          if (state.open.length >= mostOpenTickets) return 'full';
          const [spare] = state.spare;
          const change = spare === undefined ? takingNext([ticket], order) : takingSpare(ticket, spare, order);
          const [hasGone] = await tryCommit([
            ['head', stillWaits],
            ['counter', { Update: toUpdate(table, counter, change) }],
          ]);
          if (hasGone) return 'not-waiting';
        }
      }
    },

    async skipTicket(counter, ticket, order) {
      const { changed, state } = await update(counter, skipping(ticket, order));
      if (changed && state) return state;
      const isOurs = state?.open.some((open) => nameOf(open) === nameOf(ticket) && open.ordinal === ticket.ordinal);
      return (isOurs && state && refusalOf(state, order)) || 'changed';
    },

    async dropTicket(counter, ticket) {
      await drop(counter, [ticket]);
    },

    async releaseTicket(counter, ticket) {
      const { changed } = await update(counter, takingBack(ticket));
      if (!changed) await update(counter, sparing(ticket));
    },

    async continueCounter(counter, start, next, lastIssueDate) {
      await begin(counter, start);
      const { state } = await update(counter, continuing(start, next, lastIssueDate));
      return state as CounterState;
    },

    counter: read,
  };
}
