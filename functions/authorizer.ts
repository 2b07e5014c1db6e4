import { findKey } from '../lib/dynamo/keys.ts';
import { authorizer } from '../lib/lambda/authorizer.ts';
import { liveTable, liveTokenIssuer, primed } from '../lib/live.ts';

const open = liveTable();

// Most installations accept no JWTs: the verifier is loaded where they are.
const issuer = liveTokenIssuer();
const verify = issuer && (await import('../lib/lambda/jwt.ts')).tokenVerifier(issuer);

await primed(() => findKey(open(), 'none'));

export const handler = authorizer({
  find: (hash) => findKey(open(), hash),
  verify,
  now: () => new Date().toISOString(),
});
