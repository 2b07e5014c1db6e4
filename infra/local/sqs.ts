/** Amazon SQS over its JSON protocol, for unmodified SDK clients. */
import { randomUUID } from 'node:crypto';
import { type Action, type Service, ServiceError } from './aws-json.ts';
import { type Message, md5Of, type Queue, type Queues } from './queues.ts';
import { accountId } from './template.ts';

/** SQS's limits. Bytes and seconds. */
const largestMessage = 1024 * 1024;
const longestWait = 20;
const longestVisibility = 43_200;
const longestDelay = 900;
const largestBatch = 10;

const invalid = (message: string) => new ServiceError('com.amazonaws.sqs#InvalidParameterValue', message);

interface Entry {
  Id: string;
  MessageBody?: string;
  MessageAttributes?: Record<string, unknown>;
  DelaySeconds?: number;
  ReceiptHandle?: string;
  VisibilityTimeout?: number;
}

/** @param url where the queues are. */
export function sqs(queues: Queues, url: string): Service {
  const urlOf = ({ name }: Queue) => `${url}/${accountId}/${name}`;

  function queueOf(input: { QueueUrl?: string; QueueName?: string }): Queue {
    const name = input.QueueName ?? input.QueueUrl?.split('/').at(-1) ?? '';
    const queue = queues.byName(name);
    if (queue) return queue;
    throw new ServiceError('com.amazonaws.sqs#QueueDoesNotExist', `The specified queue does not exist: ${name}`);
  }

  function queueByArn(arn: string): Queue {
    const queue = queues.byArn(arn);
    if (queue) return queue;
    throw new ServiceError('com.amazonaws.sqs#ResourceNotFoundException', `There is no queue ${arn}.`);
  }

  function send(queue: Queue, { MessageBody: body = '', MessageAttributes: attributes, DelaySeconds }: Entry) {
    if (body === '') throw invalid('The message body must not be empty.');
    if (Buffer.byteLength(body) > largestMessage) throw invalid(`A message may have ${largestMessage} bytes.`);
    const delay = within('DelaySeconds', DelaySeconds, longestDelay);
    const { id } = queues.send(queue, { body, ...(attributes && { attributes }), delay });
    return { MessageId: id, MD5OfMessageBody: md5Of(body) };
  }

  function changeVisibility(queue: Queue, { ReceiptHandle = '', VisibilityTimeout }: Entry) {
    const seconds = within('VisibilityTimeout', VisibilityTimeout, longestVisibility) ?? 0;
    if (queues.changeVisibility(queue, ReceiptHandle, seconds)) return {};
    throw new ServiceError('com.amazonaws.sqs#ReceiptHandleIsInvalid', 'The receipt handle is not valid any more.');
  }

  function remove(queue: Queue, { ReceiptHandle = '' }: Entry) {
    queues.remove(queue, ReceiptHandle);
    return {};
  }

  /** The action on each entry of a batch: what fails does not hinder the rest. */
  const batch =
    (act: (queue: Queue, entry: Entry) => object): Action =>
    (input: { QueueUrl: string; Entries?: Entry[] }) => {
      const queue = queueOf(input);
      const entries = input.Entries ?? [];
      if (entries.length === 0) throw new ServiceError('com.amazonaws.sqs#EmptyBatchRequest', 'The batch is empty.');
      if (entries.length > largestBatch) {
        throw new ServiceError('com.amazonaws.sqs#TooManyEntriesInBatchRequest', 'A batch has 10 entries at most.');
      }
      const Successful: object[] = [];
      const Failed: object[] = [];
      for (const entry of entries) {
        try {
          Successful.push({ Id: entry.Id, ...act(queue, entry) });
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          Failed.push({ Id: entry.Id, SenderFault: true, Code: error.name.split('#').at(-1), Message: error.message });
        }
      }
      return { Successful, Failed };
    };

  const tasks: { TaskHandle: string; SourceArn: string; StartedTimestamp: number; moved: number }[] = [];

  return {
    version: '1.0',
    target: 'AmazonSQS',
    actions: {
      SendMessage: (input) => send(queueOf(input), input),
      SendMessageBatch: batch(send),
      DeleteMessage: (input) => remove(queueOf(input), input),
      DeleteMessageBatch: batch(remove),
      ChangeMessageVisibility: (input) => changeVisibility(queueOf(input), input),
      ChangeMessageVisibilityBatch: batch(changeVisibility),

      async ReceiveMessage({ MaxNumberOfMessages: most = 1, VisibilityTimeout, WaitTimeSeconds, ...input }) {
        const queue = queueOf(input);
        if (!(most >= 1 && most <= largestBatch)) throw invalid('MaxNumberOfMessages must be 1 to 10.');
        const messages = await queues.receive(queue, {
          most,
          visibility: within('VisibilityTimeout', VisibilityTimeout, longestVisibility),
          wait: within('WaitTimeSeconds', WaitTimeSeconds, longestWait),
        });
        return messages.length > 0 ? { Messages: messages.map(toWire) } : {};
      },

      GetQueueUrl: (input) => ({ QueueUrl: urlOf(queueOf(input)) }),
      ListQueues: ({ QueueNamePrefix = '' }: { QueueNamePrefix?: string }) => ({
        QueueUrls: queues.all.filter(({ name }) => name.startsWith(QueueNamePrefix)).map(urlOf),
      }),
      GetQueueAttributes: ({ AttributeNames = [], ...input }) => {
        const all = attributesOf(queueOf(input), queues);
        const asked = Object.entries(all).filter(
          ([name]) => AttributeNames.includes('All') || AttributeNames.includes(name),
        );
        return { Attributes: Object.fromEntries(asked) };
      },
      PurgeQueue: (input) => queues.purge(queueOf(input)),

      StartMessageMoveTask({ SourceArn, DestinationArn }) {
        const source = queueByArn(SourceArn);
        if (!queues.all.some(({ redrive }) => redrive?.deadLetterArn === source.arn)) {
          throw invalid('Source queue must be configured as a Dead Letter Queue.');
        }
        const TaskHandle = randomUUID();
        const StartedTimestamp = Date.now();
        const moved = queues.move(source, DestinationArn === undefined ? undefined : queueByArn(DestinationArn));
        tasks.unshift({ TaskHandle, SourceArn, StartedTimestamp, moved });
        return { TaskHandle };
      },
      ListMessageMoveTasks: ({ SourceArn, MaxResults = 1 }) => ({
        Results: tasks
          .filter((task) => task.SourceArn === SourceArn)
          .slice(0, MaxResults)
          .map(({ moved, ...task }) => ({
            ...task,
            Status: 'COMPLETED',
            ApproximateNumberOfMessagesMoved: moved,
            ApproximateNumberOfMessagesToMove: moved,
          })),
      }),
    },
  };
}

