/** cdk-nag's AwsSolutions rules and CloudFormation's own, and why some of them are answered otherwise here. */
import { App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';

const reasons: Record<string, string> = {
  'AwsSolutions-APIG2':
    'The functions check path, query, headers and body against the schemas of the contract and report all faults together; a validator of API Gateway would answer first, with the first fault and without its place.',
  'AwsSolutions-APIG3':
    'A web ACL costs money while nobody calls. `-c waf=true` puts one with a rate rule in front of every stage.',
  'AwsSolutions-APIG4':
    'The routes without a key are those whose scope is `public`, such as the health check; test/infra proves that every other one has the authorizer.',
  'AwsSolutions-APIG6':
    'Execution logs hold headers and bodies, hence keys and personal data. The access log says who called what and how it went.',
  'AwsSolutions-COG4':
    'The callers are programs with API keys, not people with passwords: a Lambda authorizer knows them.',
  'AwsSolutions-IAM5[Resource::*]':
    'dynamodb:ListStreams, which Lambda needs to poll a stream, knows no narrower resource.',
  'AwsSolutions-IAM5[Resource::<AnchorsE78985FD.Arn>/anchors/*]':
    'The function may write anchors under names that begin so, and can neither read nor remove one.',
  'AwsSolutions-S1':
    'Nobody reads the anchors but verifications; who wrote one is in their versions, and an access log would need a bucket of its own.',
  'AwsSolutions-SQS3':
    'The queue holds what a stream gave up: it is a dead-letter queue, which the rule only knows of queues.',
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
    'The policy that AWS made for this one purpose; the role is a setting of the account and serves every API in it.',
};

/** An app whose synthesis fails on any finding without a reason. */
export function checkedApp(outdir?: string): App {
  const app = new App({
    outdir,
    analyticsReporting: false,
    context: { '@aws-cdk/core:validateAgainstDefaultRules': true },
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  for (const [id, reason] of Object.entries(reasons)) Validations.of(app).acknowledge({ id, reason });
  return app;
}
