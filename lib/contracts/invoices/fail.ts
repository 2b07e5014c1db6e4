import type { Failure, Fault } from '../../invoice/failure.ts';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';
import { dotted, pointer } from '../pointer.ts';
import { published } from './names.ts';

/** A repair begins with the first faults; an endless list would be too large to send. */
const mostFaults = 100;

/** Words a failure as page 002 does, with a stable code and each fault's place added. */
export function fail(failure: Failure): Answer {
  switch (failure.kind) {
    case 'malformed':
      return refused(400, 'malformed_body', 'The body is not JSON as it should be.', failure.faults);
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
    case 'invoice-too-large':
      return failed(
        422,
        'invoice_too_large',
        `The invoice has ${failure.given} bytes when compressed and may have ${failure.limit}; attach less.`,
      );
    case 'invalid': {
      const inBody = failure.faults.some((fault) => fault.in === 'body');
      return refused(inBody ? 422 : 400, 'validation_failed', 'Validation failed', failure.faults.map(translated));
    }
    case 'not-issuable': {
      const message = 'The invoice cannot be issued as it stands.';
      return refused(422, 'not_issuable', message, failure.faults.map(translated));
    }
    case 'unauthenticated':
      return failed(401, 'unauthenticated', 'Send a valid key as X-Api-Key or as Authorization: Bearer.');
    case 'forbidden': {
      const scope = failure.scope ? `This needs a key with the scope ${failure.scope}.` : 'This key may not do that.';
      return failed(403, 'forbidden', scope);
    }
    case 'not-found': {
      return failed(404, 'not_found', `There is no such ${failure.what === 'route' ? 'path' : failure.what}.`);
    }
    case 'number-taken': {
      const message = `The number "${failure.number}" is taken; choose another or leave it out.`;
      return refused(409, 'number_taken', message, [
        translated({ in: 'body', path: failure.path, code: 'number_taken', message }),
      ]);
    }
    case 'wrong-state':
      return failed(409, 'wrong_state', `An invoice that is ${failure.state} does not allow: ${failure.action}.`);
    case 'precondition':
      return failed(409, failure.code, failure.message);
    case 'stale':
      return failed(
        412,
        'version_mismatch',
        `The invoice has version ${failure.expected}, not ${failure.given}; read it again.`,
      );
    case 'in-progress':
      return later(409, 'in_progress', 'The same is under way; wait and ask again.', failure.retryAfter);
    case 'exceeds-open': {
      const message = `At most ${failure.open} is open, and more than 0 must be given; ${failure.given} was.`;
      const { path, open, given } = failure;
      return refused(422, 'exceeds_open_amount', message, [
        translated({ in: 'body', path, code: 'exceeds_open_amount', message, expected: open, given }),
      ]);
    }
    case 'reference-taken': {
      const message = `The reference "${failure.reference}" names another payment already.`;
      return refused(409, 'reference_taken', message, [
        translated({ in: 'body', path: failure.path, code: 'reference_taken', message }),
      ]);
    }
    case 'key-reused':
      return failed(
        422,
        'idempotency_key_reused',
        'This Idempotency-Key was used with another request; send a new key.',
      );
    case 'throttled':
      return later(429, 'throttled', 'Too many requests; wait and try again.', failure.retryAfter);
    case 'quota-exceeded':
      return later(429, 'quota_exceeded', 'The quota of your plan is used up; wait or change it.', failure.retryAfter);
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

const failed = (status: number, code: string, message: string, headers?: Record<string, string>): Answer =>
  answer(status, { success: false, message, data: null, errors: null, code }, headers);

const later = (status: number, code: string, message: string, seconds: number): Answer =>
  failed(status, code, message, { 'Retry-After': String(Math.ceil(seconds)) });

function refused(status: number, code: string, message: string, all: Fault[]): Answer {
  const faults = all.slice(0, mostFaults).map((fault) => {
    const { path, in: place, ...rest } = fault;
    return { field: dotted(path) || place, in: place, pointer: pointer(path), ...rest };
  });
  const errors = new Map<string, string[]>();
  for (const { field, message } of faults) errors.set(field, [...(errors.get(field) ?? []), message]);
  return answer(status, { success: false, message, data: null, errors: Object.fromEntries(errors), code, faults });
}

/** Rules name members in the core's terms. */
const translated = (fault: Fault): Fault => (fault.in === 'body' ? { ...fault, path: published(fault) } : fault);
