import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { type MetricName, metricNamespace } from '../lib/lambda/log.ts';
import type { EventIntake } from './events.ts';
import type { Relay } from './relay.ts';
import type { Webhooks } from './webhooks.ts';

export interface Watched {
  readonly apis: ReadonlyMap<string, RestApi>;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly table: Table;
  readonly intake: Pick<EventIntake, 'queue' | 'deadLetters'>;
  readonly relay: Relay;
  readonly webhooks: Webhooks;
  /** An SNS topic to tell; without one the alarms only change colour. */
  readonly topicArn?: string;
}

const period = Duration.minutes(5);

/** What an alarm takes at most. */
const mostMetrics = 10;

/** Makes an alarm that a single occurrence sets off, unless `options` say otherwise. */
type Alarming = (id: string, description: string, metric: IMetric, options?: Partial<AlarmProps>) => void;

/** Alarms for what no caller can mend. */
export function watch(scope: Construct, { topicArn, ...watched }: Watched): void {
  const topic = topicArn ? Topic.fromTopicArn(scope, 'AlarmTopic', topicArn) : undefined;
  const alarm: Alarming = (id, alarmDescription, metric, options) => {
    const made = new Alarm(scope, id, {
      alarmDescription,
      metric,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...options,
    });
    if (topic) made.addAlarmAction(new SnsAction(topic));
  };
  watchRequests(alarm, watched);
  watchEvents(alarm, watched);
}

/** What fails in APIs, functions and the table. */
function watchRequests(alarm: Alarming, { apis, functions, table }: Watched): void {
  for (const [name, api] of apis) {
    alarm(
      `${name}ServerErrors`,
      `${api.restApiName} answered 5xx.`,
      api.metricServerError({ period, statistic: 'sum' }),
    );
  }
  for (const [name, fn] of functions) {
    alarm(`${name}Errors`, `${name} failed or ran out of time.`, fn.metricErrors({ period }));
  }
  const throttles = [...functions.values()].map((fn) => fn.metricThrottles({ period }));
  for (let from = 0; from < throttles.length; from += mostMetrics) {
    alarm(
      `FunctionThrottles${from === 0 ? '' : 1 + from / mostMetrics}`,
      'Lambda refused to start a function: the account is at its concurrency.',
      sum(throttles.slice(from, from + mostMetrics)),
    );
  }
  alarm(
    'TableThrottles',
    'DynamoDB throttled requests for longer than retries can hide.',
    sum(['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) => table.metric(name, { period, statistic: 'sum' }))),
    { threshold: 10, evaluationPeriods: 2 },
  );
}

/** What events wait for, on their ways in and out. */
function watchEvents(alarm: Alarming, { intake, relay, webhooks }: Watched): void {
  alarm(
    'StreamAge',
    'Events wait for longer than five minutes in the stream to be published.',
    relay.handler.metric('IteratorAge', { period, statistic: 'max' }),
    { threshold: Duration.minutes(5).toMilliseconds() },
  );
  const outboxAge: MetricName = 'OutboxAge';
  alarm(
    outboxAge,
    'Events wait for longer than fifteen minutes to be published: neither the stream nor the schedule brings them to the bus.',
    new Metric({
      namespace: metricNamespace,
      metricName: outboxAge,
      dimensionsMap: { FunctionName: relay.handler.functionName },
      period,
      statistic: 'max',
    }),
    { threshold: Duration.minutes(15).toMilliseconds() },
  );
  alarm(
    'OutboxGivenUp',
    'The relay gave events of the stream up; the schedule publishes them from the outbox.',
    relay.givenUp.metricApproximateNumberOfMessagesVisible({ period, statistic: 'max' }),
  );
  alarm(
    'WebhookQueueAge',
    'Events wait for longer than five minutes to be taken to webhooks.',
    webhooks.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'max' }),
    { threshold: Duration.minutes(5).toSeconds() },
  );
  alarm(
    'WebhookDeadLettersDepth',
    'Events could not be taken to webhooks at all. Mend the cause, then `npm run redrive -- webhooks`.',
    webhooks.deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: 'max' }),
  );
  alarm(
    'RequestDeadLettersDepth',
    'Events could not be handled. Look at them, mend the cause, then `npm run redrive`.',
    intake.deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: 'max' }),
  );
  alarm(
    'RequestsAge',
    'Events wait longer than five minutes for their invoice.',
    intake.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'max' }),
    { threshold: 300 },
  );
}

/** One figure of many. */
const sum = (metrics: IMetric[]): IMetric =>
  new MathExpression({
    expression: 'SUM(METRICS())',
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    period,
  });
