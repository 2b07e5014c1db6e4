import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { sourcesPartition } from '../lib/dynamo/event-sources.ts';
import { ratesPartition } from '../lib/dynamo/rates.ts';
import { tableLayout } from '../lib/dynamo/table.ts';

const { partitionKey, sortKey, index, statusIndex, dunningIndex, timeToLive } = tableLayout;
const key = (name: string) => ({ name, type: AttributeType.STRING });

/** The one table, as `tableLayout` describes it. It outlives the stack: tax law asks for the invoices for years. */
export function invoiceTable(scope: Construct): Table {
  const table = new Table(scope, 'Table', {
    partitionKey: key(partitionKey),
    sortKey: key(sortKey),
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    timeToLiveAttribute: timeToLive,
    // New records are what is published; what an item was before is nobody's business outside.
    stream: StreamViewType.NEW_IMAGE,
  });
  table.addGlobalSecondaryIndex({
    indexName: index.name,
    partitionKey: key(index.partitionKey),
    sortKey: key(index.sortKey),
    projectionType: ProjectionType.INCLUDE,
    nonKeyAttributes: [...index.include],
  });
  for (const each of [statusIndex, dunningIndex]) {
    table.addGlobalSecondaryIndex({
      indexName: each.name,
      partitionKey: key(each.partitionKey),
      sortKey: key(each.sortKey),
      projectionType: ProjectionType.KEYS_ONLY,
    });
  }
  return table;
}

/** Nothing may delete what counts, nor read the table as a whole. */
const reads = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const writes = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:ConditionCheckItem'];

/** Batches may delete as well, whatever else is allowed: they are for the entries of lists alone, which prove nothing. */
const batches = (table: Table) =>
  new PolicyStatement({
    actions: ['dynamodb:BatchWriteItem'],
    resources: [table.tableArn],
    conditions: leadingKeys('StringLike', '*#WORDS#*', '*#CURRENCY#*'),
  });

/** A condition on the partition key of every item that a request touches. */
const leadingKeys = (operator: 'StringLike' | 'StringNotLike', ...patterns: string[]) => ({
  [`ForAllValues:${operator}`]: { 'dynamodb:LeadingKeys': patterns },
});

/**
 * For the functions behind the APIs: everything but the keys, so that no function can make itself one. Exchange rates and the
 * sources of events are every tenant's: they may only be read.
 */
export const invoiceGrants = (table: Table): PolicyStatement[] => [
  new PolicyStatement({
    actions: reads,
    resources: [
      table.tableArn,
      ...[index, statusIndex, dunningIndex].map(({ name }) => `${table.tableArn}/index/${name}`),
    ],
    conditions: leadingKeys('StringNotLike', 'KEY#*'),
  }),
  new PolicyStatement({
    actions: writes,
    resources: [table.tableArn],
    conditions: leadingKeys('StringNotLike', 'KEY#*', ratesPartition, sourcesPartition),
  }),
  batches(table),
];

/** For the function that fetches exchange rates: to write them, and nothing else. */
export const rateGrants = (table: Table): PolicyStatement[] => [
  new PolicyStatement({
    actions: ['dynamodb:PutItem'],
    resources: [table.tableArn],
    conditions: leadingKeys('StringLike', ratesPartition),
  }),
];

/** For the authorizer: one key at a time. */
export const keyGrants = (table: Table): PolicyStatement[] => [
  new PolicyStatement({
    actions: ['dynamodb:GetItem'],
    resources: [table.tableArn],
    conditions: leadingKeys('StringLike', 'KEY#*'),
  }),
];

/**
 * For the sweep: reads like the others, writes only what finishing an invoice writes. Its claim and its audit entry are new
 * items; that it stores no invoice of its own cannot be said in a policy, since invoice and audit entry share a partition.
 */
export const sweepGrants = (table: Table): PolicyStatement[] => [
  new PolicyStatement({
    actions: reads,
    resources: [table.tableArn],
    conditions: leadingKeys('StringNotLike', 'KEY#*'),
  }),
  new PolicyStatement({
    actions: writes,
    resources: [table.tableArn],
    conditions: leadingKeys(
      'StringLike',
      ...['*#INVOICE#*', '*#NUMBER#*', '*#LEDGER#*', '*#CHAIN#*', '*#COUNTER#*', '*#OPERATION#*'],
    ),
  }),
  batches(table),
];

/** For the anchors: to read which chains there are, and their heads. */
export const anchorGrants = (table: Table): PolicyStatement[] => [
  new PolicyStatement({
    actions: ['dynamodb:Query'],
    resources: [table.tableArn],
    conditions: leadingKeys('StringLike', 'TENANTS', '*#SERIES', '*#CHAIN#*'),
  }),
];

/** For the reminders: reads like the others, with the index of what waits; writes an invoice's head and its audit entry. */
export const dunningGrants = (table: Table): PolicyStatement[] => [
  new PolicyStatement({
    actions: reads,
    resources: [table.tableArn, `${table.tableArn}/index/${dunningIndex.name}`],
    conditions: leadingKeys('StringNotLike', 'KEY#*'),
  }),
  new PolicyStatement({
    actions: ['dynamodb:PutItem'],
    resources: [table.tableArn],
    conditions: leadingKeys('StringLike', '*#INVOICE#*'),
  }),
];

/**
 * For the relay: to read the stream and the outbox, to note that an entry was relayed and how far. Of an invoice's items it can
 * write that one attribute and no other.
 */
export const relayGrants = (table: Table): PolicyStatement[] => [
  new PolicyStatement({
    actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    resources: [table.tableStreamArn as string],
  }),
  // Has no narrower resource; Lambda asks for it when it polls.
  new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }),
  new PolicyStatement({
    actions: reads,
    resources: [table.tableArn, `${table.tableArn}/index/${index.name}`],
    conditions: leadingKeys('StringNotLike', 'KEY#*'),
  }),
  new PolicyStatement({
    actions: ['dynamodb:UpdateItem'],
    resources: [table.tableArn],
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': [partitionKey, sortKey, 'relayedAt'] } },
  }),
  new PolicyStatement({
    actions: ['dynamodb:PutItem'],
    resources: [table.tableArn],
    conditions: leadingKeys('StringLike', '*#RELAYED'),
  }),
];

/** For the webhooks' function: reads like the others, writes webhooks and their deliveries. */
export const webhookGrants = (table: Table): PolicyStatement[] => [
  new PolicyStatement({
    actions: reads,
    resources: [table.tableArn, `${table.tableArn}/index/${statusIndex.name}`],
    conditions: leadingKeys('StringNotLike', 'KEY#*'),
  }),
  new PolicyStatement({
    actions: ['dynamodb:PutItem'],
    resources: [table.tableArn],
    conditions: leadingKeys('StringLike', '*#WEBHOOKS', '*#WEBHOOK#*'),
  }),
];
