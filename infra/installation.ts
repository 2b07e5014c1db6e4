/** Finds an installation and opens what keys live in: the local stack, or one that `npm run deploy` made. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { APIGatewayClient, paginateGetUsagePlans } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Connection, clientOptions, connect } from '../lib/dynamo/connection.ts';
import { plans } from '../lib/lambda/plans.ts';
import type { KeyDesk } from './key-desk.ts';

const now = () => new Date();

/** Credentials and region that the local stack asks for and does not look at. */
const local = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/** A table that can be connected to; each connection has a retry budget of its own. */
export type OpenTable = () => Connection;

interface QueueArns {
  queue: string;
  dead_letters: string;
}

/** The local stack, as its launcher describes it in `demo.json`. */
export const localStack = (dataDir: string) =>
  readJson<{
    apis: { invoices: string };
    tenants: [{ keys: { full: string } }];
    dynamodb: { endpoint: string; table: string };
    api_gateway: string;
    events: QueueArns & { endpoint: string; bus: string; source: string };
    webhooks: QueueArns;
  }>(join(dataDir, 'demo.json'), 'Start the local stack with `npm start`, or name a deployed one with --outputs.');

export async function localTable(dataDir: string): Promise<OpenTable> {
  const { dynamodb } = await localStack(dataDir);
  const client = new DynamoDBClient({ ...local, ...clientOptions, endpoint: dynamodb.endpoint });
  return () => connect(client, dynamodb.table);
}

export async function localDesk(dataDir: string): Promise<KeyDesk> {
  const [open, { api_gateway }] = await Promise.all([localTable(dataDir), localStack(dataDir)]);
  const gateway = new APIGatewayClient({ ...local, endpoint: api_gateway });
  return {
    connection: open(),
    gateway,
    now,
    async planId(name) {
      for await (const { items } of paginateGetUsagePlans({ client: gateway }, {})) {
        const plan = items?.find((one) => one.name === name);
        if (plan?.id) return plan.id;
      }
      throw unknownPlan(name);
    },
  };
}

/** A deployed stack, as the CDK CLI wrote its outputs down. Region and credentials come from the environment. */
async function deployedStack(
  file: string,
  stack?: string,
): Promise<{ outputs: Record<string, string>; table: string }> {
  const stacks = await readJson<Record<string, Record<string, string>>>(file, 'Deploy with `npm run deploy`.');
  const [only, ...others] = Object.keys(stacks);
  if (stack === undefined && others.length > 0) {
    throw new Error(`${file} describes several stacks. Name one with --stack: ${Object.keys(stacks).join(', ')}.`);
  }
  const outputs = stacks[stack ?? only ?? ''];
  const table = outputs?.TableName;
  if (!outputs || !table) throw new Error(`${file} describes no stack${stack ? ` ${stack}` : ''} with a table.`);
  return { outputs, table };
}

export const deployedTable = async (file: string, stack?: string): Promise<OpenTable> =>
  namedTable((await deployedStack(file, stack)).table);

/** A table of the account and region of the environment, such as one that a backup was restored to. */
export function namedTable(table: string): OpenTable {
  const client = new DynamoDBClient(clientOptions);
  return () => connect(client, table);
}

export async function deployedDesk(file: string, stack?: string): Promise<KeyDesk> {
  const [open, { outputs }] = await Promise.all([deployedTable(file, stack), deployedStack(file, stack)]);
  return {
    connection: open(),
    gateway: new APIGatewayClient(),
    now,
    async planId(name) {
      const id = outputs[`${name.charAt(0).toUpperCase()}${name.slice(1)}PlanId`];
      if (!id) throw unknownPlan(name);
      return id;
    },
  };
}

/** Queues whose dead letters can be sent back: where `demo.json` names them, and how their CDK outputs begin. */
const redrivable = {
  requests: { section: 'events', prefix: 'Request' },
  webhooks: { section: 'webhooks', prefix: 'Webhook' },
} as const;

export type QueueName = keyof typeof redrivable;

export const queueNames = Object.keys(redrivable) as QueueName[];

/** A queue, and where those of its messages end that could not be handled; by ARN. */
export interface QueuePair {
  readonly client: SQSClient;
  readonly queue: string;
  readonly deadLetters: string;
}

export async function localQueue(dataDir: string, name: QueueName): Promise<QueuePair> {
  const stack = await localStack(dataDir);
  const { queue, dead_letters: deadLetters } = stack[redrivable[name].section];
  return { client: new SQSClient({ ...local, endpoint: stack.events.endpoint }), queue, deadLetters };
}

export async function deployedQueue(file: string, name: QueueName, stack?: string): Promise<QueuePair> {
  const { outputs } = await deployedStack(file, stack);
  const { prefix } = redrivable[name];
  const { [`${prefix}QueueArn`]: queue, [`${prefix}DeadLettersArn`]: deadLetters } = outputs;
  if (!queue || !deadLetters) throw new Error(`${file} describes a stack without queues of ${name}. Deploy it again.`);
  return { client: new SQSClient(), queue, deadLetters };
}

const unknownPlan = (name: string) =>
  new Error(`There is no usage plan ${name}. Plans are: ${Object.keys(plans).join(', ')}.`);

async function readJson<Value>(file: string, hint: string): Promise<Value> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Value;
  } catch (error) {
    throw new Error(`${file} cannot be read. ${hint}`, { cause: error });
  }
}
