/** The local stack is killed in the middle of everything, and goes on where it was. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../support/local-stack.ts';
import {
  ask,
  enqueue,
  feed,
  publish,
  type Receiver,
  receiver,
  showHidden,
  tapBus,
  tapped,
  waiting,
} from '../../support/other-system.ts';
import { calm, heardBy, orders, proveInvoices, proveTold, storm } from '../../support/storm.ts';

const size = 100;
const patience = 90_000;

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

it('requests, events and webhooks that were under way are done after a restart', {
  timeout: 4 * patience,
}, async () => {
  tapBus(stack);
  await ask(stack, '/webhooks', { url: webhook.url });
  webhook.status = 503;
  const sent = storm(stack, orders(size));
  await Promise.all([publish(stack, sent.published), enqueue(stack, stack.demo.events.queue, sent.delivered)]);
  const isBusy = async () => {
    const requests = await waiting(stack, stack.demo.events.queue);
    const events = await feed(stack);
    return requests > 0 && webhook.tries > 0 && !heardBy(events, tapped(stack));
  };
  await expect.poll(isBusy, { timeout: patience, interval: 20 }).toBe(true);
  stack.child.kill('SIGKILL');
  await once(stack.child, 'exit');
  expect(webhook.heard).toEqual([]);

  webhook.status = 200;
  showHidden(stack);
  stack = await startLocalStack({ DATA_DIR: stack.folder });
  await expect.poll(() => calm(stack), { timeout: patience, interval: 250 }).toBe(true);
  await proveTold(stack, await proveInvoices(stack, sent), webhook, patience);
});
