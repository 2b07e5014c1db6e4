/** What calls cost at the table, in write and read units, and what the bundles weigh: figures that do not depend on the machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build, functionNames } from '../../infra/build.ts';
import { connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { Invoice } from '../../lib/invoice/model.ts';
import type { Answer, Reply } from '../../lib/invoice/operation.ts';
import { startOf } from '../support/bundles.ts';
import { startProxy } from '../support/dynamo-proxy.ts';
import { clientOf, createTable, startEngine } from '../support/engine.ts';
import { caller, document, entity, series, tenant, undelivered } from '../support/fixtures.ts';

const table = 'costs';
const scope = { tenant: tenant.id, mode: 'live' } as const;
const engine = await startEngine();
await createTable(engine.endpoint, table);
const proxy = await startProxy({ target: engine.endpoint });
const client = clientOf(proxy.endpoint);
const connection = connect(client, table);
const store = dynamoStore(connection);
await directory(connection).putTenant(tenant);
await directory(connection).putSeries(scope, series);
await store.insertReference({ scope, kind: 'business-entities', entry: entity });

const lease = idLease();
const invoices = createInvoices({
  store,
  deliver: undelivered,
  now: () => new Date().toISOString(),
  pause: async () => {},
  newId: (of) => lease(of, (count) => store.reserveIds(of, count)),
});

/** Lines that differ as real ones do. */
const documentOf = (lines: number) => ({
  ...document,
  lines: Array.from({ length: lines }, (_, index) => ({
    ...(document.lines[0] as (typeof document.lines)[number]),
    id: String(index + 1),
    name: `Position ${index + 1}: ${['consulting', 'hosting', 'licence', 'support', 'travel'][index % 5]}`,
    quantity: String(1 + (index % 7)),
    price: (19.9 + index * 3.17).toFixed(2).replace(/\.?0+$/, ''),
  })),
});

const render = (invoice: Invoice): Answer => ({ status: 201, headers: {}, body: JSON.stringify({ data: invoice }) });
let keys = 0;
const keyed = (): Reply<Invoice> => ({ operation: { id: `key-${++keys}`, fingerprint: 'f' }, render });

async function cost(name: string, work: () => Promise<Answer>): Promise<string> {
  proxy.resetCounts();
  const { body } = await work();
  // What an answer does not wait for costs as well.
  await wait(50);
  await proxy.settled();
  const { writeUnits, readUnits } = proxy.counts();
  console.log(
    `  ${name.padEnd(44)} ${writeUnits.toFixed(1).padStart(6)} write   ${readUnits.toFixed(1).padStart(5)} read`,
  );
  return (JSON.parse(body) as { data: Invoice }).data.id;
}

console.log('Units of the table for each call, as the engine counts them by DynamoDB’s rules');
for (const lines of [1, 10, 100, 1_000]) {
  const draft = { document: documentOf(lines) };
  console.log(`\n${lines} line${lines === 1 ? '' : 's'}`);
  const id = await cost('create a draft', () => invoices.create(caller, draft, { render }));
  await cost('create a draft, with Idempotency-Key', () => invoices.create(caller, draft, keyed()));
  await cost('finalize', () => invoices.finalize(caller, id, { render }));
  await cost('create and issue in one call', () => invoices.create(caller, draft, { render }, { as: 'issued' }));
}

console.log('\nWhat a cold start reads, minified');
const folder = await mkdtemp(join(tmpdir(), 'bundles-'));
const built = await build(folder);
for (const name of await functionNames()) {
  const bytes = startOf(built, name).reduce((total, output) => total + output.bytes, 0);
  console.log(`  ${name.padEnd(20)} ${String(Math.round(bytes / 1_000)).padStart(5)} kB`);
}
await rm(folder, { recursive: true });
client.destroy();
await proxy.stop();
await engine.stop();
