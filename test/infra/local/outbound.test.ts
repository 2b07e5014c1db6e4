/** What other systems hear from the local stack: events by HTTP in order, and webhooks that are signed and come again. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type LocalStack, startLocalStack } from '../../support/local-stack.ts';

interface Event {
  id: string;
  type: string;
  subject: string;
  sequence: number;
}

let stack: LocalStack;
let receiver: Server;
let received: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers, body });
    response.end();
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

it('no webhook leads into a private network', async () => {
  for (const url of ['http://169.254.169.254/', 'https://10.0.0.1/', 'http://example.com/']) {
    const { status, body } = await call('POST', '/webhooks', { url });
    expect(status, url).toBe(422);
    expect(body.faults).toMatchObject([{ field: 'url', code: 'invalid_url' }]);
  }
});
