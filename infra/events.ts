/** How invoices are asked for by events: bus, rule, queue, function, and a place for what could not be handled. */
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput, Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { requestType } from '../lib/lambda/event-request.ts';
import { type BundledFunctionProps, bundledFunction } from './function.ts';

/** What one invocation may take: more than the 8 s that a request may spend on retries. */
const timeout = Duration.seconds(20);
/** AWS recommends six times the function's timeout, so that a batch is not seen twice while it is worked on. */
const visibility = Duration.seconds(120);
const mostReceives = 5;
export const batch = { size: 20, concurrency: 5 };

export interface EventIntake {
  readonly bus: EventBus;
  readonly handler: LambdaFunction;
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

/** The way in. `grants` is what the function may do besides reading its queue. */
export function eventIntake(
  scope: Construct,
  { grants, ...common }: Pick<BundledFunctionProps, 'bundles' | 'environment' | 'grants'>,
): EventIntake {
  const bus = new EventBus(scope, 'EventBus', { description: 'Requests for invoices, and what became of invoices.' });
  // Events that the rule cannot hand over end here like those that the function gives up: one place to look, one to redrive.
  const deadLetters = new Queue(scope, 'RequestDeadLetters', { retentionPeriod: Duration.days(14), enforceSSL: true });
  const queue = new Queue(scope, 'Requests', {
    visibilityTimeout: visibility,
    retentionPeriod: Duration.days(14),
    enforceSSL: true,
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: mostReceives },
  });
  new Rule(scope, 'RequestRule', {
    eventBus: bus,
    description: 'Takes requests for invoices to their queue.',
    eventPattern: { detailType: [requestType] },
    targets: [new SqsQueue(queue, { deadLetterQueue: deadLetters })],
  });

  const handler = bundledFunction(scope, 'Events', {
    ...common,
    name: 'events',
    description: 'Makes invoices of the events that ask for them.',
    timeout,
    grants: [
      ...grants,
      new PolicyStatement({
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        resources: [queue.queueArn],
      }),
    ],
  });
  new EventSourceMapping(scope, 'RequestMapping', {
    target: handler,
    eventSourceArn: queue.queueArn,
    // What arrives together is written together: a moment's patience fills batches. All batches of one series must find room
    // among the tickets that its counter keeps open.
    batchSize: batch.size,
    maxBatchingWindow: Duration.seconds(1),
    maxConcurrency: batch.concurrency,
    reportBatchItemFailures: true,
  });

  new CfnOutput(scope, 'EventBusName', { value: bus.eventBusName });
  new CfnOutput(scope, 'RequestQueueArn', { value: queue.queueArn });
  new CfnOutput(scope, 'RequestDeadLettersArn', { value: deadLetters.queueArn });
  return { bus, handler, queue, deadLetters };
}
