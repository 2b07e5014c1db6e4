/**
 * JWTs as credentials: tokens of one issuer, checked against the keys that it publishes. Their claims say what a key's record
 * says of a key:
 *
 * | claim    | holds                                                              |
 * | -------- | ------------------------------------------------------------------ |
 * | `sub`    | who; limits count by it, and the audit trail names its hash        |
 * | `tenant` | the company's id                                                   |
 * | `mode`   | `live` or `test`                                                   |
 * | `scope`  | scopes separated by spaces (RFC 8693, section 4.2)                 |
 * | `plan`   | a plan of plans.ts                                                 |
 * | `exp`    | needed: a token without an end could never be taken back           |
 */
import { FetchError, JwksValidationError, JwkValidationError, JwtBaseError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import type { Principal } from './authorizer.ts';
import { hash } from './hash.ts';
import { plans } from './plans.ts';

/** Whose tokens are accepted. */
export interface TokenIssuer {
  /** The `iss` claim. */
  readonly issuer: string;
  /** The `aud` claim, or one of its values. */
  readonly audience: string;
  readonly jwksUri: string;
}

/** How long the issuer may take to send its keys, in milliseconds. They are kept until a token names another one. */
const timeout = 1_500;

const fetcher = {
  async fetch(uri: string): Promise<ArrayBuffer> {
    try {
      const response = await fetch(uri, { signal: AbortSignal.timeout(timeout) });
      if (response.ok) return await response.arrayBuffer();
      throw new Error(`Status ${response.status}.`);
    } catch (error) {
      throw new FetchError(uri, error);
    }
  },
};

/** Makes what finds the principal of a token; `undefined` for a token that opens nothing. */
export function tokenVerifier({ issuer, audience, jwksUri }: TokenIssuer) {
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri }, { jwksCache: new SimpleJwksCache({ fetcher }) });
  return async (token: string): Promise<Principal | undefined> => {
    try {
      return principalOf(await verifier.verify(token));
    } catch (error) {
      if (isOutage(error)) throw error;
      return undefined;
    }
  };
}

/** The issuer's keys cannot be had, which says nothing about the token. */
const isOutage = (error: unknown): boolean =>
  !(error instanceof JwtBaseError) ||
  [FetchError, JwksValidationError, JwkValidationError].some((kind) => error instanceof kind);

/** A tenant's id becomes part of every key of the table, where `/` and `#` separate. */
const tenantForm = /^[A-Za-z0-9_-]{1,64}$/;

function principalOf({ iss, sub, exp, tenant, mode, scope, plan }: Record<string, unknown>): Principal | undefined {
  if (typeof exp !== 'number' || typeof sub !== 'string' || sub === '') return undefined;
  if (typeof tenant !== 'string' || !tenantForm.test(tenant)) return undefined;
  if (mode !== 'live' && mode !== 'test') return undefined;
  if (typeof plan !== 'string' || !Object.hasOwn(plans, plan)) return undefined;
  return {
    // A subject may be a name or an address; its hash is safe to log.
    id: `sub_${hash(String(iss), sub).slice(0, 16)}`,
    tenant,
    mode,
    scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [],
    plan,
    usageKey: tokenUsageKey(tenant, plan),
  };
}

/**
 * The value of the API Gateway key that usage plans count a company's tokens by, one for each company and plan: API Gateway
 * counts by keys that were made beforehand, and subjects come and go. It opens nothing by itself.
 */
export const tokenUsageKey = (tenant: string, plan: string): string => hash('jwt', tenant, plan);
