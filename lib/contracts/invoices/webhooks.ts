/** Webhooks: who is told what, and what became of it. */
import * as z from 'zod';
import type { Delivery, Webhook } from '../../invoice/webhooks/model.ts';
import { answer, type Route, route } from '../contract.ts';
import { IdPath, NoBody, text } from '../fields.ts';
import { EventTypeName } from './events.ts';
import { limit, Page, page } from './page.ts';

const CreateWebhook = z.strictObject({
  url: text(2_000),
  event_types: z.array(EventTypeName).max(100).default([]),
  description: text(255).optional(),
});

const WebhookResource = z.object({
  id: z.string(),
  url: z.string(),
  event_types: z.array(z.string()),
  description: z.string().nullable(),
  state: z.enum(['enabled', 'disabled', 'deleted']),
  disabled_because: z.string().nullable(),
  failing_since: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

const toResource = (webhook: Webhook) => ({
  id: webhook.id,
  url: webhook.url,
  event_types: [...webhook.types],
  description: webhook.description ?? null,
  state: webhook.state,
  disabled_because: webhook.disabledBecause ?? null,
  failing_since: webhook.failingSince ?? null,
  created_at: webhook.createdAt,
  updated_at: webhook.updatedAt,
});

const WebhookAnswer = z.object({ data: WebhookResource });
/** The only answers that show a secret. */
const SecretAnswer = z.object({ data: WebhookResource.extend({ secret: z.string() }) });

const shown = (webhook: Webhook) => answer(200, { data: toResource(webhook) });
const withSecret = (status: number) => (webhook: Webhook) =>
  answer(status, { data: { ...toResource(webhook), secret: webhook.secrets[0]?.secret } });

const DeliveryResource = z.object({
  event_id: z.string(),
  type: z.string(),
  state: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.int(),
  status: z.int().nullable(),
  error: z.string().nullable(),
  created_at: z.iso.datetime(),
  tried_at: z.iso.datetime().nullable(),
  due_at: z.iso.datetime().nullable(),
});

const toDelivery = (delivery: Delivery) => ({
  event_id: delivery.eventId,
  type: delivery.type,
  state: delivery.state,
  attempts: delivery.attempts,
  status: delivery.status ?? null,
  error: delivery.error ?? null,
  created_at: delivery.createdAt,
  tried_at: delivery.triedAt ?? null,
  due_at: delivery.dueAt ?? null,
});

/** A moment as positions of events have it: in UTC, to the millisecond. */
const moment = z.iso
  .datetime({ offset: true, abort: true, error: 'Must be a time with its offset, such as 2026-01-31T09:00:00Z.' })
  .transform((time) => new Date(time).toISOString());

const Replay = z
  .strictObject({ event_id: text(100).optional(), from: moment.optional(), to: moment.optional() })
  .refine(({ event_id: id, from, to }) => (id === undefined ? from && to : !from && !to), {
    error: 'Send either "event_id", or "from" and "to".',
    params: { code: 'required' },
  })
  .refine(({ from, to }) => !from || !to || from <= to, {
    error: 'Must not be before "from".',
    path: ['to'],
    params: { code: 'out_of_range' },
  });

const switching = (action: 'enable' | 'disable', summary: string): Route =>
  route({
    method: 'POST',
    path: `/webhooks/{id}/${action}`,
    summary,
    scope: 'webhook:write',
    params: IdPath,
    body: NoBody,
    status: 200,
    answer: WebhookAnswer,
    run: async ({ params, caller, operation }, { webhooks }) =>
      webhooks[action](caller, params.id, { operation, render: shown }),
  });

export const webhookRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/webhooks',
    summary: 'Subscribe to events; the answer is the only one with the secret',
    scope: 'webhook:write',
    body: CreateWebhook,
    status: 201,
    answer: SecretAnswer,
    async run({ body, caller, operation }, { webhooks }) {
      const { url, event_types: types, description } = body;
      const request = { url, types, ...(description !== undefined && { description }) };
      return webhooks.create(caller, request, { operation, render: withSecret(201) });
    },
  }),
  route({
    method: 'GET',
    path: '/webhooks',
    summary: 'List the webhooks',
    scope: 'webhook:read',
    status: 200,
    answer: Page(WebhookResource),
    async run({ caller }, { webhooks }) {
      return page((await webhooks.all(caller)).map(toResource));
    },
  }),
  route({
    method: 'GET',
    path: '/webhooks/{id}',
    summary: 'Read a webhook',
    scope: 'webhook:read',
    params: IdPath,
    status: 200,
    answer: WebhookAnswer,
    run: async ({ params, caller }, { webhooks }) => shown(await webhooks.find(caller, params.id)),
  }),
  route({
    method: 'DELETE',
    path: '/webhooks/{id}',
    summary: 'Delete a webhook',
    scope: 'webhook:write',
    params: IdPath,
    status: 200,
    answer: WebhookAnswer,
    run: async ({ params, caller, operation }, { webhooks }) =>
      webhooks.remove(caller, params.id, { operation, render: shown }),
  }),
  switching('enable', 'Switch a webhook on'),
  switching('disable', 'Switch a webhook off'),
  route({
    method: 'POST',
    path: '/webhooks/{id}/rotate-secret',
    summary: 'Give a webhook a new secret; the old one signs as well for a day',
    scope: 'webhook:write',
    params: IdPath,
    body: NoBody,
    status: 200,
    answer: SecretAnswer,
    run: async ({ params, caller, operation }, { webhooks }) =>
      webhooks.rotate(caller, params.id, { operation, render: withSecret(200) }),
  }),
  route({
    method: 'GET',
    path: '/webhooks/{id}/deliveries',
    summary: 'List what a webhook was told in the last 30 days, newest first',
    scope: 'webhook:read',
    params: IdPath,
    query: z.strictObject({ limit, cursor: z.string().max(500).optional() }),
    status: 200,
    answer: Page(DeliveryResource),
    async run({ params, query, caller }, { webhooks }) {
      const { deliveries, nextCursor } = await webhooks.deliveries(caller, params.id, {
        limit: query.limit ?? 50,
        ...(query.cursor !== undefined && { cursor: query.cursor }),
      });
      return page(deliveries.map(toDelivery), nextCursor);
    },
  }),
  route({
    method: 'POST',
    path: '/webhooks/{id}/replay',
    summary: 'Send one event again, or all of a time; they go out within a minute',
    scope: 'webhook:write',
    params: IdPath,
    body: Replay,
    status: 202,
    answer: z.object({ data: z.object({ replayed: z.int(), go_on_from: z.iso.datetime().nullable() }) }),
    async run({ params, body, caller }, { webhooks }) {
      const { event_id: eventId, from = '', to = '' } = body;
      if (eventId !== undefined) {
        const replayed = await webhooks.replayOne(caller, params.id, eventId);
        return answer(202, { data: { replayed, go_on_from: null } });
      }
      const { count, goOnFrom } = await webhooks.replayAll(caller, params.id, { from, to });
      return answer(202, { data: { replayed: count, go_on_from: goOnFrom ?? null } });
    },
  }),
];
