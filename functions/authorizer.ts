import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { connect } from '../lib/dynamo/connection.ts';
import { findKey } from '../lib/dynamo/keys.ts';
import { authorizer } from '../lib/lambda/authorizer.ts';

const table = process.env.TABLE_NAME ?? '';
const client = new DynamoDBClient({
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_500, throwOnRequestTimeout: true },
});

// Opens the connection while the function starts, when the processor is not throttled. A failure shows on the first request.
await findKey({ table, send: (command) => client.send(command) }, 'none').catch(() => undefined);

export const handler = authorizer({
  find: (hash) => findKey(connect(client, table), hash),
  now: () => new Date().toISOString(),
});
