/** The table is away for longer than any request waits for it, in the middle of a storm: nothing is lost, nothing doubled. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { retryBudget } from '../../../lib/dynamo/connection.ts';
import { type DynamoProxy, startProxy } from '../../support/dynamo-proxy.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
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
  waiting,
} from '../../support/other-system.ts';
import { calm, orders, proveInvoices, proveTold, storm } from '../../support/storm.ts';

const size = 100;
/** Longer than a request is repeated, in milliseconds. */
const outage = retryBudget + 4_000;
const patience = 90_000;

let engine: Engine;
let proxy: DynamoProxy;
let stack: LocalStack;
let webhook: Receiver;
let timer: NodeJS.Timeout | undefined;
let away = false;

beforeAll(async () => {
  engine = await startEngine();
  // Some of what is under way as it begins is done, and nobody learns of it.
  const faults = ({ ordinal }: { ordinal: number }) =>
    away ? ({ kind: ordinal % 2 ? 'request-lost' : 'answer-lost' } as const) : undefined;
  proxy = await startProxy({ target: engine.endpoint, faults });
  webhook = await receiver();
  stack = await startLocalStack({ DYNAMODB_ENDPOINT: proxy.endpoint });
}, 120_000);
afterAll(async () => {
  clearInterval(timer);
  stack?.child.kill('SIGTERM');
  webhook?.stop();
  await proxy?.stop();
  await engine?.stop();
});

it('nothing is lost or doubled while the table is away', { timeout: 3 * patience }, async () => {
  tapBus(stack);
  await ask(stack, '/webhooks', { url: webhook.url });
  const sent = storm(stack, orders(size));
  await Promise.all([publish(stack, sent.published), enqueue(stack, stack.demo.events.queue, sent.delivered)]);
  await expect.poll(async () => (await feed(stack)).length, { timeout: patience, interval: 50 }).toBeGreaterThan(10);
  away = true;
  await wait(outage);
  away = false;
  expect(await waiting(stack, stack.demo.events.queue)).toBeGreaterThan(0);
  // Whoever is still at it gives up by itself; only then does the time come for what was given up to come again, and once more for
  // what a slow machine gave up later.
  await wait(retryBudget + 1_000);
  showHidden(stack);
  timer = setInterval(() => showHidden(stack), 20_000);
  await expect.poll(() => calm(stack), { timeout: patience, interval: 250 }).toBe(true);
  await proveTold(stack, await proveInvoices(stack, sent), webhook, patience);
});
