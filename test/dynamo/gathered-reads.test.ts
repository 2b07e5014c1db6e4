/** Reads in bulk at the real engine: few calls, and everybody's own answer. */
import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { gatheredReads } from '../../lib/dynamo/gathered-reads.ts';
import { primaryKey } from '../../lib/dynamo/table.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';

const table = 'gathering';
let engine: Engine;
let sent: string[] = [];

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
  const { send } = connect(clientOf(engine.endpoint), table);
  await Promise.all(
    Array.from({ length: 60 }, (_, at) =>
      send(new PutItemCommand({ TableName: table, Item: { ...keyOf(at), v: { S: `v${at}` } } })),
    ),
  );
});
afterAll(() => engine.stop());
beforeEach(() => {
  sent = [];
});

function bulk(failure?: Error): Connection {
  const plain = connect(clientOf(engine.endpoint), table);
  const send = (async (command: object) => {
    sent.push(command.constructor.name.replace('Command', ''));
    if (failure) throw failure;
    return plain.send(command as never);
  }) as Connection['send'];
  return gatheredReads({ ...plain, send });
}

const keyOf = (at: number) => primaryKey(`p${at}`, 's');
const get = (at: number) => new GetItemCommand({ TableName: table, Key: keyOf(at), ConsistentRead: true });
const list = (at: number) =>
  new QueryCommand({
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': keyOf(at).pk ?? expect.fail() },
  });

it('gives each its own item, whether it is there or not, in as few calls as DynamoDB takes', async () => {
  const { send } = bulk();
  const asked = [...Array(250).keys(), 3];
  const read = await Promise.all(asked.map((at) => send(get(at))));
  expect(read.map(({ Item }) => Item?.v?.S)).toEqual(asked.map((at) => (at < 60 ? `v${at}` : undefined)));
  expect(sent).toEqual(['BatchGetItem', 'BatchGetItem', 'BatchGetItem']);
});

it('asks for the same list once', async () => {
  const { send } = bulk();
  const read = await Promise.all([1, 2, 1, 1].map((at) => send(list(at))));
  expect(read.map(({ Items }) => Items?.[0]?.v?.S)).toEqual(['v1', 'v2', 'v1', 'v1']);
  expect(sent).toEqual(['Query', 'Query']);
});

it('tells everybody of a failure', async () => {
  const { send } = bulk(new Error('gone'));
  const outcomes = await Promise.allSettled([send(get(1)), send(get(2)), send(list(1))]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
});
