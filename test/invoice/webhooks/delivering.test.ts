/** Webhooks from subscription to log, on the table and in memory, with a clock that the test turns. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../lib/dynamo/connection.ts';
import { dynamoStore } from '../../../lib/dynamo/store.ts';
import { eventOf, eventSchema, type InvoiceEvent } from '../../../lib/invoice/events.ts';
import type { Caller } from '../../../lib/invoice/model.ts';
import type { InvoiceStore } from '../../../lib/invoice/store.ts';
import { delivering, type Posted } from '../../../lib/invoice/webhooks/delivering.ts';
import type { Webhook } from '../../../lib/invoice/webhooks/model.ts';
import { signedHeaders } from '../../../lib/invoice/webhooks/signature.ts';
import { webhooks } from '../../../lib/invoice/webhooks/webhooks.ts';
import { clientOf, createTable, type Engine, startEngine } from '../../support/engine.ts';
import { caller } from '../../support/fixtures.ts';
import { emptyMemory, memoryStore } from '../../support/memory-store.ts';

const table = 'webhooks';
let engine: Engine;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
});
afterAll(() => engine.stop());

const onTable = (): InvoiceStore => {
  const open = () => dynamoStore(connect(clientOf(engine.endpoint), table));
  // A connection serves one request; these are many.
  return new Proxy({} as InvoiceStore, { get: (_, name) => (open() as never)[name] });
};

let tenants = 0;
const minute = 60_000;
const day = 24 * 60 * minute;

describe.each([
  ['on the table', onTable],
  ['in memory', () => memoryStore(emptyMemory())],
])('webhooks %s', (_, openStore) => {
  const store = openStore();
  let time = Date.UTC(2026, 2, 1);
  const now = () => new Date(time).toISOString();
  /** A tenant of its own for each test. */
  let who: Caller;
  let answers: (url: string) => Posted;
  let posts: { url: string; headers: Record<string, string>; body: string; at: number }[];

  const subscriptions = webhooks({ store, now });
  const { notify, retry } = delivering({
    store,
    now,
    async post(url, headers, body) {
      posts.push({ url, headers, body, at: time });
      return answers(url);
    },
  });

  beforeEach(() => {
    who = { ...caller, tenant: `00000000-0000-4000-8000-${String(++tenants).padStart(12, '0')}` };
    answers = () => ({ status: 200 });
    posts = [];
  });

  const render = (webhook: Webhook) => ({ status: 200, headers: {}, body: JSON.stringify(webhook) });
  async function subscribe(types: Webhook['types'] = [], url = 'https://example.com/hooks'): Promise<Webhook> {
    return JSON.parse((await subscriptions.create(who, { url, types }, { render })).body);
  }
  let sequence = 0;
  const event = (type: 'InvoiceCreated' | 'InvoiceSent' = 'InvoiceCreated'): InvoiceEvent =>
    eventOf(who, {
      type,
      subject: '11111111-2222-4333-8444-555555555555',
      sequence: ++sequence,
      occurred_at: now(),
      data: {} as InvoiceEvent<'InvoiceCreated'>['data'],
    });
  const log = async (id: string) => (await subscriptions.deliveries(who, id, { limit: 100 })).deliveries;
  /** Lets a time pass, with the schedule's run every minute that something is due. */
  async function pass(milliseconds: number): Promise<void> {
    const end = time + milliseconds;
    for (;;) {
      const all = (
        await Promise.all((await store.webhooks(who)).map(({ id }) => store.deliveries(who, id, { limit: 100 })))
      ).flat();
      const due = all.flatMap(({ dueAt }) => (dueAt === undefined ? [] : [Date.parse(dueAt)]));
      const next = Math.min(...due);
      if (next > end) break;
      time = Math.max(time, next);
      await retry(who, 100);
    }
    time = end;
  }

  it('posts an event at once, signed, to who asked for it, and writes it down', async () => {
    const all = await subscribe();
    const some = await subscribe(['InvoiceSent'], 'https://example.com/sent');
    const created = event();
    await notify(created);
    expect(posts).toEqual([
      {
        url: all.url,
        at: time,
        body: JSON.stringify(created),
        headers: signedHeaders(
          { id: created.id, timestamp: time / 1_000, body: JSON.stringify(created) },
          all.secrets.map(({ secret }) => secret),
        ),
      },
    ]);
    const sent = event('InvoiceSent');
    await notify(sent);
    expect(posts.map(({ url }) => url).sort()).toEqual([all.url, all.url, some.url]);
    expect(await log(all.id)).toMatchObject([
      { eventId: sent.id, state: 'delivered', attempts: 1, status: 200 },
      { eventId: created.id, state: 'delivered', attempts: 1, status: 200 },
    ]);
    expect(await log(some.id)).toHaveLength(1);
  });

  it('delivers an event that comes twice once', async () => {
    await subscribe();
    const twice = event();
    await Promise.all([notify(twice), notify(twice)]);
    await notify(twice);
    await pass(day);
    expect(posts).toHaveLength(1);
  });

  it('tries again, later and later, for three days, with the same id and body', async () => {
    const { id } = await subscribe();
    answers = () => ({ status: 500 });
    const began = time;
    await notify(event());
    await pass(4 * day);
    const minutes = posts.map(({ at }) => Math.round((at - began) / minute));
    expect(minutes).toEqual([0, 1, 6, 36, 156, 456, 1_056, 1_896, 3_096, 4_320]);
    expect(new Set(posts.map(({ body, headers }) => body + headers['webhook-id'])).size).toBe(1);
    expect(new Set(posts.map(({ headers }) => headers['webhook-signature'])).size).toBe(posts.length);
    expect(await log(id)).toMatchObject([{ state: 'failed', attempts: 10, status: 500, error: 'The answer was 500.' }]);
    expect((await log(id))[0]?.dueAt).toBeUndefined();
  });

  it('is satisfied as soon as one try arrives', async () => {
    const { id } = await subscribe();
    answers = () => (posts.length < 3 ? { error: 'ECONNREFUSED' } : { status: 204 });
    await notify(event());
    expect(await log(id)).toMatchObject([{ state: 'pending', attempts: 1, error: 'ECONNREFUSED' }]);
    expect((await subscriptions.find(who, id)).failingSince).toBe(now());
    await pass(4 * day);
    expect(posts).toHaveLength(3);
    expect(await log(id)).toMatchObject([{ state: 'delivered', attempts: 3, status: 204 }]);
    expect((await log(id))[0]?.error).toBeUndefined();
    expect((await subscriptions.find(who, id)).failingSince).toBeUndefined();
  });

  it('takes a redirect for a failure', async () => {
    const { id } = await subscribe();
    answers = () => ({ status: 302 });
    await notify(event());
    expect(await log(id)).toMatchObject([{ state: 'pending', status: 302 }]);
  });

  it('tries again what a crash cut off, and lets two runs not do the same', async () => {
    const { id } = await subscribe();
    answers = () => {
      throw new Error('crash');
    };
    await expect(notify(event())).rejects.toThrow('crash');
    answers = () => ({ status: 200 });
    expect(await retry(who, 10)).toBe(0);
    time += minute;
    posts = [];
    await Promise.all([retry(who, 10), retry(who, 10), retry(who, 10)]);
    expect(posts).toHaveLength(1);
    expect(await log(id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  it('is switched off after a week in which nothing arrived, and an event says so', async () => {
    const { id } = await subscribe();
    answers = () => ({ status: 503 });
    const began = now();
    for (let passed = 0; passed < 8; passed++) {
      await notify(event());
      await pass(day);
    }
    const webhook = await subscriptions.find(who, id);
    expect(webhook).toMatchObject({
      state: 'disabled',
      failingSince: began,
      disabledBecause: expect.stringMatching(/week/),
    });
    const told = (await store.events(who, { limit: 100 })).filter(({ type }) => type === 'WebhookDisabled');
    expect(told).toMatchObject([{ subject: id, data: { webhook_id: id, failing_since: began } }]);
    for (const one of told) expect(eventSchema(one.type).parse(one)).toEqual(one);
    const before = posts.length;
    await notify(event());
    await pass(4 * day);
    expect(posts).toHaveLength(before);
    expect((await log(id)).filter(({ state }) => state === 'pending')).toEqual([]);

    await subscriptions.enable(who, id, { render });
    const again = await subscriptions.find(who, id);
    expect([again.state, again.failingSince, again.disabledBecause]).toEqual(['enabled', undefined, undefined]);
    answers = () => ({ status: 200 });
    await notify(event());
    expect(posts).toHaveLength(before + 1);
  });

  it('is switched off at once where it is gone', async () => {
    const { id } = await subscribe();
    answers = () => ({ status: 410 });
    await notify(event());
    expect((await subscriptions.find(who, id)).state).toBe('disabled');
  });

  it('signs with both secrets for a day after a new one was made', async () => {
    const { id, secrets } = await subscribe();
    const rotated: Webhook = JSON.parse((await subscriptions.rotate(who, id, { render })).body);
    const signatures = async () => {
      await notify(event());
      const { headers, body } = posts.at(-1) as (typeof posts)[0];
      const message = { id: headers['webhook-id'] ?? '', timestamp: Number(headers['webhook-timestamp']), body };
      const of = (secret = '') => signedHeaders(message, [secret])['webhook-signature'] as string;
      return [of(rotated.secrets[0]?.secret), of(secrets[0]?.secret)].map((each) =>
        headers['webhook-signature']?.split(' ').includes(each),
      );
    };
    expect(await signatures()).toEqual([true, true]);
    time += day + 1;
    expect(await signatures()).toEqual([true, false]);
  });

  it('is told nothing once it is switched off or deleted, and may be gone for good', async () => {
    const { id } = await subscribe();
    const other = await subscribe();
    await subscriptions.disable(who, id, { render });
    await subscriptions.remove(who, other.id, { render });
    await notify(event());
    expect(posts).toEqual([]);
    expect((await subscriptions.all(who)).map((each) => each.id)).toEqual([id]);
    await expect(subscriptions.find(who, other.id)).rejects.toMatchObject({ failure: { kind: 'not-found' } });
  });

  it('belongs to its tenant and mode', async () => {
    const { id } = await subscribe();
    for (const other of [
      { ...who, mode: 'test' as const },
      { ...who, tenant: caller.tenant },
    ]) {
      await expect(subscriptions.find(other, id)).rejects.toMatchObject({ failure: { kind: 'not-found' } });
      await notify({ ...event(), tenant_id: other.tenant, mode: other.mode });
    }
    expect(posts).toEqual([]);
  });

  it('refuses to lead into private networks, and more than twenty', async () => {
    for (const url of ['http://example.com', 'https://127.0.0.1', 'https://169.254.169.254', 'https://10.0.0.1']) {
      await expect(subscribe([], url)).rejects.toMatchObject({
        failure: { kind: 'invalid', faults: [{ path: ['url'], code: 'invalid_url' }] },
      });
    }
    for (let count = 0; count < 20; count++) await subscribe();
    await expect(subscribe()).rejects.toMatchObject({ failure: { code: 'too_many_webhooks' } });
  });

  it('is made once for one key', async () => {
    const operation = { id: `create ${tenants}`, fingerprint: 'f' };
    const request = { url: 'https://example.com', types: [] };
    const [first, second] = await Promise.all(
      [1, 2].map(() => subscriptions.create(who, request, { operation, render })),
    );
    expect(first?.body).toBe(second?.body);
    expect(await subscriptions.all(who)).toHaveLength(1);
  });

  it('lists its log page by page', async () => {
    const { id } = await subscribe();
    for (let count = 0; count < 5; count++) {
      time++;
      await notify(event());
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await subscriptions.deliveries(who, id, { limit: 2, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.deliveries.map(({ eventId }) => eventId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual((await log(id)).map(({ eventId }) => eventId));
    expect(seen).toHaveLength(5);
  });
});
