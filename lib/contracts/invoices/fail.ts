import * as z from 'zod';
import type { Failure, Fault } from '../../invoice/failure.ts';
import { mayStart } from '../../invoice/life-cycle.ts';
import type { State } from '../../invoice/model.ts';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';
import { dotted, pointer } from '../pointer.ts';
import { type CommonFailure, mostFaults, retryAfter, sentence, textsByField } from '../wording.ts';
import { published } from './names.ts';

/** One thing that is wrong, and where. */
export const FaultResource = z.object({
  field: z.string(),
  in: z.enum(['body', 'path', 'query', 'header']),
  pointer: z.string(),
  code: z.string(),
  message: z.string(),
  rule: z.string().optional(),
  term: z.string().optional(),
  expected: z.union([z.string(), z.number()]).optional(),
  given: z.union([z.string(), z.number(), z.null()]).optional(),
});

/** What is wrong by field, once as texts and once with all that is known of it. */
export const FailureBody = z.object({
  success: z.literal(false),
  message: z.string(),
  data: z.null(),
  errors: z.record(z.string(), z.array(z.string())).nullable(),
  code: z.string(),
  faults: z.array(FaultResource).optional(),
});

/** Words a failure as page 002 does, with a stable code and each fault's place added. */
export function fail(failure: Failure): Answer {
  switch (failure.kind) {
    case 'malformed':
      return refused(400, 'malformed_body', sentence(failure), failure.faults);
    case 'unsupported-media-type':
      return worded(415, 'unsupported_media_type', failure);
    case 'body-too-large':
      return worded(413, 'body_too_large', failure);
    case 'answer-too-large':
      return worded(413, 'answer_too_large', failure);
    case 'invoice-too-large':
      return failed(
        422,
        'invoice_too_large',
        `The invoice has ${failure.given} bytes when compressed and may have ${failure.limit}; attach less.`,
      );
    case 'invalid': {
      const inBody = failure.faults.some((fault) => fault.in === 'body');
      const faults = failure.asSent ? failure.faults : failure.faults.map(translated);
      return refused(inBody ? 422 : 400, 'validation_failed', 'Validation failed', faults);
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
    case 'not-found':
      return worded(404, 'not_found', failure);
    case 'number-taken': {
      const message = `The number "${failure.number}" is taken; choose another or leave it out.`;
      return refusedMember(409, 'number_taken', message, failure.path);
    }
    case 'wrong-state':
      return failed(409, 'wrong_state', `${sentence(failure)}${wayOut(failure)}`);
    case 'precondition':
      return worded(409, failure.code, failure);
    case 'stale':
      return worded(412, 'version_mismatch', failure);
    case 'in-progress':
      return worded(409, 'in_progress', failure);
    case 'exceeds-open': {
      const { action, path, open: expected, given } = failure;
      const meant = action === 'pay' && given > 0 ? ' If more is meant, say "allow_overpayment": true.' : '';
      const [code, message] = ['exceeds_open_amount', `${sentence(failure)}${meant}`];
      return refused(422, code, message, [{ in: 'body', path, code, message, expected, given }]);
    }
    case 'reference-taken':
      return refusedMember(409, 'reference_taken', sentence(failure), failure.path);
    case 'key-reused':
      return worded(422, 'idempotency_key_reused', failure);
    case 'throttled':
      return worded(429, 'throttled', failure);
    case 'quota-exceeded':
      return worded(429, 'quota_exceeded', failure);
    case 'series-frozen':
      return worded(503, 'series_frozen', failure);
    case 'busy':
      return worded(503, 'busy', failure);
    case 'outcome-unknown':
      return worded(503, 'outcome_unknown', failure);
    case 'timeout':
      return worded(504, 'timeout', failure);
    case 'internal':
      return worded(500, 'internal', failure);
  }
}

/** What may be asked instead. */
function wayOut({ action, state }: { action: string; state: string }): string {
  const takesBack = action === 'change' || action === 'delete';
  if (takesBack && mayStart('credit', state as State)) return ' Cancel or credit it instead.';
  if (action === 'delete' && state === 'numbered') return ' Cancel it instead.';
  if ((action === 'pay' || action === 'credit') && mayStart('finalize', state as State)) return ' Finalize it first.';
  return '';
}

type Body = z.input<typeof FailureBody>;

const failing = (
  status: number,
  body: Omit<Body, 'success' | 'data'>,
  headers: Record<string, string> = {},
): Answer => {
  const { message, errors, ...rest } = body;
  return answer(status, { success: false, message, data: null, errors, ...rest } satisfies Body, headers);
};

const failed = (status: number, code: string, message: string, headers: Record<string, string> = {}): Answer =>
  failing(status, { message, errors: null, code }, headers);

const worded = (status: number, code: string, failure: CommonFailure): Answer =>
  failed(status, code, sentence(failure), retryAfter(failure));

function refused(status: number, code: string, message: string, all: Fault[]): Answer {
  const faults = all.slice(0, mostFaults).map((fault) => {
    const { path, in: place, ...rest } = fault;
    return { field: dotted(path) || place, in: place, pointer: pointer(path), ...rest };
  });
  return failing(status, { message, errors: textsByField(faults), code, faults });
}

/** The failure is the one fault of one member. */
const refusedMember = (status: number, code: string, message: string, path: Fault['path']) =>
  refused(status, code, message, [translated({ in: 'body', path, code, message })]);

/** Rules name members in the core's terms. */
const translated = (fault: Fault): Fault => (fault.in === 'body' ? { ...fault, path: published(fault) } : fault);
