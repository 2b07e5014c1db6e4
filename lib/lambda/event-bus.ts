/** Amazon EventBridge as the place where events are published. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { InvoiceEvent } from '../invoice/events.ts';
import { log } from './log.ts';

/** What rules find our events by. */
export const eventSource = 'invoice-functions';

/** EventBridge's limit for one call. */
export const mostEntries = 10;
/** Bytes of all entries of a call: EventBridge's limit until 2026, since then 1 MB. One event alone may be larger. */
export const mostBytes = 256 * 1_024;

/** What EventBridge counts of an event: its detail, type and source, and 14 bytes for its time. */
export const entrySize = (event: InvoiceEvent): number =>
  Buffer.byteLength(JSON.stringify(event)) + event.type.length + eventSource.length + 14;

/** Publishes up to `mostEntries` events; says for each whether it went out. */
export type Publish = (events: readonly InvoiceEvent[]) => Promise<readonly boolean[]>;

/** A bus to publish on. A call that fails as a whole is told like one whose events were all refused. */
export const eventBus =
  (client: EventBridgeClient, bus: string): Publish =>
  async (events) => {
    try {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({
          Entries: events.map((event) => ({
            EventBusName: bus,
            Source: eventSource,
            DetailType: event.type,
            Detail: JSON.stringify(event),
            Time: new Date(event.occurred_at),
          })),
        }),
      );
      const refused = Entries.flatMap(({ ErrorCode }) => ErrorCode ?? []);
      if (refused.length > 0) log.unpublished(refused);
      return events.map((_, index) => Entries[index]?.EventId !== undefined);
    } catch (error) {
      log.error(error);
      return events.map(() => false);
    }
  };
