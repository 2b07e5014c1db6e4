import { QueryCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { rateWindows } from '../../lib/dynamo/rate-windows.ts';
import { OutcomeUnknown, StoreBusy } from '../../lib/invoice/store.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';

const table = 'rates-test';
const scope = { tenant: 't', mode: 'live' } as const;
const minute = 60;
const day = 86_400;
const noon = Date.UTC(2026, 0, 15, 12);
let engine: Engine;
let connection: Connection;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
  connection = connect(clientOf(engine.endpoint), table);
});
afterAll(() => engine.stop());

let keys = 0;
const newCounter = (name = 'any') => ({ scope, keyId: `key_${keys++}`, name });
const windows = (perMinute: number, perDay: number) => [
  { seconds: minute, limit: perMinute },
  { seconds: day, limit: perDay },
];
const itemsOf = async ({ keyId }: { keyId: string }) => {
  const { Items = [] } = await connection.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `t/live#RATE#${keyId}` } },
    }),
  );
  return Items;
};

describe('counting', () => {
  it('lets exactly as many through as there is room for, with several gateways at once', async () => {
    const counter = newCounter();
    const gateways = [1, 2, 3].map(() => rateWindows(connect(clientOf(engine.endpoint), table)));
    const counts = await Promise.all(
      Array.from({ length: 64 }, (_, index) => gateways[index % 3]?.(counter, windows(25, 1_500), noon)),
    );
    const admitted = counts.filter((count) => count?.admitted);
    expect(admitted).toHaveLength(25);
    // Each saw a count of its own.
    expect(new Set(admitted.map((count) => count?.used[0])).size).toBe(25);
    expect(counts.find((count) => !count?.admitted)).toEqual({ admitted: false, used: [25, 25] });
  });

  it('does what two counters kept by hand do, at any times and limits', async () => {
    const count = rateWindows(connection);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 20 * 3_600_000 })), {
          maxLength: 30,
        }),
        async (perMinute, perDay, pauses) => {
          const counter = newCounter();
          const used = new Map<string, number>();
          let at = noon;
          for (const pause of pauses) {
            at += pause;
            const names = [`m${Math.floor(at / 60_000)}`, `d${Math.floor(at / 86_400_000)}`];
            const before = names.map((name) => used.get(name) ?? 0);
            const admitted = (before[0] ?? 0) < perMinute && (before[1] ?? 0) < perDay;
            if (admitted) for (const [index, name] of names.entries()) used.set(name, (before[index] ?? 0) + 1);
            const result = await count(counter, windows(perMinute, perDay), at);
            expect(result).toEqual({ admitted, used: names.map((name) => used.get(name) ?? 0) });
          }
        },
      ),
      { numRuns: 30 },
    );
  }, 60_000);

  it('keeps keys, names and scopes apart', async () => {
    const count = rateWindows(connection);
    const counter = newCounter();
    const one = [{ seconds: 1, limit: 1 }];
    const others = [
      counter,
      newCounter(),
      { ...counter, name: 'other' },
      { ...counter, scope: { tenant: 't', mode: 'test' as const } },
      { ...counter, scope: { tenant: 'u', mode: 'live' as const } },
    ];
    for (const other of others) expect((await count(other, one, noon)).admitted).toBe(true);
    for (const other of others) expect((await count(other, one, noon + 999)).admitted).toBe(false);
    for (const other of others) expect((await count(other, one, noon + 1_000)).admitted).toBe(true);
  });

  it('still counts for a process whose clock lags into the minute before', async () => {
    const count = rateWindows(connection);
    const counter = newCounter();
    await count(counter, windows(2, 9), noon);
    await count(counter, windows(2, 9), noon + 60_000);
    expect(await count(counter, windows(2, 9), noon + 59_999)).toEqual({ admitted: true, used: [2, 3] });
    expect(await count(counter, windows(2, 9), noon + 59_999)).toEqual({ admitted: false, used: [2, 3] });
  });
});

describe('what is stored', () => {
  it('is one item a day, small however long the day, which expires after it', async () => {
    const count = rateWindows(connection);
    const counter = newCounter();
    const start = Date.UTC(2026, 0, 15);
    for (let index = 0; index < 200; index++) await count(counter, windows(9, 9_999), start + index * 60_000);
    const [item, ...more] = await itemsOf(counter);
    expect(more).toEqual([]);
    expect(JSON.stringify(item).length).toBeLessThan(600);
    expect(item?.s86400_20468?.N).toBe('200');
    expect(Number(item?.expiresAt?.N)).toBe(start / 1_000 + day + 3_600);
  });

  it('costs one write unit for each request that is let through', async () => {
    const counter = newCounter();
    const costs: (number | undefined)[] = [];
    const count = rateWindows({
      table,
      send: async (command) => {
        Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' });
        const output = await connection.send(command);
        costs.push((output as { ConsumedCapacity?: { CapacityUnits?: number } }).ConsumedCapacity?.CapacityUnits);
        return output;
      },
    });
    for (let index = 0; index < 3; index++) await count(counter, windows(2, 9), noon + 1);
    expect(costs).toEqual([1, 1]);
  });
});

it('a table that does not answer is an outage before anything was done', async () => {
  for (const error of [new OutcomeUnknown(), new StoreBusy()]) {
    const count = rateWindows({ table, send: () => Promise.reject(error) });
    await expect(count(newCounter(), windows(1, 1), noon)).rejects.toBeInstanceOf(StoreBusy);
  }
});
