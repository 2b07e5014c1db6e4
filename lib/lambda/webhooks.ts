/** Events come from the bus by a queue; the schedule comes every minute for what is due again. */
import type { EventBridgeEvent, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { InvoiceEvent } from '../invoice/events.ts';
import { modes, type Tenant } from '../invoice/model.ts';
import { type Delivering, delivering } from '../invoice/webhooks/delivering.ts';
import { log } from './log.ts';

export interface WebhookTask extends Pick<Delivering, 'post' | 'now'> {
  /** Opens the store; each time with a budget of its own for retries. */
  store(): Delivering['store'];
  tenants(): Promise<Tenant[]>;
}

/** How long a run of the schedule goes on taking more, in milliseconds: the last tries need time to end. */
const runTime = 35_000;

/** How many deliveries of a tenant are taken at a time, so that none waits for all of another. */
const portion = 20;

/** How many tenants are served at a time, so that few wait for those whose servers do not answer. */
const abreast = 10;

/** Makes the Lambda handler: it answers queues, and everything else, which is the schedule, by trying what is due. */
export function webhookTask({ store, post, now, tenants }: WebhookTask) {
  async function retryAll(): Promise<void> {
    const end = performance.now() + runTime;
    const all = (await tenants()).flatMap(({ id }) => modes.map((mode) => ({ tenant: id, mode })));
    // Who comes first changes: a run may end before it comes to the last.
    const first = Math.floor(Math.random() * all.length);
    const waiting = [...all.slice(first), ...all.slice(0, first)];
    const serve = async () => {
      for (let scope = waiting.shift(); scope && performance.now() < end; scope = waiting.shift()) {
        const count = await delivering({ store: store(), post, now }).retry(scope, portion);
        if (count === portion) waiting.push(scope);
      }
    };
    await Promise.all(Array.from({ length: abreast }, serve));
  }

  async function notify({ body }: SQSRecord): Promise<void> {
    const { detail } = JSON.parse(body) as EventBridgeEvent<string, InvoiceEvent>;
    await delivering({ store: store(), post, now }).notify(detail);
  }

  async function queue({ Records }: SQSEvent): Promise<SQSBatchResponse> {
    const outcomes = await Promise.allSettled(Records.map(notify));
    const failed = outcomes.flatMap((outcome, index) => {
      if (outcome.status === 'fulfilled') return [];
      log.error(outcome.reason);
      return [{ itemIdentifier: Records[index]?.messageId as string }];
    });
    return { batchItemFailures: failed };
  }

  return async (event: Partial<SQSEvent>): Promise<SQSBatchResponse | undefined> => {
    if (event.Records) return queue(event as SQSEvent);
    await retryAll();
    return undefined;
  };
}
