/**
 * The hot series: how many invoices a second one series numbers, against the obvious way to do it in the same run. Both do the
 * same work (store, number, issue, audit entry) through a proxy that adds DynamoDB's latencies and conflicts, because the
 * embedded engine has neither. Calls that the machine answers later than DynamoDB would are counted as overdue.
 */
import { GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { batch } from '../../infra/events.ts';
import { toItem } from '../../lib/dynamo/attributes.ts';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { toBody, toHead } from '../../lib/dynamo/invoice-items.ts';
import { dynamoStore, inGroups } from '../../lib/dynamo/store.ts';
import { primaryKey } from '../../lib/dynamo/table.ts';
import { auditEntry } from '../../lib/invoice/audit.ts';
import { calculate } from '../../lib/invoice/calculate.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { Invoice } from '../../lib/invoice/model.ts';
import { formatNumber } from '../../lib/invoice/number.ts';
import { startProxyThread } from '../support/dynamo-proxy-worker.ts';
import { clientOf, createTable, startEngine } from '../support/engine.ts';
import { caller, document, entity, seller, series, tenant, undelivered } from '../support/fixtures.ts';

const table = 'bench';
const scope = { tenant: tenant.id, mode: 'live' } as const;
const seconds = Number(process.env.BENCH_SECONDS ?? 12);
/** Every latency is so many times DynamoDB's: the schemes are measured, and not how fast this machine is. Figures are scaled back. */
const slowdown = 8;
const lines = Array.from({ length: 10 }, (_, index) => ({
  ...(document.lines[0] as (typeof document.lines)[number]),
  id: String(index + 1),
  name: `Consulting, sprint ${index + 1}`,
  price: String(95 + index),
}));
const draft = { document: { ...document, lines } };
const render = ({ id, number }: Invoice) => ({ status: 201, headers: {}, body: JSON.stringify({ id, number }) });

const engine = await startEngine();
await createTable(engine.endpoint, table);
const proxy = await startProxyThread(engine.endpoint, slowdown);
const client = clientOf(proxy.endpoint);

const lease = idLease();
const newId = (connection: Connection) => () =>
  lease(scope, (count) => dynamoStore(connection).reserveIds(scope, count));
const now = () => new Date().toISOString();
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Ours, as a request does it. What is read of the tenant's directory is left out on both sides. */
async function byTicket(name: string): Promise<number> {
  const connection = connect(client, table);
  const store = {
    ...dynamoStore(connection),
    tenant: async () => tenant,
    businessEntity: async () => entity,
    series: async () => ({ ...series, name, pattern: `${name}-{number}`, reset: 'never' as const }),
  };
  const invoices = createInvoices({ store, deliver: undelivered, now, pause, newId: newId(connection) });
  await invoices.create(caller, { ...draft, series: name }, { render }, { as: 'issued' });
  return 0;
}

/** A consumer's batch of events: all at once over one connection, whose writes go in groups. Each is still answered for itself. */
async function inBatches(name: string): Promise<number> {
  const connection = connect(client, table);
  const store = {
    ...dynamoStore(connection, inGroups(connection)),
    tenant: async () => tenant,
    businessEntity: async () => entity,
    series: async () => ({ ...series, name, pattern: `${name}-{number}`, reset: 'never' as const }),
  };
  const invoices = createInvoices({ store, deliver: undelivered, now, pause, newId: newId(connection) });
  const one = () => invoices.create(caller, { ...draft, series: name }, { render }, { as: 'issued' });
  await Promise.all(Array.from({ length: batch.size }, one));
  return 0;
}

/** The obvious way: read the counter, then advance it in the transaction that stores the invoice; again when somebody was faster. */
async function byReadAndAdvance(name: string): Promise<number> {
  const connection = connect(client, table);
  const id = await newId(connection)();
  const at = now();
  const key = primaryKey(`plain#${name}`, 'COUNTER');
  const full = { ...draft.document, seller };
  for (let lost = 0; ; lost++) {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }));
    const next = Number(Item?.next?.N ?? 1);
    const number = formatNumber({ ...series, name }, '2026-01-15', next);
    const invoice: Invoice = {
      scope,
      id,
      contract: 'invoices',
      createdAt: at,
      createdBy: 'bench',
      businessEntityId: entity.id,
      version: 1,
      state: 'issued',
      updatedAt: at,
      issuedAt: at,
      number: `${name}-${number}`,
      paid: 0,
      credited: 0,
      facts: {},
      document: full,
      figures: calculate(full),
      warnings: [],
      extras: {},
    };
    const put = (item: object) => ({ Put: { TableName: table, Item: item as ReturnType<typeof toHead> } });
    try {
      await client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            {
              Update: {
                TableName: table,
                Key: key,
                UpdateExpression: 'SET #next = :after',
                ConditionExpression: '#next = :next OR (attribute_not_exists(pk) AND :next = :one)',
                ExpressionAttributeNames: { '#next': 'next' },
                ExpressionAttributeValues: {
                  ':next': { N: String(next) },
                  ':after': { N: String(next + 1) },
                  ':one': { N: '1' },
                },
              },
            },
            put({ ...primaryKey(`plain#${name}#${number}`, 'CLAIM'), ...toItem({ invoiceId: id }) }),
            put(toHead(invoice)),
            ...toBody(invoice).map(put),
            put({ ...primaryKey(`plain#${id}`, 'AUDIT'), ...toItem({ ...auditEntry('issued', 'bench', invoice) }) }),
          ],
        }),
      );
      return lost;
    } catch {
      // Full jitter, as in our own connection.
      await pause(slowdown * Math.random() * Math.min(1_000, 20 * 2 ** lost));
    }
  }
}

