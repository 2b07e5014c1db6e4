import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  InternalServerError,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
  ThrottlingException,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DynamoProxy, type ProxyOptions, startProxy } from './dynamo-proxy.ts';
import type { Call } from './dynamo-proxy-call.ts';
import { everyFault, type Fault, seededFaults } from './dynamo-proxy-faults.ts';
import { publishedLatency } from './dynamo-proxy-latency.ts';
import { clientOf, createTable, type Engine, startEngine } from './engine.ts';

const TableName = 'proxied';
let engine: Engine;
let direct: DynamoDBClient;
let proxy: DynamoProxy;
let client: DynamoDBClient;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, TableName);
  direct = clientOf(engine.endpoint);
});
afterAll(() => engine.stop());
afterEach(async () => {
  client.destroy();
  await proxy.stop();
});

async function start(options: Omit<ProxyOptions, 'target'> = {}): Promise<void> {
  proxy = await startProxy({ target: engine.endpoint, ...options });
  client = clientOf(proxy.endpoint);
}

let items = 0;
const newKey = () => ({ pk: { S: `item ${++items}` }, sk: { S: 'HEAD' } });
type Key = ReturnType<typeof newKey>;

const put = (Key: Key) => new PutItemCommand({ TableName, Item: Key });
const get = (Key: Key) => new GetItemCommand({ TableName, Key, ConsistentRead: true });
const increment = (Key: Key) =>
  new UpdateItemCommand({
    TableName,
    Key,
    UpdateExpression: 'ADD #n :one',
    ExpressionAttributeNames: { '#n': 'n' },
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });
const putAll = (keys: Key[], ClientRequestToken?: string) =>
  new TransactWriteItemsCommand({
    ClientRequestToken,
    TransactItems: keys.map((Item) => ({ Put: { TableName, Item } })),
  });

const stored = async (Key: Key) => (await direct.send(get(Key))).Item;
/** What a failed promise failed with. */
const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.fail('succeeded'),
    (error) => error,
  );
const codesOf = (error: Error) =>
  error instanceof TransactionCanceledException && error.CancellationReasons?.map(({ Code }) => Code);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** Lets one fault happen to the first call of an operation. */
function first(operation: string, fault: Fault) {
  let done = false;
  return (call: Call) => {
    if (done || call.operation !== operation) return undefined;
    done = true;
    return fault;
  };
}

describe('without faults', () => {
  test('answers as the engine does, errors and other calls included', async () => {
    await start();
    const key = newKey();
    await client.send(new PutItemCommand({ TableName, Item: { ...key, text: { S: 'Zoë {"a":1}' } } }));
    expect((await client.send(get(key))).Item).toEqual({ ...key, text: { S: 'Zoë {"a":1}' } });
    const again = new PutItemCommand({ TableName, Item: key, ConditionExpression: 'attribute_not_exists(pk)' });
    expect(await failure(client.send(again))).toBeInstanceOf(ConditionalCheckFailedException);
    await createTable(proxy.endpoint, 'made-through-the-proxy');
    expect(proxy.counts().calls).toEqual({ PutItem: 2, GetItem: 1 });
  });

  test('counts calls and capacity', async () => {
    await start();
    const [a, b, c] = [newKey(), newKey(), newKey()];
    const large = { ...a, text: { S: 'x'.repeat(2500) } };
    await client.send(new PutItemCommand({ TableName, Item: large })); // 3 kB: 3 units
    await client.send(putAll([b, c], 'token')); // 1 unit each, doubled
    expect(proxy.counts()).toMatchObject({ writeUnits: 7, readUnits: 0 });
    await client.send(putAll([b, c], 'token')); // a repetition reads
    await client.send(get(a));
    await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': a.pk },
        ReturnConsumedCapacity: 'INDEXES',
      }),
    );
    expect(proxy.counts()).toEqual({
      calls: { PutItem: 1, TransactWriteItems: 2, GetItem: 1, Query: 1 },
      writeUnits: 7,
      readUnits: 4 + 1 + 0.5,
      conflicts: 0,
      faults: 0,
      overdue: 0,
    });
    proxy.resetCounts();
    expect(proxy.counts()).toMatchObject({ calls: {}, writeUnits: 0 });
  });
});

