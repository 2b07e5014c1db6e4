import type { Failure, Fault } from '../../invoice/failure.ts';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';
import { dotted } from '../pointer.ts';
import { published } from './names.ts';

/** A repair begins with the first faults; an endless list would be too large to send. */
const mostFaults = 100;

/** Words a failure. The page documents none; the form is the usual one of services like its own: code, message, errors. */
export function fail(failure: Failure): Answer {
  switch (failure.kind) {
    case 'malformed':
      return refused(400, 'The body is not JSON as it should be.', failure.faults);
    case 'unsupported-media-type':
      return failed(415, failure.message);
    case 'body-too-large':
      return failed(413, `The body may have at most ${failure.limit} bytes; send less.`);
    case 'answer-too-large':
      return failed(
        413,
        `The answer would have ${failure.given} bytes and may have ${failure.limit}; send or ask for less.`,
      );
    case 'invoice-too-large':
      return failed(
        400,
        `The invoice has ${failure.given} bytes when compressed and may have ${failure.limit}; shorten its texts.`,
      );
    case 'invalid':
      return refused(400, 'The request is not valid; errors names each field.', failure.faults);
    case 'not-issuable':
      return refused(400, 'The invoice cannot be issued as it stands.', failure.faults);
    case 'unauthenticated':
      return failed(401, 'Send a valid token as x-session-token or as Authorization: Bearer.');
    case 'forbidden':
      return failed(
        403,
        failure.scope ? `This needs a token with the scope ${failure.scope}.` : 'This token may not do that.',
      );
    case 'not-found':
      return failed(404, `There is no such ${failure.what === 'route' ? 'path' : failure.what}.`);
    case 'number-taken': {
      const { path, number } = failure;
      const message = `The number "${number}" is taken.`;
      return refused(409, message, [{ in: 'body', path, code: 'number_taken', message }]);
    }
    case 'wrong-state':
      return failed(409, `An invoice that is ${failure.state} does not allow: ${failure.action}.`);
    case 'precondition':
      return failed(409, failure.message);
    case 'stale':
      return failed(412, `The invoice has version ${failure.expected}, not ${failure.given}; read it again.`);
    case 'in-progress':
      return later(409, 'The same is under way; wait and ask again.', failure.retryAfter);
    case 'exceeds-open': {
      const { path, open, given } = failure;
      const message = `At most ${open} is open, and more than 0 must be given; ${given} was.`;
      return refused(400, message, [{ in: 'body', path, code: 'exceeds_open_amount', message }]);
    }
    case 'reference-taken': {
      const { path, reference } = failure;
      const message = `The reference "${reference}" names another payment already.`;
      return refused(409, message, [{ in: 'body', path, code: 'reference_taken', message }]);
    }
    case 'key-reused':
      return failed(422, 'This Idempotency-Key was used with another request; send a new key.');
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
      return failed(504, 'This took too long; send the same request with the same Idempotency-Key again.');
    case 'internal':
      return failed(500, 'Something broke on our side; try again later.');
  }
}

const failed = (code: number, message: string, headers?: Record<string, string>): Answer =>
  answer(code, { code, message }, headers);

const later = (code: number, message: string, seconds: number): Answer =>
  failed(code, message, { 'Retry-After': String(Math.ceil(seconds)) });

/** With what is wrong by field. */
function refused(code: number, message: string, faults: Fault[]): Answer {
  const errors = new Map<string, string[]>();
  for (const fault of faults.slice(0, mostFaults)) {
    const field = dotted(fault.in === 'body' ? published(fault.path) : fault.path) || fault.in;
    errors.set(field, [...(errors.get(field) ?? []), fault.message]);
  }
  return answer(code, { code, message, errors: Object.fromEntries(errors) });
}
