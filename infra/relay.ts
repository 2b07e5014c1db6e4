import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { type IEventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  type Function as LambdaFunction,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { bundledFunction } from './function.ts';
import { relayGrants } from './table.ts';

export interface RelayProps {
  readonly table: Table;
  readonly bus: IEventBus;
  readonly bundles: string;
  readonly environment: Record<string, string>;
}

export interface Relay {
  readonly handler: LambdaFunction;
  /** Says which stretches of the stream were given up; the schedule relays their events from the outbox. */
  readonly givenUp: Queue;
}

/** The way of events from the table's stream to the bus. */
export function relay(scope: Construct, { table, bus, bundles, environment }: RelayProps): Relay {
  const givenUp = new Queue(scope, 'RelayGivenUp', {
    retentionPeriod: Duration.days(14),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
  const handler = bundledFunction(scope, 'Relay', {
    bundles,
    environment: { ...environment, EVENT_BUS_NAME: bus.eventBusName },
    name: 'relay',
    description: 'Publishes what happened.',
    grants: [
      ...relayGrants(table),
      new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }),
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [givenUp.queueArn] }),
    ],
    timeout: Duration.minutes(1),
  });
  new EventSourceMapping(scope, 'RelayStream', {
    target: handler,
    eventSourceArn: table.tableStreamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    // New entries of the outbox only: nothing is invoked, or paid, for any other item.
    filters: [
      FilterCriteria.filter({
        eventName: FilterRule.isEqual('INSERT'),
        dynamodb: { NewImage: { events: { S: FilterRule.exists() } } },
      }),
    ],
    batchSize: 100,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    retryAttempts: 10,
    // Not an `SqsDlq`, which would add a policy of its own to the role.
    onFailure: { bind: () => ({ destination: givenUp.queueArn }) },
  });
  new Rule(scope, 'RelaySchedule', {
    schedule: Schedule.rate(Duration.minutes(5)),
    targets: [new LambdaTarget(handler, { retryAttempts: 0 })],
  });
  return { handler, givenUp };
}
