/** A tenant's webhooks: made, switched, given new secrets, asked what became of their deliveries. */
import { randomUUID } from 'node:crypto';
import { openCursor, sealCursor } from '../cursor.ts';
import type { Timestamp } from '../document.ts';
import { type EventType, type InvoiceEvent, positionOf } from '../events.ts';
import { InvoiceError } from '../failure.ts';
import type { EventStore } from '../feed.ts';
import { type Caller, type Scope, scopeOf } from '../model.ts';
import { type Answer, answeredBefore, type Reply } from '../operation.ts';
import type { InvoiceStore } from '../store.ts';
import { faultInUrl } from './address.ts';
import type { Delivery, Webhook, WebhookStore } from './model.ts';
import { newSecret } from './signature.ts';

/** How many webhooks a tenant may have; every event asks all of them. */
const most = 20;

/** How long an old secret goes on signing after a new one was made, in milliseconds. */
const rotation = 24 * 3_600_000;

/** How many events one call sends again. */
const mostReplayed = 500;

export interface WebhookRequest {
  readonly url: string;
  readonly types: readonly EventType[];
  readonly description?: string;
}

interface Dependencies {
  readonly store: WebhookStore & EventStore & Pick<InvoiceStore, 'operation' | 'secret'>;
  now(): Timestamp;
  /** Whether webhooks may lead to this machine. */
  readonly allowLoopback?: boolean;
}

/** What the owner of webhooks does with them. */
export function webhooks({ store, now, allowLoopback }: Dependencies) {
  async function find(caller: Scope, id: string): Promise<Webhook> {
    const found = /^[\w-]{1,50}$/.test(id) ? await store.webhook(scopeOf(caller), id) : undefined;
    if (!found || found.state === 'deleted') throw new InvoiceError({ kind: 'not-found', what: 'webhook', id });
    return found;
  }

  async function findEnabled(caller: Scope, id: string): Promise<Webhook> {
    const found = await find(caller, id);
    if (found.state === 'enabled') return found;
    const message = 'The webhook is switched off; enable it first.';
    throw new InvoiceError({ kind: 'precondition', code: 'webhook_disabled', message });
  }

  const all = async (caller: Scope): Promise<Webhook[]> =>
    (await store.webhooks(scopeOf(caller))).filter(({ state }) => state !== 'deleted');

  /** Stores a webhook with its answer; `undefined` when somebody else changed it first. */
  async function put(caller: Caller, webhook: Webhook, { operation, render }: Reply<Webhook>) {
    const scope = scopeOf(caller);
    const answer = render(webhook);
    const outcome = await store.putWebhook({
      scope,
      webhook,
      ...(operation && { operation: { ...operation, answer } }),
    });
    if (outcome === 'operation-exists') return answeredBefore(store, scope, { operation });
    return outcome === 'stale' ? undefined : answer;
  }

  async function create(caller: Caller, request: WebhookRequest, reply: Reply<Webhook>): Promise<Answer> {
    const message = faultInUrl(request.url, allowLoopback);
    if (message) {
      throw new InvoiceError({
        kind: 'invalid',
        faults: [{ in: 'body', path: ['url'], code: 'invalid_url', message }],
      });
    }
    if ((await all(caller)).length >= most) {
      const text = `There are ${most} webhooks already; delete one first.`;
      throw new InvoiceError({ kind: 'precondition', code: 'too_many_webhooks', message: text });
    }
    const at = now();
    const webhook: Webhook = {
      ...request,
      id: randomUUID(),
      version: 1,
      secrets: [{ secret: newSecret() }],
      state: 'enabled',
      createdAt: at,
      updatedAt: at,
    };
    return (await put(caller, webhook, reply)) as Answer;
  }

  /** Changes a webhook as it stands now. */
  async function change(
    caller: Caller,
    id: string,
    edit: (webhook: Webhook) => Webhook,
    reply: Reply<Webhook>,
  ): Promise<Answer> {
    const found = await find(caller, id);
    const next = { ...edit(found), version: found.version + 1, updatedAt: now() };
    return (await put(caller, next, reply)) ?? change(caller, id, edit, reply);
  }

  const switched = (state: Webhook['state']) => (caller: Caller, id: string, reply: Reply<Webhook>) =>
    change(caller, id, ({ disabledBecause: _, failingSince: __, ...webhook }) => ({ ...webhook, state }), reply);

  return {
    create,
    all,
    find,
    enable: switched('enabled'),
    disable: switched('disabled'),
    remove: switched('deleted'),

    /** Gives a webhook a new secret; the one before it signs as well for a day. */
    rotate(caller: Caller, id: string, reply: Reply<Webhook>): Promise<Answer> {
      const until = new Date(Date.parse(now()) + rotation).toISOString();
      const secret = newSecret();
      return change(
        caller,
        id,
        (webhook) => ({
          ...webhook,
          secrets: [{ secret }, ...webhook.secrets.slice(0, 1).map((before) => ({ ...before, until }))],
        }),
        reply,
      );
    },

    /** What was delivered and what was not, the newest event first. */
    async deliveries(caller: Caller, id: string, { limit, cursor }: { limit: number; cursor?: string }) {
      const scope = scopeOf(caller);
      const { id: webhookId } = await find(caller, id);
      const secret = await store.secret(scope);
      const list = `deliveries/${webhookId}`;
      const before = cursor === undefined ? undefined : openCursor(secret, list, cursor);
      const found = await store.deliveries(scope, webhookId, {
        limit: limit + 1,
        ...(before !== undefined && { before }),
      });
      const deliveries = found.slice(0, limit);
      const last = deliveries.at(-1);
      return {
        deliveries,
        ...(found.length > limit && last && { nextCursor: sealCursor(secret, list, last.position) }),
      };
    },

    /** Sends one event again. */
    async replayOne(caller: Caller, id: string, eventId: string): Promise<number> {
      const webhook = await findEnabled(caller, id);
      const event = await store.event(scopeOf(caller), eventId);
      if (!event) throw new InvoiceError({ kind: 'not-found', what: 'event', id: eventId });
      await store.putDelivery(scopeOf(caller), deliveryOf(webhook, event, now()), 'any');
      return 1;
    },

    /** Sends again what happened in a time, the first `mostReplayed` of it; says where to go on. */
    async replayAll(caller: Caller, id: string, { from, to }: { from: Timestamp; to: Timestamp }) {
      const webhook = await findEnabled(caller, id);
      const events = await store.events(scopeOf(caller), { after: from, limit: mostReplayed });
      const within = events.filter((event) => event.occurred_at <= to);
      const wanted = within.filter((event) => isFor(webhook, event));
      for (const event of wanted) {
        await store.putDelivery(scopeOf(caller), deliveryOf(webhook, event, now()), 'any');
      }
      const last = within.at(-1);
      return { count: wanted.length, ...(within.length === mostReplayed && last && { goOnFrom: last.occurred_at }) };
    },
  };
}

/** Whether a webhook asked for events of this type. */
export const isFor = ({ types }: Webhook, { type }: InvoiceEvent): boolean =>
  types.length === 0 || types.includes(type);

/** An event on its way to a webhook, due at once. */
export const deliveryOf = ({ id }: Webhook, event: InvoiceEvent, at: Timestamp): Delivery => ({
  webhookId: id,
  eventId: event.id,
  type: event.type,
  position: positionOf(event),
  body: JSON.stringify(event),
  state: 'pending',
  attempts: 0,
  createdAt: at,
  dueAt: at,
});
