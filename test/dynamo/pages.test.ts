/** One query ends after a megabyte, however few items that were: no list may take that for its end. On the real engine. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import { webhookStore } from '../../lib/dynamo/webhooks.ts';
import type { EventRejection } from '../../lib/invoice/event-rejections.ts';
import { eventOf } from '../../lib/invoice/events.ts';
import { deliveryOf } from '../../lib/invoice/webhooks/webhooks.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';

const table = 'pages-test';
const large = 'x'.repeat(100_000);
const count = 15;
const ids = Array.from({ length: count }, (_, index) => `2026-01-15T10:00:00.0${index + 10}Z-a`);
const at = (id: string) => id.slice(0, 24);
const webhook = {
  id: 'w',
  version: 1,
  url: '',
  types: [],
  secrets: [],
  state: 'enabled',
  createdAt: '',
  updatedAt: '',
} as const;
let engine: Engine;
let tenants = 0;
let scope: { tenant: string; mode: 'live' };

const rejection = (id: string): EventRejection => ({
  id,
  eventId: id,
  source: 'shop',
  sentAt: at(id),
  code: 'invalid',
  message: large,
  faults: [],
});
const told = (id: string) =>
  eventOf<'InvoiceRejected'>(scope, {
    type: 'InvoiceRejected',
    subject: id,
    sequence: 1,
    occurred_at: at(id),
    data: {
      rejection_id: id,
      source: 'shop',
      event_id: id,
      external_reference: null,
      code: 'invalid',
      message: large,
      faults: [],
    },
  });
const connection = () => connect(clientOf(engine.endpoint), table);

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
});
afterAll(() => engine.stop());
beforeEach(() => {
  scope = { tenant: `tenant-${++tenants}`, mode: 'live' };
});

describe('of many large items', () => {
  it('rejected events are listed to the last, in pages that may be short', async () => {
    const store = dynamoStore(connection());
    for (const id of ids) await store.rejectEvent(scope, rejection(id));
    const seen: string[] = [];
    for (let more = true; more; ) {
      const page = await store.eventRejections(scope, { limit: 100, before: seen.at(-1) });
      expect(page.rejections.length).toBeGreaterThan(0);
      seen.push(...page.rejections.map(({ id }) => id));
      more = page.more;
    }
    expect(seen).toEqual([...ids].reverse());
  });

  it('events are read back as many as were asked for', async () => {
    const store = dynamoStore(connection());
    for (const id of ids) await store.rejectEvent(scope, rejection(id), told(id));
    const events = await store.events(scope, { limit: 100 });
    expect(events.map(({ subject }) => subject)).toEqual(ids);
    expect(await store.events(scope, { limit: 12 })).toHaveLength(12);
  });

  it('so are deliveries of a webhook', async () => {
    const store = webhookStore(connection());
    for (const id of ids) await store.putDelivery(scope, deliveryOf(webhook, told(id), at(id)), 'new');
    const deliveries = await store.deliveries(scope, webhook.id, { limit: 100 });
    expect(deliveries.map(({ createdAt }) => createdAt)).toEqual(ids.map(at).reverse());
  });
});
