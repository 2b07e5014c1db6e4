import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { answer, type Contract, type Limits, route } from '../../lib/contracts/contract.ts';
import { contracts } from '../../lib/contracts/index.ts';
import { connect } from '../../lib/dynamo/connection.ts';
import { type CountRequest, rateWindows } from '../../lib/dynamo/rate-windows.ts';
import type { Invoices } from '../../lib/invoice/invoices.ts';
import { StoreBusy } from '../../lib/invoice/store.ts';
import { serve } from '../../lib/lambda/http.ts';
import { plans } from '../../lib/lambda/plans.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';

vi.mock(import('../../lib/lambda/plans.ts'), async (original) => {
  const { plans } = await original();
  const lifted = { rate: 1, burst: 1, windows: { limited: {} } };
  const small = { rate: 1, burst: 1, windows: { limited: { minute: 1, day: 1 } } };
  return { plans: { ...plans, lifted, small } };
});

const table = 'limits-test';
let engine: Engine;
let ran = 0;
let replays = 0;

const shared = { status: 200, answer: z.unknown(), params: z.object({ id: z.string() }) };
const run = async () => answer(200, { ran: ++ran });
const limited = (limits: Limits | undefined, name = 'limited'): Contract => ({
  name,
  title: 'A contract with limits',
  credentials: ['bearer'],
  routes: [
    route({ ...shared, method: 'GET', path: '/things/{id}', summary: 'Read', scope: 'thing:read', run }),
    route({
      ...shared,
      method: 'POST',
      path: '/things/{id}',
      summary: 'Change',
      scope: 'thing:write',
      body: z.object({ n: z.int() }),
      run,
    }),
    route({ ...shared, method: 'GET', path: '/open', summary: 'Open', scope: 'public', params: z.object({}), run }),
  ],
  ...(limits && { limits }),
  failure: z.object({ error: z.string() }),
  fail: (failure) =>
    answer(
      { throttled: 429, busy: 503, invalid: 400, malformed: 400, forbidden: 403 }[failure.kind as string] ?? 500,
      { error: failure.kind },
      'retryAfter' in failure ? { 'Retry-After': String(failure.retryAfter) } : {},
    ),
});

const byMinuteAndDay: Limits = {
  windows: { reads: { minute: 3, day: 5 }, writes: { minute: 2, day: 5 } },
  headers: (of, counted) => ({
    'x-minute': `${of('minute').used}/${of('minute').limit}`,
    'x-day': `${of('day').used}/${of('day').limit}`,
    'x-resets': `${of('minute').resetsAt} ${of('day').resetsAt}`,
    'x-operation': counted,
  }),
};

/** A client of a gateway of its own. */
function clientFor(contract: Contract, key: Record<string, string> = {}, count?: CountRequest) {
  const handler = serve(contract, () => {
    const connection = connect(clientOf(engine.endpoint), table);
    const invoices = {
      replay: async () => {
        replays++;
      },
    } as unknown as Invoices;
    return { invoices, count: count ?? rateWindows(connection), attempts: connection.attempts };
  });
  const authorizer = {
    tenant: 't',
    keyId: `key_${Math.random()}`,
    mode: 'live',
    scopes: 'thing:read thing:write',
    plan: 'standard',
    ...key,
  };
  return async (httpMethod: string, resource = '/things/{id}', body = '{"n":1}', headers = {}) => {
    const event = {
      httpMethod,
      resource,
      headers: { 'content-type': 'application/json', ...headers },
      pathParameters: { id: '1' },
      queryStringParameters: null,
      body: httpMethod === 'GET' ? null : body,
      requestContext: { requestId: 'r', authorizer },
    } as unknown as APIGatewayProxyEvent;
    const result = await handler(event, { getRemainingTimeInMillis: () => 15_000 } as Context);
    return { status: result.statusCode, headers: result.headers as Record<string, string> };
  };
}

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
});
afterAll(() => engine.stop());
beforeEach(() => {
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
  vi.setSystemTime(new Date('2026-01-15T10:20:30.250Z'));
  ran = 0;
  replays = 0;
});
afterEach(() => vi.useRealTimers());

