/** `npm start`: the whole stack on this machine, with data to try it. */
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { connect } from '../../lib/dynamo/connection.ts';
import { OutcomeUnknown, StoreBusy } from '../../lib/invoice/store.ts';
import { apiKeys } from './api-keys.ts';
import { currentAssembly } from './assembly.ts';
import { demoSeries, demoTenants, seedDemo } from './demo.ts';
import { demoReference } from './demo-reference.ts';
import { openEngine } from './engine.ts';
import { enforcePermissions } from './permissions.ts';
import { basePathOf } from './routing.ts';
import { checkPort, type RunningServer, startServer } from './server.ts';
import { logsIn, outboxIn, readSettings, type Settings } from './settings.ts';
import { StartError } from './start-error.ts';
import { createLocalTable, createTable } from './tables.ts';
import { readTemplate, region, type Template } from './template.ts';
import { usagePlansOf } from './usage-plans.ts';

/** What must be ended, last begun first. */
const running: { stop(): Promise<void> }[] = [];

async function start(): Promise<void> {
  if (process.argv.length > 2) {
    throw new StartError('npm start takes no options. Its settings are environment variables: PORT=3001 npm start');
  }
  const began = performance.now();
  const settings = readSettings(process.env);
  makeFolders(settings);
  await checkPort(settings.port);
  const engine = await openEngine(settings);
  running.unshift(engine);
  engine.ended.then(() => {
    if (!stopping) stop(1, 'The DynamoDB engine ended; see its log.');
  });

  const { port, tableName, dataDir } = settings;
  const { endpoint: dynamodbEndpoint } = engine;
  const template = readTemplate(await currentAssembly(), { 'AWS::DynamoDB::Table': tableName });
  const client = dynamodb(dynamodbEndpoint);
  const localTable = `${tableName}-local`;
  await Promise.all([createTable(client, template, tableName), createLocalTable(client, localTable)]);
  const keys = apiKeys(client, localTable);
  const plans = usagePlansOf(template);
  await seedDemo(client, tableName, keys, plans);

  const queueFile = join(dataDir, 'queues.sqlite');
  const mail = settings.mailFrom ? { mail: { from: settings.mailFrom, outbox: outboxIn(settings) } } : {};
  const permissions = settings.dynamodbEndpoint ? undefined : await enforcePermissions(template, dynamodbEndpoint);
  if (permissions) running.unshift(permissions);
  const server = await startServer({
    template,
    port,
    dynamodbEndpoint: permissions?.endpointOf ?? (() => dynamodbEndpoint),
    openTable: () => connect(client, tableName),
    keys,
    plans,
    logs: logsIn(settings),
    queueFile,
    ...mail,
  });
  running.unshift(server);
  writeFileSync(
    join(dataDir, 'demo.json'),
    `${JSON.stringify(demoFile(settings, server, dynamodbEndpoint, template), null, 2)}\n`,
  );
  console.log(greeting(settings, server, performance.now() - began));
}

function makeFolders(settings: Settings): void {
  try {
    mkdirSync(logsIn(settings), { recursive: true });
    accessSync(settings.dataDir, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`${settings.dataDir} cannot be written to (${code}). Set DATA_DIR to a folder that can.`);
  }
}

function dynamodb(endpoint: string): DynamoDBClient {
  const { AWS_ACCESS_KEY_ID = 'local', AWS_SECRET_ACCESS_KEY = 'local', AWS_SESSION_TOKEN } = process.env;
  return new DynamoDBClient({
    endpoint,
    region,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    },
  });
}

/** The addresses and keys for programs: tests, `npm run keys`, clients of one's own. */
const demoFile = ({ tableName }: Settings, { url, apis }: RunningServer, endpoint: string, template: Template) => ({
  // Where paths clash, the first API has the root; the others have all of theirs below a base path.
  apis: Object.fromEntries(apis.map(({ name }, index) => [name, index === 0 ? url : url + basePathOf(name)])),
  tenants: demoTenants.map((demo) => ({
    name: demo.tenant.name,
    tenant_id: demo.tenant.id,
    keys: demo.keys,
    event_source: demo.eventSource,
    reference: demoReference(demo),
    series: demoSeries.map((each) => each.name),
  })),
  dynamodb: { endpoint, table: tableName },
  api_gateway: url,
  events: {
    endpoint: url,
    bus: template.output('EventBusName'),
    source: demoTenants[0]?.eventSource,
    queue: template.output('RequestQueueArn'),
    dead_letters: template.output('RequestDeadLettersArn'),
  },
  webhooks: { queue: template.output('WebhookQueueArn'), dead_letters: template.output('WebhookDeadLettersArn') },
});

function greeting({ dataDir }: Settings, { url }: RunningServer, milliseconds: number): string {
  const shortest = relative('', dataDir) || '.';
  const folder = shortest.startsWith('..') ? dataDir : shortest;
  const key = demoTenants[0]?.keys.full;
  const keys = demoTenants.map(({ tenant, keys }) =>
    [
      `  ${tenant.name} (${tenant.id})`,
      ...Object.entries(keys).map(([name, secret]) => `    ${name.padEnd(10)} ${secret}`),
    ].join('\n'),
  );
  return `
Serving ${url} after ${(milliseconds / 1000).toFixed(1)} s. Data, logs and demo.json are in ${folder}. Ctrl-C ends it.

Demo companies and their API keys:
${keys.join('\n')}

Create an invoice:
  curl -s ${url}/invoices -H 'X-Api-Key: ${key}' -H 'Content-Type: application/json' -d '${sampleInvoice}' | tee ${folder}/invoice.json

Finalize it, which gives it its number:
  curl -s -X POST ${url}/invoices/$(node -p 'JSON.parse(fs.readFileSync("${folder}/invoice.json")).data.id')/finalize -H 'X-Api-Key: ${key}'
`;
}

const sampleInvoice = JSON.stringify({
  calculate_totals: true,
  buyer: {
    name: 'Havel Kontor AG',
    address: { street: 'Uferweg 3', city: 'Potsdam', postal_code: '14467', country: 'DE' },
  },
  items: [{ name: 'Consulting', quantity: 8, unit_code: 'HUR', price: 12_500, tax_category: 'S', tax_rate: 19 }],
});

function reasonOf(error: Error): string {
  if (error instanceof StartError) return error.message;
  if (error instanceof StoreBusy || error instanceof OutcomeUnknown) {
    return 'The table cannot be written to. Is the disk full? What the embedded engine said stands in logs/engine.log of the data folder.';
  }
  return error.stack ?? error.message;
}

let stopping = false;

/** Ends everything in turn, then the process. A second call does not wait. */
async function stop(exitCode: number, reason?: string): Promise<void> {
  if (stopping) process.exit(exitCode || 1);
  stopping = true;
  if (reason) console.error(reason);
  for (const part of running) await part.stop();
  process.exit(exitCode);
}

/** npm may be killed without telling its children; whoever it leaves behind gets another parent. */
function watchParent(): void {
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid === parent || stop(0), 500).unref();
}

// Lambda runs in UTC, and threads have no time zone of their own.
process.env.TZ = 'UTC';
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
watchParent();
start().catch((error) => stop(1, reasonOf(error)));
