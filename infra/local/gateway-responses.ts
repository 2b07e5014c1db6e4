/** What API Gateway answers by itself, worded by the template's gateway responses. */
import type { Api, GatewayResponse } from './apis.ts';
import type { ProxyResult } from './event.ts';

/**
 * Response types with AWS's own status and words. A function that fails or answers in a wrong form is an integration failure
 * of status 502. `BAD_REQUEST` has no name at AWS: only `DEFAULT_4XX` words it.
 */
const types = {
  ACCESS_DENIED: [403, 'User is not authorized to access this resource'],
  API_CONFIGURATION_ERROR: [500, 'Internal server error'],
  AUTHORIZER_CONFIGURATION_ERROR: [500, 'Internal server error'],
  AUTHORIZER_FAILURE: [500, 'Internal server error'],
  BAD_REQUEST: [400, 'Bad Request'],
  INTEGRATION_FAILURE: [502, 'Internal server error'],
  INTEGRATION_TIMEOUT: [504, 'Endpoint request timed out'],
  INVALID_API_KEY: [403, 'Forbidden'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'Missing Authentication Token'],
  QUOTA_EXCEEDED: [429, 'Limit Exceeded'],
  REQUEST_TOO_LARGE: [413, 'Request Too Long'],
  THROTTLED: [429, 'Too Many Requests'],
  UNAUTHORIZED: [401, 'Unauthorized'],
} as const satisfies Record<string, readonly [number, string]>;

export type ResponseType = keyof typeof types;

const plain: GatewayResponse = {
  headers: {},
  templates: { 'application/json': '{"message":$context.error.messageString}' },
};

/** Values of `$context`, by their path without that prefix. */
export type Context = Readonly<Record<string, string | number | undefined>>;

export function gatewayResponse(api: Api, type: ResponseType, context: Context): ProxyResult {
  const [status, message] = types[type];
  const fallback = api.responses.get(status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const response = api.responses.get(type) ?? fallback ?? plain;
  const known: Context = {
    ...context,
    'error.message': message,
    'error.messageString': JSON.stringify(message),
    'error.responseType': type,
  };
  const [contentType, template] = Object.entries(response.templates)[0] ?? ['application/json', ''];
  return {
    // A status set for the defaults holds for every type that falls back to them, or has none of its own.
    statusCode: response.statusCode ?? fallback?.statusCode ?? status,
    headers: {
      'content-type': [contentType],
      ...Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), [mapped(value, known)]]),
      ),
    },
    body: Buffer.from(render(template, known)),
  };
}

/** A mapping expression: a literal in single quotes, or a value of the context. */
const mapped = (expression: string, context: Context): string =>
  /^'(.*)'$/s.exec(expression)?.[1] ?? String(context[expression.replace(/^context\./, '')] ?? '');

/** The part of VTL that gateway responses and access logs use: references to the context. */
export const render = (template: string, context: Context, missing = ''): string =>
  template.replace(/\$!?(?:\{context\.([\w.]+)\}|context\.(\w+(?:\.\w+)*))/g, (_, braced?: string, bare?: string) =>
    String(context[braced ?? bare ?? ''] ?? missing),
  );
