import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { authorizer } from '../../lib/lambda/authorizer.ts';
import { tokenUsageKey, tokenVerifier } from '../../lib/lambda/jwt.ts';

const issuer = 'https://issuer.example';
const audience = 'invoices';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });

const jwk = ({ publicKey }: { publicKey: KeyObject }, kid: string, alg: string) => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
});

let keys: object[];
let status: number;
let asked: number;
let server: Server;
let jwksUri: string;

beforeAll(async () => {
  server = createServer((_, response) => {
    asked++;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
});
afterAll(() => server.close());
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  keys = [jwk(rsa, 'one', 'RS256'), jwk(ec, 'two', 'ES256')];
  status = 200;
  asked = 0;
});

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1_000);

const claims = {
  iss: issuer,
  aud: audience,
  sub: 'maria@example.org',
  exp: now() + 600,
  tenant: '6f1f64a5-0a4e-4a39-9c0e-2f1c6d9a1b01',
  mode: 'live',
  scope: 'invoice:create invoice:read',
  plan: 'standard',
};

function signed(payload: object, { privateKey } = rsa as { privateKey: KeyObject }, header: object = {}): string {
  const input = `${base64({ alg: 'RS256', kid: 'one', ...header })}.${base64(payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** An authorizer that knows no keys. */
const newAuthorizer = (accepting = true) => {
  const authorize = authorizer({
    find: async () => undefined,
    verify: accepting ? tokenVerifier({ issuer, audience, jwksUri }) : undefined,
    now: () => new Date().toISOString(),
  });
  return (token: string, headers: Record<string, string> = { Authorization: `Bearer ${token}` }) =>
    authorize({
      methodArn: 'arn:aws:execute-api:eu-central-1:123456789012:abc123/prod/POST/invoices',
      stageVariables: { credentials: 'bearer,x-session-token' },
      headers,
    } as unknown as APIGatewayRequestAuthorizerEvent);
};
const refusal = new Error('Unauthorized');

describe('a good token', () => {
  it('opens the API for whom its claims name, and counts against its company', async () => {
    const { context, usageIdentifierKey, principalId } = await newAuthorizer()(signed(claims));
    expect(context).toEqual({
      tenant: claims.tenant,
      keyId: expect.stringMatching(/^sub_[0-9a-f]{16}$/),
      mode: 'live',
      scopes: claims.scope,
      plan: 'standard',
    });
    expect(principalId).toBe(context.keyId);
    expect(usageIdentifierKey).toBe(tokenUsageKey(claims.tenant, 'standard'));
    expect(JSON.stringify(context)).not.toContain('maria');
  });

  it('may be signed with elliptic curves, name several audiences, come in the other header', async () => {
    const token = signed({ ...claims, aud: ['other', audience] }, ec, { alg: 'ES256', kid: 'two' });
    expect(await newAuthorizer()(token, { 'X-Session-Token': token })).toBeTruthy();
  });

  it('asks for the keys once', async () => {
    const authorize = newAuthorizer();
    for (let index = 0; index < 3; index++) await authorize(signed(claims));
    expect(asked).toBe(1);
  });

  it('is known by a key that the issuer published meanwhile', async () => {
    const authorize = newAuthorizer();
    await authorize(signed(claims));
    keys.push(jwk(foreign, 'three', 'RS256'));
    expect(await authorize(signed(claims, foreign, { kid: 'three' }))).toBeTruthy();
  });

  it('counts people apart and their company together', async () => {
    const authorize = newAuthorizer();
    const [one, other] = await Promise.all([
      authorize(signed(claims)),
      authorize(signed({ ...claims, sub: 'someone else' })),
    ]);
    expect(one?.context.keyId).not.toBe(other?.context.keyId);
    expect(one?.usageIdentifierKey).toBe(other?.usageIdentifierKey);
    const companies = await Promise.all([
      authorize(signed({ ...claims, tenant: 'another' })),
      authorize(signed({ ...claims, plan: 'free' })),
    ]);
    expect(new Set([one, ...companies].map((found) => found?.usageIdentifierKey)).size).toBe(3);
  });
});

describe('refused', () => {
  const { sub: _, ...withoutSubject } = claims;
  const { exp: __, ...withoutEnd } = claims;
  const { mode: ___, ...withoutMode } = claims;
  const publicPem = rsa.publicKey.export({ format: 'pem', type: 'spki' });
  const hmacInput = `${base64({ alg: 'HS256', kid: 'one' })}.${base64(claims)}`;

  it.each([
    ['expired', signed({ ...claims, exp: now() - 1 })],
    ['not valid yet', signed({ ...claims, nbf: now() + 60 })],
    ['of another issuer', signed({ ...claims, iss: 'https://issuer.example.evil' })],
    ['for another audience', signed({ ...claims, aud: 'payroll' })],
    ['signed by another key', signed(claims, foreign)],
    ['signed by a key that nobody published', signed(claims, foreign, { kid: 'none' })],
    ['changed after signing', signed(claims).replace(/\..*\./, `.${base64({ ...claims, plan: 'premium' })}.`)],
    ['with alg none', `${base64({ alg: 'none', kid: 'one' })}.${base64(claims)}.`],
    ['with alg none and some signature', `${base64({ alg: 'none', kid: 'one' })}.${base64(claims)}.AAAA`],
    [
      'signed with the public key as a secret',
      `${hmacInput}.${createHmac('sha256', publicPem).update(hmacInput).digest('base64url')}`,
    ],
    ['not a token, though it has two dots', 'a.b.c'],
    ['without a subject', signed(withoutSubject)],
    ['without an end', signed(withoutEnd)],
    ['without a mode', signed(withoutMode)],
    ['of an unknown plan', signed({ ...claims, plan: 'toString' })],
    ['of a tenant that would reach into another key', signed({ ...claims, tenant: 'a/live#INVOICE' })],
    ['of a tenant that is no text', signed({ ...claims, tenant: ['a'] })],
  ])('%s', async (_, token) => {
    await expect(newAuthorizer()(token)).rejects.toEqual(refusal);
  });

  it('again and again, when its key is unknown', async () => {
    const authorize = newAuthorizer();
    for (let index = 0; index < 3; index++) {
      await expect(authorize(signed(claims, foreign, { kid: 'none' }))).rejects.toEqual(refusal);
    }
    expect(asked).toBe(1);
  });

  it('where JWTs are not accepted, like an unknown key', async () => {
    await expect(newAuthorizer(false)(signed(claims))).rejects.toEqual(refusal);
    expect(asked).toBe(0);
  });

  it('beside a different credential', async () => {
    const token = signed(claims);
    await expect(
      newAuthorizer()(token, { Authorization: `Bearer ${token}`, 'X-Session-Token': 'key' }),
    ).rejects.toEqual(refusal);
  });

  it('without the log telling the token', async () => {
    const token = signed({ ...claims, exp: now() - 1 });
    await expect(newAuthorizer()(token)).rejects.toEqual(refusal);
    const line = JSON.stringify(vi.mocked(console.warn).mock.calls);
    expect(line).toContain('"reason":"token"');
    expect(line).not.toContain(token.split('.')[1]);
    expect(line).not.toContain('maria');
  });
});

describe('an issuer whose keys cannot be had', () => {
  it('is an outage, not a refusal, and only as long as it lasts', async () => {
    const authorize = newAuthorizer();
    status = 503;
    await expect(authorize(signed(claims))).rejects.not.toEqual(refusal);
    status = 200;
    keys = [{ nonsense: true }];
    await expect(authorize(signed(claims))).rejects.not.toEqual(refusal);
    keys = [jwk(rsa, 'one', 'RS256')];
    expect(await authorize(signed(claims))).toBeTruthy();
  });
});
