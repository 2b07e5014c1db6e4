/** What the joint between HTTP and core makes of errors that no contract throws. */
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { route } from '../../lib/contracts/contract.ts';
import type { Invoices } from '../../lib/invoice/invoices.ts';
import { OutcomeUnknown, StoreBusy } from '../../lib/invoice/store.ts';
import { serve } from '../../lib/lambda/http.ts';
import { plain } from '../support/contracts.ts';

/** Asks a route whose code ends with an error. */
async function ask(method: 'GET' | 'POST', error: Error) {
  const broken = route({
    method,
    path: '/broken',
    summary: 'Ends with an error',
    scope: 'plain:read',
    status: 200,
    answer: z.unknown(),
    async run() {
      throw error;
    },
  });
  const invoices = { replay: async () => undefined } as unknown as Invoices;
  const handler = serve({ ...plain, routes: [broken] }, () => ({
    invoices,
    count: async () => {
      throw new Error('Nothing is counted.');
    },
    attempts: () => 1,
  }));
  const event = {
    httpMethod: method,
    resource: '/broken',
    headers: {},
    pathParameters: null,
    queryStringParameters: null,
    body: null,
    requestContext: { requestId: 'r', authorizer: { tenant: 't', keyId: 'k', mode: 'live', scopes: 'plain:read' } },
  } as unknown as APIGatewayProxyEvent;
  const { body } = (await handler(event, {} as Context)) as { body: string };
  return JSON.parse(body).error;
}

it.each([
  ['POST', new OutcomeUnknown(), 'outcome-unknown'],
  ['POST', new StoreBusy(), 'busy'],
  ['GET', new OutcomeUnknown(), 'busy'],
  ['GET', new StoreBusy(), 'busy'],
  ['GET', new Error('x'), 'internal'],
] as const)('a %s that ends with %o is told %s', async (method, error, told) => {
  expect(await ask(method, error)).toBe(told);
});
