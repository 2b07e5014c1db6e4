import type { Failure, Fault } from '../../invoice/failure.ts';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';
import { dotted } from '../pointer.ts';

/** A repair begins with the first faults; an endless list would be too large to send. */
const mostFailures = 100;

/** Words a failure as page 001 does. */
export function fail(failure: Failure): Answer {
  switch (failure.kind) {
    case 'malformed':
    case 'invalid':
      return invalid(failure.faults);
    case 'unsupported-media-type':
      return failed(415, 'unsupported_media_type', failure.message);
    case 'body-too-large':
      return failed(413, 'body_too_large', `The body may have at most ${failure.limit} bytes; send less.`);
    case 'answer-too-large':
      return failed(
        413,
        'answer_too_large',
        `The answer would have ${failure.given} bytes and may have ${failure.limit}; send or ask for less.`,
      );
    case 'invoice-too-large': {
      const message = `The invoice has ${failure.given} bytes when compressed and may have ${failure.limit}; shorten it.`;
      return invalid([{ in: 'body', path: ['notes'], code: 'invoice_too_large', message }]);
    }
    case 'not-issuable': {
      const reasons = failure.faults.slice(0, mostFailures).map((fault) => `${fieldOf(fault)}: ${fault.message}`);
      return unmet(`The invoice cannot be sent as it stands. ${reasons.join(' ')}`);
    }
    case 'unauthenticated':
      return failed(401, 'unauthorized', 'Send a valid token as Authorization: Bearer.');
    case 'forbidden':
      return failed(
        403,
        'forbidden',
        failure.scope
          ? `This needs the permission ${failure.scope}.`
          : 'This token may not do that, or not for the company in Wethod-Company.',
      );
    case 'not-found':
      return failed(404, 'not_found', `There is no such ${failure.what === 'route' ? 'path' : failure.what}.`);
    case 'number-taken':
      return unmet(`The number "${failure.number}" is taken; choose another or leave it out.`);
    case 'wrong-state':
      return unmet(`An invoice that is ${failure.state} does not allow: ${failure.action}.`);
    case 'precondition':
      return unmet(failure.message);
    case 'stale':
      return unmet(`The invoice has version ${failure.expected}, not ${failure.given}; read it again.`);
    case 'exceeds-open':
      return unmet('Nothing is left to be paid on this invoice.');
    case 'reference-taken':
      return unmet(`The reference "${failure.reference}" names another payment already.`);
    case 'in-progress':
      return later(409, 'in_progress', 'The same is under way; wait and ask again.', failure.retryAfter);
    case 'key-reused':
      return failed(
        422,
        'idempotency_key_reused',
        'This Idempotency-Key was used with another request; send a new key.',
      );
    case 'throttled':
      return throttled('too_many_requests', 'Too many requests; wait and try again.', failure.retryAfter);
    case 'quota-exceeded':
      return throttled('quota_exceeded', 'The quota of your plan is used up; wait or change it.', failure.retryAfter);
    case 'series-frozen':
      return later(
        503,
        'series_frozen',
        `The series "${failure.series}" gives out no numbers while it is being restored; send the same request again later.`,
        failure.retryAfter,
      );
    case 'busy':
      return later(503, 'busy', 'Nothing was done; wait and send the same request again.', failure.retryAfter);
    case 'outcome-unknown':
      return later(
        503,
        'outcome_unknown',
        'It is not known whether this was done; send the same request with the same Idempotency-Key again.',
        failure.retryAfter,
      );
    case 'timeout':
      return failed(504, 'timeout', 'This took too long; send the same request with the same Idempotency-Key again.');
    case 'internal':
      return failed(500, 'internal', 'Something broke on our side; try again later.');
  }
}

const failed = (status: number, key: string, message: string, headers?: Record<string, string>): Answer =>
  answer(status, { key, message }, headers);

const unmet = (message: string): Answer => failed(412, 'precondition_failure', message);

const later = (status: number, key: string, message: string, seconds: number, headers: Record<string, string> = {}) =>
  failed(status, key, message, { 'Retry-After': String(Math.ceil(seconds)), ...headers });

const throttled = (key: string, message: string, seconds: number): Answer =>
  later(429, key, message, seconds, { 'x-ratelimit-retry-after': String(Math.ceil(seconds)) });

const invalid = (faults: Fault[]): Answer =>
  answer(400, {
    key: 'invalid_data',
    message: "The request is not valid; 'failures' names each field.",
    failures: faults.slice(0, mostFailures).map((fault) => ({ field: fieldOf(fault), message: fault.message })),
  });

/** The fields that members of the core's document come from. */
const documentFields: Record<string, string> = {
  number: 'invoice_number',
  purchaseOrder: 'purchase_order',
  lines: 'value',
  totals: 'value',
  taxBreakdown: 'vat_rate_id',
  issueDate: 'issue_date',
  dueDate: 'payment_term_id',
  paymentTerms: 'payment_term_id',
  currency: 'project_id',
  buyer: 'project_id',
  projectReference: 'project_id',
};

/** As the page writes them; the gateway hands headers on in lower case. */
const headerNames: Record<string, string> = {
  'wethod-company': 'Wethod-Company',
  'wethod-version': 'Wethod-Version',
};

function fieldOf({ in: place, path }: Fault): string {
  const names = place === 'header' ? headerNames : place === 'body' ? documentFields : {};
  const top = String(path[0] ?? place);
  return Object.hasOwn(names, top) ? (names[top] as string) : dotted(path) || place;
}
