import { CfnAccount, Period, type RestApi, UsagePlan } from 'aws-cdk-lib/aws-apigateway';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Contract } from '../lib/contracts/contract.ts';
import type { TokenIssuer } from '../lib/lambda/jwt.ts';
import { plans } from '../lib/lambda/plans.ts';
import { watch } from './alarms.ts';
import { anchors, type LockMode } from './anchors.ts';
import { contractApi } from './api.ts';
import { eventIntake } from './events.ts';
import { firewall } from './firewall.ts';
import { bundledFunction } from './function.ts';
import { mailGrant } from './mail.ts';
import { relay } from './relay.ts';
import { scheduled } from './schedules.ts';
import { invoiceGrants, invoiceTable, keyGrants } from './table.ts';
import { webhooks } from './webhooks.ts';

export interface InvoiceStackProps extends StackProps {
  readonly contracts: readonly Contract[];
  /** The folder with a bundle for each file of functions/. */
  readonly bundles: string;
  /** Puts AWS WAF in front of the APIs, which costs money while nobody calls. */
  readonly waf?: boolean;
  /** An SNS topic that hears of alarms. */
  readonly alarmTopicArn?: string;
  /** Where exchange rates come from instead of the European Central Bank. */
  readonly exchangeRatesUrl?: string;
  /** The address that invoices are mailed from, an identity of Amazon SES; without it none are. */
  readonly mailFrom?: string;
  /** Anchors the chains in a bucket whose objects are locked like this; without it there is none. */
  readonly anchors?: LockMode;
  /** Whose JWTs are accepted besides keys. */
  readonly tokenIssuer?: TokenIssuer;
}

const pascal = (name: string) => name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());

const tokenVariables = (issuer?: TokenIssuer): Record<string, string> =>
  issuer ? { JWT_ISSUER: issuer.issuer, JWT_AUDIENCE: issuer.audience, JWT_JWKS_URI: issuer.jwksUri } : {};

/** Everything there is: a table, a way in for events, and for each contract an API with its function. */
export class InvoiceStack extends Stack {
  constructor(scope: Construct, id: string, props: InvoiceStackProps) {
    super(scope, id, props);
    const { contracts, bundles, waf, alarmTopicArn, exchangeRatesUrl, mailFrom, tokenIssuer, anchors: mode } = props;
    const table = invoiceTable(this);
    const common = { bundles, environment: { TABLE_NAME: table.tableName } };

    const authorizer = bundledFunction(this, 'Authorizer', {
      ...common,
      environment: { ...common.environment, ...tokenVariables(tokenIssuer) },
      name: 'authorizer',
      description: 'Finds the caller behind a credential.',
      grants: keyGrants(table),
    });
    const onSchedule = scheduled(this, { ...common, table, exchangeRatesUrl });

    const mail = {
      variables: mailFrom ? { MAIL_FROM: mailFrom } : undefined,
      grants: mailFrom ? [mailGrant(this, mailFrom)] : [],
    };
    const intake = eventIntake(this, {
      ...common,
      environment: { ...common.environment, ...mail.variables },
      grants: [...invoiceGrants(table), ...mail.grants],
    });
    const outbound = relay(this, { ...common, table, bus: intake.bus });
    const told = webhooks(this, { ...common, table, bus: intake.bus });

    const functions = new Map([
      ['Authorizer', authorizer],
      ...onSchedule,
      ['Events', intake.handler],
      ['Relay', outbound.handler],
      ['Webhooks', told.handler],
    ]);
    if (mode) functions.set('AnchorFunction', anchors(this, { ...common, table, mode }));
    const apis = new Map<string, RestApi>();
    const account = this.gatewayAccount();
    for (const contract of contracts) {
      const { name, title, delivers } = contract;
      const handler: LambdaFunction = bundledFunction(this, `${pascal(name)}Function`, {
        ...common,
        environment: { ...common.environment, ...(delivers ? mail.variables : {}) },
        name,
        description: `${title}.`,
        grants: [...invoiceGrants(table), ...(delivers ? mail.grants : [])],
      });
      const api = contractApi(this, pascal(name), { contract, handler, authorizer });
      api.deploymentStage.node.addDependency(account);
      functions.set(pascal(name), handler);
      apis.set(pascal(name), api);
    }

    this.usagePlans([...apis.values()]);
    watch(this, { apis, functions, table, intake, relay: outbound, webhooks: told, topicArn: alarmTopicArn });
    if (waf) firewall(this, apis);
    new CfnOutput(this, 'TableName', { value: table.tableName });
  }

  /** One role for the access logs of every API of the account and region: AWS knows no narrower setting. */
  private gatewayAccount(): CfnAccount {
    const role = new Role(this, 'GatewayLogRole', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs')],
    });
    return new CfnAccount(this, 'GatewayAccount', { cloudWatchRoleArn: role.roleArn });
  }

  /** Every plan covers every API: its limits count for all of them together. */
  private usagePlans(apis: RestApi[]): void {
    for (const [name, { rate, burst, quota }] of Object.entries(plans)) {
      const plan = new UsagePlan(this, `${pascal(name)}Plan`, {
        name,
        throttle: { rateLimit: rate, burstLimit: burst },
        quota: quota && { limit: quota.limit, period: Period[quota.period] },
        apiStages: apis.map((api) => ({ api, stage: api.deploymentStage })),
      });
      new CfnOutput(this, `${pascal(name)}PlanId`, { value: plan.usagePlanId });
    }
  }
}
