import { setTimeout } from 'node:timers/promises';
import { findKey } from '../lib/dynamo/keys.ts';
import { authorizer } from '../lib/lambda/authorizer.ts';
import { liveTable } from '../lib/live.ts';

const open = liveTable();

// Opens the connection while the function starts, when its processor is not throttled. A table that does not answer within
// a second is the first request's problem.
await Promise.race([findKey(open(), 'none').catch(() => undefined), setTimeout(1_000)]);

export const handler = authorizer({
  find: (hash) => findKey(open(), hash),
  now: () => new Date().toISOString(),
});
