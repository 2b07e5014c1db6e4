/** A small stack as the CDK would synthesize it, to be served by the local gateway. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiKeys, apiKeys } from '../../../infra/local/api-keys.ts';
import { type RunningServer, startServer } from '../../../infra/local/server.ts';
import { createLocalTable } from '../../../infra/local/tables.ts';
import { readTemplate, type Template } from '../../../infra/local/template.ts';
import { usagePlansOf } from '../../../infra/local/usage-plans.ts';
import { clientOf, startEngine } from '../../support/engine.ts';

interface RouteSpec {
  api: string;
  method?: string;
  path: string;
  functionName?: string;
  authorizer?: string;
  apiKeyRequired?: boolean;
  timeout?: number;
}

interface FunctionSpec {
  code: string;
  timeout?: number;
  memory?: number;
  environment?: Record<string, unknown>;
}

export interface StackSpec {
  functions: Record<string, FunctionSpec>;
  routes: RouteSpec[];
  authorizers?: Record<string, { functionName: string; identitySource?: string; ttl: number }>;
  /** More of the stages, by API. */
  stages?: Record<string, Record<string, unknown>>;
  responses?: { api: string; properties: Record<string, unknown> }[];
  plans?: Record<string, Record<string, unknown>>;
  restApi?: Record<string, unknown>;
  others?: Record<string, unknown>;
}

const invocationOf = (name: string) => ({
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':apigateway:',
      { Ref: 'AWS::Region' },
      ':lambda:path/2015-03-31/functions/',
      { 'Fn::GetAtt': [name, 'Arn'] },
      '/invocations',
    ],
  ],
});

/** Answers the event that it got. */
export const echo = `export const handler = async (event, context) => ({ statusCode: 200, body: JSON.stringify({ event, context: { ...context, remaining: context.getRemainingTimeInMillis() } }) });`;

/** Writes the assembly of a stack to a folder of its own. */
export function writeAssembly(spec: StackSpec): string {
  const folder = mkdtempSync(join(tmpdir(), 'assembly-'));
  const resources: Record<string, unknown> = { ...spec.others };
  const files: Record<string, unknown> = {};
  for (const [name, { code, timeout = 3, memory = 128, environment = {} }] of Object.entries(spec.functions)) {
    mkdirSync(join(folder, `asset.${name}`));
    writeFileSync(join(folder, `asset.${name}`, 'index.mjs'), code);
    files[name] = { source: { path: `asset.${name}` }, destinations: { here: { objectKey: `${name}.zip` } } };
    resources[name] = {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: { 'Fn::Sub': 'assets-$' + '{AWS::AccountId}' }, S3Key: `${name}.zip` },
        Handler: 'index.handler',
        Timeout: timeout,
        MemorySize: memory,
        Environment: { Variables: environment },
      },
    };
  }
  for (const [name, { functionName, identitySource, ttl }] of Object.entries(spec.authorizers ?? {})) {
    resources[name] = {
      Type: 'AWS::ApiGateway::Authorizer',
      Properties: {
        Type: 'REQUEST',
        AuthorizerUri: invocationOf(functionName),
        IdentitySource: identitySource,
        AuthorizerResultTtlInSeconds: ttl,
      },
    };
  }
  for (const route of spec.routes) addRoute(resources, spec, route);
  for (const [index, { api, properties }] of (spec.responses ?? []).entries()) {
    resources[`Response${index}`] = {
      Type: 'AWS::ApiGateway::GatewayResponse',
      Properties: { RestApiId: { Ref: api }, ...properties },
    };
  }
  for (const [name, properties] of Object.entries(spec.plans ?? {})) {
    resources[name] = { Type: 'AWS::ApiGateway::UsagePlan', Properties: properties };
  }
  writeFileSync(join(folder, 'Stack.template.json'), JSON.stringify({ Resources: resources }));
  writeFileSync(join(folder, 'Stack.assets.json'), JSON.stringify({ files }));
  return folder;
}

function addRoute(resources: Record<string, unknown>, spec: StackSpec, route: RouteSpec): void {
  const { api, path, method = 'GET', functionName = 'Echo', authorizer, apiKeyRequired = false, timeout } = route;
  resources[api] = {
    Type: 'AWS::ApiGateway::RestApi',
    Properties: { Name: api.toLowerCase(), ApiKeySourceType: 'AUTHORIZER', ...spec.restApi },
  };
  resources[`${api}Stage`] = {
    Type: 'AWS::ApiGateway::Stage',
    Properties: { RestApiId: { Ref: api }, StageName: 'prod', Variables: { colour: 'blue' }, ...spec.stages?.[api] },
  };
  let parent: unknown = { 'Fn::GetAtt': [api, 'RootResourceId'] };
  let id = api;
  for (const part of path.split('/').slice(1)) {
    id += `/${part}`;
    resources[id] = {
      Type: 'AWS::ApiGateway::Resource',
      Properties: { RestApiId: { Ref: api }, ParentId: parent, PathPart: part },
    };
    parent = { Ref: id };
  }
  resources[`${id} ${method}`] = {
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      RestApiId: { Ref: api },
      ResourceId: parent,
      HttpMethod: method,
      ApiKeyRequired: apiKeyRequired,
      AuthorizationType: authorizer ? 'CUSTOM' : 'NONE',
      ...(authorizer && { AuthorizerId: { Ref: authorizer } }),
      Integration: { Type: 'AWS_PROXY', Uri: invocationOf(functionName), TimeoutInMillis: timeout },
    },
  };
}

export interface Served extends RunningServer {
  readonly template: Template;
  readonly keys: ApiKeys;
  readonly logs: string;
}

/** Serves a stack with an engine of its own for the API keys. */
export async function serve(spec: StackSpec): Promise<Served> {
  const engine = await startEngine();
  const client = clientOf(engine.endpoint);
  await createLocalTable(client, 'local');
  const keys = apiKeys(client, 'local');
  const assembly = writeAssembly(spec);
  const template = readTemplate(assembly, { 'AWS::DynamoDB::Table': 'some-table' });
  const server = await startServer({
    template,
    port: 0,
    dynamodbEndpoint: () => engine.endpoint,
    keys,
    plans: usagePlansOf(template),
    logs: assembly,
  });
  return {
    ...server,
    template,
    keys,
    logs: assembly,
    async stop() {
      await server.stop();
      await engine.stop();
    },
  };
}
