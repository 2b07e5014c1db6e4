import { describe, expect, it } from 'vitest';
import { gatewayFailures } from '../../infra/gateway-responses.ts';
import { contracts, finder, synthesized } from '../support/template.ts';

const template = synthesized();
const { all, api, ofApi, properties } = finder(template);

describe.each(contracts.map((contract) => [contract.name, contract] as const))('%s', (_, contract) => {
  const methods = () => {
    const paths = new Map(ofApi('AWS::ApiGateway::Resource', contract));
    const pathOf = (id?: string): string => {
      const resource = paths.get(id ?? '');
      return resource ? `${pathOf(resource.Properties.ParentId.Ref)}/${resource.Properties.PathPart}` : '';
    };
    return new Map(
      ofApi('AWS::ApiGateway::Method', contract).map(([, { Properties }]) => [
        `${Properties.HttpMethod} ${pathOf(Properties.ResourceId.Ref)}`,
        Properties,
      ]),
    );
  };

  it('has a method for every route and for its description, and none besides', () => {
    const routes = contract.routes.map(({ method, path }) => `${method} ${path}`);
    expect([...methods().keys()].sort()).toEqual([...routes, 'GET /openapi.json'].sort());
    expect(methods().get('GET /openapi.json')).toMatchObject({ AuthorizationType: 'NONE' });
  });

  it('guards every route but the public ones by key and authorizer', () => {
    const [[authorizer] = []] = ofApi('AWS::ApiGateway::Authorizer', contract);
    for (const { method, path, scope } of contract.routes) {
      const { AuthorizationType, ApiKeyRequired, AuthorizerId } = methods().get(`${method} ${path}`);
      const guard = { AuthorizationType, ApiKeyRequired: ApiKeyRequired ?? false, AuthorizerId };
      expect(guard, path).toEqual(
        scope === 'public'
          ? { AuthorizationType: 'NONE', ApiKeyRequired: false, AuthorizerId: undefined }
          : { AuthorizationType: 'CUSTOM', ApiKeyRequired: true, AuthorizerId: { Ref: authorizer } },
      );
    }
  });

  it('is served by one function of its own, which only its API may call', () => {
    const uris = new Set([...methods().values()].map(({ Integration }) => JSON.stringify(Integration.Uri)));
    expect(uris.size).toBe(1);
    const [name] = Object.keys(template.Resources).filter((id) => [...uris][0]?.includes(`"${id}"`));
    expect(properties(name ?? '').Description).toBe(`${contract.title}.`);
    const permissions = all('AWS::Lambda::Permission').filter(
      ([, { Properties }]) => Properties.FunctionName['Fn::GetAtt'][0] === name,
    );
    expect(permissions).toHaveLength(1);
    expect(JSON.stringify(permissions[0]?.[1].Properties.SourceArn)).toContain(api(contract));
  });

  it('takes its API key from the authorizer, and caches what that says where one header decides', () => {
    expect(properties(api(contract)).ApiKeySourceType).toBe('AUTHORIZER');
    const [[, authorizer] = []] = ofApi('AWS::ApiGateway::Authorizer', contract);
    const { Type, AuthorizerResultTtlInSeconds: ttl, IdentitySource = '' } = authorizer?.Properties ?? {};
    const alone = contract.credentials.length === 1;
    expect({ Type, ttl }).toEqual({ Type: 'REQUEST', ttl: alone ? 60 : 0 });
    expect(IdentitySource).toMatch(alone ? /^method\.request\.header\.[\w-]+$/ : /^$/);
    const [[, stage] = []] = ofApi('AWS::ApiGateway::Stage', contract);
    expect(stage?.Properties.Variables.credentials).toBe(contract.credentials.join(','));
  });

  it('words what API Gateway answers by itself', () => {
    const responses = new Map(
      ofApi('AWS::ApiGateway::GatewayResponse', contract).map(([, { Properties }]) => [
        Properties.ResponseType,
        Properties,
      ]),
    );
    expect(responses.size).toBe(gatewayFailures.length);
    for (const [{ responseType }, failure] of gatewayFailures) {
      const { status, body } = contract.fail(failure);
      const { StatusCode, ResponseParameters = {}, ResponseTemplates } = responses.get(responseType);
      expect(StatusCode).toBe(String(status));
      const text = ResponseTemplates['application/json'];
      expect(JSON.parse(text)).toEqual(JSON.parse(body));
      // Nothing in it that a template engine would read.
      expect(text).not.toMatch(/[$#]/);
      const retryAfter = 'retryAfter' in failure ? `'${failure.retryAfter}'` : undefined;
      expect(ResponseParameters['gatewayresponse.header.Retry-After'], responseType).toBe(retryAfter);
    }
  });

  it('is held back by its stage and by every plan', () => {
    const [[stage, { Properties }] = ['', { Properties: undefined }]] = ofApi('AWS::ApiGateway::Stage', contract);
    expect(Properties.MethodSettings).toEqual([
      expect.objectContaining({ HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 2_000, LoggingLevel: 'OFF' }),
    ]);
    for (const [, plan] of all('AWS::ApiGateway::UsagePlan')) {
      expect(plan.Properties.ApiStages).toContainEqual(
        expect.objectContaining({ ApiId: { Ref: api(contract) }, Stage: { Ref: stage } }),
      );
    }
  });

  it('writes an access log that says who without saying whence', () => {
    const [[, stage] = []] = ofApi('AWS::ApiGateway::Stage', contract);
    const format = stage?.Properties.AccessLogSetting.Format;
    expect(Object.keys(JSON.parse(format))).toEqual(expect.arrayContaining(['requestId', 'tenant', 'keyId', 'status']));
    expect(format).not.toMatch(/identity|sourceIp|userAgent|querystring|header/i);
  });

  it('raises an alarm for its 5xx', () => {
    const dimensions = { Dimensions: [{ Name: 'ApiName', Value: contract.name }], MetricName: '5XXError' };
    expect(all('AWS::CloudWatch::Alarm').map(([, alarm]) => alarm.Properties)).toContainEqual(
      expect.objectContaining(dimensions),
    );
  });
});

it('the native API turns requests away with these statuses', () => {
  const [native] = contracts.filter(({ name }) => name === 'invoices');
  const statuses = Object.fromEntries(
    gatewayFailures.map(([{ responseType }, failure]) => [responseType, native?.fail(failure).status]),
  );
  expect(statuses).toEqual({
    UNAUTHORIZED: 401,
    ACCESS_DENIED: 403,
    INVALID_API_KEY: 401,
    MISSING_AUTHENTICATION_TOKEN: 404,
    RESOURCE_NOT_FOUND: 404,
    INVALID_SIGNATURE: 404,
    EXPIRED_TOKEN: 404,
    AUTHORIZER_FAILURE: 503,
    THROTTLED: 429,
    QUOTA_EXCEEDED: 429,
    WAF_FILTERED: 429,
    REQUEST_TOO_LARGE: 413,
    UNSUPPORTED_MEDIA_TYPE: 415,
    BAD_REQUEST_BODY: 400,
    BAD_REQUEST_PARAMETERS: 400,
    INTEGRATION_TIMEOUT: 504,
    INTEGRATION_FAILURE: 503,
    DEFAULT_4XX: 400,
    DEFAULT_5XX: 500,
  });
});
