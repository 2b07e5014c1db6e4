/** Work in bulk at the real engine: few calls, and everybody's own answer. */
import { GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { gathered } from '../../lib/dynamo/gathering.ts';
import { primaryKey } from '../../lib/dynamo/table.ts';
import { OutcomeUnknown } from '../../lib/invoice/store.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';

const table = 'gathering';
let engine: Engine;
let sent: string[] = [];
let fails: (name: string) => unknown = () => undefined;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
});
afterAll(() => engine.stop());
beforeEach(() => {
  sent = [];
  fails = () => undefined;
});

function bulk(): Connection {
  const plain = connect(clientOf(engine.endpoint), table);
  const send = (async (command: object) => {
    sent.push(command.constructor.name.replace('Command', ''));
    const error = fails(sent.at(-1) as string);
    if (error) throw error;
    return plain.send(command as never);
  }) as Connection['send'];
  return gathered({ ...plain, send });
}

const many = <Value>(count: number, each: (index: number) => Value) =>
  Array.from({ length: count }, (_, at) => each(at));
const keyOf = (at: number | string) => primaryKey(`p${at}`, 's');
const get = (at: number | string) => new GetItemCommand({ TableName: table, Key: keyOf(at), ConsistentRead: true });
const put = (at: number | string) =>
  new PutItemCommand({ TableName: table, Item: { ...keyOf(at), v: { S: `v${at}` } } });
const claim = (at: number | string, items = 6) =>
  new TransactWriteItemsCommand({
    TransactItems: many(items, (part) => ({
      Put: {
        TableName: table,
        Item: { ...primaryKey(`t${at}`, `${part}`) },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    })),
  });
const outcome = (work: Promise<unknown>) => work.then(() => 'done').catch((error: Error) => error.name);

it('reads and writes in lots, and gives each its own item', async () => {
  const { send } = bulk();
  await Promise.all(many(60, (at) => send(put(at))));
  const read = await Promise.all([...many(250, (at) => send(get(at))), send(get(3))]);
  expect(read.map(({ Item }) => Item?.v?.S)).toEqual([...many(250, (at) => (at < 60 ? `v${at}` : undefined)), 'v3']);
  expect(sent).toEqual([...many(3, () => 'BatchWriteItem'), ...many(3, () => 'BatchGetItem')]);
});

it('joins transactions, and sends each alone where one of them cannot be', async () => {
  const { send } = bulk();
  expect(await Promise.all(many(40, (at) => outcome(send(claim(at)))))).toEqual(many(40, () => 'done'));
  expect(sent).toEqual(many(3, () => 'TransactWriteItems'));
  const outcomes = await Promise.all([claim('a'), claim(7), claim('b')].map((each) => outcome(send(each))));
  expect(outcomes).toEqual(['done', 'TransactionCanceledException', 'done']);
  // The same item twice is more than one transaction takes.
  const twice = await Promise.all([claim('c'), claim('c')].map((each) => outcome(send(each))));
  expect(twice.sort()).toEqual(['TransactionCanceledException', 'done']);
});

it('tells all of them when nobody knows whether they committed, and tries none again', async () => {
  const { send } = bulk();
  fails = (name) => (name === 'TransactWriteItems' ? new OutcomeUnknown() : undefined);
  expect(await Promise.all([claim('d'), claim('e')].map((each) => outcome(send(each))))).toEqual(['Error', 'Error']);
  expect(sent).toEqual(['TransactWriteItems']);
  fails = () => new Error('gone');
  expect(await Promise.all([get(1), get(2)].map((each) => outcome(send(each))))).toEqual(['Error', 'Error']);
});
