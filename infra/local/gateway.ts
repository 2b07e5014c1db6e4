/** API Gateway on one local port: every REST API of the template, from the request to the function and back. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ApiKeys, GatewayKey } from './api-keys.ts';
import { type Api, type Method, methodsOf } from './apis.ts';
import { type Authorization, authorizers } from './authorizer.ts';
import { type Call, gathered, header, headersOf, type ProxyResult, proxyEvent, proxyResult, send } from './event.ts';
import { type LambdaFunction, requestTooLarge } from './functions.ts';
import { type Context, gatewayResponse, type ResponseType, render } from './gateway-responses.ts';
import { readBody } from './request-body.ts';
import { type Match, router } from './routing.ts';
import type { Template } from './template.ts';
import { planFor, type UsagePlan, usageMeter } from './usage-plans.ts';

export interface Gateway {
  readonly listener: RequestListener;
  /** In the template's order. */
  readonly apis: readonly Api[];
}

export interface GatewayOptions {
  readonly template: Template;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly plans: readonly UsagePlan[];
  readonly keys: ApiKeys;
  /** Gets each request's line of the stage's access log. */
  readonly accessLog: (line: string) => void;
}

/** API Gateway's limit for a request's body. */
const bodyLimit = 10 * 1024 * 1024;

/** Who calls, once authorizer and usage plan have nothing against it. */
interface Admission {
  readonly authorization?: Authorization;
  readonly key?: GatewayKey;
}

export function gateway({ template, functions, plans, keys, accessLog }: GatewayOptions): Gateway {
  const methods = methodsOf(template);
  const route = router(methods);
  const authorize = authorizers(functions);
  const meter = usageMeter();

  /** Everything that stands between a request and its function. */
  async function admit(call: Call): Promise<Admission | ResponseType> {
    const { api, authorizer, apiKeyRequired } = call.method;
    const authorization = authorizer && (await authorize(authorizer, call));
    if (typeof authorization === 'string') return authorization;
    const identifier =
      api.apiKeySource === 'AUTHORIZER' ? authorization?.usageIdentifierKey : header(call, 'x-api-key');
    const key = apiKeyRequired && identifier ? await keys.findByValue(identifier) : undefined;
    const plan = key && planFor(plans, key, api);
    if (apiKeyRequired && !(key?.enabled && plan)) return 'INVALID_API_KEY';
    return meter.refusal(api, key, plan) ?? { ...(authorization && { authorization }), ...(key && { key }) };
  }

  async function invoke(
    call: Call,
    body: Buffer,
    { authorization, key }: Admission,
  ): Promise<ProxyResult | ResponseType> {
    const target = functions.get(call.method.functionName);
    if (!target) return 'API_CONFIGURATION_ERROR';
    const event = proxyEvent(call, body, authorization?.context, key);
    const outcome = await within(call.method.timeout, target.invoke(event));
    if (!outcome) return 'INTEGRATION_TIMEOUT';
    if ('error' in outcome)
      return outcome.error.errorType === requestTooLarge ? 'REQUEST_TOO_LARGE' : 'INTEGRATION_FAILURE';
    return proxyResult(call, outcome.payload) ?? 'INTEGRATION_FAILURE';
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = Date.now();
    const requestId = randomUUID();
    const url = new URL(`http://local${request.url}`);
    const body = await readBody(request, bodyLimit);
    const match = isDecodable(url.pathname) ? route(request.method ?? '', url.pathname) : undefined;
    const call = match && 'method' in match ? callOf(request, url, match, requestId) : undefined;
    const api = call?.method.api ?? (match && 'api' in match ? match.api : (methods[0] as Method).api);
    let admission: Admission | undefined;

    const outcome = await (async (): Promise<ProxyResult | ResponseType> => {
      if (!match) return 'BAD_REQUEST';
      if (!call) return 'MISSING_AUTHENTICATION_TOKEN';
      if (!body) return 'REQUEST_TOO_LARGE';
      const admitted = await admit(call);
      if (typeof admitted === 'string') return admitted;
      admission = admitted;
      return invoke(call, body, admitted);
    })();

    const context = contextOf(api, request, url, requestId, call, admission);
    const result = typeof outcome === 'string' ? gatewayResponse(api, outcome, context) : outcome;
    send(response, result, requestId);
    if (api.accessLog) {
      const facts = {
        'error.responseType': typeof outcome === 'string' ? outcome : undefined,
        status: result.statusCode,
        responseLatency: Date.now() - started,
        responseLength: result.body.length,
      };
      accessLog(render(api.accessLog, { ...context, ...facts }, '-'));
    }
  }

  return {
    apis: [...new Set(methods.map(({ api }) => api))],
    listener(request, response) {
      answer(request, response).catch((error) => {
        // The client went away, or the gateway itself is broken.
        if (response.destroyed) return;
        console.error(error);
        response.destroy();
      });
    },
  };
}

const callOf = (request: IncomingMessage, url: URL, match: Match, requestId: string): Call => ({
  ...match,
  requestId,
  time: new Date(),
  httpMethod: request.method ?? '',
  headers: headersOf(request),
  query: gathered(url.searchParams),
  sourceIp: request.socket.remoteAddress ?? '',
});

/** The `$context` variables that templates and log formats may use. */
function contextOf(
  api: Api,
  request: IncomingMessage,
  url: URL,
  requestId: string,
  call: Call | undefined,
  admission: Admission | undefined,
): Context {
  const authorizer = Object.entries(admission?.authorization?.context ?? {});
  return {
    apiId: api.id,
    stage: api.stage,
    requestId,
    extendedRequestId: requestId,
    requestTime: new Date().toISOString(),
    requestTimeEpoch: Date.now(),
    httpMethod: request.method,
    path: `/${api.stage}${url.pathname}`,
    protocol: `HTTP/${request.httpVersion}`,
    resourcePath: call?.method.resource,
    'identity.apiKeyId': admission?.key?.id,
    'identity.sourceIp': request.socket.remoteAddress,
    'identity.userAgent': request.headers['user-agent'],
    ...Object.fromEntries(authorizer.map(([name, value]) => [`authorizer.${name}`, value])),
  };
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

async function within<Value>(milliseconds: number, value: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  return Promise.race([value, timeout]).finally(() => clearTimeout(timer));
}
