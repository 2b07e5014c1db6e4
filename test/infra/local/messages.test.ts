/** Buses, rules, queues and mappings of a small stack, asked by the SDK's own clients. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matches, type Pattern } from '../../../infra/local/event-pattern.ts';
import { openQueues, type Queue } from '../../../infra/local/queues.ts';
import { type Served, serve } from './fixture.ts';

/** Fails for what says so, and dies of what says so. */
const worker = `
export const handler = async ({ Records }) => {
  if (Records.some(({ body }) => body.includes('kill'))) process.exit(1);
  return { batchItemFailures: Records.filter(({ body }) => body.includes('poison')).map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

const arn = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
const queue = (properties: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties: properties });

let served: Served;
let sqs: SQSClient;
let events: EventBridgeClient;

beforeAll(async () => {
  served = await serve({
    functions: { Worker: { code: worker } },
    routes: [{ api: 'Main', path: '/x', functionName: 'Worker' }],
    others: {
      Plain: queue(),
      Work: queue({
        VisibilityTimeout: 1,
        RedrivePolicy: { deadLetterTargetArn: arn('Dead'), maxReceiveCount: 2 },
      }),
      Dead: queue(),
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'orders' } },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventBusName: { Ref: 'Bus' },
          EventPattern: { source: [{ prefix: 'shop.' }], 'detail-type': ['Ordered'] },
          Targets: [{ Id: '1', Arn: arn('Plain'), DeadLetterConfig: { Arn: arn('Dead') } }],
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: arn('Work'),
          FunctionName: { Ref: 'Worker' },
          // Alone in its batch, what kills takes nobody with it.
          BatchSize: 1,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      },
    },
  });
  const common = {
    endpoint: served.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  sqs = new SQSClient(common);
  events = new EventBridgeClient(common);
});
afterAll(() => served.stop());

const urlOf = async (name: string) => (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl as string;
const receive = async (QueueUrl: string, more: object = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];

describe('queues', () => {
  it('hand out what was sent, hide it, and forget it once it is deleted', async () => {
    const QueueUrl = await urlOf('Plain');
    const MessageAttributes = { colour: { DataType: 'String', StringValue: 'blue' } };
    const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'ä', MessageAttributes }));
    const [message] = await receive(QueueUrl, { VisibilityTimeout: 600, MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      MessageId,
      Body: 'ä',
      Attributes: { ApproximateReceiveCount: '1' },
      MessageAttributes,
    });
    expect(await receive(QueueUrl)).toEqual([]);
    const { ReceiptHandle } = message ?? {};
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    const [again] = await receive(QueueUrl);
    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
    // The first receipt is worth nothing any more.
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '1' });
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
    const after = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(after.Attributes).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' });
  });

  it('take batches, and tell which of their entries failed', async () => {
    const QueueUrl = await urlOf('Plain');
    const Entries = [
      { Id: 'a', MessageBody: 'a' },
      { Id: 'b', MessageBody: '' },
      { Id: 'c', MessageBody: 'c', DelaySeconds: 600 },
    ];
    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed).toMatchObject([{ Id: 'b', SenderFault: true }]);
    const messages = await receive(QueueUrl);
    expect(messages.map(({ Body }) => Body)).toEqual(['a']);
    const receipts = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: receipts }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessagesDelayed: '0' });
  });

  it('let receivers wait', async () => {
    const QueueUrl = await urlOf('Plain');
    const waiting = receive(QueueUrl, { WaitTimeSeconds: 10 });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late' }));
    const [message] = await waiting;
    expect(message?.Body).toBe('late');
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
  });

  it('are listed; unknown ones and bad values are refused in words that the SDK knows', async () => {
    expect((await sqs.send(new ListQueuesCommand())).QueueUrls).toHaveLength(3);
    await expect(urlOf('None')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await expect(receive(await urlOf('Plain'), { MaxNumberOfMessages: 11 })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });
});

describe('a bus', () => {
  const put = (entry: object) =>
    events.send(new PutEventsCommand({ Entries: [{ EventBusName: 'orders', Source: 'shop.web', ...entry }] }));

  it('hands events that match a rule to its target, in their envelope', async () => {
    const QueueUrl = await urlOf('Plain');
    const { Entries } = await put({ DetailType: 'Ordered', Detail: '{"number": 1}' });
    await put({ DetailType: 'Paid', Detail: '{}' });
    await put({ DetailType: 'Ordered', Detail: '{}', Source: 'other' });
    const messages = await receive(QueueUrl);
    expect(messages.map(({ Body = '' }) => JSON.parse(Body))).toEqual([
      {
        version: '0',
        id: Entries?.[0]?.EventId,
        'detail-type': 'Ordered',
        source: 'shop.web',
        account: '000000000000',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: 'eu-central-1',
        resources: [],
        detail: { number: 1 },
      },
    ]);
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  });

  it('hands on a detail as it was written, for whoever receives it to judge', async () => {
    const QueueUrl = await urlOf('Plain');
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    const Detail = `{ "a": 1e400, "a": 4900.00000000000000001, "deep": ${deep} }`;
    expect((await put({ DetailType: 'Ordered', Detail })).FailedEntryCount).toBe(0);
    const [message] = await receive(QueueUrl);
    expect(message?.Body).toContain(`"detail":${Detail}}`);
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  });

  it('refuses what is no event, entry by entry', async () => {
    for (const Detail of ['no JSON', '[]', '""']) {
      const { FailedEntryCount, Entries } = await put({ DetailType: 'Ordered', Detail });
      expect(FailedEntryCount).toBe(1);
      expect(Entries).toMatchObject([{ ErrorCode: 'MalformedDetail' }]);
    }
    expect((await put({ Detail: '{}' })).Entries).toMatchObject([{ ErrorCode: 'InvalidArgument' }]);
    await expect(put({ EventBusName: 'none', DetailType: 'x', Detail: '{}' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it.each<[string, Pattern, object, boolean]>([
    ['a member of a member', { detail: { state: ['open'] } }, { detail: { state: 'open' } }, true],
    ['none of the values', { detail: { state: ['open', 'new'] } }, { detail: { state: 'done' } }, false],
    ['one value of a list', { resources: ['a'] }, { resources: ['b', 'a'] }, true],
    ['a member that is there', { detail: { a: [{ exists: true }] } }, { detail: {} }, false],
    ['a member that is not there', { detail: { a: [{ exists: false }] } }, { detail: {} }, true],
    ['anything but', { source: [{ 'anything-but': ['a', 'b'] }] }, { source: 'b' }, false],
    ['anything but a prefix', { source: [{ 'anything-but': { prefix: 'a' } }] }, { source: 'b' }, true],
    ['a suffix', { source: [{ suffix: '.x' }] }, { source: 'a.x' }, true],
    ['letters of any case', { source: [{ 'equals-ignore-case': 'AB' }] }, { source: 'ab' }, true],
  ])('knows %s', (_, pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  it('does not guess what a pattern means', () => {
    expect(() => matches({ a: [{ wildcard: '*' }] }, { a: 'b' })).toThrow('wildcard');
  });
});

describe('a mapping', () => {
  it('deletes what was done, and gives up what failed too often; redrive brings it back', async () => {
    const [work, dead] = [await urlOf('Work'), await urlOf('Dead')];
    const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl: work, MessageBody }));
    for (const body of ['good', 'poison', 'kill']) await send(body);
    const letters: string[] = [];
    await expect
      .poll(async () => letters.push(...(await receive(dead)).map(({ Body = '' }) => Body)) && letters.sort(), {
        timeout: 20_000,
      })
      .toEqual(['kill', 'poison']);
    expect(await receive(work)).toEqual([]);

    await sqs.send(new PurgeQueueCommand({ QueueUrl: dead }));
    await sqs.send(new SendMessageCommand({ QueueUrl: dead, MessageBody: 'mended' }));
    const SourceArn = `arn:aws:sqs:eu-central-1:000000000000:Dead`;
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
    expect(Results).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }]);
    const left = async () =>
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: work, AttributeNames: ['All'] }))).Attributes;
    await expect
      .poll(left)
      .toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
    expect(await receive(dead)).toEqual([]);
    await expect(
      sqs.send(new StartMessageMoveTaskCommand({ SourceArn: SourceArn.replace('Dead', 'Plain') })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

describe('messages', () => {
  const one: Queue = { name: 'One', arn: 'one', delay: 0, visibility: 30, retention: 60 };

  it('survive a restart, hidden ones too', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'queues-')), 'queues.sqlite');
    const first = openQueues([one], file);
    first.send(one, { body: 'a' });
    first.send(one, { body: 'b' });
    await first.receive(one, { most: 1 });
    first.close();
    const second = openQueues([one], file);
    expect(second.counts(one)).toEqual({ visible: 1, delayed: 0, inFlight: 1 });
    expect((await second.receive(one, { most: 10 })).map(({ body }) => body)).toEqual(['b']);
    second.close();
  });

  it('are taken once by two processes over one file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'queues-')), 'queues.sqlite');
    const both = [openQueues([one], file), openQueues([one], file)];
    for (let index = 0; index < 50; index++) both[index % 2]?.send(one, { body: String(index) });
    const taken = await Promise.all(both.map((queues) => queues.receive(one, { most: 30 })));
    expect(new Set(taken.flat().map(({ body }) => body)).size).toBe(50);
    for (const queues of both) queues.close();
  });

  it('end with their retention', async () => {
    const short = { ...one, retention: -1 };
    const queues = openQueues([short], ':memory:');
    queues.send(short, { body: 'old' });
    expect(await queues.receive(short, { most: 1 })).toEqual([]);
    queues.close();
  });
});
