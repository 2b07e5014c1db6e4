/**
 * What can go wrong, said once for all contracts. The core speaks these kinds and knows no status codes; each
 * contract's `fail` words every one of them.
 */

/** Where in the request a fault lies. */
export type Place = 'body' | 'path' | 'query' | 'header';

/** One thing wrong with a request. */
export interface Fault {
  in: Place;
  /** Members from the outside in: the caller's own names for input, canonical ones from rules. */
  path: (string | number)[];
  /** Stable, snake_case. */
  code: string;
  /** Names the fault and the way out. */
  message: string;
  /** The norm's rule, such as `BR-CO-15`. */
  rule?: string;
  /** The norm's business term, such as `BT-112`. */
  term?: string;
  expected?: string | number;
  given?: string | number | null;
}

/** What may not be there. */
export type Thing = 'invoice' | 'route' | 'payment' | 'series' | 'position' | 'reference' | 'webhook' | 'event';

export type Failure =
  /** The body is not JSON as it should be: encoding, syntax, duplicate members, depth. */
  | { kind: 'malformed'; faults: Fault[] }
  | { kind: 'unsupported-media-type'; message: string }
  /** The body is larger than may be sent. Bytes. */
  | { kind: 'body-too-large'; limit: number }
  /** The invoice is larger than can be kept. Bytes after compression. */
  | { kind: 'invoice-too-large'; limit: number; given: number }
  /** The answer would be larger than can be sent. Bytes. */
  | { kind: 'answer-too-large'; limit: number; given: number }
  /** Members of the request are missing or wrong. `asSent`: it is the request's own members that the faults name. */
  | { kind: 'invalid'; faults: Fault[]; asSent?: true }
  /** A sound request for something that the law or EN 16931 does not allow to be issued. */
  | { kind: 'not-issuable'; faults: Fault[] }
  | { kind: 'unauthenticated' }
  | { kind: 'forbidden'; scope?: string }
  | { kind: 'not-found'; what: Thing; id: string }
  | { kind: 'number-taken'; number: string; path: (string | number)[] }
  /** The invoice's state does not allow the action. */
  | { kind: 'wrong-state'; action: string; state: string }
  /** Something outside the invoice stands in the way: a frozen month, a project without a budget. */
  | { kind: 'precondition'; code: string; message: string }
  /** The caller's version is not the one that stands. */
  | { kind: 'stale'; expected: string; given: string }
  /** The same call is under way. Seconds. */
  | { kind: 'in-progress'; retryAfter: number }
  /** A payment or credit would exceed what is open. Minor units. */
  | { kind: 'exceeds-open'; action: 'pay' | 'credit'; open: number; given: number; path: (string | number)[] }
  /** A payment's reference names another payment already, which may have been taken back since. */
  | { kind: 'reference-taken'; reference: string; invoiceId: string; paymentId: string; path: (string | number)[] }
  /** The Idempotency-Key was used with another request. */
  | { kind: 'key-reused' }
  | { kind: 'throttled'; retryAfter: number }
  | { kind: 'quota-exceeded'; retryAfter: number }
  /** The series gives out no numbers while it is being restored. Seconds. */
  | { kind: 'series-frozen'; series: string; retryAfter: number }
  /** Contention or an outage outlasted the budget; nothing was done. Seconds. */
  | { kind: 'busy'; retryAfter: number }
  /** The store did not say whether it committed; asking again with the same key is safe. Seconds. */
  | { kind: 'outcome-unknown'; retryAfter: number }
  | { kind: 'timeout' }
  | { kind: 'internal' };

/** An expected failure on its way to the one catch at the joint between HTTP and core. */
export class InvoiceError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}
