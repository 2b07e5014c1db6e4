import type { Failure } from '../../lib/invoice/failure.ts';

/** One failure of each kind; the compiler keeps the list complete. */
const byKind: { [Kind in Failure['kind']]: Extract<Failure, { kind: Kind }> } = {
  malformed: { kind: 'malformed', faults: [{ in: 'body', path: ['a'], code: 'duplicate_member', message: 'Twice.' }] },
  'unsupported-media-type': { kind: 'unsupported-media-type', message: 'Send JSON.' },
  'body-too-large': { kind: 'body-too-large', limit: 5_242_880 },
  'invoice-too-large': { kind: 'invoice-too-large', limit: 350_000, given: 400_000 },
  'answer-too-large': { kind: 'answer-too-large', limit: 5_767_168, given: 6_000_000 },
  invalid: { kind: 'invalid', faults: [{ in: 'body', path: ['a', 0], code: 'required', message: 'Missing.' }] },
  'not-issuable': {
    kind: 'not-issuable',
    faults: [
      { in: 'body', path: ['buyer', 'name'], code: 'required', message: 'Missing.', rule: 'BR-07', term: 'BT-44' },
    ],
  },
  unauthenticated: { kind: 'unauthenticated' },
  forbidden: { kind: 'forbidden', scope: 'some:scope' },
  'not-found': { kind: 'not-found', what: 'invoice', id: 'x' },
  'number-taken': { kind: 'number-taken', number: 'A-1', path: ['number'] },
  'wrong-state': { kind: 'wrong-state', action: 'finalize', state: 'issued' },
  precondition: { kind: 'precondition', code: 'frozen_month', message: 'The month is frozen.' },
  stale: { kind: 'stale', expected: '3', given: '2' },
  'in-progress': { kind: 'in-progress', retryAfter: 5 },
  'exceeds-open': { kind: 'exceeds-open', action: 'pay', open: 100, given: 200, path: ['amount'] },
  'reference-taken': {
    kind: 'reference-taken',
    reference: 'R-1',
    invoiceId: 'i-1',
    paymentId: 'pay_4',
    path: ['reference'],
  },
  'key-reused': { kind: 'key-reused' },
  throttled: { kind: 'throttled', retryAfter: 0.2 },
  'quota-exceeded': { kind: 'quota-exceeded', retryAfter: 3_600 },
  'series-frozen': { kind: 'series-frozen', series: 'INV', retryAfter: 60 },
  busy: { kind: 'busy', retryAfter: 1 },
  'outcome-unknown': { kind: 'outcome-unknown', retryAfter: 2 },
  timeout: { kind: 'timeout' },
  internal: { kind: 'internal' },
};

export const failures: Failure[] = Object.values(byKind);
