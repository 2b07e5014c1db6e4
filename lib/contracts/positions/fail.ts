import { STATUS_CODES } from 'node:http';
import * as z from 'zod';
import type { Failure, Fault } from '../../invoice/failure.ts';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';
import { type CommonFailure, mostFaults, retryAfter, sentence } from '../wording.ts';
import { propertyPath, published } from './names.ts';

const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  violations: z.array(z.object({ propertyPath: z.string(), message: z.string(), code: z.string() })).optional(),
});

const Unauthenticated = z.object({ code: z.literal(401), message: z.string() });

export const FailureBody = z.union([Problem, Unauthenticated]);

/** Words a failure as a problem document (RFC 7807), with violations where something can be mended in the request. */
export function fail(failure: Failure): Answer {
  switch (failure.kind) {
    case 'malformed':
      return problem(400, `${sentence(failure)} ${failure.faults[0]?.message ?? ''}`.trim());
    case 'unsupported-media-type':
      return worded(415, failure);
    case 'body-too-large':
    case 'answer-too-large':
      return worded(413, failure);
    case 'invoice-too-large':
      return violation([], 'invoice_too_large', 'The invoice is larger than can be kept; use fewer positions.');
    case 'invalid': {
      const inBody = failure.faults.some((fault) => fault.in === 'body');
      return violated(inBody ? 422 : 400, failure.faults);
    }
    case 'not-issuable':
      return violated(422, failure.faults);
    case 'unauthenticated':
      return answer(401, {
        code: 401,
        message: 'Send a valid key as Authorization: Bearer.',
      } satisfies z.input<typeof Unauthenticated>);
    case 'forbidden':
      return problem(
        403,
        failure.scope ? `This needs a key with the scope ${failure.scope}.` : 'This key may not do that.',
      );
    case 'not-found':
      return problem(404, 'Not Found');
    case 'number-taken':
      return violation(failure.path, 'number_taken', `The number "${failure.number}" is taken; choose another one.`);
    case 'wrong-state':
      return violation([], 'wrong_state', `${sentence(failure)} Only drafts can be changed.`);
    case 'precondition':
      return violation([], failure.code, failure.message);
    case 'stale':
      return worded(412, failure);
    case 'in-progress':
      return worded(409, failure);
    case 'exceeds-open':
      return violation(failure.path, 'exceeds_open_amount', 'More than is open; give a smaller amount above 0.');
    case 'reference-taken':
      return violation(failure.path, 'reference_taken', `"${failure.reference}" names another payment already.`);
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

const problem = (
  status: number,
  detail: string,
  more: Pick<z.input<typeof Problem>, 'violations'> = {},
  headers: Record<string, string> = {},
): Answer => {
  const title = STATUS_CODES[status] ?? String(status);
  const body: z.input<typeof Problem> = { type: 'about:blank', title, status, detail, ...more };
  return answer(status, body, { 'Content-Type': 'application/problem+json', ...headers });
};

const worded = (status: number, failure: CommonFailure): Answer =>
  problem(status, sentence(failure), {}, retryAfter(failure));

const violation = (path: Fault['path'], code: string, message: string): Answer =>
  violated(422, [{ in: 'body', path, code, message }]);

function violated(status: number, faults: Fault[]): Answer {
  const violations = faults.slice(0, mostFaults).map(({ in: place, path, code, message }) => ({
    propertyPath: propertyPath(place === 'body' ? published(path) : path),
    message,
    code,
  }));
  const detail = violations.map(({ propertyPath: at, message }) => (at ? `${at}: ${message}` : message)).join('\n');
  return problem(status, detail, { violations });
}
