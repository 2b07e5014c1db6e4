/** Events that asked for an invoice and can never get one: kept, so that whoever sent them finds out why. */
import type { Context } from './context.ts';
import { openCursor, sealCursor } from './cursor.ts';
import type { Timestamp } from './document.ts';
import { eventOf, type InvoiceEvent } from './events.ts';
import type { Fault } from './failure.ts';
import { type Caller, type Scope, scopeOf } from './model.ts';

export interface EventRejection {
  /** When the event was sent and what it said: the same one rejected again is the same rejection, and the list is in this order. */
  readonly id: string;
  readonly eventId: string;
  readonly source: string;
  /** When the event was sent. */
  readonly sentAt: Timestamp;
  readonly contract?: string;
  readonly externalReference?: string;
  /** Stable, snake_case. */
  readonly code: string;
  readonly message: string;
  readonly faults: readonly Fault[];
  /** What the contract would have answered over HTTP. */
  readonly answer?: { readonly status: number; readonly body: unknown };
}

/** Where rejections are kept; a part of the core's store. */
export interface EventRejectionStore {
  /** Keeps a rejection and the event that tells of it; one that is there stays. Without a scope it is nobody's: its source is unknown. */
  rejectEvent(scope: Scope | undefined, rejection: EventRejection, event?: InvoiceEvent): Promise<void>;
  /** Rejections before a position, the last one first: so many at most, fewer when they are large; and whether there are more. */
  eventRejections(
    scope: Scope | undefined,
    page: { limit: number; before?: string | undefined },
  ): Promise<{ rejections: EventRejection[]; more: boolean }>;
}

/** The name of a rejection of an event. */
export const rejectionId = (sentAt: Timestamp, contentHash: string): string => `${sentAt}-${contentHash}`;

const listName = 'event-rejections';

/** How many faults an event names; `GET /event-rejections` has them all. */
const mostTold = 20;

/** The event that tells of a rejection. */
const rejected = (scope: Scope, rejection: EventRejection, occurred_at: Timestamp): InvoiceEvent =>
  eventOf<'InvoiceRejected'>(scope, {
    type: 'InvoiceRejected',
    subject: rejection.id,
    sequence: 1,
    occurred_at,
    data: {
      rejection_id: rejection.id,
      source: rejection.source,
      event_id: rejection.eventId,
      external_reference: rejection.externalReference ?? null,
      code: rejection.code,
      message: rejection.message,
      faults: rejection.faults
        .slice(0, mostTold)
        .map(({ path, code, message }) => ({ path: path.join('.'), code, message })),
    },
  });

/** Keeps rejections, and lists those of the caller. */
export const eventRejections = ({ store, now }: Context) => ({
  keep: (scope: Scope | undefined, rejection: EventRejection): Promise<void> =>
    store.rejectEvent(scope, rejection, scope && rejected(scope, rejection, now())),

  /** Newest first. */
  async list(
    caller: Caller,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<{ rejections: EventRejection[]; nextCursor?: string }> {
    const scope = scopeOf(caller);
    const secret = await store.secret(scope);
    const before = cursor === undefined ? undefined : openCursor(secret, listName, cursor);
    const { rejections, more } = await store.eventRejections(scope, { limit, before });
    const last = rejections.at(-1);
    return { rejections, ...(more && last && { nextCursor: sealCursor(secret, listName, last.id) }) };
  },
});
