/** The embedded engine, in memory, one for each test file that asks. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { engineBinary } from '../../infra/local/engine.ts';
import { clientOptions } from '../../lib/dynamo/connection.ts';
import { tableLayout } from '../../lib/dynamo/table.ts';

export interface Engine {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts an empty engine; resolves once it listens. */
export async function startEngine(): Promise<Engine> {
  const port = await freePort();
  const engine = spawn(engineBinary(), ['serve', '--port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(engine, 'exit');
  const end = () => engine.kill();
  process.once('exit', end);
  // Its first words, on stderr, say that it listens.
  const first = await Promise.race([once(engine.stderr, 'data'), ended.then(() => undefined)]);
  engine.stderr.resume();
  if (!first || engine.exitCode !== null) throw new Error(`The engine did not start on port ${port}.`);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      process.off('exit', end);
      engine.kill();
      await ended;
    },
  };
}

/** Connections of a client at a time: more than any test or measurement asks for at once. */
const mostSockets = 256;

/** A client for the engine or a proxy in front of it. Each call is sent once: retries are the caller's to make. */
export const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    ...clientOptions,
    requestHandler: { httpAgent: { maxSockets: mostSockets } },
  });

/** Creates a table as the layout says. */
export async function createTable(endpoint: string, name: string): Promise<void> {
  const { partitionKey, sortKey, index, statusIndex, dunningIndex } = tableLayout;
  const keys = (partition: string, sort: string) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
  const client = clientOf(endpoint);
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        partitionKey,
        sortKey,
        ...[index, statusIndex, dunningIndex].flatMap((each) => [each.partitionKey, each.sortKey]),
      ].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: keys(partitionKey, sortKey),
      GlobalSecondaryIndexes: [
        {
          IndexName: index.name,
          KeySchema: keys(index.partitionKey, index.sortKey),
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.include] },
        },
        ...[statusIndex, dunningIndex].map((each) => ({
          IndexName: each.name,
          KeySchema: keys(each.partitionKey, each.sortKey),
          Projection: { ProjectionType: 'KEYS_ONLY' as const },
        })),
      ],
    }),
  );
  client.destroy();
}

/** The engine does not choose a port by itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
