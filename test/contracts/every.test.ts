/** What holds for all contracts alike. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { scopesOf } from '../../lib/contracts/contract.ts';
import { contracts } from '../../lib/contracts/index.ts';
import { failures } from './failures.ts';

const named = contracts.map((contract) => [contract.name, contract] as const);
const routes = contracts.flatMap(({ name, routes }) =>
  routes.map((route) => [`${name}: ${route.method} ${route.path}`, route] as const),
);

/** The status that each failure has in whichever words; where contracts differ, all that are possible. */
const statuses: Record<string, number[]> = {
  malformed: [400],
  'unsupported-media-type': [415],
  'body-too-large': [413],
  unauthenticated: [401],
  forbidden: [403],
  'not-found': [404],
  throttled: [429],
  'quota-exceeded': [429],
  'answer-too-large': [413],
  'series-frozen': [503],
  busy: [503],
  'outcome-unknown': [503],
  timeout: [504],
  internal: [500],
};

/** The schema as it is published, knowing every member: what it does not name, nobody may be sent. */
const described = (schema: z.ZodType) => z.fromJSONSchema(closed(z.toJSONSchema(schema, { io: 'input' })));

function closed<Schema>(schema: Schema): Schema {
  const text = JSON.stringify(schema, (_, value) =>
    value?.properties && value.additionalProperties === undefined ? { ...value, additionalProperties: false } : value,
  );
  return JSON.parse(text);
}

it('the native contract leads: paths that clash on one origin are its own', () => {
  expect(contracts[0]?.name).toBe('invoices');
});

describe.each(named)('%s', (_, contract) => {
  it.each(failures.map((failure) => [failure.kind, failure] as const))('words %s', (kind, failure) => {
    const { status, headers, body } = contract.fail(failure);
    expect(statuses[kind] ?? [400, 409, 412, 422]).toContain(status);
    expect(described(contract.failure).safeParse(JSON.parse(body)).error).toBeUndefined();
    expect(body).not.toContain('undefined');
    if ('retryAfter' in failure) expect(Number(headers['Retry-After'])).toBe(Math.ceil(failure.retryAfter));
    else expect(headers).not.toHaveProperty('Retry-After');
  });

  it('describes failures with faults of any kind and field', () => {
    const fault = { path: ['a.b', 0, 'constructor'], code: 'c', message: 'Wrong.' };
    for (const given of ['text', 1.5, null]) {
      for (const place of ['body', 'path', 'query', 'header'] as const) {
        const faults = [{ ...fault, in: place, given, expected: 'x', rule: 'BR-07', term: 'BT-44' }];
        for (const kind of ['malformed', 'invalid', 'not-issuable'] as const) {
          const { body } = contract.fail({ kind, faults });
          expect(described(contract.failure).safeParse(JSON.parse(body)).error, body).toBeUndefined();
        }
      }
    }
  });

  it('calls a variable part of a path by one name: API Gateway takes no second one beside it', () => {
    const names = new Map<string, string>();
    for (const { path } of contract.routes) {
      for (const { 0: part, index } of path.matchAll(/\{\w+\}/g)) {
        const before = path.slice(0, index);
        expect(names.get(before) ?? part, path).toBe(part);
        names.set(before, part);
      }
    }
  });

  it('has a name that files and stacks can carry', () => {
    expect(contract.name).toMatch(/^[a-z]+$/);
    expect(contract.credentials.length).toBeGreaterThan(0);
  });
});

describe.each(routes)('%s', (_, route) => {
  it('asks for a scope, or is public and only reads', () => {
    if (route.scope === 'public') expect(route.method).toBe('GET');
    else for (const scope of scopesOf(route)) expect(scope).toMatch(/^[a-z_]+[:.][a-z_]+$/);
  });

  it('can be described: path, parameters, request and answer', () => {
    expect(route.path).toMatch(/^(\/([a-z0-9_-]+|\{[a-zA-Z]+\}))+$/);
    expect(route.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(route.status).toBeGreaterThanOrEqual(200);
    expect(route.status).toBeLessThan(300);
    const params = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = route.params ? z.toJSONSchema(route.params, { io: 'input' }).properties : {};
    expect(Object.keys(described ?? {})).toEqual(params);
    for (const schema of [route.query, route.headers, route.body, route.answer]) {
      if (schema) expect(z.toJSONSchema(schema, { io: 'input' })).toBeTypeOf('object');
    }
  });
});

it('no two routes of all contracts collide but those that are known: they share a host on a laptop', () => {
  const shapes = contracts.flatMap(({ routes }) =>
    routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`),
  );
  const twice = shapes.filter((shape, index) => shapes.indexOf(shape) !== index);
  // Below its base path each contract answers alone; without one, the first in the registry does.
  expect(twice).toEqual(['GET /invoices/{}']);
});
