/**
 * `npm run openapi`: the OpenAPI 3.1 document of each contract, from the schemas that validate its requests and the words that
 * it fails with. The build lays the same document beside the contract's function, which serves it at `/openapi.json`.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as z from 'zod';
import { type Contract, type Credential, type Route, scopesOf, type Told } from '../lib/contracts/contract.ts';
import { contracts } from '../lib/contracts/index.ts';
import { failuresOf } from './openapi-failures.ts';
import { type Json, type JsonObject, type Schemas, schemas } from './openapi-schemas.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where the documents are kept, to be read and compared. */
export const documents = join(root, 'docs/openapi');

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** A golden example; the tests of its contract run it. */
interface Example {
  readonly name: string;
  readonly about: string;
  readonly request: Json;
  /** Such as `POST /invoices`; by default the contract's first route with a body. */
  readonly route?: string;
}

const securitySchemes: Record<Credential, JsonObject> = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or a JWT where the installation accepts them.' },
  'x-api-key': { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'An API key.' },
  'x-session-token': { type: 'apiKey', in: 'header', name: 'x-session-token', description: 'An API key.' },
};

const idempotencyKey: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Names this change. Sent again with the same key and body within 30 days, it gets its first answer and nothing is done twice.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
};

const headers: Record<string, JsonObject> = {
  'X-Request-Id': { description: 'Names this request in the logs.', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: 'Present when this is the answer that an earlier request with the same key got.',
    schema: { const: 'true' },
  },
  'Retry-After': { description: 'Seconds until it is worth asking again.', schema: { type: 'integer', minimum: 0 } },
};

const toldHeaders: Record<Told, JsonObject> = {
  ETag: { description: 'The version of what is shown, for If-Match.', schema: { type: 'string', pattern: '^"\\d+"$' } },
  Location: { description: 'Where it is.', schema: { type: 'string', format: 'uri-reference' } },
};

/** Describes a contract. */
export function openApiOf(contract: Contract): JsonObject {
  const document = schemas();
  const limitHeaders = limitHeadersOf(contract);
  const examples = examplesOf(contract);
  const paths: Record<string, JsonObject> = {};
  for (const route of contract.routes) {
    const operation = operationOf(contract, route, document, Object.keys(limitHeaders), examples);
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: contract.title,
      version,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '.', description: 'Where this document is served.' }],
    paths,
    components: {
      securitySchemes: Object.fromEntries(contract.credentials.map((name) => [name, securitySchemes[name]])),
      parameters: { IdempotencyKey: idempotencyKey },
      headers: { ...headers, ...toldBy(contract), ...limitHeaders },
      schemas: document.components,
      responses: failureResponses(contract, document, Object.keys(limitHeaders)),
    },
  };
}

const toldBy = ({ routes }: Contract): JsonObject =>
  Object.fromEntries(routes.flatMap(({ tells = [] }) => tells.map((name) => [name, toldHeaders[name]])));

function operationOf(
  contract: Contract,
  route: Route,
  { named, inline }: Schemas,
  limitHeaders: readonly string[],
  examples: readonly Example[],
): JsonObject {
  const operationId = operationIdOf(route);
  const changing = route.method !== 'GET';
  const parameters = [
    ...parametersOf('path', route.params, inline),
    ...parametersOf('query', route.query, inline),
    ...parametersOf('header', route.headers, inline),
    ...(changing ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
  ];
  const told = [
    'X-Request-Id',
    ...(changing ? ['Idempotency-Replayed'] : []),
    ...(route.tells ?? []),
    ...(route.scope === 'public' ? [] : limitHeaders),
  ];
  const body = route.body && {
    required: !route.body.safeParse(undefined).success,
    content: {
      'application/json': {
        schema: named(route.body, `${pascal(operationId)}Body`),
        ...requestExamples(contract, route, examples),
      },
    },
  };
  const failed = failuresOf([route]).map((failure) => String(contract.fail(failure).status));
  return {
    operationId,
    summary: route.summary,
    security: securityOf(contract, route),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      [route.status]: {
        description: STATUS_CODES[route.status] as string,
        headers: headerRefs(told),
        // 204: there is nothing to read.
        ...(route.status !== 204 && {
          content: { 'application/json': { schema: named(route.answer, `${pascal(operationId)}Answer`) } },
        }),
      },
      ...Object.fromEntries(
        failed.map((status) => [status, { $ref: `#/components/responses/${responseName(status)}` }]),
      ),
    },
  };
}

