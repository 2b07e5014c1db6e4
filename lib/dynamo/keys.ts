/** API keys: made from random secrets, found by hash, kept without the secret. */
import { createHash, randomInt } from 'node:crypto';
import { TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Timestamp } from '../invoice/document.ts';
import type { Mode } from '../invoice/model.ts';
import { optional, text, toItem } from './attributes.ts';
import { failedConditions, isConditionFailure, type Table } from './connection.ts';
import { readItem, readPartition } from './reads.ts';
import { type Item, primaryKey } from './table.ts';

/** What a key lets its holder do. */
export interface Grant {
  readonly tenant: string;
  readonly mode: Mode;
  readonly scopes: readonly string[];
  /** Names a usage plan. */
  readonly plan: string;
  /** What its owner calls it. */
  readonly name: string;
  readonly expiresAt?: Timestamp;
}

/** An API key as it is kept. */
export interface ApiKey extends Grant {
  /** Identifies the key without being it; safe to log. */
  readonly id: string;
  /** SHA-256 of the secret; also the value of the API Gateway key, which usage plans count by. */
  readonly hash: string;
  /** The first characters of the secret, so that its owner can tell which one it is. */
  readonly prefix: string;
  readonly createdAt: Timestamp;
  readonly disabledAt?: Timestamp;
  readonly gatewayKeyId?: string;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A new secret: its mode in plain sight, then 32 characters of base62, which are 190 random bits. */
export const newSecret = (mode: Mode): string =>
  `sk_${mode}_${Array.from({ length: 32 }, () => alphabet[randomInt(alphabet.length)]).join('')}`;

/** A plain hash is enough: nobody can try 190 random bits, and the authorizer hashes on every request. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** The record of a secret. The id follows from the hash, so that the same secret is the same key wherever it is recorded. */
export function keyFor(secret: string, grant: Grant, createdAt: Timestamp): ApiKey {
  const hash = hashOf(secret);
  return { ...grant, id: `key_${hash.slice(0, 16)}`, hash, prefix: secret.slice(0, 12), createdAt };
}

/** Unknown, disabled and expired keys open nothing. */
export const isUsable = (key: ApiKey, now: Timestamp): boolean =>
  key.disabledAt === undefined && (key.expiresAt === undefined || now < key.expiresAt);

const keyOf = (hash: string) => primaryKey(`KEY#${hash}`, 'KEY');
const keysOf = (tenant: string) => `${tenant}#KEYS`;

// `expiresAt` is the table's TTL attribute, and an expired key must stay on its tenant's list: hence `validUntil`.
const toKeyItem = ({ scopes, expiresAt, ...rest }: ApiKey): Item => ({
  ...keyOf(rest.hash),
  ...toItem({ ...rest, scopes: scopes.join(' '), validUntil: expiresAt }),
});

function fromKeyItem(item: Item): ApiKey {
  const needed = (name: string) => {
    const value = text(item, name);
    if (value === undefined) throw new Error(`An API key in the table has no ${name}.`);
    return value;
  };
  return {
    id: needed('id'),
    hash: needed('hash'),
    tenant: needed('tenant'),
    mode: needed('mode') as Mode,
    scopes: needed('scopes').split(' '),
    plan: needed('plan'),
    name: needed('name'),
    prefix: needed('prefix'),
    createdAt: needed('createdAt'),
    ...optional(item, 'expiresAt', 'validUntil'),
    ...optional(item, 'disabledAt'),
    ...optional(item, 'gatewayKeyId'),
  };
}

/** The key by its hash and the entry on its tenant's list, both or neither. */
const puts = (table: string, key: ApiKey) =>
  [toKeyItem(key), { ...primaryKey(keysOf(key.tenant), key.id), ...toItem({ hash: key.hash }) }].map((Item) => ({
    Put: { TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' },
  }));

/** Records a key. A key that is there already stays as it is. */
export async function putKey({ table, send }: Table, key: ApiKey): Promise<'stored' | 'exists'> {
  try {
    await send(new TransactWriteItemsCommand({ TransactItems: puts(table, key) }));
    return 'stored';
  } catch (error) {
    if (failedConditions(error)) return 'exists';
    throw error;
  }
}

/** Reads consistently: a key that was disabled a moment ago is disabled. */
export async function findKey(connection: Table, hash: string): Promise<ApiKey | undefined> {
  const item = await readItem(connection)(keyOf(hash));
  return item && fromKeyItem(item);
}

/** Every key that a tenant ever had, oldest first. */
export async function listKeys(connection: Table, tenant: string): Promise<ApiKey[]> {
  const items = await readPartition(connection)(keysOf(tenant));
  const keys = await Promise.all(items.map((item) => findKey(connection, text(item, 'hash') as string)));
  return keys.filter((key) => key !== undefined).sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** Ends a key now and for good. Disabling it again changes nothing. */
export async function disableKey({ table, send }: Table, hash: string, at: Timestamp): Promise<'disabled' | 'unknown'> {
  try {
    await send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyOf(hash),
        UpdateExpression: 'SET disabledAt = if_not_exists(disabledAt, :at)',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':at': { S: at } },
      }),
    );
    return 'disabled';
  } catch (error) {
    if (isConditionFailure(error)) return 'unknown';
    throw error;
  }
}

/**
 * Records a key that takes over from another, which still works until `until`, so that its holder can change over without a
 * gap. A key that was disabled, or ends before `until` anyway, stays as it is.
 */
export async function rotateKey(
  { table, send }: Table,
  old: ApiKey,
  successor: ApiKey,
  until: Timestamp,
): Promise<'rotated' | 'ended'> {
  try {
    await send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Update: {
              TableName: table,
              Key: keyOf(old.hash),
              UpdateExpression: 'SET validUntil = :until',
              ConditionExpression:
                'attribute_exists(pk) AND attribute_not_exists(disabledAt) AND (attribute_not_exists(validUntil) OR validUntil >= :until)',
              ExpressionAttributeValues: { ':until': { S: until } },
            },
          },
          ...puts(table, successor),
        ],
      }),
    );
    return 'rotated';
  } catch (error) {
    if (failedConditions(error)) return 'ended';
    throw error;
  }
}
