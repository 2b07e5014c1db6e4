/** Taking events to webhooks: at once, then again and again for three days. */

import type { Timestamp } from '../document.ts';
import { eventOf, type InvoiceEvent } from '../events.ts';
import type { Scope } from '../model.ts';
import type { Delivery, Webhook, WebhookStore } from './model.ts';
import { signedHeaders } from './signature.ts';
import { deliveryOf, isFor } from './webhooks.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** How long after each failed try the next one follows, in minutes; the last is three days after the first. */
const delays = [1, 5, 30, 120, 300, 600, 840, 1_200, 1_224];

/** A webhook to which nothing could be delivered for so long is switched off, in milliseconds. */
const patience = 7 * day;

/** A try that has not come back after this long is taken for lost, in milliseconds. */
const lease = minute;

/** How many tries are under way at a time. */
const abreast = 10;

/** What came of posting: the status of the answer, or why there was none. */
export type Posted = { status: number } | { error: string };

export interface Delivering {
  readonly store: WebhookStore;
  post(url: string, headers: Record<string, string>, body: string): Promise<Posted>;
  now(): Timestamp;
}

/** The status that says: do not call any more. */
const gone = 410;

/** Tells webhooks of events. Several may do so at once: each try is one process's own. */
export function delivering({ store, post, now }: Delivering) {
  /** Tries one delivery, if nobody else does. */
  async function attempt(scope: Scope, seen: Delivery, webhook: Webhook | undefined): Promise<void> {
    const at = now();
    if (webhook?.state !== 'enabled') {
      const { dueAt: _, ...rest } = seen;
      const ended: Delivery = { ...rest, state: 'failed', error: 'The webhook is switched off.' };
      await store.putDelivery(scope, ended, { attempts: seen.attempts });
      return;
    }
    const trying: Delivery = { ...seen, attempts: seen.attempts + 1, triedAt: at, dueAt: after(at, lease) };
    if (!(await store.putDelivery(scope, trying, { attempts: seen.attempts }))) return;
    const secrets = webhook.secrets
      .filter(({ until }) => until === undefined || until > at)
      .map(({ secret }) => secret);
    const message = { id: seen.eventId, timestamp: Math.floor(Date.parse(at) / 1_000), body: seen.body };
    const posted = await post(webhook.url, signedHeaders(message, secrets), seen.body);
    const arrived = 'status' in posted && posted.status >= 200 && posted.status < 300;
    await store.putDelivery(scope, tried(trying, posted, arrived, now()), { attempts: trying.attempts });
    await note(scope, webhook, arrived, 'status' in posted && posted.status === gone);
  }

  /** Keeps since when nothing arrives, and switches off what is given up. */
  async function note(scope: Scope, webhook: Webhook, arrived: boolean, isGone: boolean): Promise<void> {
    const at = now();
    const { failingSince, ...rest } = webhook;
    const next = { ...rest, version: webhook.version + 1, updatedAt: at };
    if (arrived) {
      if (failingSince !== undefined) await store.putWebhook({ scope, webhook: next });
      return;
    }
    const since = failingSince ?? at;
    const because = isGone
      ? 'Its server answered 410: it wants no more.'
      : Date.parse(at) - Date.parse(since) >= patience && 'Nothing could be delivered for a week.';
    if (because) {
      const data = { webhook_id: webhook.id, url: webhook.url, failing_since: since, reason: because };
      const about = {
        type: 'WebhookDisabled',
        subject: webhook.id,
        sequence: next.version,
        occurred_at: at,
        data,
      } as const;
      const disabled: Webhook = { ...next, failingSince: since, state: 'disabled', disabledBecause: because };
      // Stale: somebody else changed it, and the next failure sees how.
      await store.putWebhook({ scope, webhook: disabled, event: eventOf(scope, about) });
    } else if (failingSince === undefined) {
      await store.putWebhook({ scope, webhook: { ...next, failingSince: since } });
    }
  }

  async function attemptAll(scope: Scope, deliveries: readonly Delivery[]): Promise<void> {
    for (let from = 0; from < deliveries.length; from += abreast) {
      const group = deliveries.slice(from, from + abreast);
      await Promise.all(group.map(async (one) => attempt(scope, one, await store.webhook(scope, one.webhookId))));
    }
  }

  return {
    /** Takes an event to every webhook that asked for it. An event that comes twice is delivered once. */
    async notify(event: InvoiceEvent): Promise<void> {
      const scope: Scope = { tenant: event.tenant_id, mode: event.mode };
      const asked = (await store.webhooks(scope)).filter((each) => each.state === 'enabled' && isFor(each, event));
      const added = await Promise.all(
        asked.map(async (webhook) => {
          const delivery = deliveryOf(webhook, event, now());
          return (await store.putDelivery(scope, delivery, 'new')) ? [delivery] : [];
        }),
      );
      await attemptAll(scope, added.flat());
    },

    /** Tries what is due, so many at most; says how many. */
    async retry(scope: Scope, limit: number): Promise<number> {
      const due = await store.dueDeliveries(scope, now(), limit);
      await attemptAll(scope, due);
      return due.length;
    },
  };
}

const after = (at: Timestamp, milliseconds: number): Timestamp => new Date(Date.parse(at) + milliseconds).toISOString();

/** The delivery after a try: done, due again, or given up. */
function tried(delivery: Delivery, posted: Posted, arrived: boolean, at: Timestamp): Delivery {
  const { dueAt: _, status: __, error: ___, ...rest } = delivery;
  const told = { ...rest, ...posted };
  if (arrived) return { ...told, state: 'delivered' };
  const error = 'error' in posted ? posted.error : `The answer was ${posted.status}.`;
  const delay = delays[delivery.attempts - 1];
  if (delay === undefined) return { ...told, error, state: 'failed' };
  return { ...told, error, dueAt: after(at, delay * minute) };
}
