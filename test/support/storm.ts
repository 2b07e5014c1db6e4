/** Orders by the hundred, each of them several times, and what must have become of them. */
import { expect } from 'vitest';
import type { InvoiceEvent } from '../../lib/invoice/events.ts';
import type { LocalStack } from './local-stack.ts';
import { ask, envelope, everything, feed, type Receiver, tapped, waiting } from './other-system.ts';

interface Order {
  readonly detail: object;
  /** Of its invoice, and of no other's; absent when it can have none. */
  readonly payable?: number;
}

const standing = (events: readonly InvoiceEvent[], type: InvoiceEvent['type']) =>
  events.filter((event) => event.type === type).map(({ data }) => data as { number: string; payable: number });

/** Every twentieth order asks for what no invoice can be. */
export const orders = (size: number): Order[] =>
  Array.from({ length: size }, (_, index) => {
    const net = 10_000 + index;
    const wrong = index % 20 === 7;
    const item = { name: 'Lamp', quantity: 1, price: net, unit_code: 'C62', tax_category: 'Z', tax_rate: 0 };
    const body = {
      calculate_totals: true,
      buyer: { name: 'Havel Kontor AG', address: { city: 'Potsdam', country: 'DE' } },
      items: wrong ? [] : [item],
    };
    return { detail: { contract: 'invoices', finalize: true, body }, ...(!wrong && { payable: net }) };
  });

export const times = 3;

/** In an order that nobody would send them in; the same each time. */
export function shuffled<Value>(values: readonly Value[]): Value[] {
  const all = [...values];
  let seed = 4711;
  for (let index = all.length - 1; index > 0; index--) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    const other = seed % (index + 1);
    [all[index], all[other]] = [all[other] as Value, all[index] as Value];
  }
  return all;
}

/**
 * What a storm sends: half of the orders are published as often as `times` and named by the shop, the other half are one event
 * that is delivered so often.
 */
export function storm(stack: LocalStack, all: readonly Order[]) {
  const named = all.filter((_, index) => index % 2 === 0);
  const bare = all.filter((_, index) => index % 2 === 1);
  const often = <Value>(values: readonly Value[]) => shuffled(Array.from({ length: times }, () => values).flat());
  return {
    published: often(named.map(({ detail }, index) => ({ ...detail, external_reference: `storm-${index}` }))),
    delivered: often(bare.map(({ detail }, index) => envelope(stack, `storm-${index}`, detail))),
    invoices: all.flatMap(({ payable }) => payable ?? []),
    // One for an event: what is published anew is another one.
    rejections: times * named.filter(isWrong).length + bare.filter(isWrong).length,
  };
}

const isWrong = ({ payable }: Order) => payable === undefined;

/** Whether everything was worked on, one way or the other. */
export const calm = async (stack: LocalStack): Promise<boolean> =>
  (await waiting(stack, stack.demo.events.queue)) === 0;

/** One invoice an order, numbers without a gap, a rejection for every event that got none. */
export async function proveInvoices(
  stack: LocalStack,
  { invoices, rejections }: Pick<ReturnType<typeof storm>, 'invoices' | 'rejections'>,
): Promise<InvoiceEvent[]> {
  const events = await feed(stack);
  const issued = standing(events, 'InvoiceFinalized');
  const ascending = (a: number, b: number) => a - b;
  expect(issued.map(({ payable }) => payable).sort(ascending)).toEqual(invoices);
  const ordinals = issued.map(({ number }) => Number(number.split('-').at(-1))).sort(ascending);
  expect(ordinals).toEqual(Array.from(invoices, (_, index) => index + 1));
  expect(standing(events, 'InvoiceCreated')).toHaveLength(invoices.length);
  expect(await ask(stack, '/number-series/INV/audit')).toMatchObject({
    data: { gaps: [], duplicates: [], open_tickets: 0 },
  });
  expect(await everything(stack, '/event-rejections')).toHaveLength(rejections);
  expect(standing(events, 'InvoiceRejected')).toHaveLength(rejections);
  expect(await waiting(stack, stack.demo.events.dead_letters)).toBe(0);
  return events;
}

/** Whether everybody heard every event. */
export const heardBy = (events: readonly InvoiceEvent[], heard: readonly InvoiceEvent[]): boolean => {
  const ids = new Set(heard.map(({ id }) => id));
  return events.every(({ id }) => ids.has(id));
};

/** Every event went over the bus, and no later one of an invoice was there before an earlier one. */
export async function proveTold(
  stack: LocalStack,
  events: readonly InvoiceEvent[],
  webhook: Receiver,
  patience: number,
) {
  await expect.poll(() => heardBy(events, tapped(stack)), { timeout: patience, interval: 500 }).toBe(true);
  const last = new Map<string, number>();
  const seen = new Set<string>();
  for (const { id, subject, sequence } of tapped(stack)) {
    if (seen.has(id)) continue;
    seen.add(id);
    expect(sequence, subject).toBeGreaterThan(last.get(subject) ?? 0);
    last.set(subject, sequence);
  }
  expect(seen.size).toBe(events.length);
  await expect.poll(() => heardBy(events, webhook.heard), { timeout: patience, interval: 500 }).toBe(true);
}
