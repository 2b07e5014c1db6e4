import * as z from 'zod';
import type { Failure, Fault } from '../../invoice/failure.ts';
import { hexOf } from '../../invoice/identity.ts';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';
import { dotted } from '../pointer.ts';
import { type CommonFailure, mostFaults, retryAfter, sentence } from '../wording.ts';
import { published } from './names.ts';

export const FailureBody = z.object({ error: z.string(), message: z.string() });

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
      return worded(415, 'UnsupportedMediaTypeError', failure);
    case 'body-too-large':
      return failed(413, 'PayloadTooLargeError', `The body may have at most ${failure.limit} bytes.`);
    case 'answer-too-large':
      return worded(413, 'PayloadTooLargeError', failure);
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
      return worded(404, 'NotFoundError', failure);
    case 'number-taken':
      return conflict(`invoiceId: The number "${failure.number}" is taken; choose another or send INCREMENTAL.`);
    case 'wrong-state': {
      const outcome = outcomes[failure.action] ?? failure.action;
      return badRequest(`An invoice that is ${states[failure.state] ?? failure.state} cannot ${outcome}.`);
    }
    case 'precondition':
      return badRequest(sentence(failure));
    case 'stale':
    case 'in-progress':
    case 'key-reused':
      return worded(409, 'ConflictError', failure);
    case 'exceeds-open':
      return badRequest(
        `${failure.open} is open in the smallest unit of the currency; ${failure.given} cannot be paid.`,
      );
    case 'reference-taken': {
      const field = dotted(published({ code: 'reference_taken', path: failure.path }));
      const invoice = hexOf(failure.invoiceId);
      return conflict(
        `${field}: The transaction "${failure.reference}" is that of invoice ${invoice}, for ever; name another.`,
      );
    }
    case 'throttled':
    case 'quota-exceeded':
      return failed(429, 'TooManyRequestsError', 'Too many requests; wait and try again.', retryAfter(failure));
    case 'series-frozen':
    case 'busy':
    case 'outcome-unknown':
      return worded(503, 'ServiceUnavailableError', failure);
    case 'timeout':
      return failed(504, 'GatewayTimeoutError', 'This took too long; look whether it was done before trying again.');
    case 'internal':
      return worded(500, 'InternalServerError', failure);
  }
}

const failed = (status: number, error: string, message: string, headers: Record<string, string> = {}): Answer =>
  answer(status, { error, message } satisfies z.input<typeof FailureBody>, headers);

const worded = (status: number, error: string, failure: CommonFailure): Answer =>
  failed(status, error, sentence(failure), retryAfter(failure));

const badRequest = (message: string): Answer => failed(400, 'BadRequestError', message);

const conflict = (message: string): Answer => failed(409, 'ConflictError', message);

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
