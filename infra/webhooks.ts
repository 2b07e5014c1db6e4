import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { type IEventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { eventSource } from '../lib/lambda/event-bus.ts';
import { bundledFunction } from './function.ts';
import { webhookGrants } from './table.ts';

export interface WebhooksProps {
  readonly table: Table;
  readonly bus: IEventBus;
  readonly bundles: string;
  readonly environment: Record<string, string>;
}

export interface Webhooks {
  readonly handler: LambdaFunction;
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

const timeout = Duration.minutes(1);

/** The way of events from the bus to whoever asked for them. */
export function webhooks(scope: Construct, { table, bus, bundles, environment }: WebhooksProps): Webhooks {
  const deadLetters = new Queue(scope, 'WebhookDeadLetters', { retentionPeriod: Duration.days(14), enforceSSL: true });
  const queue = new Queue(scope, 'WebhookQueue', {
    // AWS recommends six times the function's timeout, so that a batch is not seen twice while it is worked on.
    visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()),
    retentionPeriod: Duration.days(14),
    enforceSSL: true,
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  new Rule(scope, 'WebhookRule', {
    eventBus: bus,
    description: 'Takes what happened to the queue of the webhooks.',
    // Other accounts may publish on the bus, and anybody may call themselves as they like.
    eventPattern: { source: [eventSource], account: [Stack.of(scope).account] },
    targets: [new SqsQueue(queue, { deadLetterQueue: deadLetters })],
  });

  const handler = bundledFunction(scope, 'Webhooks', {
    bundles,
    environment,
    name: 'webhooks',
    description: 'Tells webhooks what happened.',
    grants: [
      ...webhookGrants(table),
      new PolicyStatement({
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        resources: [queue.queueArn],
      }),
    ],
    timeout,
  });
  new EventSourceMapping(scope, 'WebhookMapping', {
    target: handler,
    eventSourceArn: queue.queueArn,
    batchSize: 10,
    reportBatchItemFailures: true,
  });
  new Rule(scope, 'WebhooksSchedule', {
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [new LambdaTarget(handler, { retryAttempts: 0 })],
  });

  new CfnOutput(scope, 'WebhookQueueArn', { value: queue.queueArn });
  new CfnOutput(scope, 'WebhookDeadLettersArn', { value: deadLetters.queueArn });
  return { handler, queue, deadLetters };
}
