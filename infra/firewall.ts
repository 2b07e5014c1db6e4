import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { plans } from '../lib/lambda/plans.ts';

/** AWS WAF counts over five minutes. One address may send a fifth more than the fastest plan allows it. */
const limit = Math.max(...Object.values(plans).map(({ rate }) => rate)) * 300 * 1.2;

/** A rate limit by address in front of every API, for floods that come without a key. */
export function firewall(scope: Construct, apis: ReadonlyMap<string, RestApi>): void {
  const visibility = (metricName: string) => ({
    cloudWatchMetricsEnabled: true,
    metricName,
    sampledRequestsEnabled: false,
  });
  const acl = new CfnWebACL(scope, 'Firewall', {
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: visibility('Firewall'),
    rules: [
      {
        name: 'RateByAddress',
        priority: 0,
        action: { block: {} },
        statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit, evaluationWindowSec: 300 } },
        visibilityConfig: visibility('RateByAddress'),
      },
    ],
  });
  for (const [name, api] of apis) {
    new CfnWebACLAssociation(scope, `${name}Firewall`, {
      resourceArn: api.deploymentStage.stageArn,
      webAclArn: acl.attrArn,
    });
  }
}
