import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { documents, openApiOf } from '../../infra/openapi.ts';
import { failuresOf } from '../../infra/openapi-failures.ts';
import { type Contract, type Route, scopesOf } from '../../lib/contracts/contract.ts';
import { contracts } from '../../lib/contracts/index.ts';
import { failures } from '../contracts/failures.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document is JSON of many forms
type Document = any;

const described = contracts.map((contract): [string, Contract, Document] => [
  contract.name,
  contract,
  openApiOf(contract),
]);

/** Every object within a value, with where it stands. */
function* objectsIn(value: unknown, path: string[] = []): Generator<[Record<string, unknown>, string]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [value as Record<string, unknown>, path.join('/')];
  for (const [name, member] of Object.entries(value)) yield* objectsIn(member, [...path, name]);
}

const at = (document: Document, reference: string) =>
  reference
    .slice(2)
    .split('/')
    .reduce((value, part) => value?.[part.replaceAll('~1', '/')], document);

describe.each(described)('the document of %s', (name, contract, document) => {
  const operations = Object.entries<Document>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Document>(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  );

  it('is the one in docs/openapi; `npm run openapi` writes it anew', () => {
    expect(JSON.parse(readFileSync(join(documents, `${name}.json`), 'utf8'))).toEqual(document);
  });

  it('is OpenAPI 3.1', async () => {
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
  });

  it('describes every route and none besides, each under a name of its own', () => {
    expect(operations.map((one) => one.name).sort()).toEqual(
      contract.routes.map(({ method, path }) => `${method} ${path}`).sort(),
    );
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  });

  it('refers only to what is there, and has nothing that is not referred to', () => {
    const references = new Set<string>();
    for (const [{ $ref }, path] of objectsIn(document)) {
      if (typeof $ref !== 'string') continue;
      expect(at(document, $ref), `${path}: ${$ref}`).toBeDefined();
      references.add($ref);
    }
    for (const kind of ['schemas', 'responses', 'parameters', 'headers']) {
      for (const one of Object.keys(document.components[kind])) {
        expect(references, one).toContain(`#/components/${kind}/${one}`);
      }
    }
  });

  it('asks for the path parameters that the path names, and for the key on changes', () => {
    for (const { path, operation, name } of operations) {
      const parameters = operation.parameters ?? [];
      const named = parameters.filter((one: Document) => one.in === 'path').map((one: Document) => one.name);
      expect(named.sort(), name).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, one]) => one).sort());
      const key = parameters.some((one: Document) => one.$ref === '#/components/parameters/IdempotencyKey');
      expect(key, name).toBe(!name.startsWith('GET'));
    }
  });

  it('names the scope that each credential must carry', () => {
    for (const { operation, name } of operations) {
      const route = contract.routes.find(({ method, path }) => `${method} ${path}` === name) as Route;
      const scopes = route.scope === 'public' ? [] : scopesOf(route);
      const expected = scopes.flatMap((scope) => contract.credentials.map((one) => ({ [one]: [scope] })));
      expect(operation.security, name).toEqual(expected);
    }
    expect(Object.keys(document.components.securitySchemes)).toEqual(contract.credentials);
  });

  it('shows every failure in the words of the contract, under its status', () => {
    const shown: string[] = [];
    for (const [response, { content }] of Object.entries<Document>(document.components.responses)) {
      for (const { examples } of Object.values<Document>(content)) {
        for (const kind of Object.keys(examples)) shown.push(`${response} ${kind}`);
      }
    }
    const expected = failuresOf(contract.routes).map((failure) => {
      const title = STATUS_CODES[contract.fail(failure).status] ?? '';
      return `${title.replaceAll(/[^A-Za-z]/g, '')} ${failure.kind}`;
    });
    expect(shown.sort()).toEqual([...new Set(expected)].sort());
    if (name === 'invoices') {
      const kinds = new Set(expected.map((each) => each.split(' ')[1]));
      expect([...kinds].sort()).toEqual(failures.map(({ kind }) => kind).sort());
    }
    for (const { operation, name } of operations) {
      const asked = operation.parameters?.some((one: Document) => one.in !== 'path');
      if (asked) expect(Object.keys(operation.responses), name).toContain('400');
      expect(Object.keys(operation.responses), name).toEqual(expect.arrayContaining(['429', '500', '504']));
      expect('401' in operation.responses, name).toBe(operation.security.length > 0);
    }
  });

  it('tells the headers of the limits on success and on failures', () => {
    const [counted, windows] = Object.entries(contract.limits?.windows ?? {})[0] ?? [];
    const usage = { limit: 9, used: 1, resetsAt: 0 };
    const names = windows ? Object.keys(contract.limits?.headers(() => usage, counted as 'requests') ?? {}) : [];
    for (const { operation, name } of operations.filter((one) => one.operation.security.length > 0)) {
      const [success] = Object.values<Document>(operation.responses);
      expect(Object.keys(success.headers), name).toEqual(expect.arrayContaining(names));
    }
    expect(Object.keys(document.components.responses.TooManyRequests.headers)).toEqual(
      expect.arrayContaining(['Retry-After', ...names]),
    );
  });
});
