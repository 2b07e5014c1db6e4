/** Where HTTP meets the core: the one place that turns an API Gateway event into a call, and whatever comes of it into an answer. */
import middy from '@middy/core';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import * as z from 'zod';
import { type Contract, type Route, scopesOf } from '../contracts/contract.ts';
import type { CountRequest } from '../dynamo/rate-windows.ts';
import { type Failure, InvoiceError } from '../invoice/failure.ts';
import type { Invoices } from '../invoice/invoices.ts';
import type { Caller } from '../invoice/model.ts';
import { type Answer, mustSend } from '../invoice/operation.ts';
import type { CallerContext } from './authorizer.ts';
import { bodyOf } from './body.ts';
import { failureOf } from './failure.ts';
import { operationOf } from './idempotency.ts';
import { admit } from './limits.ts';
import { log } from './log.ts';
import { description, descriptionPath } from './openapi.ts';

// Compiling schemas costs more at the first parse than it saves in a function's life.
z.config({ jitless: true });

/** What one request works with; opened anew for each, so that its retries share one budget. */
export interface Session {
  invoices: Invoices;
  /** Counts a request against limits. */
  count: CountRequest;
  /** How many times anything was sent to the table. */
  attempts(): number;
}

/** How long before Lambda's own timeout an answer is given, in milliseconds. */
const reserve = 300;

/** Makes a contract's Lambda handler. API Gateway has matched the route and checked the key already. */
export function serve(contract: Contract, open: () => Session) {
  const routes = new Map(contract.routes.map((route) => [`${route.method} ${route.path}`, route]));

  return middy<APIGatewayProxyEvent, APIGatewayProxyResult, Error, Context>({
    timeoutEarlyInMillis: reserve,
    timeoutEarlyResponse: () => {
      throw new InvoiceError({ kind: 'timeout' });
    },
  })
    .use(httpHeaderNormalizer())
    .use(requestLog(contract))
    .use(failures(contract))
    .handler(async (event) => {
      if (event.resource === descriptionPath) return toResult(event, await description());
      const route = routes.get(`${event.httpMethod} ${event.resource}`);
      if (!route) throw new InvoiceError({ kind: 'not-found', what: 'route', id: event.path });
      const session = open();
      try {
        const answer = await handle(contract, route, event, session);
        mustSend(answer);
        return toResult(event, answer);
      } finally {
        findingsOf(event).attempts = session.attempts();
      }
    });
}

async function handle(
  contract: Contract,
  route: Route,
  event: APIGatewayProxyEvent,
  { invoices, count }: Session,
): Promise<Answer> {
  const caller = route.scope === 'public' ? undefined : callerOf(contract, event);
  const admission = caller && (await admit(contract, route, caller, count, Date.now()));
  findingsOf(event).limitHeaders = admission?.headers;
  if (admission?.retryAfter) throw new InvoiceError({ kind: 'throttled', retryAfter: admission.retryAfter });
  const scopes = scopesOf(route);
  if (caller && !scopes.some((scope) => caller.scopes.has(scope))) {
    throw new InvoiceError({ kind: 'forbidden', scope: scopes.join(' or ') });
  }
  const params = present(event.pathParameters);
  const body = bodyOf(event, route);
  const operation = caller && operationOf(event, route, params, body);
  const request = {
    params,
    query: present(event.queryStringParameters),
    headers: present(event.headers),
    body,
    ...(caller && { caller }),
    ...(operation && { operation }),
  };
  if (!caller || !operation) return route.handle(request, invoices);
  const first = () => invoices.replay(caller, operation);
  return (
    (await first()) ??
    route.handle(request, invoices).catch(async (refused) => {
      // It may be refused for what the same request did a moment ago.
      const answer = refused instanceof InvoiceError ? await first() : undefined;
      if (!answer) throw refused;
      return answer;
    })
  );
}

/** The caller as the authorizer found it: nothing that the client wrote names a tenant. */
function callerOf(contract: Contract, { requestContext }: APIGatewayProxyEvent): Caller {
  const context = requestContext.authorizer as CallerContext | null | undefined;
  if (!context?.tenant || !context.keyId) throw new InvoiceError({ kind: 'unauthenticated' });
  return {
    tenant: context.tenant,
    mode: context.mode === 'live' ? 'live' : 'test',
    keyId: context.keyId,
    scopes: new Set(context.scopes.split(' ')),
    plan: context.plan,
    contract: contract.name,
  };
}

const present = (values: Record<string, string | undefined> | null): Record<string, string> => {
  const kept: [string, string][] = [];
  for (const [name, value] of Object.entries(values ?? {})) if (value !== undefined) kept.push([name, value]);
  return Object.fromEntries(kept);
};

/** What becomes known of a request on its way, for its answer and its line in the log. */
interface Findings {
  limitHeaders?: Record<string, string> | undefined;
  failure?: Failure['kind'];
  attempts?: number;
}

const findingsOf = ({ requestContext }: APIGatewayProxyEvent): Findings => requestContext as Findings;

const toResult = (event: APIGatewayProxyEvent, answer: Answer): APIGatewayProxyResult => ({
  statusCode: answer.status,
  headers: {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': event.requestContext.requestId,
    ...findingsOf(event).limitHeaders,
    ...answer.headers,
    ...(answer.replayed && { 'Idempotency-Replayed': 'true' }),
  },
  body: answer.body,
});

/** The one catch: a known failure in the contract's words, anything else a plain 500. */
const failures = (contract: Contract): middy.MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult> => ({
  onError(request) {
    const failure = failureOf(request.error, request.event.httpMethod === 'GET');
    findingsOf(request.event).failure = failure.kind;
    if (failure.kind === 'internal') log.error(request.error, request.event.requestContext.requestId);
    request.response = toResult(request.event, contract.fail(failure));
  },
});

/** One line a request: who, what, how it went. Never a body, a key or a name. */
const requestLog = (contract: Contract): middy.MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult> => {
  const starts = new WeakMap<object, number>();
  const write = ({ event, response }: middy.Request<APIGatewayProxyEvent, APIGatewayProxyResult>) => {
    const { requestContext: context } = event;
    const { failure, attempts } = findingsOf(event);
    log.request({
      requestId: context.requestId,
      contract: contract.name,
      route: `${event.httpMethod} ${event.resource}`,
      tenant: context.authorizer?.tenant,
      keyId: context.authorizer?.keyId,
      status: response?.statusCode,
      failure,
      attempts,
      milliseconds: Math.round(performance.now() - (starts.get(event) ?? 0)),
    });
  };
  return {
    before: ({ event }) => {
      starts.set(event, performance.now());
    },
    after: write,
    onError: write,
  };
};
