import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import {
  disableKey,
  findKey,
  hashOf,
  isUsable,
  keyFor,
  listKeys,
  newSecret,
  putKey,
  rotateKey,
} from '../../lib/dynamo/keys.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';

const table = 'keys-test';
let engine: Engine;
let connection: Connection;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
  connection = connect(clientOf(engine.endpoint), table);
});
afterAll(() => engine.stop());

const at = '2026-01-15T10:00:00.000Z';
const later = '2026-01-22T10:00:00.000Z';
const newKey = (tenant: string, more: object = {}, createdAt = at) =>
  keyFor(
    newSecret('live'),
    { tenant, mode: 'live', scopes: ['invoice:create', 'invoice:read'], plan: 'standard', name: 'till', ...more },
    createdAt,
  );

describe('a secret', () => {
  it('says its mode and holds 190 random bits', () => {
    expect(newSecret('live')).toMatch(/^sk_live_[0-9A-Za-z]{32}$/);
    expect(newSecret('test')).toMatch(/^sk_test_[0-9A-Za-z]{32}$/);
    expect(new Set(Array.from({ length: 1_000 }, () => newSecret('live'))).size).toBe(1_000);
  });

  it('uses its whole alphabet evenly', () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 2_000; round++) {
      for (const letter of newSecret('live').slice(8)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    // 64,000 letters: 1,032 of each, give or take 32. A modulo bias of a byte would give four of them a quarter more.
    for (const count of counts.values()) expect(Math.abs(count - 1_032)).toBeLessThan(200);
  });
});

describe('a key', () => {
  it('keeps everything but the secret', async () => {
    const secret = newSecret('test');
    const grant = { tenant: 'a', mode: 'test' as const, scopes: ['invoice:read'], plan: 'free', name: 'Kasse 1' };
    const key = { ...keyFor(secret, { ...grant, expiresAt: later }, at), gatewayKeyId: 'abc' };
    expect(await putKey(connection, key)).toBe('stored');
    const found = await findKey(connection, hashOf(secret));
    expect(found).toEqual(key);
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(key.prefix).toBe(secret.slice(0, 12));
  });

  it('is not found by anything but its hash', async () => {
    expect(await findKey(connection, hashOf('sk_live_nobody'))).toBeUndefined();
  });

  it('is not replaced by being recorded again', async () => {
    const key = newKey('again');
    expect(await putKey(connection, key)).toBe('stored');
    expect(await putKey(connection, { ...key, plan: 'premium' })).toBe('exists');
    expect((await findKey(connection, key.hash))?.plan).toBe('standard');
  });

  it('outlives its expiry on the list: the attribute that DynamoDB deletes by stays free', async () => {
    const key = newKey('expiring', { expiresAt: later });
    await putKey(connection, key);
    expect(await listKeys(connection, 'expiring')).toEqual([key]);
    const { GetItemCommand } = await import('@aws-sdk/client-dynamodb');
    const { Item } = await connection.send(
      new GetItemCommand({ TableName: table, Key: { pk: { S: `KEY#${key.hash}` }, sk: { S: 'KEY' } } }),
    );
    expect(Item).toBeDefined();
    expect(Item).not.toHaveProperty('expiresAt');
  });

  it.each([
    [{}, true],
    [{ expiresAt: later }, true],
    [{ expiresAt: at }, false],
    [{ disabledAt: at }, false],
  ])('with %j is usable: %s', (more, usable) => {
    expect(isUsable({ ...newKey('a'), ...more }, at)).toBe(usable);
  });
});

describe("a tenant's keys", () => {
  it('are listed oldest first, and nobody else sees them', async () => {
    const [second, first] = [newKey('list', {}, later), newKey('list', {}, at)];
    for (const key of [second, first, newKey('other')]) await putKey(connection, key);
    expect(await listKeys(connection, 'list')).toEqual([first, second]);
  });

  it('end when disabled, once and for good', async () => {
    const key = newKey('end');
    await putKey(connection, key);
    expect(await disableKey(connection, key.hash, at)).toBe('disabled');
    expect(await disableKey(connection, key.hash, later)).toBe('disabled');
    expect((await findKey(connection, key.hash))?.disabledAt).toBe(at);
    expect(await disableKey(connection, hashOf('nobody'), at)).toBe('unknown');
    expect(await findKey(connection, hashOf('nobody'))).toBeUndefined();
  });
});

describe('rotation', () => {
  it('leaves two keys working until the old one ends', async () => {
    const [old, successor] = [newKey('rotate'), newKey('rotate')];
    await putKey(connection, old);
    expect(await rotateKey(connection, old, successor, later)).toBe('rotated');
    expect((await findKey(connection, old.hash))?.expiresAt).toBe(later);
    expect(await findKey(connection, successor.hash)).toEqual(successor);
  });

  it.each([
    ['was disabled', { disabledAt: at }],
    ['ends sooner', { expiresAt: at }],
  ])('records no successor for a key that %s', async (_, more) => {
    const [old, successor] = [newKey('stale', more), newKey('stale')];
    await putKey(connection, old);
    expect(await rotateKey(connection, old, successor, later)).toBe('ended');
    expect(await findKey(connection, successor.hash)).toBeUndefined();
    expect(await findKey(connection, old.hash)).toEqual(old);
  });
});
