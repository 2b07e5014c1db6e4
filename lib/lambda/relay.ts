/**
 * The way of events out: from the table's stream to the bus as they happen, and on a schedule from the outbox what the stream's
 * relay could not deliver. An event may go out twice; none is left out, and none of an invoice overtakes another.
 */
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { type Outbox, toEvents } from '../dynamo/outbox.ts';
import type { Item } from '../dynamo/table.ts';
import type { Timestamp } from '../invoice/document.ts';
import type { InvoiceEvent } from '../invoice/events.ts';
import { modes, type Scope, type Tenant } from '../invoice/model.ts';
import { entrySize, mostBytes, mostEntries, type Publish } from './event-bus.ts';
import { log } from './log.ts';

export interface Relay {
  readonly publish: Publish;
  /** Opens the outbox; each time with a budget of its own for retries. */
  outbox(): Outbox;
  tenants(): Promise<Tenant[]>;
  now(): Timestamp;
}

/** Older than this and not relayed: the stream's relay gave up, in milliseconds. */
const overdueAfter = 5 * 60_000;

/** How many entries of the outbox the sweep reads at a time. */
const pageSize = 100;

/** An event, and which of the items it came with. */
interface Told {
  readonly event: InvoiceEvent;
  readonly index: number;
}

/** Answers the stream's batches, and everything else, which is the schedule, by sweeping. */
export function relay({ publish, outbox, tenants, now }: Relay) {
  /** Publishes items in order until one fails; returns how many went out. */
  async function forward(items: readonly Item[]): Promise<number> {
    let count = items.length;
    for (const call of calls(items.flatMap((item, index) => toEvents(item).map((event) => ({ event, index }))))) {
      const out = await publish(call.map(({ event }) => event));
      const failed = call.find((_, at) => !out[at]);
      if (failed) {
        count = failed.index;
        break;
      }
    }
    const at = now();
    const { mark } = outbox();
    // An event without its mark is relayed once more, no worse.
    await Promise.allSettled(items.slice(0, count).map((item) => mark(item, at)));
    return count;
  }

  async function stream({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
    const count = await forward(Records.map(({ dynamodb }) => dynamodb?.NewImage as Item));
    const failed = Records[count]?.dynamodb?.SequenceNumber;
    // The stream goes on from the first failure.
    return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
  }

  /** Relays a scope's overdue events; says whether all went out, and how many milliseconds the oldest had waited. */
  async function sweepScope(scope: Scope, until: string): Promise<{ done: boolean; age: number }> {
    let age = 0;
    let position = await outbox().until(scope);
    for (;;) {
      const { entries, unrelayed } = outbox();
      const page = await entries(scope, { from: position, to: until, limit: pageSize });
      const items = await unrelayed(page);
      const [oldest] = items.flatMap(toEvents);
      if (oldest) age = Math.max(age, Date.parse(now()) - Date.parse(oldest.occurred_at));
      if ((await forward(items)) < items.length) return { done: false, age };
      const last = page.at(-1)?.listSort?.S ?? position;
      if (last > position) await outbox().setUntil(scope, last);
      position = last;
      if (page.length < pageSize) return { done: true, age };
    }
  }

  async function sweep({ functionName }: Context): Promise<void> {
    const until = new Date(Date.parse(now()) - overdueAfter).toISOString();
    const stuck: string[] = [];
    let oldest = 0;
    for (const { id } of await tenants()) {
      for (const mode of modes) {
        const { done, age } = await sweepScope({ tenant: id, mode }, until);
        if (!done) stuck.push(`${id}/${mode}`);
        oldest = Math.max(oldest, age);
      }
    }
    // A metric costs something in every hour that it is told in.
    if (oldest > 0) log.metric('OutboxAge', oldest, functionName);
    // The function's alarm tells of it.
    if (stuck.length > 0) throw new Error(`Events of ${stuck.join(', ')} cannot be published.`);
  }

  return async (event: Partial<DynamoDBStreamEvent>, context: Context): Promise<DynamoDBBatchResponse | undefined> => {
    if (event.Records) return stream(event as DynamoDBStreamEvent);
    await sweep(context);
    return undefined;
  };
}

/**
 * Cuts events into calls that the bus takes: no two of one subject share a call, because the later could go out while the earlier
 * fails.
 */
function calls(told: readonly Told[]): Told[][] {
  const all: Told[][] = [];
  let call: Told[] = [];
  let size = 0;
  for (const each of told) {
    size += entrySize(each.event);
    const full = call.length === mostEntries || size > mostBytes;
    if (call.length > 0 && (full || call.some(({ event }) => event.subject === each.event.subject))) {
      all.push(call);
      call = [];
      size = entrySize(each.event);
    }
    call.push(each);
  }
  return call.length > 0 ? [...all, call] : all;
}
