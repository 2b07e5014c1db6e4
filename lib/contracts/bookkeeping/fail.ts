import type { Failure, Fault } from '../../invoice/failure.ts';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';
import { dotted } from '../pointer.ts';
import { published } from './names.ts';

/** A repair begins with the first faults; an endless list would be too large to send. */
const mostFaults = 100;

const outcomes: Readonly<Record<string, string>> = {
  finalize: 'be issued',
  change: 'be updated',
  renumber: 'get another invoiceId',
  pay: 'be marked as paid',
  send: 'be sent',
  cancel: 'be cancelled',
};

/** The core's states in page 004's words. */
const states: Readonly<Record<string, string>> = {
  draft: 'DRAFT',
  approved: 'DRAFT',
  finalizing: 'DRAFT',
  issued: 'SENT',
  sending: 'SENT',
  sent: 'SENT',
  delivered: 'SENT',
  failed: 'SENT',
  cancelled: 'CANCELLED',
};

/** Words a failure as page 004 does: the kind of error, and one text with every fault. */
export function fail(failure: Failure): Answer {
  switch (failure.kind) {
    case 'malformed':
      return badRequest(listed(failure.faults));
    case 'invalid':
    case 'not-issuable':
      return badRequest(listed(failure.faults.map(translated)));
    case 'unsupported-media-type':
      return failed(415, 'UnsupportedMediaTypeError', failure.message);
    case 'body-too-large':
      return failed(413, 'PayloadTooLargeError', `The body may have at most ${failure.limit} bytes.`);
    case 'answer-too-large':
      return failed(
        413,
        'PayloadTooLargeError',
        `The answer would have ${failure.given} bytes and may have ${failure.limit}; send or ask for less.`,
      );
    case 'invoice-too-large':
      return badRequest(`The invoice has ${failure.given} bytes when compressed and may have ${failure.limit}.`);
    case 'unauthenticated':
      return failed(401, 'UnauthorizedError', 'Send a valid API key as Authorization: Bearer.');
    case 'forbidden': {
      const scope = failure.scope
        ? `This needs an API key with the scope ${failure.scope}.`
        : 'This key may not do that.';
      return failed(403, 'ForbiddenError', scope);
    }
    case 'not-found':
      return failed(404, 'NotFoundError', `There is no such ${failure.what === 'route' ? 'path' : failure.what}.`);
    case 'number-taken':
      return conflict(`invoiceId: The number "${failure.number}" is taken; choose another or send INCREMENTAL.`);
    case 'wrong-state': {
      const outcome = outcomes[failure.action] ?? failure.action;
      return badRequest(`An invoice that is ${states[failure.state] ?? failure.state} cannot ${outcome}.`);
    }
    case 'precondition':
      return badRequest(failure.message);
    case 'stale':
      return conflict(`The invoice has version ${failure.expected}, not ${failure.given}; read it again.`);
    case 'in-progress':
      return conflict('The same is under way; wait and ask again.', failure.retryAfter);
    case 'exceeds-open':
      return badRequest(
        `${failure.open} is open in the smallest unit of the currency; ${failure.given} cannot be paid.`,
      );
    case 'reference-taken': {
      const field = dotted(published({ code: 'reference_taken', path: failure.path }));
      return conflict(`${field}: The transaction "${failure.reference}" pays another invoice already.`);
    }
    case 'key-reused':
      return conflict('This Idempotency-Key was used with another request; send a new key.');
    case 'throttled':
    case 'quota-exceeded':
      return failed(429, 'TooManyRequestsError', 'Too many requests; wait and try again.', failure.retryAfter);
    case 'series-frozen':
      return unavailable(
        `The series "${failure.series}" gives out no numbers while it is being restored; send the same request again later.`,
        failure.retryAfter,
      );
    case 'busy':
      return unavailable('Nothing was done; wait and send the same request again.', failure.retryAfter);
    case 'outcome-unknown':
      return unavailable(
        'It is not known whether this was done; send the same request with the same Idempotency-Key again.',
        failure.retryAfter,
      );
    case 'timeout':
      return failed(504, 'GatewayTimeoutError', 'This took too long; look whether it was done before trying again.');
    case 'internal':
      return failed(500, 'InternalServerError', 'Something broke on our side; try again later.');
  }
}

function failed(status: number, error: string, message: string, retryAfter?: number): Answer {
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfter)) };
  return answer(status, { error, message }, headers);
}

const badRequest = (message: string): Answer => failed(400, 'BadRequestError', message);

const conflict = (message: string, retryAfter?: number): Answer => failed(409, 'ConflictError', message, retryAfter);

const unavailable = (message: string, retryAfter: number): Answer =>
  failed(503, 'ServiceUnavailableError', message, retryAfter);

/** `lineItems.0.tax.value: Must be at least 0. note: This field is required.` */
function listed(faults: Fault[]): string {
  const texts = faults
    .slice(0, mostFaults)
    .map(({ path, in: place, message }) => `${dotted(path) || place}: ${message}`);
  const rest = faults.length - texts.length;
  return [...texts, ...(rest > 0 ? [`${rest} more faults are not listed.`] : [])].join(' ');
}

/** Rules name members in the core's terms. */
const translated = (fault: Fault): Fault => (fault.in === 'body' ? { ...fault, path: published(fault) } : fault);
