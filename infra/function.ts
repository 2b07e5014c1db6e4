import { join } from 'node:path';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { logRetention } from './logs.ts';

export interface BundledFunctionProps {
  /** The file in functions/ that it is bundled from. */
  readonly name: string;
  readonly description: string;
  /** The folder with all bundles. */
  readonly bundles: string;
  readonly environment: Record<string, string>;
  /** Everything that the function may do besides writing its log. */
  readonly grants: PolicyStatement[];
  readonly timeout?: Duration;
}

/** A function from its bundle, with a role and a log group of its own. */
export function bundledFunction(scope: Construct, id: string, props: BundledFunctionProps): LambdaFunction {
  const logGroup = new LogGroup(scope, `${id}Log`, { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
  const writeLog = new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  });
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { access: new PolicyDocument({ statements: [writeLog, ...props.grants] }) },
  });
  return new LambdaFunction(scope, id, {
    description: props.description,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    // Source maps stay in dist/: reading them costs 11 ms of every cold start.
    code: Code.fromAsset(join(props.bundles, props.name), { exclude: ['*.map'] }),
    memorySize: 512,
    // Above the 8 s that a request may spend on retries, below the 29 s after which API Gateway gives up.
    timeout: props.timeout ?? Duration.seconds(15),
    environment: props.environment,
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    applicationLogLevelV2: ApplicationLogLevel.INFO,
    systemLogLevelV2: SystemLogLevel.WARN,
  });
}
