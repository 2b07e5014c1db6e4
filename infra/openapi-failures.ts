/** Failures as the documents show them: one of each kind, and the routes that can meet it. */
import type { Route } from '../lib/contracts/contract.ts';
import type { Failure } from '../lib/invoice/failure.ts';
import { largestBody } from '../lib/lambda/body.ts';

type When = (route: Route) => boolean;

const anywhere: When = () => true;
const behindKey: When = ({ scope }) => scope !== 'public';
const changing: When = ({ method }) => method !== 'GET';
const withBody: When = ({ body }) => body !== undefined;
/** An Idempotency-Key counts, too. */
const withMore: When = (route) => changing(route) || [route.params, route.query, route.headers].some(Boolean);
const onOne: When = ({ params }) => params !== undefined;
const changingOne: When = (route) => changing(route) && onOne(route);

const missing = { in: 'body' as const, path: ['currency'], code: 'required', message: 'This field is required.' };

/** The compiler keeps the list complete. */
const kinds: { [Kind in Failure['kind']]: readonly [When, Extract<Failure, { kind: Kind }>] } = {
  malformed: [
    withBody,
    {
      kind: 'malformed',
      faults: [{ in: 'body', path: [], code: 'invalid_json', message: 'Expected a comma at character 42.' }],
    },
  ],
  'unsupported-media-type': [
    withBody,
    { kind: 'unsupported-media-type', message: 'Send JSON in UTF-8 with the header "Content-Type: application/json".' },
  ],
  'body-too-large': [withBody, { kind: 'body-too-large', limit: largestBody }],
  'invoice-too-large': [
    (route) => withBody(route) && changing(route),
    { kind: 'invoice-too-large', limit: 1_520_000, given: 1_600_000 },
  ],
  'answer-too-large': [behindKey, { kind: 'answer-too-large', limit: 5_767_168, given: 6_000_000 }],
  invalid: [withBody, { kind: 'invalid', faults: [missing] }],
  'not-issuable': [
    changing,
    {
      kind: 'not-issuable',
      faults: [{ ...missing, path: ['buyer', 'name'], rule: 'BR-07', term: 'BT-44' }],
    },
  ],
  unauthenticated: [behindKey, { kind: 'unauthenticated' }],
  forbidden: [behindKey, { kind: 'forbidden' }],
  'not-found': [onOne, { kind: 'not-found', what: 'invoice', id: '42' }],
  'number-taken': [changing, { kind: 'number-taken', number: 'INV-2026-00001', path: ['number'] }],
  'wrong-state': [changingOne, { kind: 'wrong-state', action: 'cancel', state: 'draft' }],
  precondition: [
    changing,
    { kind: 'precondition', code: 'frozen_month', message: 'The month of the issue date is closed.' },
  ],
  stale: [changingOne, { kind: 'stale', expected: '3', given: '2' }],
  'in-progress': [changing, { kind: 'in-progress', retryAfter: 1 }],
  'exceeds-open': [changingOne, { kind: 'exceeds-open', action: 'pay', open: 11_900, given: 20_000, path: ['amount'] }],
  'reference-taken': [
    changingOne,
    {
      kind: 'reference-taken',
      reference: 'bank-1',
      invoiceId: '8a7c3ad4-eb62-4000-8000-00000000002a',
      paymentId: 'pay_4',
      path: ['reference'],
    },
  ],
  'key-reused': [changing, { kind: 'key-reused' }],
  throttled: [anywhere, { kind: 'throttled', retryAfter: 1 }],
  'quota-exceeded': [behindKey, { kind: 'quota-exceeded', retryAfter: 3_600 }],
  'series-frozen': [changing, { kind: 'series-frozen', series: 'INV', retryAfter: 60 }],
  busy: [behindKey, { kind: 'busy', retryAfter: 1 }],
  'outcome-unknown': [changing, { kind: 'outcome-unknown', retryAfter: 2 }],
  timeout: [anywhere, { kind: 'timeout' }],
  internal: [anywhere, { kind: 'internal' }],
};

/** What is wrong besides the body may have a status of its own. */
const invalidBesides: readonly [When, Failure] = [
  withMore,
  {
    kind: 'invalid',
    faults: [{ in: 'query', path: ['limit'], code: 'invalid_format', message: 'Must be a whole number of 1 to 100.' }],
  },
];

/** The failures that some of the routes can meet. */
export const failuresOf = (routes: readonly Route[]): Failure[] =>
  [...Object.values(kinds), invalidBesides].flatMap(([when, failure]) => (routes.some(when) ? [failure] : []));
