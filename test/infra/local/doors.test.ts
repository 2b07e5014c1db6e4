/** What stands at the door of every API, over HTTP: limits, tokens, the description. Two gateways share one table. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localDesk } from '../../../infra/installation.ts';
import { admitTokens, issue, type KeyDesk } from '../../../infra/key-desk.ts';
import { documents } from '../../../infra/openapi.ts';
import { scopesOf } from '../../../infra/scopes.ts';
import { contracts } from '../../../lib/contracts/index.ts';
import { type LocalStack, startLocalStack } from '../../support/local-stack.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
let issuer: Server;
let gateways: LocalStack[];
let desk: KeyDesk;
let tenant: string;

beforeAll(async () => {
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }];
  issuer = createServer((_, response) => response.end(JSON.stringify({ keys }))).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  const jwt = {
    JWT_ISSUER: 'https://issuer.example',
    JWT_AUDIENCE: 'invoices',
    JWT_JWKS_URI: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`,
  };
  const first = await startLocalStack(jwt);
  const second = await startLocalStack({ ...jwt, DYNAMODB_ENDPOINT: first.demo.dynamodb.endpoint });
  gateways = [first, second];
  desk = await localDesk(first.folder);
  tenant = first.demo.tenants[0]?.tenant_id as string;
}, 90_000);
afterAll(() => {
  for (const { child } of gateways ?? []) child.kill();
  issuer?.close();
});

const url = (name: string, gateway = 0) => gateways[gateway]?.demo.apis[name] as string;

describe('a published limit', () => {
  /** Asks both gateways in turn, all at once and within one minute. */
  async function crowd(count: number, method: string): Promise<{ authorization: string; answers: Response[] }> {
    const grant = { tenant, mode: 'live' as const, scopes: scopesOf(contracts).full, plan: 'standard', name: 'hasty' };
    for (;;) {
      const { secret } = await issue(desk, grant);
      const minute = () => Math.floor(Date.now() / 60_000);
      const began = minute();
      const authorization = `Bearer ${secret}`;
      const answers = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          fetch(`${url('bookkeeping', index % 2)}/v1/invoices`, { method, headers: { authorization } }),
        ),
      );
      if (minute() === began) return { authorization, answers };
    }
  }

  it('is kept by several gateways together, request by request', async () => {
    const { answers, authorization } = await crowd(64, 'POST');
    const usage = (response: Response) => Number(response.headers.get('x-rate-limiter-minutely-usage'));
    const admitted = answers.filter(({ status }) => status === 400);
    expect(admitted.map(usage).sort((one, other) => one - other)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    const throttled = answers.filter(({ status }) => status === 429);
    expect(throttled).toHaveLength(39);
    for (const response of throttled) {
      expect(usage(response)).toBe(25);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    }
    const read = await fetch(`${url('bookkeeping')}/v1/invoices`, { headers: { authorization } });
    expect([read.status, usage(read), read.headers.get('x-rate-limiter-operation-type')]).toEqual([200, 1, 'read']);
  });

  it('of the demo keys is that of their plan', async () => {
    const key = gateways[0]?.demo.tenants[0]?.keys.full as string;
    const { headers } = await fetch(`${url('invoices')}/invoices/unknown`, { headers: { 'X-Api-Key': key } });
    expect(headers.get('x-ratelimit-limit')).toBe('1000');
    expect(Number(headers.get('x-ratelimit-reset'))).toBeCloseTo(Date.now() / 1_000, -1);
  });
});

describe('the description', () => {
  it.each(contracts.map(({ name }) => name))('of %s is served without a key', async (name) => {
    const response = await fetch(`${url(name)}/openapi.json`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual(JSON.parse(readFileSync(join(documents, `${name}.json`), 'utf8')));
  });

  it('and every path that clashes stand at the root for the native API, and below a base path for the other', async () => {
    expect(url('invoices')).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(url('positions')).toBe(`${url('invoices')}/apis/positions`);
    const headers = { Authorization: `Bearer ${gateways[0]?.demo.tenants[0]?.keys.full}` };
    const typeOf = async (base: string) =>
      (await fetch(`${base}/invoices/unknown`, { headers })).headers.get('content-type');
    expect(await typeOf(url('invoices'))).toBe('application/json; charset=utf-8');
    expect(await typeOf(url('positions'))).toContain('application/problem+json');
  });
});

describe('a JWT', () => {
  const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (more: object = {}) => {
    const seconds = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: 'https://issuer.example',
      aud: 'invoices',
      sub: 'maria',
      exp: seconds + 60,
      tenant,
      mode: 'live',
      scope: 'invoice:read',
      plan: 'standard',
      ...more,
    };
    const input = `${base64({ alg: 'RS256', kid: 'one' })}.${base64(claims)}`;
    return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
  };
  const ask = async (given: string, method = 'GET', path = '/invoices/unknown') =>
    (await fetch(url('invoices') + path, { method, headers: { Authorization: `Bearer ${given}` } })).status;

  it('is let through once its company and plan are, with its own scopes', async () => {
    expect(await ask(token())).toBe(401);
    await admitTokens(desk, tenant, 'standard');
    await expect.poll(() => ask(token())).toBe(404);
    expect(await ask(token(), 'POST', '/invoices')).toBe(403);
    expect(await ask(token({ scope: 'invoice:create' }), 'POST', '/invoices')).toBe(422);
    expect(await ask(token({ exp: 1 }))).toBe(401);
    expect(await ask(`${token()}x`)).toBe(401);
    expect(await ask(token({ plan: 'premium' }))).toBe(401);
  });
});
