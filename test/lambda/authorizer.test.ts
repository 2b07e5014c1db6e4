import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { disableKey, findKey, hashOf, keyFor, newSecret, putKey } from '../../lib/dynamo/keys.ts';
import { StoreBusy } from '../../lib/invoice/store.ts';
import { authorizer } from '../../lib/lambda/authorizer.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';

const table = 'authorizer-test';
const now = '2026-01-15T10:00:00.000Z';
const grant = {
  tenant: '6f1f64a5-0a4e-4a39-9c0e-2f1c6d9a1b01',
  mode: 'live' as const,
  scopes: ['invoice:create', 'invoice:read'],
  plan: 'standard',
  name: 'till',
};
const secret = newSecret('live');
let engine: Engine;
let connection: Connection;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
  connection = connect(clientOf(engine.endpoint), table);
  await putKey(connection, keyFor(secret, grant, now));
});
afterAll(() => engine.stop());

const logged = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
beforeEach(() => logged.mockClear());

const authorize = (headers: Record<string, string | string[]>, credentials = 'bearer,x-api-key,x-session-token') => {
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()]));
  const event = {
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:eu-central-1:123456789012:abc123/prod/POST/invoices/42',
    stageVariables: { credentials },
    multiValueHeaders,
  } as unknown as APIGatewayRequestAuthorizerEvent;
  return authorizer({ find: (hash) => findKey(connection, hash), now: () => now })(event);
};

const recorded = async (more: object) => {
  const made = newSecret('live');
  await putKey(connection, keyFor(made, { ...grant, ...more }, now));
  return made;
};

describe('a good key', () => {
  it('opens the whole API and stage, and says who calls', async () => {
    expect(await authorize({ 'X-Api-Key': secret })).toEqual({
      principalId: keyFor(secret, grant, now).id,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'execute-api:Invoke',
            Resource: 'arn:aws:execute-api:eu-central-1:123456789012:abc123/prod/*',
          },
        ],
      },
      context: {
        tenant: grant.tenant,
        keyId: keyFor(secret, grant, now).id,
        mode: 'live',
        scopes: 'invoice:create invoice:read',
        plan: 'standard',
      },
      usageIdentifierKey: hashOf(secret),
    });
    expect(logged).not.toHaveBeenCalled();
  });

  it.each([
    ['x-api-key', (key: string) => key],
    ['X-API-KEY', (key: string) => ` ${key} `],
    ['Authorization', (key: string) => `Bearer ${key}`],
    ['authorization', (key: string) => `bearer  ${key}`],
    ['X-Session-Token', (key: string) => key],
  ])('is read from %s', async (header, form) => {
    expect(await authorize({ [header]: form(secret) })).toHaveProperty('usageIdentifierKey', hashOf(secret));
  });

  it('may be sent twice, if it is the same', async () => {
    expect(await authorize({ 'X-Api-Key': secret, Authorization: `Bearer ${secret}` })).toBeTruthy();
  });

  it('with an end works until then', async () => {
    expect(await authorize({ 'X-Api-Key': await recorded({ expiresAt: '2026-01-15T10:00:00.001Z' }) })).toBeTruthy();
  });
});

describe('refused with exactly the words that API Gateway answers 401 for', () => {
  const refusal = new Error('Unauthorized');

  it.each([
    ['no credential', {}],
    ['an empty one', { 'X-Api-Key': ' ' }],
    ['an unknown key', { 'X-Api-Key': newSecret('live') }],
    ['a scheme that is not bearer', { Authorization: `Basic ${secret}` }],
    ['a bearer token with a blank in it', { Authorization: `Bearer ${secret} ${secret}` }],
    ['two keys that differ', { 'X-Api-Key': secret, Authorization: `Bearer ${newSecret('live')}` }],
    ['one header with two values that differ', { 'X-Api-Key': [secret, newSecret('live')] }],
    ['the hash instead of the secret', { 'X-Api-Key': hashOf(secret) }],
  ])('%s', async (_, headers) => {
    await expect(authorize(headers)).rejects.toEqual(refusal);
  });

  it('a header that the API does not listen to', async () => {
    await expect(authorize({ 'X-Api-Key': secret }, 'bearer')).rejects.toEqual(refusal);
    await expect(authorize({ 'X-Api-Key': secret }, '')).rejects.toEqual(refusal);
  });

  it('an expired key, in the very moment of its end', async () => {
    await expect(authorize({ 'X-Api-Key': await recorded({ expiresAt: now }) })).rejects.toEqual(refusal);
  });

  it('a disabled key', async () => {
    const disabled = await recorded({});
    await disableKey(connection, hashOf(disabled), now);
    await expect(authorize({ 'X-Api-Key': disabled })).rejects.toEqual(refusal);
  });

  it('and the log names the key without its secret', async () => {
    const expired = await recorded({ expiresAt: now });
    await expect(authorize({ 'X-Api-Key': expired })).rejects.toEqual(refusal);
    const line = JSON.stringify(logged.mock.calls);
    expect(line).toContain(keyFor(expired, grant, now).id);
    expect(line).not.toContain(expired.slice(8));
  });
});

it('an outage is no refusal', async () => {
  const down = authorizer({ find: () => Promise.reject(new StoreBusy()), now: () => now });
  const event = {
    methodArn: 'a/b/c',
    stageVariables: { credentials: 'bearer' },
    headers: { Authorization: 'Bearer x' },
  };
  await expect(down(event as unknown as APIGatewayRequestAuthorizerEvent)).rejects.toBeInstanceOf(StoreBusy);
});
