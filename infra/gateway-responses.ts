/** What API Gateway answers by itself, in the contract's words. */
import { GatewayResponse, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Contract } from '../lib/contracts/contract.ts';
import type { Failure } from '../lib/invoice/failure.ts';
import type { Answer } from '../lib/invoice/operation.ts';
import { largestBody } from '../lib/lambda/body.ts';

const noRoute: Failure = { kind: 'not-found', what: 'route', id: 'this method and path' };

const wrong = (place: 'path' | 'query', message: string): Failure => ({
  kind: 'invalid',
  faults: [{ in: place, path: [], code: 'invalid', message }],
});

/**
 * Which failure stands behind each of API Gateway's response types. A type that is missing here (a wrong configuration of
 * ours, say) falls back to `DEFAULT_4XX` or `DEFAULT_5XX`.
 */
export const gatewayFailures: readonly (readonly [ResponseType, Failure])[] = [
  [ResponseType.UNAUTHORIZED, { kind: 'unauthenticated' }],
  [ResponseType.ACCESS_DENIED, { kind: 'forbidden' }],
  // The key was disabled while the authorizer's answer was still cached.
  [ResponseType.INVALID_API_KEY, { kind: 'unauthenticated' }],
  // The name misleads: it means that no method matches.
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, noRoute],
  [ResponseType.RESOURCE_NOT_FOUND, noRoute],
  // No method of ours is signed. Where none matches, API Gateway takes a bearer token for a broken signature.
  [ResponseType.INVALID_SIGNATURE, noRoute],
  [ResponseType.EXPIRED_TOKEN, noRoute],
  // The store could not say whose key it is. The request has not begun, so asking again is safe.
  [ResponseType.AUTHORIZER_FAILURE, { kind: 'busy', retryAfter: 1 }],
  // A bucket holds several requests a second in every plan.
  [ResponseType.THROTTLED, { kind: 'throttled', retryAfter: 1 }],
  // API Gateway does not tell when the period ends; asking hourly finds its end within an hour.
  [ResponseType.QUOTA_EXCEEDED, { kind: 'quota-exceeded', retryAfter: 3_600 }],
  // The rate rule of firewall.ts looks at five minutes.
  [ResponseType.WAF_FILTERED, { kind: 'throttled', retryAfter: 300 }],
  [ResponseType.REQUEST_TOO_LARGE, { kind: 'body-too-large', limit: largestBody }],
  [ResponseType.UNSUPPORTED_MEDIA_TYPE, { kind: 'unsupported-media-type', message: 'Send application/json.' }],
  [ResponseType.BAD_REQUEST_BODY, { kind: 'malformed', faults: [] }],
  [ResponseType.BAD_REQUEST_PARAMETERS, wrong('query', 'The parameters cannot be read.')],
  [ResponseType.INTEGRATION_TIMEOUT, { kind: 'timeout' }],
  // The function may have been cut off after its commit.
  [ResponseType.INTEGRATION_FAILURE, { kind: 'outcome-unknown', retryAfter: 1 }],
  [ResponseType.DEFAULT_4XX, wrong('path', 'The request cannot be read: check its path and headers.')],
  [ResponseType.DEFAULT_5XX, { kind: 'internal' }],
];

/** Gives an API the gateway responses of its contract. */
export function wordGatewayResponses(api: RestApi, contract: Contract): void {
  for (const [type, failure] of gatewayFailures) {
    const { status, headers, body } = contract.fail(failure);
    new GatewayResponse(api, type.responseType, {
      restApi: api,
      type,
      statusCode: String(status),
      responseHeaders: quoted(headers),
      templates: { 'application/json': template(body) },
    });
  }
}

/** A static header value stands in single quotes, and nothing can quote a single quote. */
function quoted(headers: Answer['headers']): Record<string, string> {
  const entries = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-type');
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (value.includes("'")) throw new Error(`API Gateway cannot send the header ${name}: ${value}`);
      return [name, `'${value}'`];
    }),
  );
}

/** API Gateway reads the body as a template. JSON has another spelling for the two characters that would mean something. */
const template = (body: string): string => body.replaceAll('$', '\\u0024').replaceAll('#', '\\u0023');
