/** A shop beside the local stack: asks for invoices with the SDK's own clients, and hears what comes of it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, ListQueuesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { InvoiceEvent } from '../../lib/invoice/events.ts';
import type { LocalStack } from './local-stack.ts';

const config = ({ demo }: LocalStack) => ({
  endpoint: demo.events.endpoint,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

/** Both services take ten at a time. */
const tens = <Value>(values: readonly Value[]): Value[][] =>
  Array.from({ length: Math.ceil(values.length / 10) }, (_, index) => values.slice(10 * index, 10 * index + 10));

/** Publishes requests on the bus; each becomes an event with an id of its own. */
export async function publish(stack: LocalStack, details: readonly object[]): Promise<void> {
  const client = new EventBridgeClient(config(stack));
  const { bus, source } = stack.demo.events;
  for (const group of tens(details)) {
    const Entries = group.map((detail) => ({
      EventBusName: bus,
      Source: source,
      DetailType: 'InvoiceRequested',
      Detail: JSON.stringify(detail),
    }));
    const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount) throw new Error(`${FailedEntryCount} events were refused.`);
  }
  client.destroy();
}

/** Puts messages into a queue, past the bus: what EventBridge and SQS deliver twice is the same event. */
export async function enqueue(stack: LocalStack, arn: string, bodies: readonly string[]): Promise<void> {
  const client = new SQSClient(config(stack));
  const QueueUrl = await urlOf(client, arn);
  for (const group of tens(bodies)) {
    const Entries = group.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`${Failed.length} messages were refused.`);
  }
  client.destroy();
}

/** The event in the form in which it stands in a queue. */
export const envelope = ({ demo }: LocalStack, id: string, detail: object): string =>
  JSON.stringify({
    id,
    'detail-type': 'InvoiceRequested',
    source: demo.events.source,
    account: '000000000000',
    time: '2026-11-20T10:00:00Z',
    detail,
  });

async function urlOf(client: SQSClient, arn: string): Promise<string> {
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand());
  return QueueUrls.find((url) => arn.endsWith(`:${url.split('/').at(-1)}`)) as string;
}

/** How many messages are in a queue, whether they can be seen or not. */
export async function waiting(stack: LocalStack, arn: string): Promise<number> {
  const client = new SQSClient(config(stack));
  const QueueUrl = await urlOf(client, arn);
  const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  client.destroy();
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}

/** Asks the native API, as the first demo company. */
export async function ask<Answer>(stack: LocalStack, path: string, body?: object): Promise<Answer> {
  const response = await fetch(stack.demo.apis.invoices + path, {
    method: body ? 'POST' : 'GET',
    headers: { 'X-Api-Key': stack.demo.tenants[0]?.keys.full as string, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text) as Answer;
}

/** All pages of a list, from `GET path`. */
export async function everything<Entry>(stack: LocalStack, path: string, parameter = 'cursor'): Promise<Entry[]> {
  const all: Entry[] = [];
  let more = '';
  do {
    const page: { data: Entry[]; next_cursor: string | null } = await ask(stack, `${path}?limit=100${more}`);
    all.push(...page.data);
    more = page.next_cursor ? `&${parameter}=${page.next_cursor}` : '';
  } while (more);
  return all;
}

/** The company's events as they happened. */
export const feed = (stack: LocalStack): Promise<InvoiceEvent[]> => everything<InvoiceEvent>(stack, '/events', 'after');

/** The file of the stack's queues, in which a test may look, and turn the clock. */
function queueFile<Value>({ folder }: Pick<LocalStack, 'folder'>, work: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(join(folder, 'queues.sqlite'));
  try {
    database.exec('PRAGMA busy_timeout = 5000');
    return work(database);
  } finally {
    database.close();
  }
}

/** From here on, what a rule takes from the bus to a queue is written down in its order. */
export const tapBus = (stack: LocalStack): void =>
  queueFile(stack, (database) =>
    database.exec(`
      CREATE TABLE tapped (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
      CREATE TRIGGER tap AFTER INSERT ON messages WHEN NEW.body LIKE '%"source":"invoice-functions"%'
      BEGIN INSERT INTO tapped (body) VALUES (NEW.body); END`),
  );

/** The events that went over the bus, in their order. */
export const tapped = (stack: LocalStack): InvoiceEvent[] =>
  queueFile(stack, (database) =>
    database
      .prepare('SELECT body FROM tapped ORDER BY id')
      .all()
      .map(({ body }) => JSON.parse(String(body)).detail as InvoiceEvent),
  );

/** Shows every message that a consumer took and did not finish, as if its visibility timeout were over. */
export const showHidden = (stack: LocalStack): void =>
  queueFile(stack, (database) => database.exec('UPDATE messages SET visible = 0'));

export interface Receiver {
  readonly url: string;
  readonly heard: InvoiceEvent[];
  /** How often it was asked. */
  tries: number;
  /** What it answers; nobody is heard while it is an error. */
  status: number;
  stop(): void;
}

/** A webhook's server. */
export async function receiver(): Promise<Receiver> {
  const heard: InvoiceEvent[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    self.tries++;
    if (self.status < 300) heard.push(JSON.parse(body));
    response.writeHead(self.status).end();
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const self: Receiver = { url, heard, tries: 0, status: 200, stop: () => server.close() };
  return self;
}
