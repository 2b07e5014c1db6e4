/** What the contracts' `fail` have in common: our own words, where neither a page's terms nor its credential ask for others. */
import type { Failure } from '../invoice/failure.ts';

/** A repair begins with the first faults; an endless list would be too large to send. */
export const mostFaults = 100;

/** Each contract words these for itself. */
type OwnKind = 'invalid' | 'not-issuable' | 'invoice-too-large' | 'unauthenticated' | 'forbidden' | 'number-taken';

export type CommonFailure = Exclude<Failure, { kind: OwnKind }>;

export function sentence(failure: CommonFailure): string {
  switch (failure.kind) {
    case 'unsupported-media-type':
    case 'precondition':
      return failure.message;
    case 'malformed':
      return 'The body is not JSON as it should be.';
    case 'body-too-large':
      return `The body may have at most ${failure.limit} bytes; send less.`;
    case 'answer-too-large':
      return `The answer would have ${failure.given} bytes and may have ${failure.limit}; send or ask for less.`;
    case 'not-found':
      return `There is no such ${failure.what === 'route' ? 'path' : failure.what}.`;
    case 'wrong-state':
      return `An invoice that is ${failure.state} does not allow: ${failure.action}.`;
    case 'stale':
      return `The invoice has version ${failure.expected}, not ${failure.given}; read it again.`;
    case 'in-progress':
      return 'The same is under way; wait and ask again.';
    case 'exceeds-open':
      return failure.open > 0
        ? `At most ${failure.open} is open, and more than 0 must be given; ${failure.given} was.`
        : `Nothing is open; ${failure.given} was given.`;
    case 'reference-taken':
      return `The reference "${failure.reference}" names the payment ${failure.paymentId} of invoice ${failure.invoiceId}, for ever; give this one another.`;
    case 'key-reused':
      return 'This Idempotency-Key was used with another request; send a new key.';
    case 'throttled':
      return 'Too many requests; wait and try again.';
    case 'quota-exceeded':
      return 'The quota of your plan is used up; wait or change it.';
    case 'series-frozen':
      return `The series "${failure.series}" gives out no numbers while it is being restored; send the same request again later.`;
    case 'busy':
      return 'Nothing was done; wait and send the same request again.';
    case 'outcome-unknown':
      return 'It is not known whether this was done; send the same request with the same Idempotency-Key again.';
    case 'timeout':
      return 'This took too long; send the same request with the same Idempotency-Key again.';
    case 'internal':
      return 'Something broke on our side; try again later.';
  }
}

/** When to come back, for failures that tell: `Retry-After` knows whole seconds only (RFC 9110, section 10.2.3). */
export const retryAfter = (failure: Failure): Record<string, string> =>
  'retryAfter' in failure ? { 'Retry-After': String(Math.ceil(failure.retryAfter)) } : {};

/** The texts of each field, in the order of the faults. */
export function textsByField(faults: readonly { field: string; message: string }[]): Record<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const { field, message } of faults) texts.set(field, [...(texts.get(field) ?? []), message]);
  return Object.fromEntries(texts);
}
