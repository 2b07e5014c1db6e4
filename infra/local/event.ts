/** The proxy event of API Gateway's REST APIs (payload version 1.0), and the way back. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEvent, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { Method } from './apis.ts';
import { accountId, region } from './template.ts';

/** One request on its way through the gateway. */
export interface Call {
  readonly requestId: string;
  readonly time: Date;
  readonly method: Method;
  readonly httpMethod: string;
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>> | null;
  readonly headers: Multi;
  readonly query: Multi;
  readonly sourceIp: string;
}

/** Names as they were sent, each with all its values. */
export type Multi = Readonly<Record<string, string[]>>;

/** What an authorizer found out, as it reaches the function: texts only. */
export type AuthorizerContext = Readonly<Record<string, string>>;

export interface ProxyResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string[]>>;
  readonly body: Buffer;
}

export function headersOf({ rawHeaders }: IncomingMessage): Multi {
  const pairs: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] as string, rawHeaders[index + 1] as string]);
  }
  return gathered(pairs);
}

export function gathered(pairs: Iterable<[string, string]>): Multi {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

/** The last value of each name, which is what API Gateway puts into the single-valued maps. */
const last = (multi: Multi): Record<string, string> =>
  Object.fromEntries(Object.entries(multi).map(([name, values]) => [name, values.at(-1) as string]));

const orNull = <Value extends object>(value: Value): Value | null => (Object.keys(value).length > 0 ? value : null);

export const header = ({ headers }: Pick<Call, 'headers'>, name: string): string | undefined =>
  Object.entries(headers)
    .find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
    .at(-1);

/** What the events of function and authorizer have in common. */
function requestPart(call: Call) {
  const { method, headers, query } = call;
  return {
    resource: method.resource,
    path: call.path,
    httpMethod: call.httpMethod,
    headers: last(headers),
    multiValueHeaders: headers as Record<string, string[]>,
    queryStringParameters: orNull(last(query)),
    multiValueQueryStringParameters: orNull(query) as Record<string, string[]> | null,
    pathParameters: call.pathParameters,
    stageVariables: method.api.stageVariables,
  };
}

export function proxyEvent(
  call: Call,
  body: Buffer,
  authorizer: AuthorizerContext | undefined,
  apiKey: { id: string; value: string } | undefined,
): APIGatewayProxyEvent {
  const binary = isBinary(call, header(call, 'content-type'));
  return {
    ...requestPart(call),
    requestContext: { ...requestContext(call, apiKey), authorizer },
    // Text is decoded leniently: bytes that are not UTF-8 arrive as U+FFFD.
    body: body.length > 0 ? body.toString(binary ? 'base64' : 'utf8') : null,
    isBase64Encoded: binary && body.length > 0,
  } as APIGatewayProxyEvent;
}

export const authorizerEvent = (call: Call): APIGatewayRequestAuthorizerEvent =>
  ({
    type: 'REQUEST',
    methodArn: methodArn(call),
    ...requestPart(call),
    requestContext: requestContext(call),
  }) as APIGatewayRequestAuthorizerEvent;

export const methodArn = ({ method: { api }, httpMethod, path }: Call): string =>
  `arn:aws:execute-api:${region}:${accountId}:${api.id}/${api.stage}/${httpMethod}${path}`;

function requestContext(call: Call, apiKey?: { id: string; value: string }) {
  const { api, resource, resourceId } = call.method;
  const { requestId, time, httpMethod, path, sourceIp } = call;
  return {
    accountId,
    apiId: api.id,
    domainName: header(call, 'host'),
    extendedRequestId: requestId,
    httpMethod,
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: apiKey?.value ?? null,
      apiKeyId: apiKey?.id ?? null,
      caller: null,
      sourceIp,
      user: null,
      userAgent: header(call, 'user-agent') ?? null,
      userArn: null,
    },
    path: `/${api.stage}${path}`,
    protocol: 'HTTP/1.1',
    requestId,
    requestTime: clfTime(time),
    requestTimeEpoch: time.getTime(),
    resourceId,
    resourcePath: resource,
    stage: api.stage,
  };
}

/** Time as in the common log format, such as `21/Nov/2026:07:31:00 +0000`. */
function clfTime(time: Date): string {
  const [, day, month, year, clock] = /, (\d+) (\w+) (\d+) ([\d:]+)/.exec(time.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}

/** Whether API Gateway treats a body of this content type as bytes. */
function isBinary({ method: { api } }: Call, contentType = 'application/json'): boolean {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return api.binaryMediaTypes.some(
    (one) => one === '*/*' || one.toLowerCase() === type || one === `${type.split('/')[0]}/*`,
  );
}

/** Reads what a function returned; `undefined` when it is not the form that API Gateway asks for. */
export function proxyResult(call: Call, payload: string): ProxyResult | undefined {
  const result = JSON.parse(payload) as Record<string, unknown> | null;
  if (typeof result !== 'object' || result === null) return undefined;
  const { statusCode, headers = {}, multiValueHeaders = {}, body = '', isBase64Encoded } = result;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (body !== null && typeof body !== 'string') return undefined;
  if (!isHeaders(headers) || !isHeaders(multiValueHeaders)) return undefined;
  const merged = new Map<string, string[]>();
  for (const [name, value] of Object.entries({ ...headers, ...multiValueHeaders })) {
    if (!managed.has(name.toLowerCase())) merged.set(name.toLowerCase(), [value].flat().map(String));
  }
  if (!merged.has('content-type')) merged.set('content-type', ['application/json']);
  const bytes = isBase64Encoded === true && isBinary(call, header(call, 'accept'));
  return {
    statusCode: status,
    headers: Object.fromEntries(merged),
    body: Buffer.from(body ?? '', bytes ? 'base64' : 'utf8'),
  };
}

/** Headers that the gateway sets itself. */
const managed = new Set(['connection', 'content-length', 'transfer-encoding', 'date', 'server']);

const isHeaders = (value: unknown): value is Record<string, unknown> =>
  value === null || (typeof value === 'object' && !Array.isArray(value));

export function send(response: ServerResponse, { statusCode, headers, body }: ProxyResult, requestId: string): void {
  response.writeHead(statusCode, { ...headers, 'x-amzn-requestid': requestId, 'content-length': body.length });
  response.end(body);
}
