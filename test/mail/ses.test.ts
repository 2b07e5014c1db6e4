/** The adapter against a server that answers like SES. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { emailDelivery } from '../../lib/mail/ses.ts';
import { document, invoiceOf } from '../support/fixtures.ts';

const asked: { FromEmailAddress: string; Destination: { ToAddresses: string[] } }[] = [];
let refusal: { status: number; name: string } | undefined;
const server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  asked.push(JSON.parse(text));
  response.writeHead(refusal?.status ?? 200, {
    'content-type': 'application/json',
    ...(refusal && { 'x-amzn-errortype': refusal.name }),
  });
  response.end(JSON.stringify(refusal ? { message: 'secret@them.example' } : { MessageId: '1' }));
});

const live = invoiceOf({ ...document, buyer: { ...document.buyer, contact: { email: 'buyer@them.example' } } });
const unaddressed = invoiceOf(document);
const test = { ...live, scope: { ...live.scope, mode: 'test' as const } };

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL_SESV2', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'local');
  vi.stubEnv('AWS_REGION', 'eu-central-1');
});
beforeEach(() => {
  asked.length = 0;
  refusal = undefined;
});
afterAll(() => void server.close());

it.each([
  ['the buyer', live, {}, 'buyer@them.example'],
  ['whom the call names', live, { to: 'other@them.example' }, 'other@them.example'],
  ['whom the call names, in a test', test, { to: 'me@us.example' }, 'me@us.example'],
])('sends to %s', async (_, invoice, options, to) => {
  expect(await emailDelivery('us@us.example')(invoice, options)).toEqual({ sent: true, network: 'email', to });
  expect(asked).toMatchObject([{ FromEmailAddress: 'us@us.example', Destination: { ToAddresses: [to] } }]);
});

it.each([
  ['fails without an address', unaddressed, {}, { sent: false, network: 'email' }],
  ['leaves it to the company where that is allowed', unaddressed, { mayHandOver: true }, { sent: true }],
  ['writes to no buyer in a test', test, {}, { sent: true }],
  ['fails with an address that is none', live, { to: 'x' }, { sent: false, network: 'email' }],
])('%s', async (_, invoice, options, outcome) => {
  expect(await emailDelivery('us@us.example')(invoice, options)).toMatchObject(outcome);
  expect(asked).toEqual([]);
});

it('names what SES refused, without what it said', async () => {
  refusal = { status: 400, name: 'MessageRejected' };
  const outcome = await emailDelivery('us@us.example')(live, {});
  expect(outcome).toMatchObject({ sent: false, reason: expect.stringContaining('(MessageRejected)') });
  expect(JSON.stringify(outcome)).not.toContain('secret');
});

it('says so when nobody answers', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_SESV2', 'http://127.0.0.1:9');
  const outcome = await emailDelivery('us@us.example')(live, {});
  expect(outcome).toMatchObject({ sent: false, reason: expect.stringContaining('did not answer') });
});
