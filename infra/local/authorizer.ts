/** Runs a Lambda REQUEST authorizer as API Gateway does: identity sources, result cache, policy. */
import type { Authorizer } from './apis.ts';
import { type AuthorizerContext, authorizerEvent, type Call, header, methodArn } from './event.ts';
import type { LambdaFunction } from './functions.ts';
import type { ResponseType } from './gateway-responses.ts';
import { allows, type PolicyDocument } from './policy.ts';

export interface Authorization {
  readonly context: AuthorizerContext;
  readonly usageIdentifierKey?: string;
}

interface AuthorizerResult {
  principalId?: unknown;
  policyDocument?: PolicyDocument;
  context?: Record<string, unknown> | null;
  usageIdentifierKey?: string | null;
}

/** Authorizes calls; a refusal is the type of the gateway response. */
export function authorizers(functions: ReadonlyMap<string, LambdaFunction>, now: () => number = Date.now) {
  const cache = new Map<string, { until: number; result: AuthorizerResult }>();

  async function result(authorizer: Authorizer, call: Call): Promise<AuthorizerResult | ResponseType> {
    const identity = authorizer.identitySources.map((source) => identityOf(call, source));
    // Without all of them API Gateway refuses at once and does not ask the function.
    if (identity.some((value) => !value)) return 'UNAUTHORIZED';
    const name = JSON.stringify([authorizer.id, ...identity]);
    const cached = cache.get(name);
    if (cached && cached.until > now()) return cached.result;
    const asked = now();
    const outcome = await functions.get(authorizer.functionName)?.invoke(authorizerEvent(call));
    if (!outcome) return 'AUTHORIZER_CONFIGURATION_ERROR';
    if ('error' in outcome) {
      return outcome.error.errorMessage === 'Unauthorized' ? 'UNAUTHORIZED' : 'AUTHORIZER_FAILURE';
    }
    const answer = JSON.parse(outcome.payload) as AuthorizerResult | null;
    if (!answer || !isSound(answer)) return 'AUTHORIZER_CONFIGURATION_ERROR';
    if (authorizer.ttl > 0) cache.set(name, { until: asked + authorizer.ttl * 1000, result: answer });
    return answer;
  }

  return async (authorizer: Authorizer, call: Call): Promise<Authorization | ResponseType> => {
    const found = await result(authorizer, call);
    if (typeof found === 'string') return found;
    const { principalId, policyDocument = {}, context, usageIdentifierKey } = found;
    // The policy is judged for each call, a cached one too.
    if (!allows(policyDocument, 'execute-api:Invoke', methodArn(call))) return 'ACCESS_DENIED';
    const values = Object.entries({ ...context, principalId });
    return {
      context: Object.fromEntries(values.map(([name, value]) => [name, String(value)])),
      ...(usageIdentifierKey && { usageIdentifierKey }),
    };
  };
}

/** API Gateway takes texts, numbers and truth values as context, and asks for principal and policy. */
const isSound = ({ principalId, policyDocument, context }: AuthorizerResult): boolean =>
  typeof principalId === 'string' &&
  typeof policyDocument === 'object' &&
  Object.values(context ?? {}).every((value) => ['string', 'number', 'boolean'].includes(typeof value));

function identityOf(call: Call, source: string): string | undefined {
  const [, place, name = ''] =
    /^(?:method\.request\.)?(header|querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  if (place === 'header') return header(call, name);
  if (place === 'querystring') return call.query[name]?.at(-1);
  if (place === 'stageVariables') return call.method.api.stageVariables?.[name];
  throw new Error(`The local gateway does not know the identity source ${source}.`);
}