const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Such as `postInvoicesIdFinalize`: nothing that a rewording of summaries would change. */
const operationIdOf = ({ method, path }: Route): string =>
  [
    method.toLowerCase(),
    ...path
      .split(/[^a-zA-Z0-9]+/)
      .filter(Boolean)
      .map(pascal),
  ].join('');

const headerRefs = (names: readonly string[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** One of the credentials with one of the scopes is enough. Since 3.1 any scheme may name the scopes that it takes. */
const securityOf = ({ credentials }: Contract, route: Route): Json =>
  route.scope === 'public' ? [] : scopesOf(route).flatMap((scope) => credentials.map((name) => ({ [name]: [scope] })));

function parametersOf(
  place: 'path' | 'query' | 'header',
  schema: z.ZodType | undefined,
  inline: (schema: z.ZodType) => JsonObject,
): JsonObject[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = inline(schema) as { properties?: JsonObject; required?: string[] };
  return Object.entries(properties).map(([name, schemaOfOne]) => ({
    name,
    in: place,
    ...((place === 'path' || required.includes(name)) && { required: true }),
    schema: schemaOfOne,
  }));
}

/** The headers that a contract words its limits with, seen by wording some usage. */
function limitHeadersOf({ limits }: Contract): Record<string, JsonObject> {
  if (!limits) return {};
  const worded = Object.entries(limits.windows).flatMap(([counted, windows]) =>
    Object.entries(
      limits.headers(
        (span) => ({ limit: windows[span] ?? 0, used: 1, resetsAt: Date.UTC(2026, 0, 1) / 1_000 }),
        counted as keyof typeof limits.windows,
      ),
    ),
  );
  return Object.fromEntries(
    worded.map(([name, value]) => {
      const type = /^\d+$/.test(value) ? 'integer' : 'string';
      const example = type === 'integer' ? Number(value) : value;
      return [name, { description: 'How the key stands in its limits.', schema: { type }, example }];
    }),
  );
}

const responseName = (status: string) => (STATUS_CODES[status] ?? status).replaceAll(/[^A-Za-z]/g, '');

/** A component for each status, with every failure that has it. */
function failureResponses(
  contract: Contract,
  { named }: Schemas,
  limitHeaders: readonly string[],
): Record<string, JsonObject> {
  const byStatus = Map.groupBy(
    failuresOf(contract.routes).map((failure) => ({ kind: failure.kind, ...contract.fail(failure) })),
    ({ status }) => String(status),
  );
  return Object.fromEntries(
    [...byStatus].map(([status, answers]) => {
      const media = Object.entries(answers[0]?.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type');
      const later = answers.some(({ headers: given }) => Object.hasOwn(given, 'Retry-After'));
      const examples = Object.fromEntries(answers.map(({ kind, body }) => [kind, { value: JSON.parse(body) as Json }]));
      return [
        responseName(status),
        {
          description: STATUS_CODES[status] ?? status,
          headers: headerRefs(['X-Request-Id', ...(later ? ['Retry-After'] : []), ...limitHeaders]),
          content: { [media?.[1] ?? 'application/json']: { schema: named(contract.failure, 'Failure'), examples } },
        },
      ];
    }),
  );
}

function requestExamples({ routes }: Contract, route: Route, examples: readonly Example[]): JsonObject {
  const [first] = routes.filter(({ body }) => body);
  const own = examples.filter((example) =>
    example.route ? example.route === `${route.method} ${route.path}` : route === first,
  );
  if (own.length === 0) return {};
  return {
    examples: Object.fromEntries(own.map(({ name, about, request }) => [name, { summary: about, value: request }])),
  };
}

function examplesOf({ name }: Contract): Example[] {
  const folder = join(root, 'test/contracts/examples', name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ ...JSON.parse(readFileSync(join(folder, file), 'utf8')), name: basename(file, '.json') }));
}

if (import.meta.main) {
  mkdirSync(documents, { recursive: true });
  for (const contract of contracts) {
    writeFileSync(join(documents, `${contract.name}.json`), JSON.stringify(openApiOf(contract), null, 2));
  }
}