describe('faults', () => {
  test('a lost request does nothing', async () => {
    await start({ faults: first('PutItem', { kind: 'request-lost' }) });
    const key = newKey();
    expect(await failure(client.send(put(key)))).toMatchObject({ code: 'ECONNRESET' });
    await proxy.settled();
    expect(await stored(key)).toBeUndefined();
    await client.send(put(key));
    expect(proxy.counts()).toMatchObject({ calls: { PutItem: 2 }, faults: 1 });
  });

  test('a lost answer has done it', async () => {
    await start({ faults: first('PutItem', { kind: 'answer-lost' }) });
    const key = newKey();
    expect(await failure(client.send(put(key)))).toMatchObject({ code: 'ECONNRESET' });
    expect(await stored(key)).toEqual(key);
  });

  test('a late request is done after its client gave up', async () => {
    await start({ faults: first('PutItem', { kind: 'late', by: 150 }) });
    const key = newKey();
    expect(await failure(client.send(put(key), { abortSignal: AbortSignal.timeout(30) }))).toMatchObject({
      name: 'AbortError',
    });
    expect(await stored(key)).toBeUndefined();
    await proxy.settled();
    expect(await stored(key)).toEqual(key);
  });

  test('a late request is answered to a client that waits', async () => {
    await start({ faults: first('PutItem', { kind: 'late', by: 50 }) });
    expect(await timed(() => client.send(put(newKey())))).toBeGreaterThan(48);
  });

  test('a late request can lose its connection first', async () => {
    await start({ faults: first('PutItem', { kind: 'late', by: 100, hangUp: true }) });
    const key = newKey();
    expect(await timed(() => failure(client.send(put(key))))).toBeLessThan(90);
    expect(await stored(key)).toBeUndefined();
    await proxy.settled();
    expect(await stored(key)).toEqual(key);
  });

  test('a duplicate is done twice and answered once', async () => {
    await start({ faults: first('UpdateItem', { kind: 'twice', after: 50 }) });
    const key = newKey();
    await client.send(increment(key));
    expect((await stored(key))?.n).toEqual({ N: '1' });
    await proxy.settled();
    expect((await stored(key))?.n).toEqual({ N: '2' });
    expect(proxy.counts().calls).toEqual({ UpdateItem: 1 });
  });

  test.each([
    ['InternalServerError', InternalServerError, 500],
    ['ThrottlingException', ThrottlingException, 400],
    ['ProvisionedThroughputExceededException', ProvisionedThroughputExceededException, 400],
    ['TransactionInProgressException', TransactionInProgressException, 400],
    ['TransactionConflict', TransactionConflictException, 400],
    ['ThrottlingError', ThrottlingException, 400],
  ] as const)('%s refuses a single write', async (as, expected, httpStatusCode) => {
    await start({ faults: first('PutItem', { kind: 'refused', as }) });
    const key = newKey();
    const error = await failure(client.send(put(key)));
    expect(error).toBeInstanceOf(expected);
    expect(error).toMatchObject({ $metadata: { httpStatusCode } });
    expect(error.message).not.toBe('');
    expect(await stored(key)).toBeUndefined();
  });

  test.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'] as const)(
    '%s cancels a transaction',
    async (as) => {
      await start({ faults: first('TransactWriteItems', { kind: 'refused', as }) });
      const keys = [newKey(), newKey()];
      const error = await failure(client.send(putAll(keys)));
      expect(codesOf(error)).toEqual([as, as]);
      expect(error.message).toContain(`[${as}, ${as}]`);
      expect(await stored(keys[0] as Key)).toBeUndefined();
    },
  );

  test('a plan sees operation, keys, ordinal and input', async () => {
    const seen: Call[] = [];
    await start({
      faults: (call) => {
        seen.push(call);
        return undefined;
      },
    });
    const [a, b] = [newKey(), newKey()];
    await client.send(increment(a));
    await client.send(
      new TransactWriteItemsCommand({
        ClientRequestToken: 'token-1',
        TransactItems: [
          { ConditionCheck: { TableName, Key: a, ConditionExpression: 'attribute_exists(pk)' } },
          { Put: { TableName, Item: { ...b, n: { N: '1' } } } },
        ],
      }),
    );
    const keyOf = (key: Key) => ({ table: TableName, pk: key.pk.S, sk: key.sk.S });
    expect(seen).toMatchObject([
      {
        operation: 'UpdateItem',
        kind: 'write',
        keys: [keyOf(a)],
        ordinal: 1,
        input: { UpdateExpression: 'ADD #n :one' },
      },
      { operation: 'TransactWriteItems', keys: [keyOf(a), keyOf(b)], ordinal: 2, token: 'token-1' },
    ]);
  });

  test('seeded faults repeat, come at their rate and leave none out', () => {
    const meet = (seed: number, rate: number) =>
      Array.from({ length: 5000 }, (_, ordinal) => seededFaults(seed, rate)({ ordinal } as Call));
    expect(meet(7, 0.2)).toEqual(meet(7, 0.2));
    expect(meet(7, 0.2)).not.toEqual(meet(8, 0.2));
    for (const seed of [0, 1, 2, 123456789]) {
      const met = meet(seed, 0.2).filter((fault) => fault !== undefined);
      expect(met.length).toBeGreaterThan(850);
      expect(met.length).toBeLessThan(1150);
      for (const fault of everyFault) {
        expect(met.filter((other) => other === fault).length).toBeGreaterThan(met.length / everyFault.length / 2);
      }
    }
    expect(meet(7, 0)).toEqual(Array(5000).fill(undefined));
  });
});

