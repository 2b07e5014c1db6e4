/** What a DynamoDB request asks IAM for: actions, and the keys and attributes that conditions of policies speak of. */
import { tableLayout } from '../../lib/dynamo/table.ts';

/** One action on the table or an index of it. */
export interface Access {
  /** Such as `dynamodb:PutItem`. */
  readonly action: string;
  readonly index?: string;
  /** `dynamodb:LeadingKeys`: the partition keys of all items it names. */
  readonly leadingKeys: readonly string[];
  /** `dynamodb:Attributes`: the top-level attributes that its expressions name, for an update. */
  readonly attributes: readonly string[];
}

type WireItem = Record<string, { S?: string }>;

interface Request {
  IndexName?: string;
  Key?: WireItem;
  Item?: WireItem;
  UpdateExpression?: string;
  ConditionExpression?: string;
  KeyConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: WireItem;
  RequestItems?: Record<string, { Keys?: WireItem[] } | { PutRequest?: Request; DeleteRequest?: Request }[]>;
  TransactItems?: Record<string, Request>[];
}

/** A transaction's writes by the actions that IAM asks for. */
const transactionActions: Record<string, string> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

const keyOf = ({ Key, Item }: Request): string => (Key ?? Item)?.[tableLayout.partitionKey]?.S ?? '';

export function accessesOf(operation: string, input: Request): Access[] {
  const one = (name: string, leadingKeys: string[], more: Partial<Access> = {}): Access[] => [
    { action: `dynamodb:${name}`, leadingKeys, attributes: [], ...more },
  ];
  switch (operation) {
    case 'TransactWriteItems':
    case 'TransactGetItems':
      return (input.TransactItems ?? []).flatMap((item) =>
        Object.entries(item).flatMap(([kind, each]) => accessesOf(transactionActions[kind] ?? kind, each)),
      );
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return one(operation, Object.values(input.RequestItems ?? {}).flatMap(keysOf));
    case 'Query':
      return one(operation, [queriedKey(input)], input.IndexName === undefined ? {} : { index: input.IndexName });
    case 'UpdateItem':
      return one(operation, [keyOf(input)], { attributes: attributesOf(input) });
    default:
      return one(operation, [keyOf(input)]);
  }
}

type Batched = NonNullable<Request['RequestItems']>[string];

function keysOf(batched: Batched): string[] {
  const requests = Array.isArray(batched)
    ? batched.map(({ PutRequest, DeleteRequest }) => PutRequest ?? DeleteRequest ?? {})
    : (batched.Keys ?? []).map((Key) => ({ Key }));
  return requests.map(keyOf);
}

/** The partition that a query is about: a key condition is an equation on the partition key, and perhaps more after it. */
function queriedKey({ KeyConditionExpression = '', ExpressionAttributeValues = {} }: Request): string {
  const [, value = ''] = /^\s*[#\w]+\s*=\s*(:\w+)/.exec(KeyConditionExpression) ?? [];
  const key = ExpressionAttributeValues[value]?.S;
  if (key === undefined) throw new Error(`No partition key is found in the condition ${KeyConditionExpression}.`);
  return key;
}

const words = new Set(
  'SET REMOVE ADD DELETE AND OR NOT IN BETWEEN if_not_exists attribute_exists attribute_not_exists size contains begins_with'.split(
    ' ',
  ),
);

function attributesOf({ Key = {}, UpdateExpression = '', ConditionExpression = '', ...input }: Request): string[] {
  // Of a path, its beginning; no values, functions or keywords.
  const named = `${UpdateExpression} ${ConditionExpression}`
    .replaceAll(/(?<=[\w\]])\.[#\w.[\]]+/g, '')
    .match(/(?<![:\w#])#?[A-Za-z_]\w*/g);
  const names = (named ?? []).filter((name) => !words.has(name));
  const real = names.map((name) => input.ExpressionAttributeNames?.[name] ?? name);
  return [...new Set([...Object.keys(Key), ...real])];
}
