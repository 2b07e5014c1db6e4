import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo, type Served, serve } from './fixture.ts';

const functions = {
  Echo: { code: echo, environment: { TABLE: { Ref: 'Table' }, OWN: 'yes' } },
  Environment: { code: 'export const handler = async () => ({ statusCode: 200, body: JSON.stringify(process.env) });' },
  Crash: { code: "export const handler = async () => { throw new TypeError('broken'); };" },
  Exit: { code: 'export const handler = async () => process.exit(1);' },
  Unloadable: { code: "throw new Error('no way in');" },
  Malformed: { code: 'export const handler = async () => ({ statusCode: 200, body: { not: "text" } });' },
  Slow: { code: 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 5_000));', timeout: 10 },
  Endless: { code: 'export const handler = async () => { for (;;); };', timeout: 0.2 },
  Late: {
    code: `export const handler = () => new Promise(() => setTimeout(() => console.log('too late'), 400));`,
    timeout: 0.2,
  },
  Hungry: {
    code: 'export const handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill({})); };',
  },
  Large: { code: "export const handler = async () => ({ statusCode: 200, body: 'x'.repeat(6 * 1024 * 1024) });" },
  Counter: { code: 'let calls = 0; export const handler = async () => ({ statusCode: 200, body: String(++calls) });' },
  Answer: {
    code: `export const handler = async () => {
      console.log({ message: 'seen' });
      return { statusCode: 201, headers: { 'X-One': 1 }, multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] }, body: 'é' };
    };`,
  },
};

const literal = (path: string) => ({ api: 'Main', path, method: 'ANY' });

let served: Served;
const get = (path: string, init?: RequestInit) => fetch(served.url + path, init);
const eventOf = async (response: Response) => ((await response.json()) as { event: Record<string, never> }).event;

beforeAll(async () => {
  served = await serve({
    functions,
    routes: [
      literal('/things/{id}'),
      literal('/things/special'),
      literal('/things/{id}/parts'),
      { api: 'Main', path: '/things', method: 'POST' },
      literal('/any/{proxy+}'),
      literal('/any/{id}'),
      { api: 'Other', path: '/elsewhere/{id}' },
      ...[
        'Environment',
        'Crash',
        'Exit',
        'Unloadable',
        'Malformed',
        'Endless',
        'Late',
        'Hungry',
        'Large',
        'Counter',
        'Answer',
      ].map((functionName) => ({ api: 'Main', path: `/${functionName.toLowerCase()}`, functionName })),
      { api: 'Main', path: '/slow', functionName: 'Slow', timeout: 100 },
    ],
    responses: [
      {
        api: 'Main',
        properties: {
          ResponseType: 'MISSING_AUTHENTICATION_TOKEN',
          StatusCode: '404',
          ResponseParameters: { 'gatewayresponse.header.Retry-After': "'7'" },
          ResponseTemplates: {
            'application/json':
              '{"said":$context.error.messageString,"plain":"$context.error.message","id":"$context.requestId"}',
          },
        },
      },
      {
        api: 'Main',
        properties: { ResponseType: 'DEFAULT_5XX', ResponseTemplates: { 'application/json': '{"ours":true}' } },
      },
      { api: 'Other', properties: { ResponseType: 'DEFAULT_4XX', StatusCode: '418' } },
    ],
    stages: {
      Main: {
        AccessLogSetting: {
          Format: '{"path":"$context.resourcePath","status":"$context.status","key":"$context.authorizer.key"}',
        },
      },
    },
    others: { Table: { Type: 'AWS::DynamoDB::Table', Properties: {} } },
  });
});
afterAll(() => served.stop());

