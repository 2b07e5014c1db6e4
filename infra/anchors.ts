import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { anchorPrefix } from '../lib/lambda/anchor-bucket.ts';
import { bundledFunction } from './function.ts';
import { anchorGrants } from './table.ts';

/** Who may shorten the lock: who has a permission of its own, or nobody, not even the account's owner. */
export const lockModes = ['governance', 'compliance'] as const;
export type LockMode = (typeof lockModes)[number];

/** As long as books must be kept: ten years by § 147 (3) AO, with leap days. */
const retention = Duration.days(3_653);

export interface AnchorProps {
  readonly table: Table;
  readonly mode: LockMode;
  readonly bundles: string;
  readonly environment: Record<string, string>;
}

/** A bucket that forgets nothing, and the function that writes the heads of all chains into it each day. */
export function anchors(scope: Construct, { table, mode, bundles, environment }: AnchorProps): LambdaFunction {
  const bucket = new Bucket(scope, 'Anchors', {
    versioned: true,
    objectLockDefaultRetention: ObjectLockRetention[mode](retention),
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const handler = bundledFunction(scope, 'AnchorFunction', {
    bundles,
    environment: { ...environment, ANCHOR_BUCKET: bucket.bucketName },
    name: 'anchors',
    description: 'Writes the heads of all chains down where nobody can change them.',
    grants: [
      ...anchorGrants(table),
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects(`${anchorPrefix}*`)] }),
    ],
    timeout: Duration.minutes(15),
  });
  new Rule(scope, 'AnchorSchedule', {
    schedule: Schedule.cron({ minute: '30', hour: '2' }),
    targets: [new LambdaTarget(handler)],
  });
  new CfnOutput(scope, 'AnchorLocation', { value: `s3://${bucket.bucketName}/${anchorPrefix}` });
  return handler;
}