describe('latency', () => {
  test.each([
    ['a read', 4.5, () => get(newKey())],
    ['a write', 7.5, () => put(newKey())],
    ['a transaction of 4', 24 + 4 * 0.35, () => putAll([newKey(), newKey(), newKey(), newKey()])],
  ] as const)('%s takes %d ms', async (_, expected, command) => {
    await start({ latency: publishedLatency });
    const send = () => client.send(command() as PutItemCommand);
    await send(); // opens connections
    const times: number[] = [];
    for (let round = 0; round < 30; round++) times.push(await timed(send));
    // The quicker half: what a busy machine adds is not the proxy's. The client's own work comes on top.
    const quick = times.sort((a, b) => a - b)[7] ?? 0;
    expect(quick).toBeGreaterThan(expected - 1);
    expect(quick).toBeLessThan(expected + 4);
  });
});

describe('locks', () => {
  /** Slow enough for a test to act within: a transaction of one item holds it for 120 of its 200 ms. */
  const slow = { ...publishedLatency, transaction: 200, transactionItem: 0 };

  test('a transaction refuses whoever meets its items, and frees them', async () => {
    await start({ latency: slow });
    const [a, b, c] = [newKey(), newKey(), newKey()];
    const running = client.send(putAll([a, b]));
    await pause(50);
    const getBoth = new TransactGetItemsCommand({ TransactItems: [a, c].map((Key) => ({ Get: { TableName, Key } })) });
    const [other, single, read, plain] = await Promise.all([
      failure(client.send(putAll([c, b]))),
      failure(client.send(increment(b))),
      failure(client.send(getBoth)),
      client.send(get(a)),
    ]);
    expect(codesOf(other)).toEqual(['None', 'TransactionConflict']);
    expect(single).toBeInstanceOf(TransactionConflictException);
    expect(codesOf(read)).toEqual(['TransactionConflict', 'None']);
    expect(plain.Item).toBeUndefined(); // what stood before
    await running;
    expect(await stored(c)).toBeUndefined();
    await client.send(increment(b));
    await client.send(putAll([c, b]));
    expect(proxy.counts()).toMatchObject({ conflicts: 3, faults: 0 });
  });

  // Needs two timers to fire in order, which a busy machine does not promise every time.
  test('they are free again after 60 % of the time', { retry: 3 }, async () => {
    await start({ latency: slow });
    const key = newKey();
    let answered = false;
    const running = client.send(putAll([key])).then(() => {
      answered = true;
    });
    await pause(150);
    await client.send(increment(key));
    expect(answered).toBe(false);
    await running;
  });

  test('a cancelled transaction frees its items', async () => {
    await start({ latency: { ...slow, transaction: 20 } });
    const key = newKey();
    const Put = { TableName, Item: key, ConditionExpression: 'attribute_exists(pk)' };
    const error = await failure(client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] })));
    expect(codesOf(error)).toEqual(['ConditionalCheckFailed']);
    await client.send(put(key));
  });

  test('the same transaction sent again while it runs is in progress, afterwards it is done', async () => {
    await start({ latency: slow });
    const key = newKey();
    const running = client.send(putAll([key], 'same'));
    await pause(50);
    expect(await failure(client.send(putAll([key], 'same')))).toBeInstanceOf(TransactionInProgressException);
    await running;
    await client.send(putAll([key], 'same'));
    expect(proxy.counts().conflicts).toBe(0);
  });

  test('other items, and the same keys of another table, are free', async () => {
    await start({ latency: slow });
    const [a, b] = [newKey(), newKey()];
    const other = 'another';
    await createTable(engine.endpoint, other);
    const running = client.send(putAll([a]));
    await pause(30);
    await client.send(put(b));
    await client.send(new PutItemCommand({ TableName: other, Item: a }));
    await client.send(put({ ...a, sk: { S: 'OTHER' } }));
    await running;
  });

  test('without a latency nothing is locked', async () => {
    await start();
    const key = newKey();
    await Promise.all(Array.from({ length: 20 }, () => client.send(putAll([key]))));
    expect(proxy.counts()).toMatchObject({ conflicts: 0, calls: { TransactWriteItems: 20 } });
  });
});

test('an engine that went away looks like a reset', async () => {
  const other = await startEngine();
  proxy = await startProxy({ target: other.endpoint });
  client = clientOf(proxy.endpoint);
  await other.stop();
  expect(await failure(client.send(new CreateTableCommand({ TableName, KeySchema: [] })))).toMatchObject({
    code: 'ECONNRESET',
  });
});
