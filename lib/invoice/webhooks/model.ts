/** Webhooks and deliveries as they are kept, and the port that keeps them. */
import type { Timestamp } from '../document.ts';
import type { EventType, InvoiceEvent } from '../events.ts';
import type { Scope } from '../model.ts';
import type { AnsweredOperation } from '../operation.ts';

/** A subscription: where a tenant wants to be told of its events. */
export interface Webhook {
  readonly id: string;
  /** Counts every change. */
  readonly version: number;
  readonly url: string;
  /** Which events; all when empty. */
  readonly types: readonly EventType[];
  readonly description?: string;
  /** The newest first. While one goes out of use, every message is signed with both. */
  readonly secrets: readonly { readonly secret: string; readonly until?: Timestamp }[];
  readonly state: 'enabled' | 'disabled' | 'deleted';
  /** Why it was switched off, when its owner did not do it. */
  readonly disabledBecause?: string;
  /** Since when nothing arrived there. */
  readonly failingSince?: Timestamp;
  readonly createdAt: Timestamp;
  readonly updatedAt: Timestamp;
}

/** One event on its way to one webhook. */
export interface Delivery {
  readonly webhookId: string;
  readonly eventId: string;
  readonly type: EventType;
  /** The event's place among its tenant's; the log is in this order. */
  readonly position: string;
  /** What is posted, byte for byte. */
  readonly body: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly createdAt: Timestamp;
  /** When it is tried next; while a try is under way, when that is taken for lost. */
  readonly dueAt?: Timestamp;
  readonly triedAt?: Timestamp;
  /** The HTTP status of the last answer. */
  readonly status?: number;
  /** Why the last try failed. */
  readonly error?: string;
}

/** A new or changed webhook and what must be true together with it. */
export interface WebhookChange {
  readonly scope: Scope;
  readonly webhook: Webhook;
  readonly operation?: AnsweredOperation;
  readonly event?: InvoiceEvent;
}

/** Where webhooks and their deliveries are kept; a part of the core's store. */
export interface WebhookStore {
  webhooks(scope: Scope): Promise<Webhook[]>;
  webhook(scope: Scope, id: string): Promise<Webhook | undefined>;
  /** Stores a webhook whose version is one more than what is stored. All or nothing. */
  putWebhook(change: WebhookChange): Promise<'stored' | 'stale' | 'operation-exists'>;
  event(scope: Scope, id: string): Promise<InvoiceEvent | undefined>;
  /** A webhook's log, the newest event first. */
  deliveries(scope: Scope, webhookId: string, page: { before?: string; limit: number }): Promise<Delivery[]>;
  /** Stores a delivery: only if it is new, only if so many tries were made, or whatever stands there. False if not. */
  putDelivery(scope: Scope, delivery: Delivery, onlyIf: 'new' | 'any' | { attempts: number }): Promise<boolean>;
  /** Deliveries that were due by then, the longest waiting first. */
  dueDeliveries(scope: Scope, by: Timestamp, limit: number): Promise<Delivery[]>;
}
