/** What other systems hear from the local stack: events by HTTP in order, and webhooks that are signed and come again. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type LocalStack, startLocalStack } from '../../support/local-stack.ts';
import { publish } from '../../support/other-system.ts';

interface Event {
  id: string;
  type: string;
  subject: string;
  sequence: number;
  occurred_at: string;
}

let stack: LocalStack;
let receiver: Server;
let received: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers, body });
    response.writeHead(request.url === '/gone' ? 410 : 200).end();
  }).listen(0, '127.0.0.1');
  stack = await startLocalStack();
}, 120_000);
afterAll(() => {
  stack?.child.kill('SIGTERM');
  receiver.close();
});

async function call(method: string, path: string, body?: object) {
  const answer = await fetch(stack.demo.apis.invoices + path, {
    method,
    headers: { 'X-Api-Key': stack.demo.tenants[0]?.keys.full as string, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

const body = {
  calculate_totals: true,
  buyer: { name: 'Havel Kontor AG', address: { city: 'Potsdam', country: 'DE' } },
  items: [{ name: 'Lamp', quantity: 1, price: 4_900, unit_code: 'C62', tax_category: 'S', tax_rate: 19 }],
};

async function finalized(): Promise<string> {
  const { id } = (await call('POST', '/invoices', body)).body.data;
  expect((await call('POST', `/invoices/${id}/finalize`)).status).toBe(200);
  return id;
}

const hook = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
const posted = () => received.map(({ body }) => JSON.parse(body) as Event);
const types = ['InvoiceCreated', 'InvoiceFinalized'];

it('events are there at once, in order', async () => {
  const id = await finalized();
  const { data, checkpoint } = (await call('GET', '/events?limit=100')).body;
  const own = (data as Event[]).filter(({ subject }) => subject === id);
  expect(own.map(({ type }) => type)).toEqual(types);
  expect((await call('GET', `/events?after=${checkpoint}`)).status).toBe(200);
  expect((await call('GET', '/events?after=nothing')).body.faults).toMatchObject([{ field: 'after' }]);
});

it('a webhook is told what it asked for, signed, and writes it down', { timeout: 60_000 }, async () => {
  const { data: webhook } = (await call('POST', '/webhooks', { url: hook() })).body;
  expect((await call('GET', `/webhooks/${webhook.id}`)).body.data).not.toHaveProperty('secret');
  received = [];
  const id = await finalized();
  const own = () => posted().filter(({ subject }) => subject === id);
  await vi.waitUntil(() => own().length >= 2, { timeout: 30_000, interval: 50 });
  expect(new Set(own().map(({ type }) => type))).toEqual(new Set(types));
  const key = Buffer.from(webhook.secret.replace('whsec_', ''), 'base64');
  for (const { headers, body } of received) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const signature = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    expect(headers['webhook-id']).toBe((JSON.parse(body) as Event).id);
  }
  await vi.waitUntil(
    async () => {
      const { data } = (await call('GET', `/webhooks/${webhook.id}/deliveries`)).body;
      return data.filter(({ state }: { state: string }) => state === 'delivered').length >= 2;
    },
    { timeout: 10_000, interval: 100 },
  );

  const replay = await call('POST', `/webhooks/${webhook.id}/replay`, { event_id: own()[0]?.id });
  expect(replay).toMatchObject({ status: 202, body: { data: { replayed: 1 } } });
  expect((await call('DELETE', `/webhooks/${webhook.id}`)).status).toBe(200);
});

it('whatever stands among the events can be sent again', { timeout: 60_000 }, async () => {
  const { data: webhook } = (await call('POST', '/webhooks', { url: hook() })).body;
  const replay = (body: object) => call('POST', `/webhooks/${webhook.id}/replay`, body);
  const gone = new URL('/gone', hook()).href;
  const { data: ending } = (await call('POST', '/webhooks', { url: gone, event_types: ['InvoiceRejected'] })).body;
  await publish(stack, [{ contract: 'invoices', body: {} }]);
  const events = async () => (await call('GET', '/events?limit=100')).body.data as Event[];
  const told = () => vi.waitUntil(async () => (await events()).find(({ subject }) => subject === ending.id), 30_000);
  expect((await told())?.type).toBe('WebhookDisabled');

  for (const { id } of await events()) {
    expect(await replay({ event_id: id }), id).toMatchObject({ status: 202, body: { data: { replayed: 1 } } });
  }
  // A second without its parts is the whole of it, in whatever zone.
  const [first] = await events();
  const from = `${first?.occurred_at.slice(0, 19)}+00:00`;
  const to = first?.occurred_at;
  expect((await replay({ from, to })).body.data.replayed).toBeGreaterThan(0);

  expect((await replay({})).body.faults).toMatchObject([{ message: 'Send either "event_id", or "from" and "to".' }]);
  expect((await replay({ event_id: 'x', from })).status).toBe(422);
  expect((await replay({ from: '2026-01-02', to: '2026-01-01T00:00:00Z' })).body.errors).toEqual({
    from: [expect.stringContaining('2026-01-31T09:00:00Z')],
  });
  expect((await replay({ from: to, to: '2026-01-01T00:00:00Z' })).body.faults).toMatchObject([{ field: 'to' }]);
  await call('POST', `/webhooks/${webhook.id}/disable`);
  expect(await replay({ event_id: first?.id })).toMatchObject({ status: 409, body: { code: 'webhook_disabled' } });
});

it('no webhook leads into a private network', async () => {
  for (const url of ['http://169.254.169.254/', 'https://10.0.0.1/', 'http://example.com/']) {
    const { status, body } = await call('POST', '/webhooks', { url });
    expect(status, url).toBe(422);
    expect(body.faults).toMatchObject([{ field: 'url', code: 'invalid_url' }]);
  }
});
