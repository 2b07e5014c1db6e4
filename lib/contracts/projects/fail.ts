import * as z from 'zod';
import type { Failure, Fault } from '../../invoice/failure.ts';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';
import { dotted } from '../pointer.ts';
import { type CommonFailure, mostFaults, retryAfter, sentence } from '../wording.ts';

export const FailureBody = z.object({
  key: z.string(),
  message: z.string(),
  failures: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

/** Words a failure as page 001 does. */
export function fail(failure: Failure): Answer {
  switch (failure.kind) {
    case 'malformed':
    case 'invalid':
      return invalid(failure.faults);
    case 'unsupported-media-type':
      return worded(415, 'unsupported_media_type', failure);
    case 'body-too-large':
      return worded(413, 'body_too_large', failure);
    case 'answer-too-large':
      return worded(413, 'answer_too_large', failure);
    case 'invoice-too-large': {
      const message = `The invoice has ${failure.given} bytes when compressed and may have ${failure.limit}; shorten it.`;
      return invalid([{ in: 'body', path: ['notes'], code: 'invoice_too_large', message }]);
    }
    case 'not-issuable': {
      const reasons = failure.faults.slice(0, mostFaults).map((fault) => `${fieldOf(fault)}: ${fault.message}`);
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
      return worded(404, 'not_found', failure);
    case 'number-taken':
      return unmet(`The number "${failure.number}" is taken; choose another or leave it out.`);
    case 'wrong-state':
    case 'precondition':
    case 'stale':
    case 'reference-taken':
      return unmet(sentence(failure));
    case 'exceeds-open':
      return unmet('Nothing is left to be paid on this invoice.');
    case 'in-progress':
      return worded(409, 'in_progress', failure);
    case 'key-reused':
      return worded(422, 'idempotency_key_reused', failure);
    case 'throttled':
      return throttled('too_many_requests', failure);
    case 'quota-exceeded':
      return throttled('quota_exceeded', failure);
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

const failing = (status: number, body: z.input<typeof FailureBody>, headers: Record<string, string> = {}): Answer =>
  answer(status, body, headers);

const failed = (status: number, key: string, message: string, headers: Record<string, string> = {}): Answer =>
  failing(status, { key, message }, headers);

const worded = (status: number, key: string, failure: CommonFailure): Answer =>
  failed(status, key, sentence(failure), retryAfter(failure));

const unmet = (message: string): Answer => failed(412, 'precondition_failure', message);

/** The vendor's clients look for a header of their own. */
function throttled(key: string, failure: CommonFailure): Answer {
  const headers = retryAfter(failure);
  return failed(429, key, sentence(failure), { ...headers, 'x-ratelimit-retry-after': headers['Retry-After'] ?? '' });
}

const invalid = (faults: Fault[]): Answer =>
  failing(400, {
    key: 'invalid_data',
    message: "The request is not valid; 'failures' names each field.",
    failures: faults.slice(0, mostFaults).map((fault) => ({ field: fieldOf(fault), message: fault.message })),
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
