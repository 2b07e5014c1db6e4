/** A request that comes again while the first one is at work, on the native API over the real core. */
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { invoices as contract } from '../../lib/contracts/invoices/index.ts';
import { serve } from '../../lib/lambda/http.ts';
import { caller, tenant } from '../support/fixtures.ts';
import { newCore } from '../support/memory-core.ts';

const content = {
  buyer: { name: 'Käufer AG', address: { city: 'Wien', country: 'AT' } },
  items: [{ name: 'Work', price: 10_000, quantity: 1, unit_code: 'HUR', tax_category: 'S', tax_rate: 19 }],
};

function newClient() {
  const { invoices } = newCore(tenant);
  return async (
    httpMethod: string,
    resource: string,
    params: object,
    body?: unknown,
    { key = '', early = false } = {},
  ) => {
    let looks = 0;
    const replay: typeof invoices.replay = async (...asked) =>
      early && looks++ === 0 ? undefined : invoices.replay(...asked);
    const handler = serve(contract, () => ({
      invoices: { ...invoices, replay },
      count: async () => ({ admitted: true, used: [1] }),
      attempts: () => 0,
    }));
    const event = {
      httpMethod,
      resource,
      headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
      pathParameters: params,
      queryStringParameters: null,
      body: body === undefined ? null : JSON.stringify(body),
      requestContext: { requestId: 'r', authorizer: { ...caller, scopes: [...caller.scopes].join(' ') } },
    } as unknown as APIGatewayProxyEvent;
    return handler(event, { getRemainingTimeInMillis: () => 15_000 } as Context);
  };
}

beforeEach(() => {
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
});

describe('a repeated request that looked for its first answer too early to find it', () => {
  it.each([
    ['approves', 'POST', '/approve', undefined, 'draft'],
    ['deletes', 'DELETE', '', undefined, 'draft'],
    ['finalizes', 'POST', '/finalize', undefined, 'draft'],
    ['sends', 'POST', '/send', undefined, 'draft'],
    ['cancels', 'POST', '/cancel', { reason: 'wrong' }, 'issued'],
    ['pays', 'POST', '/payments', { amount: 11_900 }, 'issued'],
    ['credits', 'POST', '/credit-notes', {}, 'issued'],
  ])('is not refused for what the first one did: %s', async (_, method, path, body, state) => {
    const ask = newClient();
    const { id } = JSON.parse((await ask('POST', '/invoices', {}, content)).body).data;
    if (state === 'issued') await ask('POST', '/invoices/{id}/finalize', { id });
    const again = (early: boolean) => ask(method, `/invoices/{id}${path}`, { id }, body, { key: 'one', early });
    const first = await again(false);
    expect(first.statusCode, first.body).toBeLessThan(300);
    const second = await again(true);
    expect([second.statusCode, second.body]).toEqual([first.statusCode, first.body]);
    expect(second.headers).toMatchObject({ 'Idempotency-Replayed': 'true' });
  });

  it('is refused with another body', async () => {
    const ask = newClient();
    const { id } = JSON.parse((await ask('POST', '/invoices', {}, content)).body).data;
    await ask('POST', '/invoices/{id}/cancel', { id }, { reason: 'one' }, { key: 'one' });
    const other = await ask('POST', '/invoices/{id}/cancel', { id }, { reason: 'two' }, { key: 'one', early: true });
    expect([other.statusCode, JSON.parse(other.body).code]).toEqual([422, 'idempotency_key_reused']);
  });
});
