import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo, type Served, serve } from './fixture.ts';

/** Counts its calls, and does what the credential says. */
const authorizer = `
let calls = 0;
const policy = (Effect, Resource) => ({ Version: '2012-10-17', Statement: [{ Effect, Action: 'execute-api:*', Resource }] });
export const handler = async ({ methodArn, headers, type }) => {
  const key = headers['X-Key'] ?? 'none';
  const [api, stage] = methodArn.split('/');
  const answer = (policyDocument, more) =>
    ({ principalId: 'someone', policyDocument, context: { call: ++calls, type, key, yes: true }, usageIdentifierKey: key, ...more });
  if (key.startsWith('bad')) throw new Error('Unauthorized');
  if (key.startsWith('down')) throw new Error('no table');
  if (key.startsWith('odd')) return answer(policy('Allow', '*'), { context: { list: [1] } });
  if (key.startsWith('nobody')) return { policyDocument: policy('Allow', '*') };
  if (key.startsWith('deny')) return answer(policy('Deny', '*'));
  if (key.startsWith('here')) return answer(policy('Allow', methodArn));
  return answer(policy('Allow', api + '/' + stage + '/*'));
};`;

const keys = {
  fast: 'fast-000000000000000000',
  slow: 'slow-000000000000000000',
  few: 'few-0000000000000000000',
  disabled: 'disabled-00000000000000',
  planless: 'planless-00000000000000',
  here: 'here-000000000000000000',
};

let served: Served;
const get = (path: string, key?: string) => fetch(served.url + path, { headers: key ? { 'X-Key': key } : {} });
const authorizerOf = async (response: Response) =>
  ((await response.json()) as { event: { requestContext: { authorizer: Record<string, string> } } }).event
    .requestContext.authorizer;

beforeAll(async () => {
  const stages = (...apis: string[]) => apis.map((api) => ({ ApiId: { Ref: api }, Stage: { Ref: `${api}Stage` } }));
  const guarded = (path: string, name = 'Cached') => ({ api: 'Main', path, authorizer: name, apiKeyRequired: true });
  served = await serve({
    functions: { Echo: { code: echo }, Authorizer: { code: authorizer } },
    authorizers: {
      Cached: { functionName: 'Authorizer', identitySource: 'method.request.header.X-Key', ttl: 2 },
      Uncached: { functionName: 'Authorizer', ttl: 0 },
    },
    routes: [
      guarded('/a'),
      guarded('/b'),
      guarded('/uncached', 'Uncached'),
      { api: 'Main', path: '/keyless', authorizer: 'Cached' },
      { api: 'Main', path: '/public' },
      { api: 'Narrow', path: '/narrow' },
    ],
    plans: {
      Fast: { UsagePlanName: 'fast', ApiStages: stages('Main'), Throttle: { RateLimit: 1000, BurstLimit: 1000 } },
      Slow: { UsagePlanName: 'slow', ApiStages: stages('Main'), Throttle: { RateLimit: 0.001, BurstLimit: 3 } },
      Few: { UsagePlanName: 'few', ApiStages: stages('Main'), Quota: { Limit: 2, Period: 'DAY' } },
    },
    responses: ['UNAUTHORIZED', 'ACCESS_DENIED', 'INVALID_API_KEY', 'THROTTLED', 'QUOTA_EXCEEDED'].map(
      (ResponseType) => ({
        api: 'Main',
        properties: { ResponseType, ResponseTemplates: { 'application/json': '"$context.error.responseType"' } },
      }),
    ),
    stages: {
      Narrow: {
        MethodSettings: [{ HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 6 }],
      },
    },
  });
  const plan = { fast: 'Fast', here: 'Fast', slow: 'Slow', few: 'Few', disabled: 'Fast', planless: undefined };
  for (const [name, value] of Object.entries(keys)) {
    const key = await served.keys.create({ name, value, enabled: name !== 'disabled' });
    const id = plan[name as keyof typeof plan];
    if (key !== 'exists' && id) await served.keys.join(key, id);
  }
});
afterAll(() => served.stop());

describe('the authorizer', () => {
  it.each([
    [undefined, 401, 'UNAUTHORIZED'],
    ['bad', 401, 'UNAUTHORIZED'],
    ['deny', 403, 'ACCESS_DENIED'],
    ['unknown-to-the-gateway', 403, 'INVALID_API_KEY'],
    [keys.disabled, 403, 'INVALID_API_KEY'],
    [keys.planless, 403, 'INVALID_API_KEY'],
  ])('with %s answers %i %s', async (key, status, type) => {
    const response = await get('/a', key);
    expect([response.status, await response.json()]).toEqual([status, type]);
  });

  it.each(['down', 'odd', 'nobody'])('that fails (%s) is a failure of the server', async (key) => {
    expect((await get('/a', key)).status).toBe(500);
  });

  it('passes its context on as texts', async () => {
    const context = await authorizerOf(await get('/a', keys.fast));
    expect(context).toEqual({
      principalId: 'someone',
      call: expect.any(String),
      type: 'REQUEST',
      key: keys.fast,
      yes: 'true',
    });
  });

  it('is asked once for each identity while its result is cached', async () => {
    const call = async (path: string, key: string) => (await authorizerOf(await get(path, key))).call;
    const first = await call('/keyless', 'k1');
    expect(await call('/keyless', 'k1')).toBe(first);
    expect(await call('/keyless', 'k2')).not.toBe(first);
    await expect.poll(() => call('/keyless', 'k1')).not.toBe(first);
  });

  it('is asked every time without a cache, also when nothing was sent', async () => {
    const call = async () => (await authorizerOf(await get('/uncached', keys.fast))).call;
    expect(await call()).not.toBe(await call());
    expect((await get('/uncached')).status).toBe(403);
  });

  it('has its cached policy judged for the method that is called', async () => {
    expect((await get('/a', keys.here)).status).toBe(200);
    expect((await get('/b', keys.here)).status).toBe(403);
  });

  it('is not asked for public methods', async () => {
    expect(await authorizerOf(await get('/public'))).toBeUndefined();
  });
});

describe('limits', () => {
  const statuses = async (count: number, path: string, key?: string) =>
    (await Promise.all(Array.from({ length: count }, () => get(path, key)))).map(({ status }) => status);
  const accepted = (all: number[]) => all.filter((status) => status === 200).length;

  it('throttle a key to the burst of its plan, and no other key', async () => {
    expect(accepted(await statuses(10, '/a', keys.slow))).toBe(3);
    expect(await (await get('/a', keys.slow)).json()).toBe('THROTTLED');
    expect(accepted(await statuses(10, '/a', keys.fast))).toBe(10);
  });

  it('end a key at the quota of its plan', async () => {
    expect(accepted(await statuses(5, '/a', keys.few))).toBe(2);
    expect(await (await get('/a', keys.few)).json()).toBe('QUOTA_EXCEEDED');
  });

  it('throttle the stage, whoever calls', async () => {
    expect(accepted(await statuses(10, '/narrow'))).toBe(6);
  });
});

it('a key that is disabled elsewhere stops working within a second or so', async () => {
  const value = 'fleeting-0000000000000000';
  const key = await served.keys.create({ name: 'fleeting', value, enabled: true });
  if (key === 'exists') throw new Error('A fresh key exists.');
  await served.keys.join(key, 'Fast');
  expect((await get('/a', value)).status).toBe(200);
  await served.keys.setEnabled(key, false);
  expect((await get('/a', value)).status).toBe(403);
});
