/** The way in for events, as the template has it. */
import { describe, expect, it } from 'vitest';
import { batch } from '../../infra/events.ts';
import { mostOpenTickets } from '../../lib/dynamo/counter-changes.ts';
import { finder, synthesized } from '../support/template.ts';

const template = synthesized();
const { all } = finder(template);

const only = (type: string, prefix: string) => {
  const found = all(type).filter(([id]) => id.startsWith(prefix));
  expect(found).toHaveLength(1);
  const [[id, { Properties }] = ['', { Properties: {} }]] = found;
  return { id, Properties, arn: { 'Fn::GetAtt': [id, 'Arn'] } };
};

const bus = only('AWS::Events::EventBus', 'EventBus');
const dead = only('AWS::SQS::Queue', 'RequestDeadLetters');
const queue = all('AWS::SQS::Queue').find(([id]) => /^Requests[0-9A-F]{8}$/.test(id));
const queueArn = { 'Fn::GetAtt': [queue?.[0], 'Arn'] };
const handler = only('AWS::Lambda::Function', 'Events');
const mapping = only('AWS::Lambda::EventSourceMapping', 'RequestMapping');

describe('the way in', () => {
  it('leads from a bus of its own to the queue; what the rule cannot hand over is kept', () => {
    expect(only('AWS::Events::Rule', 'RequestRule').Properties).toMatchObject({
      EventBusName: { Ref: bus.id },
      EventPattern: { 'detail-type': ['InvoiceRequested'] },
      State: 'ENABLED',
      Targets: [{ Arn: queueArn, DeadLetterConfig: { Arn: dead.arn } }],
    });
  });

  it('hides a batch for six times as long as its function may take, and gives up after five receives', () => {
    expect(queue?.[1].Properties).toMatchObject({
      VisibilityTimeout: expect.any(Number),
      MessageRetentionPeriod: 1_209_600,
      RedrivePolicy: { deadLetterTargetArn: dead.arn, maxReceiveCount: 5 },
    });
    expect(queue?.[1].Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * handler.Properties.Timeout);
    expect(dead.Properties).toMatchObject({ MessageRetentionPeriod: 1_209_600 });
  });

  it('hands the function batches, of which only what failed comes again', () => {
    expect(mapping.Properties).toMatchObject({
      EventSourceArn: queueArn,
      FunctionName: { Ref: handler.id },
      BatchSize: batch.size,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('takes no more numbers at a time than a series keeps open', () => {
    expect(batch.size * batch.concurrency).toBeLessThan(mostOpenTickets);
    expect(mapping.Properties.ScalingConfig).toEqual({ MaximumConcurrency: batch.concurrency });
  });

  it('lets EventBridge alone send, for its own rule, and everybody speak TLS only', () => {
    const policies = all('AWS::SQS::QueuePolicy').flatMap(
      ([, { Properties }]) => Properties.PolicyDocument.Statement as Record<string, unknown>[],
    );
    const allowed = policies.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.length).toBeGreaterThanOrEqual(2);
    for (const statement of allowed) {
      expect(statement).toMatchObject({
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': expect.anything() } },
      });
    }
    for (const [id] of all('AWS::SQS::Queue')) {
      expect(policies).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Resource: { 'Fn::GetAtt': [id, 'Arn'] },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });

  it('is watched: dead letters, and events that wait', () => {
    const alarms = all('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    const of = (id?: string) => {
      const Dimensions = [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [id, 'QueueName'] } }];
      return alarms.filter((alarm) => JSON.stringify(alarm.Dimensions) === JSON.stringify(Dimensions));
    };
    expect(of(dead.id)).toMatchObject([{ Threshold: 1, MetricName: 'ApproximateNumberOfMessagesVisible' }]);
    expect(of(queue?.[0])).toMatchObject([{ Threshold: 300, MetricName: 'ApproximateAgeOfOldestMessage' }]);
  });

  it('leaves room in the stack', () => {
    expect(Object.keys(template.Resources).length).toBeLessThan(500);
  });
});
