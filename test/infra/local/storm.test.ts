/**
 * A storm of orders, each three times, in no order. `STORM_EVENTS` says how many different ones; thousands take minutes.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../support/local-stack.ts';
import { ask, enqueue, publish, type Receiver, receiver, tapBus } from '../../support/other-system.ts';
import { calm, orders, proveInvoices, proveTold, storm } from '../../support/storm.ts';

const size = Number(process.env.STORM_EVENTS || 100);
const patience = 60_000 + 300 * size;

let stack: LocalStack;
let webhook: Receiver;

beforeAll(async () => {
  webhook = await receiver();
  stack = await startLocalStack();
}, 120_000);
afterAll(() => {
  stack?.child.kill('SIGTERM');
  webhook?.stop();
});

it('of orders becomes one invoice each, and everybody hears of it in order', { timeout: 3 * patience }, async () => {
  tapBus(stack);
  await ask(stack, '/webhooks', { url: webhook.url });
  const sent = storm(stack, orders(size));
  const began = performance.now();
  const took = (what: string) => size > 100 && console.info(what, Math.round(performance.now() - began), 'ms');
  await Promise.all([publish(stack, sent.published), enqueue(stack, stack.demo.events.queue, sent.delivered)]);
  took('sent');
  await expect.poll(() => calm(stack), { timeout: patience, interval: 250 }).toBe(true);
  took('worked on');
  const events = await proveInvoices(stack, sent);
  await proveTold(stack, events, webhook, patience);
  took('told');
});
