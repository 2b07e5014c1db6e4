/** Requests that name themselves, so that they can be repeated. */
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Route } from '../contracts/contract.ts';
import { canonicalJson } from '../invoice/canonical-json.ts';
import { InvoiceError } from '../invoice/failure.ts';
import type { Operation } from '../invoice/operation.ts';
import { hash } from './hash.ts';

const name = 'idempotency-key';

/** 1 to 255 visible ASCII characters. */
const wellFormed = /^[\x21-\x7e]{1,255}$/;

/** The operation that an Idempotency-Key names; `undefined` without one, or for a call that changes nothing. */
export function operationOf(
  event: APIGatewayProxyEvent,
  { method, path }: Route,
  params: Readonly<Record<string, string>>,
  body: unknown,
): Operation | undefined {
  if (method === 'GET') return undefined;
  const keys = keysIn(event);
  const [key] = keys;
  if (key === undefined) return undefined;
  if (keys.size > 1) throw wrong('Send one Idempotency-Key, not several different ones.');
  if (!wellFormed.test(key)) throw wrong('An Idempotency-Key has 1 to 255 visible ASCII characters and no spaces.');
  return {
    id: hash(method, path, key),
    fingerprint: hash(method, path, canonicalJson(params), body === undefined ? '' : canonicalJson(body)),
  };
}

function keysIn({ headers, multiValueHeaders }: APIGatewayProxyEvent): Set<string> {
  const keys = new Set<string>();
  for (const [header, values] of Object.entries({ ...headers, ...multiValueHeaders })) {
    if (header.toLowerCase() === name) for (const value of [values ?? []].flat()) keys.add(value);
  }
  return keys;
}

const wrong = (message: string) =>
  new InvoiceError({
    kind: 'invalid',
    faults: [{ in: 'header', path: ['Idempotency-Key'], code: 'invalid', message }],
  });
