/** What a restore does to series and their counters. */
import { UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { RestoreStore, SeriesCounter } from '../invoice/store.ts';
import { toItem } from './attributes.ts';
import { type Connection, isConditionFailure } from './connection.ts';
import { counterKey, toState } from './counter-item.ts';
import { directory } from './directory.ts';
import { nobody, toLine } from './evidence.ts';
import { claimKey } from './invoice-items.ts';
import { transactions, type Write } from './transaction.ts';

/** A line that is not there, or whose number was freed. */
const isNobodys = 'attribute_not_exists(invoiceId) AND attribute_not_exists(voided)';

/** For `npm run restore` alone: no function gets it. */
export function restoreStore(connection: Connection): RestoreStore {
  const { table, send } = connection;
  const { put, commit } = transactions(connection);

  const update = (counter: SeriesCounter, expressions: Partial<UpdateItemCommandInput>) =>
    send(
      new UpdateItemCommand({ TableName: table, Key: counterKey(counter), ReturnValues: 'ALL_NEW', ...expressions }),
    );

  return {
    keepSeries: directory(connection).putSeries,

    async freezeCounter(counter, start, at) {
      const { Attributes = {} } = await update(counter, {
        UpdateExpression:
          'SET #next = if_not_exists(#next, :start), #open = if_not_exists(#open, :none), frozenAt = if_not_exists(frozenAt, :at)',
        ExpressionAttributeNames: { '#next': 'next', '#open': 'open' },
        ExpressionAttributeValues: { ...toItem({ ':start': start, ':at': at }), ':none': { M: {} } },
      });
      return toState(Attributes);
    },

    async voidNumber(counter, line, businessEntityIds) {
      const { number } = line;
      const claims = businessEntityIds.map((id): Write<'claim'> => {
        const item = { ...claimKey(counter.scope, id, number), ...toItem({ invoiceId: nobody, number }) };
        return [
          'claim',
          put(item, 'attribute_not_exists(invoiceId) OR invoiceId = :nobody', toItem({ ':nobody': nobody })),
        ];
      });
      const failed = await commit([['line', put(toLine(counter, line), isNobodys)], ...claims]);
      return failed.size === 0 ? 'entered' : 'taken';
    },

    async advanceCounter(counter, from, to) {
      const { lastIssueDate, next } = to;
      const spare = from.spare.filter((ordinal) => to.void.includes(ordinal)).map(String);
      try {
        await update(counter, {
          UpdateExpression: [
            `SET #next = :next${lastIssueDate === undefined ? '' : ', lastIssueDate = :date'}`,
            ...(spare.length > 0 ? ['DELETE spare :spare'] : []),
          ].join(' '),
          ConditionExpression: 'attribute_exists(frozenAt) AND #next = :from',
          ExpressionAttributeNames: { '#next': 'next' },
          ExpressionAttributeValues: {
            ...toItem({ ':next': next, ':from': from.next, ':date': lastIssueDate }),
            ...(spare.length > 0 && { ':spare': { NS: spare } }),
          },
        });
        return 'advanced';
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        return 'changed';
      }
    },

    async thawCounter(counter) {
      await update(counter, { UpdateExpression: 'REMOVE frozenAt' });
    },
  };
}
