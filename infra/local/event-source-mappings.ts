/** Lambda's pollers: they take messages from queues, invoke functions with batches, and delete what was done. */
import { setTimeout as wait } from 'node:timers/promises';
import type { LambdaFunction, Outcome } from './functions.ts';
import { type Message, md5Of, type Queue, type Queues } from './queues.ts';
import { systemAttributes } from './sqs.ts';
import { region, type Template } from './template.ts';

interface MappingProperties {
  EventSourceArn: string;
  FunctionName: string;
  BatchSize?: number;
  MaximumBatchingWindowInSeconds?: number;
  FunctionResponseTypes?: string[];
  ScalingConfig?: { MaximumConcurrency?: number };
  Enabled?: boolean;
}

interface Mapping {
  readonly queue: Queue;
  readonly target: LambdaFunction;
  readonly size: number;
  /** Milliseconds that a batch waits to be filled. */
  readonly window: number;
  readonly partial: boolean;
}

/** Lambda begins with five pollers; more batches at a time than a laptop has threads help nobody. */
const mostPollers = 4;
const pollSeconds = 20;
/** SQS hands out ten messages at a time. */
const mostReceived = 10;

/** Starts the template's mappings from queues; what is returned ends them once the batches at hand are done. */
export function startMappings(
  template: Template,
  queues: Queues,
  functions: ReadonlyMap<string, LambdaFunction>,
): () => Promise<void> {
  let running = true;

  /** Messages until the batch is full or its time is over. */
  async function gather({ queue, size, window }: Mapping): Promise<Message[]> {
    const batch = await queues.receive(queue, { most: Math.min(size, mostReceived), wait: pollSeconds });
    const until = Date.now() + window;
    while (running && batch.length > 0 && batch.length < size && Date.now() < until) {
      const seconds = (until - Date.now()) / 1_000;
      const more = await queues.receive(queue, { most: Math.min(size - batch.length, mostReceived), wait: seconds });
      batch.push(...more);
    }
    return batch;
  }

  async function poll(mapping: Mapping): Promise<void> {
    while (running) {
      const batch = await gather(mapping);
      if (batch.length === 0) continue;
      const outcome = await mapping.target.invoke({
        Records: batch.map((message) => toRecord(mapping.queue, message)),
      });
      const failed = failuresIn(outcome, mapping, batch);
      for (const { id, receipt } of batch) if (!failed.has(id)) queues.remove(mapping.queue, receipt);
      // A function that cannot be started must not be asked as fast as the queue can be read.
      if (failed.size === batch.length) await wait(100);
    }
  }

  const pollers = template.resources<MappingProperties>('AWS::Lambda::EventSourceMapping').flatMap(({ properties }) => {
    const queue = queues.byArn(properties.EventSourceArn);
    if (!queue || properties.Enabled === false) return [];
    const target = functions.get(properties.FunctionName);
    if (!target) throw new Error(`There is no function ${properties.FunctionName} for ${queue.name}.`);
    const mapping: Mapping = {
      queue,
      target,
      size: properties.BatchSize ?? 10,
      window: (properties.MaximumBatchingWindowInSeconds ?? 0) * 1_000,
      partial: properties.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    };
    const most = Math.min(properties.ScalingConfig?.MaximumConcurrency ?? mostPollers, mostPollers);
    return Array.from({ length: most }, () => poll(mapping));
  });

  return async () => {
    running = false;
    queues.drain();
    await Promise.all(pollers);
  };
}

/** Which messages of a batch come again: those that the function names, or all when it failed or answered nonsense. */
function failuresIn(outcome: Outcome, { partial }: Mapping, batch: readonly Message[]): Set<string> {
  const all = new Set(batch.map(({ id }) => id));
  if ('error' in outcome) return all;
  if (!partial) return new Set();
  const { batchItemFailures = [] } = (JSON.parse(outcome.payload) ?? {}) as {
    batchItemFailures?: { itemIdentifier?: string }[];
  };
  const named = batchItemFailures.map(({ itemIdentifier = '' }) => itemIdentifier);
  return named.every((id) => all.has(id)) ? new Set(named) : all;
}

const toRecord = (queue: Queue, message: Message) => ({
  messageId: message.id,
  receiptHandle: message.receipt,
  body: message.body,
  attributes: systemAttributes(message),
  messageAttributes: {},
  md5OfBody: md5Of(message.body),
  eventSource: 'aws:sqs',
  eventSourceARN: queue.arn,
  awsRegion: region,
});
