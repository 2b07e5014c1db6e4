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

/** A change that its client may repeat: named by the Idempotency-Key, told apart by its content. */
export interface Operation {
  /** SHA-256 over method, route and key; unique within a scope. */
  readonly id: string;
  /** SHA-256 over method, route, path parameters and the canonical JSON of the body. */
  readonly fingerprint: string;
  /** Recognised for ever, not only for `operationDays`. */
  readonly lasting?: true;
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
