/** Issues, replaces and ends API keys: the record in the table and the key that API Gateway counts by, kept in step. */
import {
  type APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  UpdateApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import type { Connection } from '../lib/dynamo/connection.ts';
import {
  type ApiKey,
  disableKey,
  type Grant,
  isUsable,
  keyFor,
  listKeys,
  newSecret,
  putKey,
  rotateKey,
} from '../lib/dynamo/keys.ts';
import { tokenUsageKey } from '../lib/lambda/jwt.ts';

/** The parts of an installation that keys live in. */
export interface KeyDesk {
  readonly connection: Connection;
  readonly gateway: APIGatewayClient;
  /** The id of a usage plan by its name. */
  planId(name: string): Promise<string>;
  now(): Date;
}

/** A key with its secret, which is nowhere else and will not be seen again. */
export interface IssuedKey {
  readonly secret: string;
  readonly key: ApiKey;
}

export async function issue(desk: KeyDesk, grant: Grant): Promise<IssuedKey> {
  return admitted(desk, grant, async (key) => {
    if ((await putKey(desk.connection, key)) === 'exists') throw new Error('This key is recorded already.');
  });
}

/** Issues a successor with the same grant; the old key works for `overlap` milliseconds more, if it lasts that long. */
export async function rotate(desk: KeyDesk, old: ApiKey, overlap: number, expiresAt?: string): Promise<IssuedKey> {
  const now = desk.now().toISOString();
  if (!isUsable(old, now)) throw new Error(`${old.id} has ended. Create a new key instead.`);
  const latest = new Date(desk.now().getTime() + overlap).toISOString();
  const until = old.expiresAt !== undefined && old.expiresAt < latest ? old.expiresAt : latest;
  const { tenant, mode, scopes, plan, name } = old;
  return admitted(desk, { tenant, mode, scopes, plan, name, ...(expiresAt && { expiresAt }) }, async (key) => {
    const outcome = await rotateKey(desk.connection, old, key, until);
    if (outcome === 'ended') throw new Error(`${old.id} was disabled or shortened meanwhile. Nothing was changed.`);
  });
}

export async function disable({ connection, gateway, now }: KeyDesk, key: ApiKey): Promise<void> {
  await disableKey(connection, key.hash, now().toISOString());
  // The authorizer's answers are cached for a minute; API Gateway's own key is not.
  if (key.gatewayKeyId === undefined) return;
  const patchOperations = [{ op: 'replace' as const, path: '/enabled', value: 'false' }];
  await gateway.send(new UpdateApiKeyCommand({ apiKey: key.gatewayKeyId, patchOperations }));
}

/** Lets a company's JWTs of a plan through: API Gateway has to know the key that it counts them by. */
export async function admitTokens(desk: KeyDesk, tenant: string, plan: string): Promise<void> {
  const value = tokenUsageKey(tenant, plan);
  await withGatewayKey(desk, plan, { name: `jwt_${plan}`, description: `JWTs of ${tenant}`, value }, async () => {});
}

export async function keyOf({ connection }: KeyDesk, tenant: string, id: string): Promise<ApiKey | undefined> {
  return (await listKeys(connection, tenant)).find((key) => key.id === id);
}

/**
 * API Gateway first, the record last: a key of API Gateway opens nothing by itself, while a record without one would be
 * refused by the usage plan.
 */
async function admitted(desk: KeyDesk, grant: Grant, record: (key: ApiKey) => Promise<void>): Promise<IssuedKey> {
  const secret = newSecret(grant.mode);
  const key = keyFor(secret, grant, desk.now().toISOString());
  const description = `${grant.tenant} ${grant.mode} ${grant.name}`;
  return withGatewayKey(desk, grant.plan, { name: key.id, description, value: key.hash }, async (gatewayKeyId) => {
    const admittedKey = { ...key, gatewayKeyId };
    await record(admittedKey);
    return { secret, key: admittedKey };
  });
}

/** Makes a key of API Gateway in a usage plan. When what comes after it fails, the key is taken back. */
async function withGatewayKey<Result>(
  { gateway, planId }: KeyDesk,
  plan: string,
  key: { name: string; description: string; value: string },
  then: (keyId: string) => Promise<Result>,
): Promise<Result> {
  const usagePlanId = await planId(plan);
  const { id: keyId } = await gateway.send(new CreateApiKeyCommand({ ...key, enabled: true }));
  if (keyId === undefined) throw new Error('API Gateway gave the key no id.');
  try {
    await gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
    return await then(keyId);
  } catch (error) {
    await gateway.send(new DeleteApiKeyCommand({ apiKey: keyId }));
    throw error;
  }
}
