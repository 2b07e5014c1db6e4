import { describe, expect, it } from 'vitest';
import { fail } from '../../../lib/contracts/erp/fail.ts';
import type { Fault } from '../../../lib/invoice/failure.ts';
import { failures } from '../failures.ts';
import { errorBody } from './client.ts';

const fault = (path: Fault['path'], place: Fault['in'] = 'body'): Fault => ({
  in: place,
  path,
  code: 'required',
  message: `${path.join(' ')} is wrong.`,
});

const fieldOf = (path: Fault['path'], place?: Fault['in']) =>
  Object.keys(errorBody(fail({ kind: 'not-issuable', faults: [fault(path, place)] })).errors ?? {})[0];

describe('fail', () => {
  it.each(failures.map((failure) => [failure.kind, failure] as const))('says code and message for %s', (_, failure) => {
    const { status, body } = fail(failure);
    const { code, message, errors = {}, ...more } = JSON.parse(body);
    expect([code, more]).toEqual([status, {}]);
    expect(message).toMatch(/^[A-Z].+[.]$/);
    for (const [field, texts] of Object.entries(errors)) {
      expect([field, texts]).toEqual([expect.stringMatching(/./), [expect.stringMatching(/^[A-Z].+[.]$/)]]);
    }
  });

  it.each([
    ['malformed', 400],
    ['invoice-too-large', 400],
    ['invalid', 400],
    ['not-issuable', 400],
    ['exceeds-open', 400],
    ['number-taken', 409],
    ['wrong-state', 409],
    ['precondition', 409],
    ['in-progress', 409],
    ['reference-taken', 409],
    ['stale', 412],
    ['key-reused', 422],
  ])('answers %s with %i', (kind, status) => {
    expect(failures.filter((each) => each.kind === kind).map((each) => fail(each).status)).toEqual([status]);
  });

  it.each([
    [['lines'], 'invoice.items'],
    [['lines', 2, 'price'], 'invoice.items.2.price'],
    [['lines', 2, 'taxRate'], 'invoice.items.2.tax.value'],
    [['lines', 2, 'unitCode'], 'invoice.items.2.unit'],
    [['lines', 2, 'standardId', 'scheme'], 'invoice.items.2.barcode.scheme'],
    [['buyer', 'name'], 'invoice.buyer.name'],
    [['buyer', 'address'], 'invoice.buyer.address'],
    [['buyer', 'address', 'country'], 'invoice.buyer.address_country'],
    [['paymentMeans', 0, 'directDebit', 'debitedAccount'], 'invoice.buyer.payment_iban'],
    [['dueDate'], 'invoice.payment_goal.date_string'],
    [['series'], 'series'],
    [['invoice', 'items', 0, 'name'], 'invoice.items.0.name'],
    [['constructor'], 'constructor'],
    [[], 'body'],
  ])('spells %j as %s', (path, field) => expect(fieldOf(path)).toBe(field));

  it('leaves the names of headers and query alone', () => {
    expect(fieldOf(['lines'], 'query')).toBe('lines');
    expect(fieldOf([], 'header')).toBe('header');
  });

  it('gathers the texts of a field, and lists no more than a hundred faults', () => {
    const faults = [fault(['invoice']), fault(['invoice'])];
    expect(errorBody(fail({ kind: 'invalid', faults })).errors).toEqual({
      invoice: ['invoice is wrong.', 'invoice is wrong.'],
    });
    const many = Array.from({ length: 1_000 }, (_, index) => fault(['invoice', 'items', index]));
    expect(Object.keys(errorBody(fail({ kind: 'invalid', faults: many })).errors ?? {})).toHaveLength(100);
  });
});
