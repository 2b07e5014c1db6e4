/** The part of the store's port in memory that keeps webhooks and their deliveries. */
import type { InvoiceEvent } from '../../lib/invoice/events.ts';
import type { Scope } from '../../lib/invoice/model.ts';
import type { OperationRecord } from '../../lib/invoice/operation.ts';
import type { Delivery, Webhook, WebhookStore } from '../../lib/invoice/webhooks/model.ts';

export interface WebhookMemory {
  webhooks: Map<string, Webhook>;
  deliveries: Map<string, Delivery>;
  operations: Map<string, OperationRecord>;
  events: InvoiceEvent[];
}

export function memoryWebhooks(memory: WebhookMemory): WebhookStore {
  const keyOf = ({ tenant, mode }: Scope, ...rest: string[]) => [`${tenant}/${mode}`, ...rest].join(' ');
  const within = <Value>(map: Map<string, Value>, ...prefix: Parameters<typeof keyOf>) =>
    [...map].filter(([key]) => key.startsWith(`${keyOf(...prefix)} `)).map(([, value]) => value);

  return {
    webhooks: async (scope) => within(memory.webhooks, scope),
    webhook: async (scope, id) => memory.webhooks.get(keyOf(scope, id)),
    async putWebhook({ scope, webhook, operation, event }) {
      if (operation && memory.operations.has(keyOf(scope, operation.id))) return 'operation-exists';
      if ((memory.webhooks.get(keyOf(scope, webhook.id))?.version ?? 0) !== webhook.version - 1) return 'stale';
      memory.webhooks.set(keyOf(scope, webhook.id), webhook);
      if (operation) memory.operations.set(keyOf(scope, operation.id), { ...operation, subject: webhook.id });
      if (event) memory.events.push(event);
      return 'stored';
    },
    event: async ({ tenant, mode }, wanted) =>
      memory.events.find(({ id, tenant_id, ...event }) => id === wanted && tenant_id === tenant && event.mode === mode),
    deliveries: async (scope, webhookId, { before, limit }) =>
      within(memory.deliveries, scope, webhookId)
        .filter(({ position }) => before === undefined || position < before)
        .sort((a, b) => (a.position < b.position ? 1 : -1))
        .slice(0, limit),
    async putDelivery(scope, delivery, onlyIf) {
      const key = keyOf(scope, delivery.webhookId, delivery.position);
      const stands = memory.deliveries.get(key);
      if (onlyIf === 'new' && stands) return false;
      if (typeof onlyIf === 'object' && stands?.attempts !== onlyIf.attempts) return false;
      memory.deliveries.set(key, delivery);
      return true;
    },
    dueDeliveries: async (scope, by, limit) =>
      within(memory.deliveries, scope)
        .filter(({ state, dueAt }) => state === 'pending' && dueAt !== undefined && dueAt <= by)
        .sort((a, b) => ((a.dueAt ?? '') < (b.dueAt ?? '') ? -1 : 1))
        .slice(0, limit),
  };
}