function within(name: string, value: number | undefined, most: number): number | undefined {
  if (value === undefined || (value >= 0 && value <= most)) return value;
  throw invalid(`${name} must be 0 to ${most}.`);
}

/** What SQS tells of a message besides its body. */
export const systemAttributes = ({ sentAt, firstReceivedAt, receives, origin }: Message): Record<string, string> => ({
  SenderId: accountId,
  SentTimestamp: String(sentAt),
  ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
  ApproximateReceiveCount: String(receives),
  ...(origin !== undefined && { DeadLetterQueueSourceArn: origin }),
});

const toWire = (message: Message) => ({
  MessageId: message.id,
  ReceiptHandle: message.receipt,
  Body: message.body,
  MD5OfBody: md5Of(message.body),
  Attributes: systemAttributes(message),
  MessageAttributes: message.attributes,
});

function attributesOf(queue: Queue, queues: Queues): Record<string, string> {
  const { visible, delayed, inFlight } = queues.counts(queue);
  const { redrive } = queue;
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    DelaySeconds: String(queue.delay),
    VisibilityTimeout: String(queue.visibility),
    MessageRetentionPeriod: String(queue.retention),
    MaximumMessageSize: String(largestMessage),
    ...(redrive && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: redrive.deadLetterArn,
        maxReceiveCount: redrive.maxReceives,
      }),
    }),
  };
}
