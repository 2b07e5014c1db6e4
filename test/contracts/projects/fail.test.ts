import { describe, expect, it } from 'vitest';
import { fail } from '../../../lib/contracts/projects/fail.ts';
import { projects } from '../../../lib/contracts/projects/index.ts';
import type { Fault, Place } from '../../../lib/invoice/failure.ts';
import { failures } from '../failures.ts';
import { errorBody, fieldsOf } from './client.ts';

const fault = (path: Fault['path'], place: Place = 'body'): Fault => ({
  in: place,
  path,
  code: 'x',
  message: 'Wrong.',
});

describe('fail', () => {
  it.each(failures.map((failure) => [failure.kind, failure] as const))('keeps page 001’s form for %s', (_, failure) => {
    const answer = fail(failure);
    const { key, message, failures: list, ...rest } = errorBody(answer);
    expect(rest).toEqual({});
    expect(key).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(message).toMatch(/^[A-Z].+\.$/);
    expect(list !== undefined).toBe(key === 'invalid_data');
    for (const entry of list ?? []) expect(entry).toEqual({ field: expect.any(String), message: expect.any(String) });
  });

  it.each([
    ['malformed', 400, 'invalid_data'],
    ['invalid', 400, 'invalid_data'],
    ['invoice-too-large', 400, 'invalid_data'],
    ['unsupported-media-type', 415, 'unsupported_media_type'],
    ['body-too-large', 413, 'body_too_large'],
    ['unauthenticated', 401, 'unauthorized'],
    ['forbidden', 403, 'forbidden'],
    ['not-found', 404, 'not_found'],
    ['not-issuable', 412, 'precondition_failure'],
    ['number-taken', 412, 'precondition_failure'],
    ['wrong-state', 412, 'precondition_failure'],
    ['precondition', 412, 'precondition_failure'],
    ['stale', 412, 'precondition_failure'],
    ['exceeds-open', 412, 'precondition_failure'],
    ['reference-taken', 412, 'precondition_failure'],
    ['in-progress', 409, 'in_progress'],
    ['key-reused', 422, 'idempotency_key_reused'],
    ['throttled', 429, 'too_many_requests'],
    ['quota-exceeded', 429, 'quota_exceeded'],
    ['busy', 503, 'busy'],
    ['outcome-unknown', 503, 'outcome_unknown'],
    ['timeout', 504, 'timeout'],
    ['internal', 500, 'internal'],
  ])('answers %s with %i and %s', (kind, status, key) => {
    const answers = failures.filter((failure) => failure.kind === kind).map(fail);
    expect(answers.map((answer) => [answer.status, errorBody(answer).key])).toEqual([[status, key]]);
  });

  it('tells how many of an hour’s requests are left', () => {
    const used = (count: number) =>
      projects.limits?.headers(() => ({ limit: 5_000, used: count, resetsAt: 0 }), 'requests');
    expect(projects.limits?.windows).toEqual({ requests: { hour: 5_000 } });
    expect(used(3)).toEqual({ 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4997' });
    expect(used(5_001)).toMatchObject({ 'x-ratelimit-remaining': '0' });
  });

  it('says when to come back under the vendor’s header too', () => {
    expect(fail({ kind: 'throttled', retryAfter: 12.1 }).headers).toEqual({
      'Retry-After': '13',
      'x-ratelimit-retry-after': '13',
    });
  });

  it.each([
    [['lines', 0, 'price'], 'value'],
    [['number'], 'invoice_number'],
    [['purchaseOrder'], 'purchase_order'],
    [['issueDate'], 'issue_date'],
    [['dueDate'], 'payment_term_id'],
    [['buyer', 'name'], 'project_id'],
    [['taxBreakdown', 0, 'taxCategory'], 'vat_rate_id'],
    [['notes'], 'notes'],
    [['exchange_rate'], 'exchange_rate'],
    [['constructor'], 'constructor'],
    [[], 'body'],
  ])('spells %j as %s', (path, field) => {
    expect(fieldsOf(fail({ kind: 'invalid', faults: [fault(path)] }))).toEqual([field]);
  });

  it('names headers as the page does, and query parameters as they are', () => {
    const faults = [
      fault(['wethod-company'], 'header'),
      fault(['Idempotency-Key'], 'header'),
      fault(['number'], 'query'),
      fault([], 'path'),
    ];
    expect(fieldsOf(fail({ kind: 'invalid', faults }))).toEqual([
      'Wethod-Company',
      'Idempotency-Key',
      'number',
      'path',
    ]);
  });

  it('lists a hundred failures and no more', () => {
    const faults = Array.from({ length: 10_000 }, (_, index) => fault(['x', index]));
    expect(fieldsOf(fail({ kind: 'invalid', faults }))).toHaveLength(100);
    expect(fail({ kind: 'not-issuable', faults }).body.length).toBeLessThan(10_000);
  });
});
