/** Finds an installation and opens what keys live in: the local stack, or one that `npm run deploy` made. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { APIGatewayClient, paginateGetUsagePlans } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { connect } from '../lib/dynamo/connection.ts';
import { plans } from '../lib/lambda/plans.ts';
import type { KeyDesk } from './key-desk.ts';

const now = () => new Date();

const localCredentials = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const localHint = 'Start the local stack with `npm start`, or name a deployed one with --outputs.';

/** Where requests for invoices wait, and where those end that could not be handled; by ARN. */
export interface RequestQueues {
  readonly client: SQSClient;
  readonly queue: string;
  readonly deadLetters: string;
}

export async function localRequests(dataDir: string): Promise<RequestQueues> {
  const { events } = await readJson<{ events: { endpoint: string; queue: string; dead_letters: string } }>(
    join(dataDir, 'demo.json'),
    localHint,
  );
  const client = new SQSClient({ ...localCredentials, endpoint: events.endpoint });
  return { client, queue: events.queue, deadLetters: events.dead_letters };
}

export async function deployedRequests(file: string, stack?: string): Promise<RequestQueues> {
  const { RequestQueueArn: queue, RequestDeadLettersArn: deadLetters } = await outputsOf(file, stack);
  if (!queue || !deadLetters) throw new Error(`${file} describes a stack without queues. Deploy it again.`);
  return { client: new SQSClient(), queue, deadLetters };
}

/** The local stack, as its launcher describes it in `demo.json`. Credentials and region are asked for and not looked at. */
export async function localDesk(dataDir: string): Promise<KeyDesk> {
  const file = join(dataDir, 'demo.json');
  const { dynamodb, api_gateway } = await readJson<{
    dynamodb: { endpoint: string; table: string };
    api_gateway: string;
  }>(file, localHint);
  const gateway = new APIGatewayClient({ ...localCredentials, endpoint: api_gateway });
  return {
    connection: connect(
      new DynamoDBClient({ ...localCredentials, endpoint: dynamodb.endpoint, maxAttempts: 1 }),
      dynamodb.table,
    ),
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
export async function deployedDesk(file: string, stack?: string): Promise<KeyDesk> {
  const outputs = await outputsOf(file, stack);
  const table = outputs.TableName;
  if (!table) throw new Error(`${file} describes no stack${stack ? ` ${stack}` : ''} with a table.`);
  return {
    connection: connect(new DynamoDBClient({ maxAttempts: 1 }), table),
    gateway: new APIGatewayClient(),
    now,
    async planId(name) {
      const id = outputs[`${name.charAt(0).toUpperCase()}${name.slice(1)}PlanId`];
      if (!id) throw unknownPlan(name);
      return id;
    },
  };
}

async function outputsOf(file: string, stack?: string): Promise<Readonly<Record<string, string>>> {
  const stacks = await readJson<Record<string, Record<string, string>>>(file, 'Deploy with `npm run deploy`.');
  const [only, ...others] = Object.keys(stacks);
  if (stack === undefined && others.length > 0) {
    throw new Error(`${file} describes several stacks. Name one with --stack: ${Object.keys(stacks).join(', ')}.`);
  }
  return stacks[stack ?? only ?? ''] ?? {};
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
