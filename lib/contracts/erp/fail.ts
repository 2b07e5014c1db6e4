import * as z from 'zod';
import type { Failure, Fault } from '../../invoice/failure.ts';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';
import { dotted } from '../pointer.ts';
import { type CommonFailure, mostFaults, retryAfter, sentence, textsByField } from '../wording.ts';
import { published } from './names.ts';

export const FailureBody = z.object({
  /** The status once more. */
  code: z.int(),
  message: z.string(),
  /** What is wrong by field. */
  errors: z.record(z.string(), z.array(z.string())).optional(),
});

/** Words a failure. The page documents none; the form is the usual one of services like its own: code, message, errors. */
export function fail(failure: Failure): Answer {
  switch (failure.kind) {
    case 'malformed':
      return refused(400, sentence(failure), failure.faults);
    case 'unsupported-media-type':
      return worded(415, failure);
    case 'body-too-large':
    case 'answer-too-large':
      return worded(413, failure);
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
      return worded(404, failure);
    case 'number-taken':
      return refusedMember(409, 'number_taken', `The number "${failure.number}" is taken.`, failure.path);
    case 'wrong-state':
    case 'precondition':
    case 'in-progress':
      return worded(409, failure);
    case 'stale':
      return worded(412, failure);
    case 'exceeds-open':
      return refusedMember(400, 'exceeds_open_amount', sentence(failure), failure.path);
    case 'reference-taken':
      return refusedMember(409, 'reference_taken', sentence(failure), failure.path);
    case 'key-reused':
      return worded(422, failure);
    case 'throttled':
    case 'quota-exceeded':
      return worded(429, failure);
    case 'series-frozen':
    case 'busy':
    case 'outcome-unknown':
      return worded(503, failure);
    case 'timeout':
      return worded(504, failure);
    case 'internal':
      return worded(500, failure);
  }
}

const failing = (body: z.input<typeof FailureBody>, headers: Record<string, string> = {}): Answer =>
  answer(body.code, body, headers);

const failed = (code: number, message: string, headers: Record<string, string> = {}): Answer =>
  failing({ code, message }, headers);

const worded = (code: number, failure: CommonFailure): Answer => failed(code, sentence(failure), retryAfter(failure));

/** With what is wrong by field. */
function refused(code: number, message: string, faults: Fault[]): Answer {
  const placed = faults.slice(0, mostFaults).map(({ in: place, path, message }) => ({
    field: dotted(place === 'body' ? published(path) : path) || place,
    message,
  }));
  return failing({ code, message, errors: textsByField(placed) });
}

/** The failure is the one fault of one member. */
const refusedMember = (status: number, code: string, message: string, path: Fault['path']): Answer =>
  refused(status, message, [{ in: 'body', path, code, message }]);
