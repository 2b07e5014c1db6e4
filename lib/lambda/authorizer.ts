/** The way in for every API: a credential becomes a caller, or nothing. */
import type { APIGatewayRequestAuthorizerEvent, APIGatewayRequestAuthorizerHandler } from 'aws-lambda';
import type { Credential } from '../contracts/contract.ts';
import { type ApiKey, hashOf, isUsable } from '../dynamo/keys.ts';
import type { Timestamp } from '../invoice/document.ts';

interface Dependencies {
  /** Throws when the store cannot say: that is an outage, and no reason to call a key wrong. */
  find(hash: string): Promise<ApiKey | undefined>;
  /** Finds whom a JWT speaks for. Absent where JWTs are not accepted. */
  verify?: ((token: string) => Promise<Principal | undefined>) | undefined;
  now(): Timestamp;
}

/** Who calls, by key or by token. */
export interface Principal extends Pick<ApiKey, 'id' | 'tenant' | 'mode' | 'scopes' | 'plan'> {
  /** The value of the API Gateway key that usage plans count by. */
  readonly usageKey: string;
}

/** What the functions behind the gateway are told about who calls. */
export interface CallerContext extends Record<string, string> {
  tenant: string;
  keyId: string;
  mode: string;
  /** Separated by spaces. */
  scopes: string;
  plan: string;
}

/** API Gateway answers 401 for an error with exactly this message, and AUTHORIZER_FAILURE for any other. */
const unauthorized = () => new Error('Unauthorized');

const headerOf: Record<Credential, string> = {
  bearer: 'authorization',
  'x-api-key': 'x-api-key',
  'x-session-token': 'x-session-token',
};

/** Makes the Lambda authorizer. Which headers count is the stage's business: its variable `credentials` lists them. */
export function authorizer({ find, verify, now }: Dependencies) {
  return async (event: Parameters<APIGatewayRequestAuthorizerHandler>[0]) => {
    const [secret, ...others] = secretsIn(event);
    if (secret === undefined) throw unauthorized();
    // Two credentials that differ: guessing which one is meant could act for the wrong company.
    if (others.length > 0) throw refused('ambiguous');
    if (verify && isToken(secret)) {
      const principal = await verify(secret);
      if (!principal) throw refused('token');
      return allow(event.methodArn, principal);
    }
    const key = await find(hashOf(secret));
    if (!key) throw refused('unknown');
    if (!isUsable(key, now())) throw refused('ended', key);
    return allow(event.methodArn, { ...key, usageKey: key.hash });
  };
}

/** A JWT has three parts (RFC 7519, section 3); a key has no dots. */
const isToken = (secret: string): boolean => secret.split('.').length === 3;

/** The different secrets that a request carries in the headers its API listens to. */
function secretsIn({ stageVariables, headers, multiValueHeaders }: APIGatewayRequestAuthorizerEvent): Set<string> {
  const accepted = (stageVariables?.credentials ?? '').split(',') as Credential[];
  const names = new Set(accepted.map((credential) => headerOf[credential]));
  const secrets = new Set<string>();
  for (const [name, values] of Object.entries(multiValueHeaders ?? headers ?? {})) {
    const header = name.toLowerCase();
    if (!names.has(header)) continue;
    for (const value of [values ?? []].flat()) {
      const secret = header === 'authorization' ? /^bearer +(\S+)$/i.exec(value.trim())?.[1] : value.trim();
      if (secret) secrets.add(secret);
    }
  }
  return secrets;
}

function refused(reason: 'ambiguous' | 'unknown' | 'ended' | 'token', key?: ApiKey): Error {
  console.warn({ message: 'refused', reason, keyId: key?.id });
  return unauthorized();
}

/**
 * Allows the whole API and stage: API Gateway keeps the result for a minute and applies it to every other route as well.
 * What the caller may do there is the handler's question, by scope.
 */
function allow(methodArn: string, { id, tenant, mode, scopes, plan, usageKey }: Principal) {
  const [api, stage] = methodArn.split('/');
  const context: CallerContext = { tenant, keyId: id, mode, scopes: scopes.join(' '), plan };
  return {
    principalId: id,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow' as const, Action: 'execute-api:Invoke', Resource: `${api}/${stage}/*` }],
    },
    context,
    usageIdentifierKey: usageKey,
  };
}
