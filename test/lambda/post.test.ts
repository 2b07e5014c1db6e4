/** Posting over real HTTP: what arrives, and where nothing is sent. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Posting, poster } from '../../lib/lambda/post.ts';

let server: Server;
let url: string;
let got: { request: IncomingMessage; body: string }[] = [];
let status = 200;
let hang = false;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    got.push({ request, body });
    if (!hang) response.writeHead(status, { location: `${url}/elsewhere` }).end('x'.repeat(100_000));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  got = [];
  status = 200;
  hang = false;
});

const post = (target: string, posting: Partial<Posting> = {}) =>
  poster({ allowLoopback: true, ...posting })(target, { 'webhook-id': 'e' }, '{"ü":1}');

describe('posting', () => {
  it.each([200, 204, 404, 500])('tells the status: %d', async (code) => {
    status = code;
    expect(await post(`${url}/hooks?a=b`)).toEqual({ status: code });
    expect(got).toHaveLength(1);
    const [{ request, body }] = got as [(typeof got)[0]];
    expect(body).toBe('{"ü":1}');
    expect([request.method, request.url]).toEqual(['POST', '/hooks?a=b']);
    expect(request.headers).toMatchObject({
      'webhook-id': 'e',
      'content-type': 'application/json',
      connection: 'close',
    });
  });

  it.each([301, 302, 307, 308])('follows nobody: %d', async (code) => {
    status = code;
    expect(await post(url)).toEqual({ status: code });
    expect(got).toHaveLength(1);
  });

  it('waits no longer than its time', async () => {
    hang = true;
    expect(await post(url, { timeout: 100 })).toEqual({ error: 'There was no answer in time.' });
    const forever = () => new Promise<never>(() => {});
    expect(await post('https://slow.example/', { timeout: 100, addresses: forever })).toEqual({
      error: 'There was no answer in time.',
    });
  });

  it('says why it could not connect', async () => {
    expect(await post('http://127.0.0.1:1/')).toEqual({ error: 'ECONNREFUSED' });
    const unknown = async () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    expect(await post('https://nobody.example/', { addresses: unknown })).toEqual({ error: 'ENOTFOUND' });
  });
});

describe('posting to a name', () => {
  const named = (...addresses: string[]) => ({ addresses: async () => addresses });

  it('calls the address that was checked, whatever the name leads to', async () => {
    const { port } = new URL(url);
    expect(await post(`http://hooks.localhost:${port}/`, named('127.0.0.1'))).toEqual({ status: 200 });
    expect(got[0]?.request.headers.host).toBe(`hooks.localhost:${port}`);
  });

  it.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['fd00:ec2::254'],
    ['::ffff:127.0.0.1'],
    ['93.184.216.34', '10.0.0.1'],
    ['10.0.0.1', '93.184.216.34'],
    [],
  ])('refuses when any of its addresses is not of the public internet: %s', async (...addresses) => {
    const answer = await post('https://trap.example/', { allowLoopback: false, ...named(...addresses) });
    expect(answer).toEqual({ error: 'The name does not lead to the public internet.' });
  });

  it.each(['http://127.0.0.1', 'https://127.0.0.1', 'https://localhost', 'https://10.0.0.1', 'http://169.254.169.254'])(
    'refuses what needs no name: %s',
    async (target) => {
      expect(await post(target, { allowLoopback: false })).toMatchObject({ error: expect.stringMatching(/^Must /) });
      expect(got).toEqual([]);
    },
  );
});
