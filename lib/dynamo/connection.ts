/**
 * One request's way to the table. The SDK's own retries are off: what may be repeated, for how long, and what to say when time
 * runs out is decided here.
 */
import type {
  $Command,
  DynamoDBClient,
  DynamoDBClientConfig,
  DynamoDBClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb';
import { OutcomeUnknown, StoreBusy } from '../invoice/store.ts';
import type { Item } from './table.ts';

/** What every client is made with. */
export const clientOptions: DynamoDBClientConfig = { maxAttempts: 1 };

/** Total time for all retries of one request, in milliseconds. */
export const retryBudget = 8_000;

type Send = <Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: $Command<Input, Output, DynamoDBClientResolvedConfig>,
) => Promise<Output>;

export interface Connection {
  readonly table: string;
  /** Sends a command; conditions that do not hold come back as the SDK's errors, everything else is repeated. */
  readonly send: Send;
  /** How many times anything was sent, for the log. */
  readonly attempts: () => number;
}

/** A connection as far as most need it: what they send, and the table that they send it to. */
export type Table = Pick<Connection, 'table' | 'send'>;

/** Names of errors that say: refused now, nothing was done. */
const contention = new Set([
  'TransactionConflictException',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'LimitExceededException',
]);

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * `definite`: an answer or a mistake of ours, to be thrown. `refused`: nothing was done. `unknown`: it may have committed,
 * or may still.
 */
function kindOf(error: unknown): 'definite' | 'refused' | 'unknown' {
  const { name, $metadata, CancellationReasons } = error as {
    name?: string;
    $metadata?: { httpStatusCode?: number };
    CancellationReasons?: { Code?: string }[];
  };
  if (name === 'TransactionCanceledException') {
    // A condition that does not hold is an answer, whatever else stands beside it; the rest is contention.
    const codes = CancellationReasons?.map(({ Code }) => Code) ?? [];
    if (codes.includes('ConditionalCheckFailed') || codes.includes('ValidationError')) return 'definite';
    return 'refused';
  }
  if (name && contention.has(name)) return 'refused';
  const status = $metadata?.httpStatusCode;
  if (name === 'TransactionInProgressException' || status === undefined || status >= 500) return 'unknown';
  return 'definite';
}

/** Notes where the SDK would how often this very command was sent. */
function counted<Outcome>(attempts: number, outcome: Outcome): Outcome {
  const { $metadata } = outcome as { $metadata?: { attempts?: number } };
  if ($metadata) $metadata.attempts = attempts;
  return outcome;
}

/** Whether a command was sent more than once before this came of it: a copy may have done something, or may still. */
export const wasRepeated = (outcome: unknown): boolean =>
  ((outcome as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1) > 1;

/** Opens a connection whose retries end together, `retryBudget` after the first send. */
export function connect(client: DynamoDBClient, table: string): Connection {
  let attempts = 0;
  let deadline: number | undefined;
  return {
    table,
    attempts: () => attempts,
    async send(command) {
      deadline ??= Date.now() + retryBudget;
      let unknown = false;
      for (let round = 0; ; round++) {
        attempts++;
        try {
          return counted(round + 1, await client.send(command));
        } catch (error) {
          counted(round + 1, error);
          const kind = kindOf(error);
          if (kind === 'definite') throw error;
          unknown ||= kind === 'unknown';
          // Full jitter: 20 ms doubling up to a second.
          const pause = Math.random() * Math.min(1_000, 20 * 2 ** round);
          if (Date.now() + pause > deadline) throw unknown ? new OutcomeUnknown() : new StoreBusy();
          await wait(pause);
        }
      }
    },
  };
}

/** Which items of a cancelled transaction failed their condition, by position; `undefined` for any other error. */
export function failedConditions(error: unknown): boolean[] | undefined {
  const { name, CancellationReasons } = error as { name?: string; CancellationReasons?: { Code?: string }[] };
  if (name !== 'TransactionCanceledException') return undefined;
  return CancellationReasons?.map(({ Code }) => Code === 'ConditionalCheckFailed');
}

/** Whether the condition of a single write did not hold; then the error may carry the item that stands. */
export const isConditionFailure = (error: unknown): error is { Item?: Item } =>
  (error as { name?: string }).name === 'ConditionalCheckFailedException';
