/** A tenant's events, read back in order. */
import { openCursor, sealCursor } from './cursor.ts';
import type { Timestamp } from './document.ts';
import { type InvoiceEvent, positionOf } from './events.ts';
import { type Scope, scopeOf } from './model.ts';
import type { ReferenceStore } from './reference/store.ts';

/** Where events are kept: in the items of the changes that they tell of. */
export interface EventStore {
  /** The events after a position, in order, so many at most. May lag behind a write. */
  events(scope: Scope, page: { after?: string; limit: number }): Promise<InvoiceEvent[]>;
}

export interface FeedPage {
  readonly events: readonly InvoiceEvent[];
  /** Where the next page begins; none when this was the last one for now. */
  readonly nextCursor?: string;
  /** Where to go on later: nothing will appear before it any more. */
  readonly checkpoint?: string;
}

/**
 * How long an event may take to appear, in milliseconds: its time is taken before its transaction, whose retries end with the
 * function's own timeout. Until then a later event is seen already, and an earlier one may still come.
 */
const settlesAfter = 20_000;

interface Dependencies {
  readonly store: EventStore & Pick<ReferenceStore, 'secret'>;
  now(): Timestamp;
}

const list = 'events';

/** What reads a page of events. */
export const eventFeed = ({ store, now }: Dependencies) =>
  async function events(caller: Scope, { after, limit }: { after?: string; limit: number }): Promise<FeedPage> {
    const scope = scopeOf(caller);
    const secret = await store.secret(scope);
    const from = after === undefined ? undefined : openCursor(secret, list, after, 'after');
    const found = await store.events(scope, { ...(from !== undefined && { after: from }), limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const end = last ? positionOf(last) : from;
    const settled = new Date(Date.parse(now()) - settlesAfter).toISOString();
    const seal = (position: string) => sealCursor(secret, list, position);
    return {
      events: page,
      ...(found.length > limit && end !== undefined && { nextCursor: seal(end) }),
      ...(end !== undefined && { checkpoint: seal(end < settled ? end : settled) }),
    };
  };
