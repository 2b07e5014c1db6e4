/** The body of a request, if it is JSON and not too large. */
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Route } from '../contracts/contract.ts';
import { InvoiceError } from '../invoice/failure.ts';
import { parseJson } from './json.ts';

/** Bytes of the largest body. Lambda takes 6 MB with everything around it. */
export const largestBody = 5 * 1024 * 1024;

/** The request's JSON, `undefined` when it has no body or its route looks at none. */
export function bodyOf({ body, headers, isBase64Encoded }: APIGatewayProxyEvent, route: Route): unknown {
  if (!body || !route.body) return undefined;
  if (Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8') > largestBody) {
    throw new InvoiceError({ kind: 'body-too-large', limit: largestBody });
  }
  checkMediaType(headers['content-type'], headers['content-encoding']);
  const parsed = parseJson(isBase64Encoded ? utf8(body) : body);
  if ('faults' in parsed) throw new InvoiceError({ kind: 'malformed', faults: parsed.faults });
  return parsed.value;
}

function checkMediaType(type = '', encoding: string | undefined): void {
  const refuse = (message: string) => new InvoiceError({ kind: 'unsupported-media-type', message });
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw refuse('Send the body as it is, without Content-Encoding.');
  }
  const [media = '', ...parameters] = type
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const json = media === 'application/json' || /^application\/[\w.-]+\+json$/.test(media);
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '');
  if (!json || (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')) {
    throw refuse('Send JSON in UTF-8 with the header "Content-Type: application/json".');
  }
}

function utf8(base64: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    const fault = { in: 'body' as const, path: [], code: 'invalid_encoding', message: 'The body is not valid UTF-8.' };
    throw new InvoiceError({ kind: 'malformed', faults: [fault] });
  }
}