describe('a published limit', () => {
  it('is kept, told on every answer, and counts reads and writes apart', async () => {
    const send = clientFor(limited(byMinuteAndDay));
    const told = (day: string, minute: string, operation: string) => ({
      'x-minute': minute,
      'x-day': day,
      'x-resets': `${Date.UTC(2026, 0, 15, 10, 21) / 1_000} ${Date.UTC(2026, 0, 16) / 1_000}`,
      'x-operation': operation,
    });
    expect(await send('POST')).toMatchObject({ status: 200, headers: told('1/5', '1/2', 'writes') });
    expect(await send('POST')).toMatchObject({ status: 200, headers: told('2/5', '2/2', 'writes') });
    const refused = await send('POST', undefined, undefined, { 'Idempotency-Key': 'mine' });
    expect(refused).toMatchObject({ status: 429, headers: { 'Retry-After': '30', ...told('2/5', '2/2', 'writes') } });
    expect({ ran, replays }).toEqual({ ran: 2, replays: 0 });
    expect(await send('GET')).toMatchObject({ status: 200, headers: told('1/5', '1/3', 'reads') });
  });

  it('has room again after just as many seconds as it told', async () => {
    const send = clientFor(limited(byMinuteAndDay));
    for (let index = 0; index < 2; index++) await send('POST');
    const { headers } = await send('POST');
    vi.setSystemTime(Date.now() + (Number(headers['Retry-After']) - 1) * 1_000);
    expect((await send('POST')).status).toBe(429);
    vi.setSystemTime(Date.now() + 1_000);
    expect((await send('POST')).status).toBe(200);
  });

  it('tells of the day when that is what is used up', async () => {
    const send = clientFor(limited(byMinuteAndDay));
    for (let index = 0; index < 6; index++) {
      await send('POST');
      if (index % 2) vi.setSystemTime(Date.now() + 60_000);
    }
    const { status, headers } = await send('POST');
    expect([status, headers['x-day'], headers['x-minute']]).toEqual([429, '5/5', '0/2']);
    expect(Number(headers['Retry-After'])).toBe(Math.ceil((Date.UTC(2026, 0, 16) - Date.now()) / 1_000));
  });

  it('tells of the longest when several are used up', async () => {
    const limits = { ...byMinuteAndDay, windows: { requests: { minute: 1, day: 1 } } };
    const send = clientFor(limited(limits));
    await send('POST');
    const { headers } = await send('POST');
    expect(Number(headers['Retry-After'])).toBe(Math.ceil((Date.UTC(2026, 0, 16) - Date.now()) / 1_000));
  });

  it('lets exactly 25 of 64 at once through, over several gateways', async () => {
    const limits = { ...byMinuteAndDay, windows: { requests: { minute: 25, day: 1_500 } } };
    const gateways = [1, 2, 3].map(() => clientFor(limited(limits), { keyId: 'key_shared' }));
    const all = await Promise.all(Array.from({ length: 64 }, (_, index) => gateways[index % 3]?.('POST')));
    expect(all.filter((one) => one?.status === 200)).toHaveLength(25);
    expect(all.filter((one) => one?.status === 429)).toHaveLength(39);
    expect(ran).toBe(25);
  });

  it('is used up by requests that fail as well, and their answers tell it', async () => {
    const send = clientFor(limited(byMinuteAndDay));
    expect(await send('POST', undefined, '{')).toMatchObject({ status: 400, headers: { 'x-minute': '1/2' } });
    expect(await send('POST', undefined, '{}')).toMatchObject({ status: 400, headers: { 'x-minute': '2/2' } });
    expect((await send('POST')).status).toBe(429);
    const reader = clientFor(limited(byMinuteAndDay), { scopes: 'thing:read' });
    expect(await reader('POST')).toMatchObject({ status: 403, headers: { 'x-minute': '1/2' } });
  });

  it('does not hold for public routes, nor for whoever has no key', async () => {
    const count = vi.fn<CountRequest>();
    const send = clientFor(limited(byMinuteAndDay), {}, count);
    const answered = await send('GET', '/open');
    expect([answered.status, answered.headers['x-minute']]).toEqual([200, undefined]);
    const stranger = clientFor(limited(byMinuteAndDay), { tenant: '' }, count);
    expect((await stranger('GET')).status).toBe(500);
    expect(count).not.toHaveBeenCalled();
  });

  it('that cannot be counted is an outage', async () => {
    const send = clientFor(limited(byMinuteAndDay), {}, () => Promise.reject(new StoreBusy()));
    expect((await send('POST')).status).toBe(503);
    expect(ran).toBe(0);
  });

  it('that is not published costs nothing', async () => {
    const count = vi.fn<CountRequest>();
    expect((await clientFor(limited(undefined), {}, count)('POST')).status).toBe(200);
    const onlyReads = { ...byMinuteAndDay, windows: { reads: { minute: 1 } } };
    expect((await clientFor(limited(onlyReads), {}, count)('POST')).status).toBe(200);
    expect(count).not.toHaveBeenCalled();
  });
});

describe('a plan', () => {
  it('puts its own limit in place of the published one', async () => {
    const native = contracts.find(({ name }) => name === 'invoices');
    const limitFor = async (plan: string) => {
      const send = clientFor(limited(native?.limits, 'invoices'), { plan });
      return (await send('GET')).headers['X-RateLimit-Limit'];
    };
    expect([await limitFor('standard'), await limitFor('premium'), await limitFor('unknown')]).toEqual([
      '100',
      '1000',
      '100',
    ]);
  });

  it('may lift a limit, which then costs nothing and is not told', async () => {
    const count = vi.fn<CountRequest>();
    const answered = await clientFor(limited(byMinuteAndDay), { plan: 'lifted' }, count)('POST');
    expect([answered.status, answered.headers['x-minute']]).toEqual([200, undefined]);
    expect(count).not.toHaveBeenCalled();
  });

  it('that is smaller than the one before counts what was used, and tells no more than there is', async () => {
    for (const plan of ['standard', 'standard', 'small']) {
      const { status, headers } = await clientFor(limited(byMinuteAndDay), { plan, keyId: 'key_moved' })('POST');
      if (plan === 'small') expect([status, headers['x-minute'], headers['x-day']]).toEqual([429, '1/1', '1/1']);
    }
  });

  it.each(Object.entries(plans))('%s has every span that a contract words', async (_, { windows = {} }) => {
    for (const [name, own] of Object.entries(windows).filter(([name]) => name !== 'limited')) {
      const limits = contracts.find((contract) => contract.name === name)?.limits;
      expect(limits, name).toBeDefined();
      for (const published of Object.values(limits?.windows ?? {})) {
        if (Object.keys(own).length > 0) expect(Object.keys(own)).toEqual(Object.keys(published));
      }
    }
  });
});

it('the native API tells limit, remaining and reset as page 002 names them', async () => {
  const native = contracts.find(({ name }) => name === 'invoices');
  const send = clientFor(limited(native?.limits));
  await send('GET');
  expect((await send('POST')).headers).toMatchObject({
    'X-RateLimit-Limit': '100',
    'X-RateLimit-Remaining': '98',
    'X-RateLimit-Reset': String(Date.UTC(2026, 0, 15, 10, 20, 31) / 1_000),
  });
});
