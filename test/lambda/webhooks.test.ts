/** The function of the webhooks: what it takes from its queue, and what its schedule finds. */
import type { SQSEvent } from 'aws-lambda';
import { beforeEach, expect, it, vi } from 'vitest';
import { eventOf } from '../../lib/invoice/events.ts';
import type { Caller, Scope, Tenant } from '../../lib/invoice/model.ts';
import { webhooks } from '../../lib/invoice/webhooks/webhooks.ts';
import { webhookTask } from '../../lib/lambda/webhooks.ts';
import { caller, tenant } from '../support/fixtures.ts';
import { emptyMemory, memoryStore } from '../support/memory-store.ts';

let time: number;
let store: ReturnType<typeof memoryStore>;
let posts: string[];
let status: number;
let others: Tenant[];
/** What a server waits for before it answers. */
let answers: (url: string) => Promise<void>;
let handler: ReturnType<typeof webhookTask>;
const now = () => new Date(time).toISOString();

beforeEach(async () => {
  time = Date.UTC(2026, 0, 1);
  store = memoryStore(emptyMemory());
  posts = [];
  status = 200;
  others = [];
  answers = async () => {};
  handler = webhookTask({
    store: () => store,
    tenants: async () => [tenant, ...others],
    now,
    async post(url, headers) {
      posts.push(headers['webhook-id'] as string);
      await answers(url);
      return { status };
    },
  });
  await subscribe(caller, 'https://example.com');
});

const render = () => ({ status: 201, headers: {}, body: '' });
const subscribe = (by: Caller, url: string) => webhooks({ store, now }).create(by, { url, types: [] }, { render });

const event = (sequence: number, of: Scope = caller) =>
  eventOf(of, {
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

it('keeps no company waiting for the server of another', async () => {
  const other = { ...caller, tenant: '00000000-0000-4000-8000-000000000002' };
  others = [{ ...tenant, id: other.tenant }];
  await subscribe(other, 'https://slow.example');
  status = 500;
  await handler(queued(event(1), event(1, other)));
  time += 60_000;
  status = 200;
  // Whoever came first: each server answers when both were asked.
  const all = Promise.withResolvers<void>();
  let asked = 0;
  answers = () => {
    if (++asked === 2) all.resolve();
    return all.promise;
  };
  await handler({});
  expect(posts).toHaveLength(4);
});
