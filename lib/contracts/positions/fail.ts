import { STATUS_CODES } from 'node:http';
import type { Failure, Fault } from '../../invoice/failure.ts';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';
import { propertyPath, published } from './names.ts';

/** A repair begins with the first faults; an endless list would be too large to send. */
const mostViolations = 100;

/** Words a failure as a problem document (RFC 7807), with violations where something can be mended in the request. */
export function fail(failure: Failure): Answer {
  switch (failure.kind) {
    case 'malformed':
      return problem(400, `The body is not JSON as it should be. ${failure.faults[0]?.message ?? ''}`.trim());
    case 'unsupported-media-type':
      return problem(415, failure.message);
    case 'body-too-large':
      return problem(413, `The body may have at most ${failure.limit} bytes; send less.`);
    case 'answer-too-large':
      return problem(
        413,
        `The answer would have ${failure.given} bytes and may have ${failure.limit}; send or ask for less.`,
      );
    case 'invoice-too-large':
      return violation([], 'invoice_too_large', 'The invoice is larger than can be kept; use fewer positions.');
    case 'invalid': {
      const inBody = failure.faults.some((fault) => fault.in === 'body');
      return violated(inBody ? 422 : 400, failure.faults);
    }
    case 'not-issuable':
      return violated(422, failure.faults);
    case 'unauthenticated':
      return answer(401, { code: 401, message: 'Send a valid key as Authorization: Bearer.' });
    case 'forbidden':
      return problem(
        403,
        failure.scope ? `This needs a key with the scope ${failure.scope}.` : 'This key may not do that.',
      );
    case 'not-found':
      return problem(404, 'Not Found');
    case 'number-taken':
      return violation(failure.path, 'number_taken', `The number "${failure.number}" is taken; choose another one.`);
    case 'wrong-state': {
      const message = `An invoice that is ${failure.state} does not allow: ${failure.action}. Only drafts can be changed.`;
      return violation([], 'wrong_state', message);
    }
    case 'precondition':
      return violation([], failure.code, failure.message);
    case 'stale':
      return problem(412, `The invoice has version ${failure.expected}, not ${failure.given}; read it again.`);
    case 'in-progress':
      return later(409, 'The same is under way; wait and ask again.', failure.retryAfter);
    case 'exceeds-open':
      return violation(failure.path, 'exceeds_open_amount', 'More than is open; give a smaller amount above 0.');
    case 'reference-taken':
      return violation(failure.path, 'reference_taken', `"${failure.reference}" names another payment already.`);
    case 'key-reused':
      return problem(422, 'This Idempotency-Key was used with another request; send a new key.');
    case 'throttled':
      return later(429, 'Too many requests; wait and try again.', failure.retryAfter);
    case 'quota-exceeded':
      return later(429, 'The quota of your plan is used up; wait or change it.', failure.retryAfter);
    case 'series-frozen':
      return later(
        503,
        `The series "${failure.series}" gives out no numbers while it is being restored; send the same request again later.`,
        failure.retryAfter,
      );
    case 'busy':
      return later(503, 'Nothing was done; wait and send the same request again.', failure.retryAfter);
    case 'outcome-unknown':
      return later(
        503,
        'It is not known whether this was done; send the same request with the same Idempotency-Key again.',
        failure.retryAfter,
      );
    case 'timeout':
      return problem(504, 'This took too long; send the same request with the same Idempotency-Key again.');
    case 'internal':
      return problem(500, 'Something broke on our side; try again later.');
  }
}

const problem = (status: number, detail: string, more: object = {}, headers: Record<string, string> = {}): Answer =>
  answer(
    status,
    { type: 'about:blank', title: STATUS_CODES[status], status, detail, ...more },
    { 'Content-Type': 'application/problem+json', ...headers },
  );

const later = (status: number, detail: string, seconds: number): Answer =>
  problem(status, detail, {}, { 'Retry-After': String(Math.ceil(seconds)) });

const violation = (path: Fault['path'], code: string, message: string): Answer =>
  violated(422, [{ in: 'body', path, code, message }]);

function violated(status: number, faults: Fault[]): Answer {
  const violations = faults.slice(0, mostViolations).map(({ in: place, path, code, message }) => ({
    propertyPath: propertyPath(place === 'body' ? published(path) : path),
    message,
    code,
  }));
  const detail = violations.map(({ propertyPath: at, message }) => (at ? `${at}: ${message}` : message)).join('\n');
  return problem(status, detail, { violations });
}
