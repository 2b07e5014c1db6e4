/** The stack's APIs, functions, schedules, buses and queues, served on one port of this machine. */
import { createWriteStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Connection } from '../../lib/dynamo/connection.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Api } from './apis.ts';
import { awsJson } from './aws-json.ts';
import { controlPlane, signedService } from './control-plane.ts';
import { eventBridge } from './event-bus.ts';
import { startMappings } from './event-source-mappings.ts';
import { functionsOf } from './functions.ts';
import { gateway } from './gateway.ts';
import { outboxRoutes } from './outbox.ts';
import { openQueues, queuesOf } from './queues.ts';
import { startSchedules } from './schedule.ts';
import { sqs } from './sqs.ts';
import { StartError } from './start-error.ts';
import { startTableStream } from './table-stream.ts';
import type { Template } from './template.ts';
import type { UsagePlan } from './usage-plans.ts';

export interface ServerOptions {
  readonly template: Template;
  /** 0 for any free one. */
  readonly port: number;
  /** Where a function finds its table. */
  readonly dynamodbEndpoint: (functionName: string) => string;
  /** Opens the stack's table. Without it nothing comes from its stream. */
  readonly openTable?: () => Connection;
  readonly keys: ApiKeys;
  readonly plans: readonly UsagePlan[];
  /** The folder for access log and functions' logs. */
  readonly logs: string;
  /** The address that invoices are mailed from, and the folder where they arrive; without it none are mailed. */
  readonly mail?: { readonly from: string; readonly outbox: string };
  /** The file that the queues' messages are kept in; they are forgotten without one. */
  readonly queueFile?: string;
}

export interface RunningServer {
  readonly url: string;
  readonly apis: readonly Api[];
  /** Lets requests finish, then ends functions and schedules. */
  stop(): Promise<void>;
}

const host = '127.0.0.1';
/** How long requests may take to finish once the server stops. */
const graceMilliseconds = 5_000;

export async function startServer({ template, keys, plans, logs, ...options }: ServerOptions): Promise<RunningServer> {
  const server = createServer({ keepAliveTimeout: 65_000 });
  const url = `http://${host}:${await listen(server, options.port)}`;
  const log = (name: string): Writable => createWriteStream(join(logs, `${name}.log`), { flags: 'a' });
  const access = log('access');
  const { mail } = options;
  const functions = functionsOf(template, (name) => environment(options.dynamodbEndpoint(name), url, mail?.from), log);
  const queues = openQueues(queuesOf(template), options.queueFile ?? ':memory:');
  const rest = controlPlane(keys, plans, mail ? outboxRoutes(mail.outbox) : []);
  const services = new Map([
    ['apigateway', rest],
    ['ses', rest],
    ['events', awsJson(eventBridge(template, queues, functions))],
    ['sqs', awsJson(sqs(queues, url))],
  ]);
  const { listener, apis } = gateway({
    template,
    functions,
    plans,
    keys,
    accessLog: (line) => access.write(`${line}\n`),
  });
  server.on('request', (request, response) => {
    const service = services.get(signedService(request) ?? '') ?? listener;
    service(request, response);
  });
  for (const one of functions.values()) one.warm();
  const stopSchedules = startSchedules(template, functions);
  const stopStream = options.openTable && startTableStream(template, functions, options.openTable);
  const stopMappings = startMappings(template, queues, functions);
  return {
    url,
    apis,
    async stop() {
      stopSchedules();
      await Promise.all([stopStream?.(), stopMappings(), close(server)]);
      await Promise.all([...functions.values()].map((one) => one.stop()));
      queues.close();
    },
  };
}

/** Fails when the port is taken, and takes it only for a moment. */
export async function checkPort(port: number): Promise<void> {
  const server = createServer();
  await listen(server, port);
  await close(server);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(port, error)));
    server.listen(port, host);
  });
  return (server.address() as { port: number }).port;
}

function portError(port: number, error: NodeJS.ErrnoException): Error {
  if (error.code === 'EADDRINUSE') {
    const other = port < 65_535 ? port + 1 : port - 1;
    return new StartError(`Port ${port} is in use. Stop what uses it, or choose another: PORT=${other} npm start`);
  }
  if (error.code === 'EACCES')
    return new StartError(`Port ${port} may not be used. Choose another: PORT=3000 npm start`);
  return error;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const grace = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
  await closed;
  clearInterval(idle);
  clearTimeout(grace);
}

/** What every function gets besides its own variables: where AWS is, credentials that satisfy the SDK, whose JWTs to accept, whom mail is from. */
function environment(dynamodbEndpoint: string, url: string, mailFrom: string | undefined): Record<string, string> {
  const { AWS_ACCESS_KEY_ID = 'local', AWS_SECRET_ACCESS_KEY = 'local', AWS_SESSION_TOKEN } = process.env;
  const chosen = Object.entries(process.env).filter(([name]) => /^(JWT|WEBHOOKS)_/.test(name)) as [string, string][];
  return {
    // This machine is the caller's own.
    WEBHOOKS_ALLOW_LOOPBACK: 'true',
    ...Object.fromEntries(chosen),
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { AWS_SESSION_TOKEN }),
    AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
    AWS_ENDPOINT_URL_API_GATEWAY: url,
    AWS_ENDPOINT_URL_SESV2: url,
    ...(mailFrom && { MAIL_FROM: mailFrom }),
    AWS_ENDPOINT_URL_EVENTBRIDGE: url,
    AWS_ENDPOINT_URL_SQS: url,
  };
}
