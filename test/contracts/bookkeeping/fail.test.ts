import { describe, expect, it } from 'vitest';
import { fail } from '../../../lib/contracts/bookkeeping/fail.ts';
import { bookkeeping } from '../../../lib/contracts/bookkeeping/index.ts';
import type { Fault, Place } from '../../../lib/invoice/failure.ts';
import { failures } from '../failures.ts';
import { refusal } from './client.ts';

const fault = (path: Fault['path'], place: Place = 'body', code = 'required'): Fault => ({
  in: place,
  path,
  code,
  message: 'Is wrong.',
});

describe('fail', () => {
  it.each(failures.map((failure) => [failure.kind, failure] as const))('has error and message for %s', (_, failure) => {
    const [status, error, message] = refusal(fail(failure));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(error).toMatch(/^[A-Z][A-Za-z]+Error$/);
    expect(message).toMatch(/\.$/);
  });

  it.each([
    ['invalid', 400, 'BadRequestError'],
    ['malformed', 400, 'BadRequestError'],
    ['not-issuable', 400, 'BadRequestError'],
    ['wrong-state', 400, 'BadRequestError'],
    ['unauthenticated', 401, 'UnauthorizedError'],
    ['forbidden', 403, 'ForbiddenError'],
    ['not-found', 404, 'NotFoundError'],
    ['number-taken', 409, 'ConflictError'],
    ['throttled', 429, 'TooManyRequestsError'],
    ['quota-exceeded', 429, 'TooManyRequestsError'],
    ['internal', 500, 'InternalServerError'],
  ])('answers %s with %i %s', (kind, status, error) => {
    const answers = failures.filter((failure) => failure.kind === kind).map((failure) => refusal(fail(failure)));
    expect(answers.map((answer) => answer.slice(0, 2))).toEqual([[status, error]]);
  });

  it.each([
    [['lines', 0, 'taxRate'], 'lineItems.0.tax'],
    [['lines', 0, 'fixedTax'], 'lineItems.0.tax'],
    [['lines', 1, 'price'], 'lineItems.1.unitPrice'],
    [['lines', 1, 'allowances', 2, 'reasonCode'], 'lineItems.1.discount'],
    [['lines', 1, 'name'], 'lineItems.1.name'],
    [['lines'], 'lineItems'],
    [['allowances', 0, 'taxCategory'], 'discount'],
    [['number'], 'invoiceId'],
    [['series'], 'invoiceId'],
    [['issueDate'], 'invoiceDate'],
    [['notes', 0], 'note.0'],
    [['buyer', 'address', 'country'], 'counterParty.address.country'],
    [['seller', 'vatNumber'], 'seller.vatNumber'],
    [['currency'], 'currency'],
    [['lineItems', 0, 'tax', 'value'], 'lineItems.0.tax.value'],
    [[], 'body'],
    [['constructor'], 'constructor'],
    [['lines', 0, 'constructor'], 'lineItems.0.constructor'],
  ])('spells %j as %s', (path, field) => {
    expect(refusal(fail({ kind: 'not-issuable', faults: [fault(path)] }))[2]).toBe(`${field}: Is wrong.`);
  });

  it('leaves names of the caller’s own alone', () => {
    const names = [
      fault(['lines'], 'body', 'unknown_field'),
      fault(['Idempotency-Key'], 'header'),
      fault(['page'], 'query'),
    ];
    expect(refusal(fail({ kind: 'invalid', faults: names }))[2]).toBe(
      'lines: Is wrong. Idempotency-Key: Is wrong. page: Is wrong.',
    );
    expect(refusal(fail({ kind: 'malformed', faults: [fault(['lines', 0])] }))[2]).toBe('lines.0: Is wrong.');
  });

  it('lists a hundred faults and counts the rest', () => {
    const faults = Array.from({ length: 300_000 }, (_, index) => fault(['lineItems', index]));
    const { body } = fail({ kind: 'invalid', faults });
    expect(body).toContain('299900 more');
    expect(body.length).toBeLessThan(10_000);
  });
});

describe('the limits', () => {
  const of = (limit: number, used: number) => ({ limit, used, resetsAt: 0 });
  it.each([
    ['writes', { minute: 25, day: 1_500 }, 'write'],
    ['reads', { minute: 100, day: 6_000 }, 'read'],
  ] as const)('of %s are told by five headers', (counted, windows, type) => {
    expect(bookkeeping.limits?.windows[counted]).toEqual(windows);
    const usage = { minute: of(windows.minute, 1), day: of(windows.day, 106) };
    expect(bookkeeping.limits?.headers((span) => usage[span as 'minute' | 'day'], counted)).toEqual({
      'x-rate-limiter-daily-limit': String(windows.day),
      'x-rate-limiter-minutely-limit': String(windows.minute),
      'x-rate-limiter-daily-usage': '106',
      'x-rate-limiter-minutely-usage': '1',
      'x-rate-limiter-operation-type': type,
    });
  });
});
