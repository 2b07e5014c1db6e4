/** Functions meet their roles on this machine as they will on AWS. */
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessesOf } from '../../../infra/local/dynamodb-access.ts';
import { allows } from '../../../infra/local/policy.ts';
import { clientOf, createTable, type Engine, startEngine } from '../../support/engine.ts';
import { guarded } from '../../support/template.ts';

const TableName = 'guarded';
const key = (pk: string, sk = 'HEAD') => ({ pk: { S: pk }, sk: { S: sk } });
let engine: Engine;
let guard: Awaited<ReturnType<typeof guarded>>;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, TableName);
  guard = await guarded(engine.endpoint, TableName);
});
afterAll(async () => {
  await guard.stop();
  await engine.stop();
});

const as = (name: string) => clientOf(guard.endpointOf(name));
const denied = expect.objectContaining({ name: 'AccessDeniedException' });

describe('a function', () => {
  it('gets what its role allows, from the engine itself', async () => {
    await as('Invoices').send(new PutItemCommand({ TableName, Item: key('t/live#INVOICE#1') }));
    const { Item } = await as('Invoices').send(new GetItemCommand({ TableName, Key: key('t/live#INVOICE#1') }));
    expect(Item).toEqual(key('t/live#INVOICE#1'));
  });

  it.each([
    ['Invoices', new GetItemCommand({ TableName, Key: key('KEY#1') })],
    ['Invoices', new PutItemCommand({ TableName, Item: key('KEY#1') })],
    ['Invoices', new DeleteItemCommand({ TableName, Key: key('t/live#INVOICE#1') })],
    ['Invoices', new PutItemCommand({ TableName, Item: key('RATES') })],
    [
      'Invoices',
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [{ DeleteRequest: { Key: key('t/live#INVOICE#1') } }] },
      }),
    ],
    [
      'Invoices',
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: key('t/live#INVOICE#2') } },
          { Delete: { TableName, Key: key('t/live#LEDGER#INV') } },
        ],
      }),
    ],
    ['Authorizer', new GetItemCommand({ TableName, Key: key('t/live#INVOICE#1') })],
    ['Dunning', new PutItemCommand({ TableName, Item: key('t/live#NUMBER#1') })],
    [
      'Relay',
      new UpdateItemCommand({
        TableName,
        Key: key('t/live#INVOICE#1'),
        UpdateExpression: 'SET #state = :state',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':state': { S: 'paid' } },
      }),
    ],
    [
      'Authorizer',
      new QueryCommand({
        TableName,
        IndexName: 'byTime',
        KeyConditionExpression: 'listKey = :list',
        ExpressionAttributeValues: { ':list': { S: 'KEY#1' } },
      }),
    ],
  ])('%s is refused what its role does not allow: %#', async (name, command) => {
    await expect(as(name).send(command as GetItemCommand)).rejects.toEqual(denied);
  });
});

describe('an access', () => {
  it('names the attributes of an update, of paths their beginning', () => {
    const input = {
      Key: key('a'),
      UpdateExpression: 'SET #open.#mine = #next, other = if_not_exists(list[0].name, :one) REMOVE gone ADD spare :two',
      ConditionExpression: 'attribute_not_exists(#open.#mine) AND size(#open) < :most',
      ExpressionAttributeNames: { '#open': 'open', '#mine': 'invoice', '#next': 'next' },
    };
    const [access] = accessesOf('UpdateItem', input);
    expect([...(access?.attributes ?? [])].sort()).toEqual(
      ['gone', 'list', 'next', 'open', 'other', 'pk', 'sk', 'spare'].sort(),
    );
  });

  it('names every partition of a batch', () => {
    const RequestItems = { [TableName]: { Keys: [key('a'), key('b')] } };
    expect(accessesOf('BatchGetItem', { RequestItems })).toMatchObject([{ leadingKeys: ['a', 'b'] }]);
  });
});

it('a condition must hold for all values; an unknown one is an error', () => {
  const policy = (Condition: Record<string, Record<string, string[]>>) => ({
    Statement: { Effect: 'Allow', Action: 'x:Do', Resource: '*', Condition },
  });
  const likes = policy({ 'ForAllValues:StringLike': { 'x:Keys': ['*#A', 'B'] } });
  expect(allows(likes, 'x:Do', 'r', { 'x:Keys': ['1#A', 'B'] })).toBe(true);
  expect(allows(likes, 'x:Do', 'r', { 'x:Keys': ['1#A', 'C'] })).toBe(false);
  expect(() => allows(policy({ DateLessThan: { 'x:Now': ['1'] } }), 'x:Do', 'r')).toThrow('DateLessThan');
});