describe('routing', () => {
  it.each([
    ['/things/special', '/things/special'],
    ['/things/other', '/things/{id}'],
    ['/things/special/parts', '/things/{id}/parts'],
    ['/any/one', '/any/{id}'],
    ['/any/one/two', '/any/{proxy+}'],
    ['/elsewhere/1', '/elsewhere/{id}'],
  ])('%s reaches %s', async (path, resource) => {
    expect((await eventOf(await get(path))).resource).toBe(resource);
  });

  it.each(['/nothing', '/things', '/things/', '/things/a/b/c', '/'])('%s reaches nothing', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it('refuses an unknown path in the words of the API that comes nearest', async () => {
    expect((await get('/elsewhere/1/2')).status).toBe(418);
  });

  it('decodes path parameters once', async () => {
    const event = await eventOf(await get('/things/a%2Fb%2541?q=1'));
    expect(event.pathParameters).toEqual({ id: 'a/b%41' });
    expect(event.path).toBe('/things/a%2Fb%2541');
  });

  it('refuses a path that cannot be decoded', async () => {
    expect((await get('/things/%zz')).status).toBe(400);
  });
});

describe('the event', () => {
  it('has all that a REST API passes on', async () => {
    const event = await eventOf(
      await get('/things?a=1&a=2&b=%20', { method: 'POST', body: '{"x":1}', headers: { 'X-Mine': 'yes' } }),
    );
    expect(event).toMatchObject({
      resource: '/things',
      path: '/things',
      httpMethod: 'POST',
      headers: { 'X-Mine': 'yes' },
      multiValueHeaders: { 'X-Mine': ['yes'] },
      queryStringParameters: { a: '2', b: ' ' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: [' '] },
      pathParameters: null,
      stageVariables: { colour: 'blue' },
      body: '{"x":1}',
      isBase64Encoded: false,
      requestContext: {
        apiId: 'Main',
        stage: 'prod',
        httpMethod: 'POST',
        path: '/prod/things',
        resourcePath: '/things',
        requestId: expect.any(String),
        requestTimeEpoch: expect.any(Number),
        requestTime: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        identity: { sourceIp: '127.0.0.1', apiKey: null },
      },
    });
  });

  it('has null where there is nothing', async () => {
    const event = await eventOf(await get('/things/1'));
    expect(event).toMatchObject({ body: null, queryStringParameters: null, multiValueQueryStringParameters: null });
  });

  it('has U+FFFD for bytes that are not UTF-8', async () => {
    const event = await eventOf(await get('/things', { method: 'POST', body: new Uint8Array([0x61, 0xff, 0x62]) }));
    expect(event.body).toBe('a\ufffdb');
  });
});

describe('a function', () => {
  it('gets its own environment and nothing of this process', async () => {
    process.env.SECRET_OF_THE_HOST = 'x';
    const environment = await (await get('/environment')).json();
    expect(environment).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: 'Environment',
      AWS_ENDPOINT_URL_API_GATEWAY: served.url,
    });
    expect(environment).not.toHaveProperty('SECRET_OF_THE_HOST');
    expect(environment).not.toHaveProperty('OWN');
    expect(environment).not.toHaveProperty('PATH');
  });

  it('gets the table under its name on this machine, and its context', async () => {
    const { context } = (await (await get('/things/1')).json()) as { context: Record<string, unknown> };
    expect(context).toMatchObject({ functionName: 'Echo', memoryLimitInMB: '128', awsRequestId: expect.any(String) });
    expect(context.remaining).toBeGreaterThan(2_000);
  });

  it('answers with its status, headers and text', async () => {
    const response = await get('/answer');
    expect(response.status).toBe(201);
    expect(response.headers.get('x-one')).toBe('1');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('é');
  });

  it('logs in JSON to a file of its own', async () => {
    await get('/answer');
    await expect
      .poll(() => readFileSync(join(served.logs, 'Answer.log'), 'utf8'))
      .toContain('"message":{"message":"seen"}');
  });

  it('runs one invocation at a time in each thread, and keeps its state between them', async () => {
    const counts = [];
    for (let round = 0; round < 3; round++) counts.push(await (await get('/counter')).text());
    expect(counts).toEqual(['1', '2', '3']);
  });

  it.each(['/crash', '/exit', '/unloadable', '/malformed', '/endless', '/hungry', '/large'])(
    'that fails (%s) is a bad gateway, and does not end the server',
    async (path) => {
      const response = await get(path);
      expect([response.status, await response.json()]).toEqual([502, { ours: true }]);
      expect((await get('/things/1')).status).toBe(200);
    },
  );

  it('does nothing more once it timed out', async () => {
    expect((await get('/late')).status).toBe(502);
    await wait(400);
    const log = readFileSync(join(served.logs, 'Late.log'), 'utf8');
    expect(log).toContain('Task timed out after 0.20 seconds');
    expect(log).not.toContain('too late');
  });

  it('is waited for no longer than the integration says', async () => {
    expect((await get('/slow')).status).toBe(504);
  });

  it('may be called by many at once', async () => {
    const all = await Promise.all(Array.from({ length: 64 }, () => get('/things/1').then(({ status }) => status)));
    expect(new Set(all)).toEqual(new Set([200]));
  });
});

describe('gateway responses', () => {
  it('have status, headers and body of the template', async () => {
    const response = await get('/nothing');
    const body = await response.json();
    expect(response.headers.get('retry-after')).toBe('7');
    expect(body).toEqual({
      said: 'Missing Authentication Token',
      plain: 'Missing Authentication Token',
      id: response.headers.get('x-amzn-requestid'),
    });
  });

  it('refuse a body over 10 MB, read to its end', async () => {
    const response = await get('/things', { method: 'POST', body: new Uint8Array(10 * 1024 * 1024 + 1) });
    expect([response.status, await response.json()]).toEqual([413, { message: 'Request Too Long' }]);
  });

  it('refuse an event over 6 MB', async () => {
    const post = (length: number) => get('/things', { method: 'POST', body: '\u0001'.repeat(length) });
    expect((await post(1024)).status).toBe(200);
    expect((await post(2 * 1024 * 1024)).status).toBe(413);
  });
});

it('writes the access log in the format of the stage', async () => {
  await get('/things/1?secret=1');
  await expect
    .poll(() => readFileSync(join(served.logs, 'access.log'), 'utf8').trim().split('\n').at(-1))
    .toBe('{"path":"/things/{id}","status":"200","key":"-"}');
});

it('lets a request finish when it stops', async () => {
  const other = await serve({
    functions: {
      Echo: {
        code: `export const handler = () => {
          console.log('begun');
          return new Promise((resolve) => setTimeout(resolve, 300, { statusCode: 204 }));
        };`,
      },
    },
    routes: [{ api: 'Main', path: '/slow' }],
  });
  const status = new Promise((resolve) => request(`${other.url}/slow`, ({ statusCode }) => resolve(statusCode)).end());
  const log = join(other.logs, 'Echo.log');
  await expect.poll(() => existsSync(log) && readFileSync(log, 'utf8')).toContain('begun');
  await other.stop();
  expect(await status).toBe(204);
  await expect(fetch(`${other.url}/slow`)).rejects.toThrow();
});