interface Figures {
  rate: number;
  p99: number;
  lost: number;
  writeUnits: number;
  /** Calls that the machine answered later than DynamoDB would: many of them, and the figures say nothing. */
  overdue: number;
}

async function measure(
  name: string,
  writers: number,
  make: (series: string) => Promise<number>,
  size = 1,
): Promise<Figures> {
  await proxy.takeCounts();
  const took: number[] = [];
  let lost = 0;
  const until = performance.now() + seconds * 1_000;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (performance.now() < until) {
        const begun = performance.now();
        lost += await make(name);
        const milliseconds = performance.now() - begun;
        for (let made = 0; made < size; made++) took.push(milliseconds);
      }
    }),
  );
  const elapsed = performance.now() - started;
  const { writeUnits, overdue } = await proxy.takeCounts();
  took.sort((a, b) => a - b);
  return {
    rate: (slowdown * took.length * 1_000) / elapsed,
    p99: (took[Math.floor(took.length * 0.99)] ?? 0) / slowdown,
    lost: lost / took.length,
    writeUnits: writeUnits / took.length,
    overdue,
  };
}

const row = (name: string, { rate, p99, lost, writeUnits, overdue }: Figures) =>
  `${name.padEnd(18)} ${rate.toFixed(0).padStart(6)}/s   p99 ${p99.toFixed(0).padStart(6)} ms   lost ${lost.toFixed(1).padStart(5)}   ${writeUnits.toFixed(1).padStart(5)} write units   ${overdue} overdue`;

console.log(`Numbering one series, 10-line invoices, ${seconds} s each`);
// Code that runs for the first time is compiled first: not what a busy series meets.
for (const make of [byReadAndAdvance, byTicket, inBatches]) await measure(`WARMUP-${make.name}`, 8, make);
for (const writers of [1, 8, 64]) {
  const plain = await measure(`PLAIN${writers}`, writers, byReadAndAdvance);
  const ticket = await measure(`TICKET${writers}`, writers, byTicket);
  console.log(`\n${writers} writer${writers === 1 ? '' : 's'}`);
  console.log(row('read and advance', plain));
  console.log(row('ticket', ticket));
  console.log(`ratio              ${(ticket.rate / plain.rate).toFixed(1).padStart(6)}`);
}
console.log(`\nConsumers with batches of ${batch.size}`);
for (const consumers of [1, batch.concurrency]) {
  const ticket = await measure(`SINGLE${consumers}`, consumers, byTicket);
  const group = await measure(`GROUP${consumers}`, consumers, inBatches, batch.size);
  console.log(`\n${consumers} consumer${consumers === 1 ? '' : 's'}`);
  console.log(row('one by one', ticket));
  console.log(row('group commit', group));
  console.log(`ratio              ${(group.rate / ticket.rate).toFixed(1).padStart(6)}`);
}
client.destroy();
await proxy.stop();
await engine.stop();
