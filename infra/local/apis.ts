/** The template's REST APIs in a form that can be served. */
import type { Template } from './template.ts';

/** Tokens a second, and how many may gather. */
export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

export interface Authorizer {
  readonly id: string;
  readonly functionName: string;
  /** Mapping expressions such as `method.request.header.X-Api-Key`; all of them must have a value. */
  readonly identitySources: readonly string[];
  /** Seconds that a result is used again; 0 for never. */
  readonly ttl: number;
}

export interface GatewayResponse {
  readonly statusCode?: number;
  /** Header names to mapping expressions, such as `'1'` (a literal in single quotes). */
  readonly headers: Readonly<Record<string, string>>;
  /** VTL templates by content type. */
  readonly templates: Readonly<Record<string, string>>;
}

export interface Api {
  readonly id: string;
  readonly name: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>> | null;
  readonly throttle?: Throttle;
  /** Format of a line of the access log. */
  readonly accessLog?: string;
  readonly apiKeySource: 'HEADER' | 'AUTHORIZER';
  readonly binaryMediaTypes: readonly string[];
  readonly responses: ReadonlyMap<string, GatewayResponse>;
}

export interface Method {
  readonly api: Api;
  /** `ANY` for all that are not defined themselves. */
  readonly httpMethod: string;
  readonly resourceId: string;
  /** The documented path, such as `/invoices/{id}`. */
  readonly resource: string;
  readonly functionName: string;
  /** Milliseconds that API Gateway waits for the function. */
  readonly timeout: number;
  readonly authorizer?: Authorizer;
  readonly apiKeyRequired: boolean;
}

interface RestApiProperties {
  Name?: string;
  ApiKeySourceType?: 'HEADER' | 'AUTHORIZER';
  BinaryMediaTypes?: string[];
}
interface StageProperties {
  RestApiId: string;
  StageName: string;
  Variables?: Record<string, string>;
  MethodSettings?: {
    HttpMethod: string;
    ResourcePath: string;
    ThrottlingRateLimit?: number;
    ThrottlingBurstLimit?: number;
  }[];
  AccessLogSetting?: { Format?: string };
}
interface ResourceProperties {
  ParentId: string;
  PathPart: string;
}
interface AuthorizerProperties {
  Type: string;
  AuthorizerUri: string;
  IdentitySource?: string;
  AuthorizerResultTtlInSeconds?: number;
}
interface GatewayResponseProperties {
  RestApiId: string;
  ResponseType: string;
  StatusCode?: string;
  ResponseParameters?: Record<string, string>;
  ResponseTemplates?: Record<string, string>;
}
interface MethodProperties {
  RestApiId: string;
  ResourceId: string;
  HttpMethod: string;
  ApiKeyRequired?: boolean;
  AuthorizationType?: string;
  AuthorizerId?: string;
  Integration: { Type: string; Uri?: string; TimeoutInMillis?: number };
}

/** API Gateway's default, and its maximum unless AWS raises it for an account. */
const integrationTimeout = 29_000;

/** Every method of every API of the template. */
export function methodsOf(template: Template): Method[] {
  const apis = new Map(apisOf(template).map((api) => [api.id, api]));
  const authorizers = new Map(authorizersOf(template).map((authorizer) => [authorizer.id, authorizer]));
  const parts = new Map(
    template.resources<ResourceProperties>('AWS::ApiGateway::Resource').map((one) => [one.logicalId, one.properties]),
  );
  const pathOf = (id: string): string => {
    const part = parts.get(id);
    return part ? `${pathOf(part.ParentId)}/${part.PathPart}` : '';
  };
  return template.resources<MethodProperties>('AWS::ApiGateway::Method').map(({ logicalId, properties }) => {
    const { Integration, AuthorizerId, AuthorizationType = 'NONE' } = properties;
    const authorizer = AuthorizerId ? authorizers.get(AuthorizerId) : undefined;
    if (Integration.Type !== 'AWS_PROXY') throw unsupported(logicalId, `integration type ${Integration.Type}`);
    if (AuthorizationType !== 'NONE' && !authorizer) throw unsupported(logicalId, `authorization ${AuthorizationType}`);
    return {
      api: apis.get(properties.RestApiId) as Api,
      httpMethod: properties.HttpMethod,
      resourceId: properties.ResourceId,
      resource: pathOf(properties.ResourceId) || '/',
      functionName: functionIn(Integration.Uri ?? ''),
      timeout: Integration.TimeoutInMillis ?? integrationTimeout,
      ...(authorizer && AuthorizationType !== 'NONE' && { authorizer }),
      apiKeyRequired: properties.ApiKeyRequired ?? false,
    };
  });
}

function apisOf(template: Template): Api[] {
  const stages = template.resources<StageProperties>('AWS::ApiGateway::Stage');
  const responses = template.resources<GatewayResponseProperties>('AWS::ApiGateway::GatewayResponse');
  return template.resources<RestApiProperties>('AWS::ApiGateway::RestApi').map(({ logicalId: id, properties }) => {
    const stage = stages.find((one) => one.properties.RestApiId === id)?.properties;
    if (!stage) throw unsupported(id, 'an API without a stage');
    const all = stage.MethodSettings?.find(
      ({ HttpMethod, ResourcePath }) => HttpMethod === '*' && ResourcePath === '/*',
    );
    return {
      id,
      name: properties.Name ?? id,
      stage: stage.StageName,
      stageVariables: stage.Variables ?? null,
      ...(all?.ThrottlingRateLimit && {
        throttle: { rate: all.ThrottlingRateLimit, burst: all.ThrottlingBurstLimit ?? all.ThrottlingRateLimit },
      }),
      ...(stage.AccessLogSetting?.Format && { accessLog: stage.AccessLogSetting.Format }),
      apiKeySource: properties.ApiKeySourceType ?? 'HEADER',
      binaryMediaTypes: properties.BinaryMediaTypes ?? [],
      responses: new Map(
        responses
          .filter((one) => one.properties.RestApiId === id)
          .map((one) => [one.properties.ResponseType, gatewayResponse(one.properties)]),
      ),
    };
  });
}

function gatewayResponse(properties: GatewayResponseProperties): GatewayResponse {
  const prefix = 'gatewayresponse.header.';
  return {
    ...(properties.StatusCode && { statusCode: Number(properties.StatusCode) }),
    headers: Object.fromEntries(
      Object.entries(properties.ResponseParameters ?? {})
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    ),
    templates: properties.ResponseTemplates ?? {},
  };
}

function authorizersOf(template: Template): Authorizer[] {
  const authorizers = template.resources<AuthorizerProperties>('AWS::ApiGateway::Authorizer');
  return authorizers.map(({ logicalId: id, properties }) => {
    if (properties.Type !== 'REQUEST') throw unsupported(id, `authorizer type ${properties.Type}`);
    return {
      id,
      functionName: functionIn(properties.AuthorizerUri),
      identitySources: properties.IdentitySource ? properties.IdentitySource.split(',') : [],
      ttl: properties.AuthorizerResultTtlInSeconds ?? 300,
    };
  });
}

/** The function's name in the URI by which API Gateway invokes it. */
const functionIn = (uri: string): string => /:function:([^/:]+)/.exec(uri)?.[1] ?? '';

const unsupported = (id: string, what: string) => new Error(`The local gateway does not serve ${id}: ${what}.`);
