/** Changes that may be repeated, and the answers that they are given. */
import { InvoiceError } from './failure.ts';
import type { Scope } from './model.ts';

/**
 * An answer in its final bytes. The core keeps it beside the change that it tells of and never looks inside, so that a
 * repeated request gets exactly what the first one got.
 */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The answer was first given to an earlier request with the same key. */
  readonly replayed?: true;
}

/** What carries answers takes 6 MB with everything around them, in which an answer is a text within JSON. Bytes. */
const largestSent = 6 * 1024 * 1024;

/** What an invoice may still grow by once its content stands: payments, corrections, reminders. Bytes. */
const growth = 512 * 1024;

/** Bytes that an answer takes on its way; `undefined` when it is far from any limit. */
function sentSize({ body }: Pick<Answer, 'body'>): number | undefined {
  // No character takes more than this.
  return body.length * 6 < largestSent - growth ? undefined : Buffer.byteLength(JSON.stringify(body)) + 8 * 1024;
}

/** Refuses content that could not be answered with: asked before anything is stored. */
export function mustFit(answer: Answer): void {
  mustSend(answer, largestSent - growth);
}

/** Refuses to send what would be lost on its way. */
export function mustSend(answer: Pick<Answer, 'body'>, limit = largestSent): void {
  const given = sentSize(answer) ?? 0;
  if (given > limit) throw new InvoiceError({ kind: 'answer-too-large', limit, given });
}

/** A change that its client may repeat: named by the Idempotency-Key, told apart by its content. */
export interface Operation {
  /** SHA-256 over method, route and key; unique within a scope. */
  readonly id: string;
  /** SHA-256 over method, route, path parameters and the canonical JSON of the body. */
  readonly fingerprint: string;
  /** Recognised for ever, not only for `operationDays`. */
  readonly lasting?: true;
}

/** An operation that is kept with its answer from the first. */
export interface AnsweredOperation extends Operation {
  readonly answer: Answer;
}

/** What is kept of an operation. Without `answer`, its invoice is still being numbered or its answer was never given. */
export interface OperationRecord extends Operation {
  /** What it made or changed: an invoice's id, or kind and id of an entry of reference data. */
  readonly subject: string;
  readonly answer?: Answer;
}

/** How long a repeated request is recognised, in days, unless it is to be for ever. */
export const operationDays = 30;

/** How a change is answered: `render` runs before the commit, so that the answer is stored with the change. */
export interface Reply<Result> {
  readonly operation?: Operation | undefined;
  render(result: Result): Answer;
}

/** The operation that the store has met before: only one that was named can be there. */
export function named({ operation }: Pick<Reply<never>, 'operation'>): Operation {
  if (!operation) throw new Error('The store knows an operation that nobody named.');
  return operation;
}

/** It expired between two reads, or its transaction is still being undone: asking again is safe. */
export const beingUndone = () => new InvoiceError({ kind: 'busy', retryAfter: 1 });

/** The first answer to an operation, from what is kept of it; `undefined` when it is new or was interrupted. */
export function replayed(record: OperationRecord | undefined, { fingerprint }: Operation): Answer | undefined {
  if (record && record.fingerprint !== fingerprint) throw new InvoiceError({ kind: 'key-reused' });
  return record?.answer && { ...record.answer, replayed: true };
}

/** The first answer to an operation that another request carried out in the meantime, whose answer is kept with its change. */
export async function answeredBefore(
  store: { operation(scope: Scope, id: string): Promise<OperationRecord | undefined> },
  scope: Scope,
  reply: Pick<Reply<never>, 'operation'>,
): Promise<Answer> {
  const operation = named(reply);
  const answer = replayed(await store.operation(scope, operation.id), operation);
  if (!answer) throw beingUndone();
  return answer;
}
