import { findKey } from '../lib/dynamo/keys.ts';
import { authorizer } from '../lib/lambda/authorizer.ts';
import { liveTable } from '../lib/live.ts';

const open = liveTable();

// Opens the connection while the function starts, when the processor is not throttled. A failure shows on the first request.
await findKey(open(), 'none').catch(() => undefined);

export const handler = authorizer({
  find: (hash) => findKey(open(), hash),
  now: () => new Date().toISOString(),
});
