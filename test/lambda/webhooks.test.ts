/** The function of the webhooks: what it takes from its queue, and what its schedule finds. */
import type { SQSEvent } from 'aws-lambda';
import { beforeEach, expect, it, vi } from 'vitest';
import { eventOf } from '../../lib/invoice/events.ts';
import { webhooks } from '../../lib/invoice/webhooks/webhooks.ts';
import { webhookTask } from '../../lib/lambda/webhooks.ts';
import { caller, tenant } from '../support/fixtures.ts';
import { emptyMemory, memoryStore } from '../support/memory-store.ts';

let time: number;
let store: ReturnType<typeof memoryStore>;
let posts: string[];
let status: number;
let handler: ReturnType<typeof webhookTask>;
const now = () => new Date(time).toISOString();

beforeEach(async () => {
  time = Date.UTC(2026, 0, 1);
  store = memoryStore(emptyMemory());
  posts = [];
  status = 200;
  handler = webhookTask({
    store: () => store,
    tenants: async () => [tenant],
    now,
    async post(_, headers) {
      posts.push(headers['webhook-id'] as string);
      return { status };
    },
  });
  const render = () => ({ status: 201, headers: {}, body: '' });
  await webhooks({ store, now }).create(caller, { url: 'https://example.com', types: [] }, { render });
});

const event = (sequence: number) =>
  eventOf(caller, {
    type: 'WebhookDisabled',
    subject: 's',
    sequence,
    occurred_at: now(),
    data: { webhook_id: 's', url: '', failing_since: now(), reason: '' },
  });

const queued = (...details: unknown[]): SQSEvent => ({
  Records: details.map((detail, index) => ({ messageId: `m${index}`, body: JSON.stringify({ detail }) })) as never,
});

it('takes events from its queue; one that fails comes again alone', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  const { putDelivery } = store;
  store.putDelivery = async (scope, delivery, onlyIf) => {
    if (delivery.eventId === 's_2' && onlyIf === 'new') throw new Error('busy');
    return putDelivery(scope, delivery, onlyIf);
  };
  expect(await handler(queued(event(1), event(2), event(3)))).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm1' }],
  });
  expect(posts.sort()).toEqual(['s_1', 's_3']);
});

it('tries again by schedule what is due, all of it', async () => {
  status = 500;
  await handler(queued(...Array.from({ length: 45 }, (_, index) => event(index + 1))));
  expect(posts).toHaveLength(45);
  posts = [];
  await handler({});
  expect(posts).toHaveLength(0);
  time += 60_000;
  status = 200;
  await handler({});
  expect(new Set(posts).size).toBe(45);
  await handler({});
  expect(posts).toHaveLength(45);
});
