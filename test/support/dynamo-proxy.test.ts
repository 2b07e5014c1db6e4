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
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type DynamoProxy, type ProxyOptions, startProxy } from './dynamo-proxy.ts';
import type { Call } from './dynamo-proxy-call.ts';
import { everyFault, type Fault, seededFaults } from './dynamo-proxy-faults.ts';
import { type Clock, machineClock, publishedLatency } from './dynamo-proxy-latency.ts';
import { clientOf, createTable, type Engine, startEngine } from './engine.ts';

const TableName = 'proxied';
let engine: Engine;
let direct: DynamoDBClient;
let proxy: DynamoProxy;
let client: DynamoDBClient;
let time: ReturnType<typeof standingTime>;

/** Time that stands still until a test lets it go on, so that nothing depends on how fast the machine is. */
function standingTime() {
  let now = 0;
  let waiting: { moment: number; go: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    until: (moment) => (moment <= now ? Promise.resolve() : new Promise((go) => waiting.push({ moment, go }))),
  };
  return {
    clock,
    /** Once so many wait: the moments that they wait for. */
    async waiters(count: number): Promise<number[]> {
      await vi.waitUntil(() => waiting.length === count, { timeout: 20_000, interval: 1 });
      return waiting.map(({ moment }) => moment);
    },
    /** It is that moment; whoever waited for it goes on. */
    at(moment: number): void {
      now = moment;
      const due = waiting.filter((each) => each.moment <= now);
      waiting = waiting.filter((each) => each.moment > now);
      for (const { go } of due) go();
    },
    /** From here on nobody waits any more. */
    goOn(): void {
      this.at(Number.POSITIVE_INFINITY);
    },
  };
}

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, TableName);
  direct = clientOf(engine.endpoint);
});
afterAll(() => engine.stop());
beforeEach(() => {
  time = standingTime();
});
afterEach(async () => {
  time.goOn();
  client.destroy();
  await proxy.stop();
});

