import {
  AccessLogFormat,
  ApiKeySourceType,
  AuthorizationType,
  EndpointType,
  IdentitySource,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { type CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Contract, Credential } from '../lib/contracts/contract.ts';
import { descriptionPath } from '../lib/lambda/openapi.ts';
import { wordGatewayResponses } from './gateway-responses.ts';
import { logRetention } from './logs.ts';

export interface ContractApiProps {
  readonly contract: Contract;
  readonly handler: IFunction;
  readonly authorizer: IFunction;
}

/** What a whole API takes, whoever asks: twice the largest plan, and well below a region's 10,000 a second. */
const stageThrottle = { rate: 2_000, burst: 4_000 };

const identitySources: Record<Credential, string> = {
  bearer: IdentitySource.header('Authorization'),
  'x-api-key': IdentitySource.header('X-Api-Key'),
  'x-session-token': IdentitySource.header('x-session-token'),
};

/** What is kept of a request: no address, no name, no body. The key and its tenant say who it was. */
const accessLog = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTimeEpoch',
    api: '$context.apiId',
    method: '$context.httpMethod',
    resource: '$context.resourcePath',
    status: '$context.status',
    gatewayResponse: '$context.error.responseType',
    latency: '$context.responseLatency',
    functionLatency: '$context.integrationLatency',
    tenant: '$context.authorizer.tenant',
    keyId: '$context.authorizer.keyId',
  }),
);

/**
 * The REST API of a contract: its routes, its credential, its words. Each has an API of its own because gateway responses
 * cannot tell paths apart.
 */
export function contractApi(
  scope: Construct,
  id: string,
  { contract, handler, authorizer }: ContractApiProps,
): RestApi {
  const logGroup = new LogGroup(scope, `${id}AccessLog`, {
    retention: logRetention,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const api = new RestApi(scope, id, {
    restApiName: contract.name,
    description: contract.title,
    endpointTypes: [EndpointType.REGIONAL],
    apiKeySourceType: ApiKeySourceType.AUTHORIZER,
    // The role for CloudWatch is set once for the account: see stack.ts.
    cloudWatchRole: false,
    deployOptions: {
      stageName: 'prod',
      variables: { credentials: contract.credentials.join(',') },
      throttlingRateLimit: stageThrottle.rate,
      throttlingBurstLimit: stageThrottle.burst,
      loggingLevel: MethodLoggingLevel.OFF,
      accessLogDestination: new LogGroupLogDestination(logGroup),
      accessLogFormat: accessLog,
    },
  });
  (api.node.findChild('Endpoint') as CfnOutput).overrideLogicalId(`${id}Url`);
  addRoutes(api, contract, handler, keyed(api, contract, authorizer));
  wordGatewayResponses(api, contract);
  return api;
}

/** How a route that asks for a key is guarded. */
function keyed(api: RestApi, { credentials }: Contract, handler: IFunction): MethodOptions {
  // API Gateway caches by its identity sources and refuses a request that lacks any one of them. Where one of several
  // credentials is enough there can be no identity source, and without one no cache.
  const [only, ...alternatives] = credentials;
  const cached = only !== undefined && alternatives.length === 0;
  return {
    apiKeyRequired: true,
    authorizationType: AuthorizationType.CUSTOM,
    authorizer: new RequestAuthorizer(api, 'Authorizer', {
      handler,
      identitySources: cached ? [identitySources[only]] : [],
      resultsCacheTtl: Duration.seconds(cached ? 60 : 0),
    }),
  };
}

function addRoutes(api: RestApi, { routes }: Contract, handler: IFunction, guarded: MethodOptions): void {
  // One permission for the whole API: one for each method would soon fill the stack's 500 resources.
  const integration = new LambdaIntegration(handler, { scopePermissionToMethod: false });
  const open: MethodOptions = { authorizationType: AuthorizationType.NONE };
  api.root.resourceForPath(descriptionPath).addMethod('GET', integration, open);
  for (const { method, path, scope } of routes) {
    const options = scope === 'public' ? open : guarded;
    api.root.resourceForPath(path).addMethod(method, integration, options);
  }
}
