import { describe, expect, it } from 'vitest';
import { plans } from '../../lib/lambda/plans.ts';
import { contracts, finder, synthesized, type Template } from '../support/template.ts';

const template = synthesized();
const { all, properties } = finder(template);

/** In seconds, where it is not the 15 of a function behind an API. */
const timeouts = [
  ['Sweep', 60],
  ['Dunning', 900],
  ['ExchangeRates', 60],
  ['Events', 20],
  ['Relay', 60],
  ['Webhooks', 60],
] as const;

describe('the functions', () => {
  it('run on Node 24 on ARM, for 15 seconds at most behind an API', () => {
    for (const [id, { Properties }] of all('AWS::Lambda::Function')) {
      expect(Properties, id).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: 512,
        Timeout: timeouts.find(([name]) => id.startsWith(name))?.[1] ?? 15,
        LoggingConfig: { LogFormat: 'JSON' },
        Environment: { Variables: { TABLE_NAME: { Ref: all('AWS::DynamoDB::Table')[0]?.[0] } } },
      });
    }
    expect(all('AWS::Lambda::Function')).toHaveLength(contracts.length + 7);
  });

  it('may do what they do and nothing else', () => {
    const reads = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
    const writes = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:ConditionCheckItem'];
    const batches = [
      ['dynamodb:BatchWriteItem'],
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*#WORDS#*', '*#CURRENCY#*'] } },
    ];
    const messages = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
    const notKeys = { 'ForAllValues:StringNotLike': { 'dynamodb:LeadingKeys': ['KEY#*'] } };
    for (const [id, { Properties }] of all('AWS::Lambda::Function')) {
      const role = properties(Properties.Role['Fn::GetAtt'][0]);
      expect(role.ManagedPolicyArns, id).toBeUndefined();
      const [log, ...grants] = role.Policies[0].PolicyDocument.Statement;
      expect(log.Action).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
      const seen = grants.map(({ Action, Condition }: Record<string, unknown>) => [[Action].flat(), Condition]);
      if (id.startsWith('Authorizer')) {
        const onlyKeys = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['KEY#*'] } };
        expect(seen).toEqual([[['dynamodb:GetItem'], onlyKeys]]);
      } else if (id.startsWith('Sweep')) {
        expect(seen).toEqual([
          [reads, notKeys],
          [writes, { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': expect.any(Array) } }],
          batches,
        ]);
      } else if (id.startsWith('Dunning')) {
        const onlyInvoices = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*#INVOICE#*'] } };
        expect(seen).toEqual([
          [reads, notKeys],
          [['dynamodb:PutItem'], onlyInvoices],
        ]);
      } else if (id.startsWith('Relay')) {
        const relayedAt = { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk', 'sk', 'relayedAt'] } };
        expect(seen).toEqual([
          [['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], undefined],
          [['dynamodb:ListStreams'], undefined],
          [reads, notKeys],
          [['dynamodb:UpdateItem'], relayedAt],
          [['dynamodb:PutItem'], { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*#RELAYED'] } }],
          [['events:PutEvents'], undefined],
          [['sqs:SendMessage'], undefined],
        ]);
      } else if (id.startsWith('Webhooks')) {
        const own = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*#WEBHOOKS', '*#WEBHOOK#*'] } };
        expect(seen).toEqual([
          [reads, notKeys],
          [['dynamodb:PutItem'], own],
          [['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], undefined],
        ]);
      } else if (id.startsWith('ExchangeRates')) {
        const onlyRates = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['RATES'] } };
        expect(seen).toEqual([[['dynamodb:PutItem'], onlyRates]]);
      } else {
        const notShared = { 'ForAllValues:StringNotLike': { 'dynamodb:LeadingKeys': ['KEY#*', 'RATES', 'SOURCES'] } };
        expect(seen).toEqual([
          [reads, notKeys],
          [writes, notShared],
          batches,
          ...(id.startsWith('Events') ? [[messages, undefined]] : []),
        ]);
      }
    }
  });

  it('have no other policy anywhere', () => {
    expect(all('AWS::IAM::Policy')).toEqual([]);
    expect(all('AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  it('are watched for errors and throttles', () => {
    const alarms = all('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    for (const [id] of all('AWS::Lambda::Function')) {
      const watched = { MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: { Ref: id } }] };
      expect(alarms, id).toContainEqual(expect.objectContaining(watched));
      const throttles = alarms.find(({ Metrics }) => JSON.stringify(Metrics ?? '').includes(`"Ref":"${id}"`));
      expect(JSON.stringify(throttles), id).toContain('"Throttles"');
    }
  });

  it.each([
    ['Sweep', 'rate(5 minutes)'],
    ['Dunning', 'cron(0 5 * * ? *)'],
    ['ExchangeRates', 'cron(30 16 ? * MON-FRI *)'],
    ['Relay', 'rate(5 minutes)'],
    ['WebhooksSchedule', 'rate(1 minute)'],
  ])('run on a schedule: %s', (name, ScheduleExpression) => {
    const [, rule] = all('AWS::Events::Rule').find(([id]) => id.startsWith(name)) ?? [];
    expect(rule?.Properties).toMatchObject({ ScheduleExpression, State: 'ENABLED' });
  });
});

describe('events', () => {
  const [[queue, givenUp] = ['', undefined]] = all('AWS::SQS::Queue').filter(([id]) => id.startsWith('RelayGivenUp'));

  it('go from the stream to the bus: new entries of the outbox, in parts when a batch fails, and never into nothing', () => {
    const [[tableId] = ['']] = all('AWS::DynamoDB::Table');
    const [[relayId] = ['']] = all('AWS::Lambda::Function').filter(([id]) => id.startsWith('Relay'));
    const mappings = all('AWS::Lambda::EventSourceMapping').filter(([id]) => id.startsWith('Relay'));
    expect(mappings.map(([, { Properties }]) => Properties)).toEqual([
      {
        FunctionName: { Ref: relayId },
        EventSourceArn: { 'Fn::GetAtt': [tableId, 'StreamArn'] },
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 100,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 10,
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [queue, 'Arn'] } } },
        FilterCriteria: {
          Filters: [
            {
              Pattern: JSON.stringify({
                eventName: ['INSERT'],
                dynamodb: { NewImage: { events: { S: [{ exists: true }] } } },
              }),
            },
          ],
        },
      },
    ]);
    expect(givenUp?.Properties).toMatchObject({ MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true });
  });

  it('go from the bus to the queue of the webhooks, and after five receives to its dead letters', () => {
    const only = (type: string, name: string) => all(type).filter(([id]) => id.startsWith(name))[0] ?? ['', undefined];
    const [webhookQueue, own] = only('AWS::SQS::Queue', 'WebhookQueue');
    const [deadLetters, dead] = only('AWS::SQS::Queue', 'WebhookDeadLetters');
    const [handler, handling] = only('AWS::Lambda::Function', 'Webhooks');
    const arn = { 'Fn::GetAtt': [deadLetters, 'Arn'] };
    expect(own?.Properties.RedrivePolicy).toEqual({ deadLetterTargetArn: arn, maxReceiveCount: 5 });
    expect(own?.Properties.VisibilityTimeout).toBe(6 * handling?.Properties.Timeout);
    expect(dead?.Properties.MessageRetentionPeriod).toBe(14 * 86_400);
    expect(only('AWS::Events::Rule', 'WebhookRule')[1]?.Properties).toMatchObject({
      EventPattern: { source: ['invoice-functions'], account: [{ Ref: 'AWS::AccountId' }] },
      Targets: [{ Arn: { 'Fn::GetAtt': [webhookQueue, 'Arn'] }, DeadLetterConfig: { Arn: arn } }],
    });
    expect(only('AWS::Lambda::EventSourceMapping', 'WebhookMapping')[1]?.Properties).toMatchObject({
      FunctionName: { Ref: handler },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('are watched: how long they wait, and what was given up', () => {
    const alarms = Object.fromEntries(all('AWS::CloudWatch::Alarm'));
    const of = (name: string) => Object.entries(alarms).find(([id]) => id.startsWith(name))?.[1].Properties;
    expect(of('StreamAge')).toMatchObject({ MetricName: 'IteratorAge', Statistic: 'Maximum', Threshold: 300_000 });
    expect(of('OutboxAge')).toMatchObject({
      Namespace: 'invoice-functions',
      MetricName: 'OutboxAge',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringMatching(/^Relay/) } }],
      Statistic: 'Maximum',
      Threshold: 900_000,
    });
    expect(of('OutboxGivenUp')).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
      Threshold: 1,
    });
  });
});

