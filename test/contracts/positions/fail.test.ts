import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from 'vitest';
import { fail } from '../../../lib/contracts/positions/fail.ts';
import type { Fault } from '../../../lib/invoice/failure.ts';
import { failures } from '../failures.ts';
import { problemIn, violationsIn } from './client.ts';

const fault = (path: Fault['path'], place: Fault['in'] = 'body'): Fault => ({
  in: place,
  path,
  code: 'required',
  message: 'Wrong.',
});

describe('fail', () => {
  it.each(failures.map((failure) => [failure.kind, failure] as const))('words %s as a problem', (kind, failure) => {
    const answer = fail(failure);
    if (kind === 'unauthenticated') {
      expect(JSON.parse(answer.body)).toEqual({ code: 401, message: expect.any(String) });
      return;
    }
    const { type, title, status, detail } = problemIn(answer);
    expect([type, title, status]).toEqual(['about:blank', STATUS_CODES[answer.status], answer.status]);
    expect(detail).toMatch(/\S/);
    expect(answer.headers['Content-Type']).toBe('application/problem+json');
  });

  it.each([
    ['malformed', 400],
    ['invalid', 422],
    ['invoice-too-large', 422],
    ['not-issuable', 422],
    ['number-taken', 422],
    ['wrong-state', 422],
    ['precondition', 422],
    ['stale', 412],
    ['in-progress', 409],
    ['key-reused', 422],
  ])('answers %s with %i', (kind, status) => {
    expect(failures.filter((failure) => failure.kind === kind).map((failure) => fail(failure).status)).toEqual([
      status,
    ]);
  });

  it.each([
    [['children', 0, 'unitPrice'], 'children[0].unitPrice'],
    [['lines', 2, 'price'], 'positions[2].unitPrice'],
    [['lines', 0, 'taxRate'], 'positions[0].taxGroupId'],
    [['lines', 0, 'period', 'endDate'], 'positions[0].serviceDateTo'],
    [['period', 'startDate'], 'serviceDateFrom'],
    [['buyer', 'name'], 'customer.name'],
    [['constructor'], 'constructor'],
    [[], ''],
  ])('spells %j as "%s"', (path, expected) => {
    expect(violationsIn(fail({ kind: 'invalid', faults: [fault(path)] }))).toEqual([`${expected}: required`]);
  });

  it('answers 400 when nothing is wrong inside the body, and names a header as it is', () => {
    const answer = fail({ kind: 'invalid', faults: [fault(['Idempotency-Key'], 'header')] });
    expect([answer.status, violationsIn(answer)]).toEqual([400, ['Idempotency-Key: required']]);
  });

  it('lists a hundred violations and says no more than fits', () => {
    const faults = Array.from({ length: 300_000 }, (_, index) => fault(['children', index]));
    expect(problemIn(fail({ kind: 'invalid', faults })).violations).toHaveLength(100);
  });
});