async function start(options: Omit<ProxyOptions, 'target'> = {}): Promise<void> {
  proxy = await startProxy({ target: engine.endpoint, clock: time.clock, ...options });
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
    const patience = new AbortController();
    const given = failure(client.send(put(key), { abortSignal: patience.signal }));
    expect(await time.waiters(1)).toEqual([150]);
    patience.abort();
    expect(await given).toMatchObject({ name: 'AbortError' });
    expect(await stored(key)).toBeUndefined();
    time.at(150);
    await proxy.settled();
    expect(await stored(key)).toEqual(key);
  });

  test('a late request is answered to a client that waits', async () => {
    await start({ faults: first('PutItem', { kind: 'late', by: 50 }) });
    const key = newKey();
    const answered = client.send(put(key));
    await time.waiters(1);
    expect(await stored(key)).toBeUndefined();
    time.at(50);
    await answered;
    expect(await stored(key)).toEqual(key);
  });

  test('a late request can lose its connection first', async () => {
    await start({ faults: first('PutItem', { kind: 'late', by: 100, hangUp: true }) });
    const key = newKey();
    expect(await failure(client.send(put(key)))).toMatchObject({ code: 'ECONNRESET' });
    expect(await stored(key)).toBeUndefined();
    time.at(100);
    await proxy.settled();
    expect(await stored(key)).toEqual(key);
  });

  test('a duplicate is done twice and answered once', async () => {
    await start({ faults: first('UpdateItem', { kind: 'twice', after: 50 }) });
    const key = newKey();
    await client.send(increment(key));
    expect(await time.waiters(1)).toEqual([50]);
    expect((await stored(key))?.n).toEqual({ N: '1' });
    time.at(50);
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
    ['a read', [4.5], () => get(newKey())],
    ['a write', [7.5], () => put(newKey())],
    [
      'a transaction of 4, which locks for 60 % of it',
      [0.6 * (24 + 4 * 0.35), 24 + 4 * 0.35],
      () => putAll([newKey(), newKey(), newKey(), newKey()]),
    ],
  ] as const)('%s takes its time', async (_, steps, command) => {
    await start({ latency: publishedLatency });
    const answered = client.send(command() as PutItemCommand);
    for (const step of steps) {
      expect(await time.waiters(1)).toEqual([expect.closeTo(step)]);
      time.at(step);
    }
    await answered;
    expect(proxy.counts().overdue).toBe(0);
  });

  test('an answer that the machine gave too late is counted', async () => {
    await start({ latency: publishedLatency });
    const answered = client.send(get(newKey()));
    await time.waiters(1);
    time.at(publishedLatency.read + 5.1);
    await answered;
    expect(proxy.counts().overdue).toBe(1);
  });

  test('waits of the machine’s clock come to their mean, although timers know whole milliseconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { now, until } = machineClock();
      const began = now();
      for (let round = 0; round < 2_000; round++) {
        const over = until(now() + 4.4);
        await vi.advanceTimersToNextTimerAsync();
        await over;
      }
      const mean = (now() - began) / 2_000;
      expect(mean).toBeGreaterThan(4.3);
      expect(mean).toBeLessThan(4.5);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('locks', () => {
  test('a transaction refuses whoever meets its items, and frees them', async () => {
    await start({ latency: publishedLatency });
    const [a, b, c] = [newKey(), newKey(), newKey()];
    const running = client.send(putAll([a, b]));
    await time.waiters(1);
    const getBoth = new TransactGetItemsCommand({ TransactItems: [a, c].map((Key) => ({ Get: { TableName, Key } })) });
    const meeting = Promise.all([
      failure(client.send(putAll([c, b]))),
      failure(client.send(increment(b))),
      failure(client.send(getBoth)),
      client.send(get(a)),
    ]);
    await time.waiters(5);
    time.goOn();
    const [other, single, read, plain] = await meeting;
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

  test('they are free again after 60 % of the time', async () => {
    await start({ latency: publishedLatency });
    const key = newKey();
    let answered = false;
    const running = client.send(putAll([key])).then(() => {
      answered = true;
    });
    const [free = 0] = await time.waiters(1);
    time.at(free);
    const [end = 0] = await time.waiters(1);
    const single = client.send(increment(key));
    await time.waiters(2);
    time.at(free + publishedLatency.write);
    await single;
    expect([answered, end]).toEqual([false, expect.closeTo(free / publishedLatency.locked)]);
    time.goOn();
    await running;
  });

  test('a cancelled transaction frees its items', async () => {
    await start({ latency: publishedLatency });
    time.goOn();
    const key = newKey();
    const Put = { TableName, Item: key, ConditionExpression: 'attribute_exists(pk)' };
    const error = await failure(client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] })));
    expect(codesOf(error)).toEqual(['ConditionalCheckFailed']);
    await client.send(put(key));
  });

  test('the same transaction sent again while it runs is in progress, afterwards it is done', async () => {
    await start({ latency: publishedLatency });
    const key = newKey();
    const running = client.send(putAll([key], 'same'));
    await time.waiters(1);
    const again = failure(client.send(putAll([key], 'same')));
    await time.waiters(2);
    time.goOn();
    expect(await again).toBeInstanceOf(TransactionInProgressException);
    await running;
    await client.send(putAll([key], 'same'));
    expect(proxy.counts().conflicts).toBe(0);
  });

  test('other items, and the same keys of another table, are free', async () => {
    await start({ latency: publishedLatency });
    const [a, b] = [newKey(), newKey()];
    const other = 'another';
    await createTable(engine.endpoint, other);
    const running = client.send(putAll([a]));
    await time.waiters(1);
    const free = Promise.all([
      client.send(put(b)),
      client.send(new PutItemCommand({ TableName: other, Item: a })),
      client.send(put({ ...a, sk: { S: 'OTHER' } })),
    ]);
    await time.waiters(4);
    time.goOn();
    await Promise.all([free, running]);
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