describe('the table', () => {
  it('is kept, restorable and paid by use', () => {
    const [[, table] = []] = all('AWS::DynamoDB::Table');
    expect(table?.DeletionPolicy).toBe('Retain');
    expect(table?.Properties).toEqual({
      AttributeDefinitions: [
        'pk',
        'sk',
        'listKey',
        'listSort',
        'statusKey',
        'statusSort',
        'dunningKey',
        'dunningSort',
      ].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byTime',
          KeySchema: [
            { AttributeName: 'listKey', KeyType: 'HASH' },
            { AttributeName: 'listSort', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['events'] },
        },
        {
          IndexName: 'byStatus',
          KeySchema: [
            { AttributeName: 'statusKey', KeyType: 'HASH' },
            { AttributeName: 'statusSort', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
        {
          IndexName: 'byDunning',
          KeySchema: [
            { AttributeName: 'dunningKey', KeyType: 'HASH' },
            { AttributeName: 'dunningSort', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });
});

describe('the stack', () => {
  it('has the usage plans of plans.ts', () => {
    const made = all('AWS::ApiGateway::UsagePlan').map(([, { Properties }]) => [
      Properties.UsagePlanName,
      {
        rate: Properties.Throttle.RateLimit,
        burst: Properties.Throttle.BurstLimit,
        ...(Properties.Quota && { quota: { limit: Properties.Quota.Limit, period: Properties.Quota.Period } }),
      },
    ]);
    const gateways = Object.entries(plans).map(([name, { windows: _, ...plan }]) => [name, plan]);
    expect(Object.fromEntries(made)).toEqual(Object.fromEntries(gateways));
  });

  it('accepts the JWTs of nobody, unless told whose', () => {
    const tokenIssuer = { issuer: 'https://a.example', audience: 'us', jwksUri: 'https://a.example/keys' };
    const variables = (made: Template) =>
      finder(made)
        .all('AWS::Lambda::Function')
        .map(([id, { Properties }]) => [id.startsWith('Authorizer'), Properties.Environment.Variables.JWT_ISSUER])
        .filter(([, issuer]) => issuer !== undefined);
    expect(variables(template)).toEqual([]);
    expect(variables(synthesized({ tokenIssuer }))).toEqual([[true, 'https://a.example']]);
  });

  it('mails nothing, unless told from where; then only what sends may, and from there only', () => {
    const mailers = (made: Template) =>
      finder(made)
        .all('AWS::Lambda::Function')
        .filter(([, { Properties }]) => Properties.Environment.Variables.MAIL_FROM !== undefined);
    const grants = (made: Template) =>
      finder(made)
        .all('AWS::IAM::Role')
        .flatMap(([, { Properties }]) => Properties.Policies ?? [])
        .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
        .filter(({ Action }) => JSON.stringify(Action).includes('ses:'));
    expect(mailers(template)).toEqual([]);
    expect(grants(template)).toEqual([]);

    const from = 'billing@us.example';
    const made = synthesized({ mailFrom: from });
    const senders = [...contracts.filter(({ delivers }) => delivers).map(({ name }) => name), 'events'];
    expect(mailers(made)).toHaveLength(senders.length);
    for (const name of senders)
      expect(
        mailers(made)
          .map(([id]) => id.toLowerCase())
          .join(),
      ).toContain(name);
    expect(grants(made)).toHaveLength(senders.length);
    for (const grant of grants(made)) {
      expect(grant.Action).toEqual(['ses:SendEmail', 'ses:SendRawEmail']);
      expect(grant.Condition).toEqual({ StringEquals: { 'ses:FromAddress': from } });
      const resources = grant.Resource.map((arn: unknown) => JSON.stringify(arn));
      expect(resources).toEqual([
        expect.stringContaining(':identity/billing@us.example"'),
        expect.stringContaining(':identity/us.example"'),
      ]);
    }
  });

  describe('anchors', () => {
    it('nowhere, unless told how to lock them: it cannot be undone', () => {
      expect(all('AWS::S3::Bucket')).toEqual([]);
      expect(Object.keys(template.Outputs)).not.toContain('AnchorLocation');
    });

    it.each(['governance', 'compliance'] as const)('in a bucket that forgets nothing (%s)', (mode) => {
      const made = synthesized({ anchors: mode });
      const { all: every } = finder(made);
      const [[bucketId, bucket] = ['', undefined], ...others] = every('AWS::S3::Bucket');
      expect(others).toEqual([]);
      expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      expect(bucket?.Properties).toMatchObject({
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: mode.toUpperCase(), Days: 3_653 } },
        },
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: expect.anything(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
      const [[, policy] = []] = every('AWS::S3::BucketPolicy');
      expect(policy?.Properties.PolicyDocument.Statement).toMatchObject([
        { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ]);
      expect(JSON.stringify(made.Outputs.AnchorLocation)).toContain(bucketId);
    });

    it('each day, by a function that may read heads and add objects, and nothing else', () => {
      const { all: every, properties: of } = finder(synthesized({ anchors: 'compliance' }));
      const [[id, made] = ['', undefined]] = every('AWS::Lambda::Function').filter(([one]) => one.startsWith('Anchor'));
      const [[bucketId] = ['']] = every('AWS::S3::Bucket');
      expect(made?.Properties.Environment.Variables.ANCHOR_BUCKET).toEqual({ Ref: bucketId });
      const [, ...grants] = of(made?.Properties.Role['Fn::GetAtt'][0]).Policies[0].PolicyDocument.Statement;
      expect(grants).toMatchObject([
        {
          Action: 'dynamodb:Query',
          Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['TENANTS', '*#SERIES', '*#CHAIN#*'] } },
        },
        {
          Action: 's3:PutObject',
          Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucketId, 'Arn'] }, '/anchors/*']] },
        },
      ]);
      expect(grants).toHaveLength(2);
      const rules = every('AWS::Events::Rule').filter(([, rule]) => JSON.stringify(rule).includes(id));
      expect(rules.map(([, rule]) => rule.Properties.ScheduleExpression)).toEqual(['cron(30 2 * * ? *)']);
      expect(JSON.stringify(every('AWS::CloudWatch::Alarm'))).toContain(`{"Ref":"${id}"}`);
    });
  });

  it('says where it is', () => {
    const urls = Object.keys(template.Outputs).filter((name) => name.endsWith('Url'));
    expect(urls).toHaveLength(contracts.length);
    expect(Object.keys(template.Outputs)).toEqual(
      expect.arrayContaining([
        'InvoicesUrl',
        'PlainWordsUrl',
        'TableName',
        'EventBusName',
        'FreePlanId',
        'StandardPlanId',
      ]),
    );
  });

  it('gives nothing a physical name, so that two can live in one account', () => {
    const physical = /^(Table|Function|Role|LogGroup|Alarm|Policy|Queue|Bucket|Topic|ManagedPolicy)Name$/;
    // Of these two, `FunctionName` says which function they are for.
    const refers = /^AWS::Lambda::(Permission|EventSourceMapping)$/;
    const named = Object.entries(template.Resources).filter(([, { Type, Properties }]) =>
      Object.keys(Properties).some((name) => !refers.test(Type) && physical.test(name)),
    );
    expect(named).toEqual([]);
  });

  it('keeps no log for ever, and has one role for the access logs of all APIs', () => {
    for (const [id, { Properties }] of all('AWS::Logs::LogGroup')) expect(Properties.RetentionInDays, id).toBe(90);
    expect(all('AWS::ApiGateway::Account')).toHaveLength(1);
  });

  it('stays well below the 500 resources of a stack', () => {
    expect(Object.keys(template.Resources).length).toBeLessThan(450);
  });

  it('has a firewall when asked for one', () => {
    expect(all('AWS::WAFv2::WebACL')).toHaveLength(0);
    const { Resources } = synthesized({ waf: true });
    const types = Object.values(Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::WAFv2::WebACLAssociation')).toHaveLength(contracts.length);
    const [acl] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::WAFv2::WebACL');
    const { Limit } = acl?.Properties.Rules[0].Statement.RateBasedStatement ?? {};
    expect(Limit).toBeGreaterThan(300 * Math.max(...Object.values(plans).map(({ rate }) => rate)));
  });
});
