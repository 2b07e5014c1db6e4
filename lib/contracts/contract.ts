import type * as z from 'zod';
import { type Failure, type Fault, InvoiceError, type Place } from '../invoice/failure.ts';
import type { Invoices } from '../invoice/invoices.ts';
import type { Caller, Tenant } from '../invoice/model.ts';
import type { Answer, Operation } from '../invoice/operation.ts';
import { check } from './faults.ts';
import { unknownMembers } from './unknown-members.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request as it came over HTTP: parsed, not yet checked. */
export interface RawRequest {
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Parsed JSON; `undefined` when there was none. */
  body: unknown;
  /** Absent on public routes only. */
  caller?: Caller;
  /** Present when the client sent an Idempotency-Key. */
  operation?: Operation;
}

export type Checked<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a route's code sees: everything checked. */
export interface Request<Params, Query, Headers, Body> {
  params: Checked<Params>;
  query: Checked<Query>;
  headers: Checked<Headers>;
  body: Checked<Body>;
  /** Members of the body that its schema does not know and that were left out. */
  unknown: Fault['path'][];
  caller: Caller;
  operation?: Operation;
}

/** The version of what is shown; where it is. */
export type Told = 'ETag' | 'Location';

interface RouteData {
  method: Method;
  /** In API Gateway's form: `/invoices/{id}`. */
  path: string;
  summary: string;
  /** The scope a key must carry, or `public` for a route that asks for no key. Nothing is allowed by default. */
  scope: string;
  /** Scopes that open the route as well. Which of them the case at hand asks for is up to the route's code. */
  otherScopes?: readonly string[];
  /** The status of success. */
  status: number;
  /** The body of success; checked by types and tests, never at run time. */
  answer: z.ZodType;
  /** The headers that its success has besides those of every answer. */
  tells?: readonly Told[];
  /** Events make invoices by this route. */
  byEvent?: ByEvent;
}

/** How an event's request by a route differs from one over HTTP. */
export interface ByEvent {
  /** What the route's headers would be. */
  headers?(company: Tenant): Record<string, string>;
  /** What law and norm miss when the invoice is issued is noted, as the contract does elsewhere. */
  unchecked?: boolean;
}

interface Schemas<Params, Query, Headers, Body> {
  params?: Params;
  query?: Query;
  headers?: Headers;
  body?: Body;
}

/** One route of a contract, as data: the stack, the local gateway, the OpenAPI document and the tests read it. */
export interface Route extends RouteData, Schemas<z.ZodType, z.ZodType, z.ZodType, z.ZodType> {
  handle(request: RawRequest, invoices: Invoices): Promise<Answer>;
}

/** Every scope that opens a route. */
export const scopesOf = ({ scope, otherScopes = [] }: Pick<Route, 'scope' | 'otherScopes'>): readonly string[] => [
  scope,
  ...otherScopes,
];

/** Which headers carry a contract's credential. */
export type Credential = 'bearer' | 'x-api-key' | 'x-session-token';

/** Spans of time that limits are published for. Each begins at a whole multiple of its length in UTC. */
export type Span = 'second' | 'minute' | 'hour' | 'day';

/** So many requests in each span. */
export type Windows = Readonly<Partial<Record<Span, number>>>;

/** What is counted together: all requests, or those of reading (GET) and of changing routes apart. */
export type Counted = 'requests' | 'reads' | 'writes';

/** How a key stands in one span. */
export interface Usage {
  readonly limit: number;
  /** With the request at hand, unless that was throttled. */
  readonly used: number;
  /** When the next span begins, in seconds since the epoch. */
  readonly resetsAt: number;
}

/** The limits that a contract publishes. They hold for each key, and are counted exactly. */
export interface Limits {
  readonly windows: Readonly<Partial<Record<Counted, Windows>>>;
  /** Words the headers of every answer to a caller, whatever its status. */
  headers(of: (span: Span) => Usage, counted: Counted): Record<string, string>;
}

/** One published API, spoken over the shared invoice core. */
export interface Contract {
  /** Names the file in functions/, the API and the OpenAPI document. */
  readonly name: string;
  readonly title: string;
  /** Any one of them is enough; two that differ are refused. */
  readonly credentials: readonly Credential[];
  readonly routes: readonly Route[];
  /** Whether its routes send invoices: then its function may mail them. */
  readonly delivers?: boolean;
  /** Absent when the contract publishes none: then nothing is counted. */
  readonly limits?: Limits;
  /** The only place where this contract's failures get their status and words. */
  fail(failure: Failure): Answer;
  /** The body of a failure; checked by types and tests, never at run time. */
  failure: z.ZodType;
}

/** An answer with its body in its final bytes, so that a replay can repeat them. */
export const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: JSON.stringify(body),
});

/**
 * Binds a route's schemas to its code: types flow from `params`, `query`, `headers` and `body` into `run`.
 * All faults of all four are reported together.
 */
export function route<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Headers extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  spec: RouteData &
    Schemas<Params, Query, Headers, Body> & {
      run(request: Request<Params, Query, Headers, Body>, invoices: Invoices): Promise<Answer>;
    },
): Route {
  const { run, ...data } = spec;
  return {
    ...(data as RouteData),
    async handle(raw, invoices) {
      const faults: Fault[] = [];
      const read = (schema: z.ZodType | undefined, place: Place, value: unknown) =>
        schema ? check(schema, place, value, faults) : undefined;
      const body = read(spec.body, 'body', raw.body);
      const request = {
        params: read(spec.params, 'path', raw.params),
        query: read(spec.query, 'query', raw.query),
        headers: read(spec.headers, 'header', raw.headers),
        body,
        unknown: unknownMembers(raw.body, body),
        caller: raw.caller,
        operation: raw.operation,
      } as Request<Params, Query, Headers, Body>;
      if (faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults, asSent: true });
      return run(request, invoices);
    },
  };
}
