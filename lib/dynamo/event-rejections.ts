/** Rejected events in the table: one item each, in the order in which they were sent. */
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { EventRejection, EventRejectionStore } from '../invoice/event-rejections.ts';
import type { Scope } from '../invoice/model.ts';
import { json, toItem } from './attributes.ts';
import { isConditionFailure, type Table } from './connection.ts';
import { toOutbox } from './outbox.ts';
import { type Item, primaryKey, scopeKey } from './table.ts';

const partition = (scope: Scope | undefined): string => (scope ? `${scopeKey(scope)}#REJECTIONS` : 'REJECTIONS');

/** Where a rejection is, and the event that tells of it. */
export const rejectionKey = (scope: Scope | undefined, id: string): Item => primaryKey(partition(scope), id);

/** Rejections are kept for ever. */
export function eventRejectionStore({ table, send }: Table): EventRejectionStore {
  return {
    async rejectEvent(scope, rejection, event) {
      const Item = {
        ...rejectionKey(scope, rejection.id),
        ...toItem({ value: JSON.stringify(rejection) }),
        ...(scope && event && toOutbox(scope, [event])),
      };
      try {
        await send(new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }));
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
    },

    async eventRejections(scope, { limit, before }) {
      const { Items = [], LastEvaluatedKey } = await send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: before === undefined ? 'pk = :pk' : 'pk = :pk AND sk < :before',
          ExpressionAttributeValues: toItem({ ':pk': partition(scope), ':before': before }),
          ScanIndexForward: false,
          ConsistentRead: true,
          // One more tells whether there is more.
          Limit: limit + 1,
        }),
      );
      const rejections = Items.map((item) => json<EventRejection>(item, 'value') as EventRejection);
      // A page ends after a megabyte as well, and so does the answer made of it.
      return {
        rejections: rejections.slice(0, limit),
        more: rejections.length > limit || LastEvaluatedKey !== undefined,
      };
    },
  };
}
