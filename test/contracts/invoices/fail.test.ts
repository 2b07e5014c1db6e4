import { describe, expect, it } from 'vitest';
import { fail } from '../../../lib/contracts/invoices/fail.ts';
import type { Fault, Place } from '../../../lib/invoice/failure.ts';
import { failures } from '../failures.ts';
import { errorBody } from './client.ts';

const fault = (path: Fault['path'], place: Place = 'body', code = 'required'): Fault => ({
  in: place,
  path,
  code,
  message: `${path.join(' ')} is wrong.`,
});

const published = (path: Fault['path']) =>
  errorBody(fail({ kind: 'not-issuable', faults: [fault(path)] })).faults?.[0]?.field;

describe('fail', () => {
  it.each(failures.map((failure) => [failure.kind, failure] as const))(
    'keeps page 002’s form for %s and adds a code',
    (_, failure) => {
      const body = errorBody(fail(failure));
      const { success, message, data, errors, code, faults } = body;
      expect({ success, data }).toEqual({ success: false, data: null });
      expect(message).toMatch(/^[A-Z].+/);
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(errors === null).toBe(faults === undefined);
      expect(Object.keys(body).slice(0, 5)).toEqual(['success', 'message', 'data', 'errors', 'code']);
      for (const { field, pointer } of faults ?? [])
        expect([field, pointer]).toEqual([expect.any(String), expect.any(String)]);
    },
  );

  it('gives every kind a code of its own', () => {
    const codes = failures.map((failure) => errorBody(fail(failure)).code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each([
    ['malformed', 400],
    ['unsupported-media-type', 415],
    ['body-too-large', 413],
    ['invoice-too-large', 422],
    ['invalid', 422],
    ['not-issuable', 422],
    ['unauthenticated', 401],
    ['forbidden', 403],
    ['not-found', 404],
    ['number-taken', 409],
    ['wrong-state', 409],
    ['key-reused', 422],
    ['throttled', 429],
    ['quota-exceeded', 429],
    ['busy', 503],
    ['outcome-unknown', 503],
    ['timeout', 504],
    ['internal', 500],
  ])('answers %s with %i', (kind, status) => {
    expect(failures.filter((failure) => failure.kind === kind).map((failure) => fail(failure).status)).toEqual([
      status,
    ]);
  });

  it('answers 400 when nothing is wrong inside the body', () => {
    const header = fault(['Idempotency-Key'], 'header');
    expect(fail({ kind: 'invalid', faults: [header, fault(['page'], 'query')] }).status).toBe(400);
    const mixed = fail({ kind: 'invalid', faults: [header, fault(['items'])] });
    expect(mixed.status).toBe(422);
    expect(errorBody(mixed).faults?.map((entry) => [entry.in, entry.field])).toEqual([
      ['header', 'Idempotency-Key'],
      ['body', 'items'],
    ]);
  });

  it('gathers the texts of a field, and escapes pointers', () => {
    const faults = [fault(['a/b', '~c']), fault(['a/b', '~c'], 'body', 'too_long')];
    const body = errorBody(fail({ kind: 'malformed', faults }));
    expect(body.errors).toEqual({ 'a/b.~c': ['a/b ~c is wrong.', 'a/b ~c is wrong.'] });
    expect(body.faults?.[0]?.pointer).toBe('/a~1b/~0c');
  });

  it('leaves names of the caller’s own alone', () => {
    expect(errorBody(fail({ kind: 'malformed', faults: [fault(['typeCode', 'taxRate'])] })).faults?.[0]?.field).toBe(
      'typeCode.taxRate',
    );
    const proto = errorBody(fail({ kind: 'malformed', faults: [fault(['__proto__'])] }));
    expect(Object.keys(proto.errors ?? {})).toEqual(['__proto__']);
  });

  it.each([
    [['lines', 0, 'taxRate'], 'items.0.tax_rate'],
    [['lines', 0, 'exemptionReasonCode'], 'items.0.tax_exemption_reason_code'],
    [['lines', 1, 'standardId', 'scheme'], 'items.1.identifiers.standard.scheme'],
    [['lines', 1, 'allowances', 2, 'reasonCode'], 'items.1.allowances.2.reason_code'],
    [['allowances', 0, 'exemptionReason'], 'allowances.0.tax_exemption_reason'],
    [['typeCode'], 'header.invoice_type_code'],
    [['issueDate'], 'header.issue_date'],
    [['period', 'endDate'], 'header.invoice_period.end_date'],
    [['number'], 'header.invoice_number'],
    [['series'], 'header.invoice_number_series'],
    [['seller', 'address', 'country'], 'seller.address.country'],
    [['paymentMeans', 0, 'bankAccounts', 0, 'iban'], 'payment.payments.0.bank_accounts.0.iban'],
    [['precedingInvoices', 0, 'number'], 'references.preceding_invoices.0.number'],
    [['totals', 'taxInclusive'], 'totals.tax_inclusive_amount'],
    [['taxBreakdown', 0, 'taxCategory'], 'tax_breakdown.0.category_code'],
    [['items', 0, 'tax_rate'], 'items.0.tax_rate'],
    [['totals', 'paid_amount'], 'totals.paid_amount'],
    [['header', 'invoice_type_code'], 'header.invoice_type_code'],
    [['constructor'], 'constructor'],
  ])('spells %j as %s', (path, field) => {
    expect(published(path)).toBe(field);
  });

  it('lists a hundred faults and says no more than fits', () => {
    const faults = Array.from({ length: 300_000 }, (_, index) => fault(['items', index]));
    const answer = fail({ kind: 'invalid', faults });
    expect(errorBody(answer).faults).toHaveLength(100);
    expect(answer.body.length).toBeLessThan(100_000);
  });
});
