/** Webhooks and their deliveries in the table. What is due stands in the index `byStatus`, and leaves it when it is done. */
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Scope } from '../invoice/model.ts';
import type { Delivery, Webhook, WebhookStore } from '../invoice/webhooks/model.ts';
import { json, toItem } from './attributes.ts';
import { type Connection, isConditionFailure } from './connection.ts';
import { rejectionKey } from './event-rejections.ts';
import { auditKey } from './invoice-items.ts';
import { nowInSeconds, operationWrites } from './operations.ts';
import { toEvents, toOutbox } from './outbox.ts';
import { readFirst, readItem } from './reads.ts';
import { type Item, itemKey, primaryKey, scopeKey, tableLayout } from './table.ts';
import { transactions, type Write } from './transaction.ts';

/** How long the log of deliveries is kept, in days. */
const logDays = 30;

const webhooksKey = (scope: Scope): string => `${scopeKey(scope)}#WEBHOOKS`;
const deliveriesKey = (scope: Scope, webhookId: string): string => `${scopeKey(scope)}#WEBHOOK#${webhookId}`;
/** Where the event is that tells of a webhook's end. */
const endKey = (scope: Scope, eventId: string): Item => primaryKey(webhooksKey(scope), `EVENT#${eventId}`);
const dueKey = (scope: Scope): string => `${scopeKey(scope)}#DUE`;

/** Webhooks are kept for ever, deleted ones too; deliveries expire. */
export function webhookStore(connection: Connection): WebhookStore {
  const { table, send } = connection;
  const { put, commit } = transactions(connection);

  const get = readItem(connection);

  return {
    async webhooks(scope) {
      const { Items = [] } = await send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :webhook)',
          ExpressionAttributeValues: toItem({ ':pk': webhooksKey(scope), ':webhook': 'WEBHOOK#' }),
          ConsistentRead: true,
        }),
      );
      return Items.map((item) => json<Webhook>(item, 'value') as Webhook);
    },

    async webhook(scope, id) {
      const item = await get(primaryKey(webhooksKey(scope), `WEBHOOK#${id}`));
      return item && json<Webhook>(item, 'value');
    },

    async putWebhook({ scope, webhook, operation, event }) {
      const { id, version } = webhook;
      const item = {
        ...primaryKey(webhooksKey(scope), `WEBHOOK#${id}`),
        ...toItem({ version, value: JSON.stringify(webhook) }),
      };
      const writes: Write<'webhook' | 'operation' | 'other'>[] = [
        version === 1
          ? ['webhook', put(item, 'attribute_not_exists(pk)')]
          : ['webhook', put(item, 'version = :seen', toItem({ ':seen': version - 1 }))],
        ...(event ? [['other', put({ ...endKey(scope, event.id), ...toOutbox(scope, [event]) })] as const] : []),
        ...(operation ? operationWrites(put, scope, { ...operation, subject: `webhooks/${id}` }) : []),
      ];
      const failed = await commit(writes);
      if (failed.has('operation')) return 'operation-exists';
      return failed.size > 0 ? 'stale' : 'stored';
    },

    async event(scope, id) {
      const [, subject = '', sequence = ''] = /^([\w:.-]{1,90})_(\d{1,8})$/.exec(id) ?? [];
      if (!subject) return undefined;
      const places = [
        auditKey(scope, subject, Number(sequence)),
        // What was created and issued in one call tells of its creation in the entry of its issue.
        ...(sequence === '1' ? [auditKey(scope, subject, 2), rejectionKey(scope, subject)] : []),
        endKey(scope, id),
      ];
      for (const place of places) {
        const found = await get(place);
        const event = found?.events && toEvents(found).find((each) => each.id === id);
        if (event) return event;
      }
      return undefined;
    },

    async deliveries(scope, webhookId, { before, limit }) {
      const query = {
        KeyConditionExpression: `pk = :pk${before === undefined ? '' : ' AND sk < :before'}`,
        ExpressionAttributeValues: toItem({ ':pk': deliveriesKey(scope, webhookId), ':before': before }),
        ScanIndexForward: false,
        ConsistentRead: true,
      };
      return (await readFirst(connection)(query, limit)).map(toDelivery);
    },

    async putDelivery(scope, delivery, onlyIf) {
      const { webhookId, position, dueAt, attempts } = delivery;
      const due = { statusKey: dueKey(scope), statusSort: `${dueAt}#${webhookId}#${position}` };
      const condition = {
        ...(onlyIf === 'new' && { ConditionExpression: 'attribute_not_exists(pk)' }),
        ...(typeof onlyIf === 'object' && {
          ConditionExpression: 'attempts = :attempts',
          ExpressionAttributeValues: toItem({ ':attempts': onlyIf.attempts }),
        }),
      };
      try {
        await send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...primaryKey(deliveriesKey(scope, webhookId), position),
              ...toItem({
                attempts,
                value: JSON.stringify(delivery),
                expiresAt: nowInSeconds() + logDays * 86_400,
                ...(dueAt !== undefined && due),
              }),
            },
            ...condition,
          }),
        );
        return true;
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        return false;
      }
    },

    async dueDeliveries(scope, by, limit) {
      const { statusIndex } = tableLayout;
      const { Items = [] } = await send(
        new QueryCommand({
          TableName: table,
          IndexName: statusIndex.name,
          KeyConditionExpression: `${statusIndex.partitionKey} = :due AND ${statusIndex.sortKey} <= :by`,
          ExpressionAttributeValues: toItem({ ':due': dueKey(scope), ':by': `${by}~` }),
          Limit: limit,
        }),
      );
      const found = await Promise.all(Items.map((item) => get(itemKey(item))));
      // The index lags behind; what counts is what stands.
      return found
        .flatMap((item) => (item ? [toDelivery(item)] : []))
        .filter(({ state, dueAt }) => state === 'pending' && dueAt !== undefined && dueAt <= by);
    },
  };
}

const toDelivery = (item: Item): Delivery => json<Delivery>(item, 'value') as Delivery;
