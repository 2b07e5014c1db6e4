/**
 * API Gateway's API keys and their places in usage plans. They live in a table of the engine, so that all gateways over
 * one table know the same keys. One item a key: `pk` says what it is, `sk` is the key's value.
 */
import { createHash } from 'node:crypto';
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

export interface GatewayKey {
  readonly id: string;
  readonly value: string;
  readonly name: string;
  readonly description?: string;
  readonly enabled: boolean;
  /** Seconds since the epoch, as API Gateway gives times. */
  readonly createdDate: number;
  /** Ids of usage plans. */
  readonly plans: readonly string[];
}

export type ApiKeys = ReturnType<typeof apiKeys>;

/** For how long a gateway may not have heard of what another one changed. */
const cacheMilliseconds = 1_000;

const partition = { S: 'API_KEY' };

export function apiKeys(client: DynamoDBClient, table: string) {
  let cached: { at: number; keys: Promise<GatewayKey[]> } | undefined;

  function all(): Promise<GatewayKey[]> {
    if (!cached || Date.now() - cached.at > cacheMilliseconds) cached = { at: Date.now(), keys: read() };
    return cached.keys;
  }

  async function read(): Promise<GatewayKey[]> {
    const keys: GatewayKey[] = [];
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': partition },
          ConsistentRead: true,
          ExclusiveStartKey,
        }),
      );
      for (const item of page.Items ?? []) keys.push(fromItem(item));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return keys;
  }

  /** Writes, and reads anew afterwards. A key that is gone by now is left so. */
  async function update(value: string, expression: string, names: Record<string, string>, input: AttributeValue) {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: partition, sk: { S: value } },
        UpdateExpression: expression,
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ':input': input },
      }),
    );
    cached = undefined;
  }

  return {
    all,
    find: async (id: string): Promise<GatewayKey | undefined> => (await all()).find((key) => key.id === id),

    async findByValue(value: string): Promise<GatewayKey | undefined> {
      const known = (await all()).find((key) => key.value === value);
      if (known) return known;
      cached = undefined;
      return (await all()).find((key) => key.value === value);
    },

    async create(
      input: Pick<GatewayKey, 'value' | 'name' | 'description' | 'enabled'>,
    ): Promise<GatewayKey | 'exists'> {
      const key = { ...input, id: idOf(input.value), createdDate: Math.floor(Date.now() / 1000), plans: [] };
      try {
        const Item = toItem(key);
        await client.send(
          new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }),
        );
      } catch (error) {
        if ((error as Error).name === 'ConditionalCheckFailedException') return 'exists';
        throw error;
      }
      cached = undefined;
      return key;
    },

    setText: ({ value }: GatewayKey, member: 'name' | 'description', text: string) =>
      update(value, 'SET #member = :input', { '#member': member }, { S: text }),
    setEnabled: ({ value }: GatewayKey, enabled: boolean) =>
      update(value, 'SET #member = :input', { '#member': 'enabled' }, { BOOL: enabled }),
    join: ({ value }: GatewayKey, plan: string) =>
      update(value, 'ADD #member :input', { '#member': 'plans' }, { SS: [plan] }),
    leave: ({ value }: GatewayKey, plan: string) =>
      update(value, 'DELETE #member :input', { '#member': 'plans' }, { SS: [plan] }),

    async remove({ value }: GatewayKey): Promise<void> {
      await client.send(new DeleteItemCommand({ TableName: table, Key: { pk: partition, sk: { S: value } } }));
      cached = undefined;
    },
  };
}

/** The same key gets the same id from every gateway. */
const idOf = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 10);

const toItem = ({
  id,
  value,
  name,
  description,
  enabled,
  createdDate,
}: GatewayKey): Record<string, AttributeValue> => ({
  pk: partition,
  sk: { S: value },
  id: { S: id },
  name: { S: name },
  enabled: { BOOL: enabled },
  createdDate: { N: String(createdDate) },
  ...(description && { description: { S: description } }),
});

const fromItem = (item: Record<string, AttributeValue>): GatewayKey => ({
  id: item.id?.S ?? '',
  value: item.sk?.S ?? '',
  name: item.name?.S ?? '',
  ...(item.description?.S && { description: item.description.S }),
  enabled: item.enabled?.BOOL ?? false,
  createdDate: Number(item.createdDate?.N),
  plans: item.plans?.SS ?? [],
});
