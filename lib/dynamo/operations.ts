/** What is remembered of operations, so that a repeated request gets its first answer again. */

import type { Scope } from '../invoice/model.ts';
import { type Answer, type OperationRecord, operationDays } from '../invoice/operation.ts';
import { binary, json, number, text, toItem } from './attributes.ts';
import { fromPieces, largestAnswerText, toPieces } from './pieces.ts';
import { type Item, primaryKey, scopeKey } from './table.ts';
import type { Put, Write } from './transaction.ts';

/** The partition of an operation. */
export const operationKey = (scope: Scope, id: string): string => `${scopeKey(scope)}#OPERATION#${id}`;

/** Where an operation's head stands. */
const operationHead = (scope: Scope, id: string): Item => primaryKey(operationKey(scope, id), 'HEAD');

/** A record may be written over once it has expired: TTL deletes late, so every condition asks. */
export const isFree = 'attribute_not_exists(pk) OR expiresAt < :now';

/** The time as TTL has it. */
export const nowInSeconds = (): number => Math.floor(Date.now() / 1_000);

/** The record as items. An answer that does not fit beside its head follows in pieces. */
export function toOperationItems(scope: Scope, record: OperationRecord): Item[] {
  const { id, fingerprint, subject, answer, lasting } = record;
  const expiresAt = lasting ? undefined : nowInSeconds() + operationDays * 86_400;
  const [inline, ...more] = answer ? toPieces(answer.body, largestAnswerText) : [];
  const head = {
    ...operationHead(scope, id),
    ...toItem({
      fingerprint,
      subject,
      expiresAt,
      status: answer?.status,
      headers: answer && JSON.stringify(answer.headers),
      piece: inline,
    }),
  };
  const pieces = more.map((piece, index) => ({
    ...primaryKey(operationKey(scope, id), `PIECE#${String(index).padStart(3, '0')}`),
    ...toItem({ piece, expiresAt }),
  }));
  return [head, ...pieces];
}

/** What a record says that its own operation left, and now completes. */
const isOurs = 'subject = :subject AND fingerprint = :fingerprint';

/** A record as a part of a transaction: it must be new, or may complete what the same operation left. */
export function operationWrites(put: Put, scope: Scope, record: OperationRecord, orOurs = false): Write<'operation'>[] {
  const { subject, fingerprint } = record;
  const now = { ':now': nowInSeconds() };
  const [condition, values] = orOurs
    ? [`${isFree} OR (${isOurs})`, { ...now, ':subject': subject, ':fingerprint': fingerprint }]
    : [isFree, now];
  return toOperationItems(scope, record).map((item, index) => [
    'operation',
    index === 0 ? put(item, condition, toItem(values)) : put(item),
  ]);
}

/** The record from its items in key order; `undefined` when there is none or it has expired. */
export function toRecord(id: string, items: readonly Item[]): OperationRecord | undefined {
  const [head] = items;
  const expiresAt = head && number(head, 'expiresAt');
  if (!head || (expiresAt !== undefined && expiresAt < nowInSeconds())) return undefined;
  const status = number(head, 'status');
  const answer: Answer | undefined =
    status === undefined
      ? undefined
      : {
          status,
          headers: json<Record<string, string>>(head, 'headers') ?? {},
          body: fromPieces(items.flatMap((item) => binary(item, 'piece') ?? [])),
        };
  return {
    id,
    fingerprint: text(head, 'fingerprint') as string,
    subject: text(head, 'subject') as string,
    ...(expiresAt === undefined && { lasting: true }),
    ...(answer && { answer }),
  };
}
