/** Wires the core to AWS. The only file that reads the environment. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { type Connection, clientOptions, connect } from './dynamo/connection.ts';
import { directory } from './dynamo/directory.ts';
import { type EventSources, eventSources } from './dynamo/event-sources.ts';
import { evidence } from './dynamo/evidence.ts';
import { outbox } from './dynamo/outbox.ts';
import { type CountRequest, rateWindows } from './dynamo/rate-windows.ts';
import { exchangeRateStore } from './dynamo/rates.ts';
import { dynamoStore, inGroups, type Writers } from './dynamo/store.ts';
import { webhookStore } from './dynamo/webhooks.ts';
import type { Deliver } from './invoice/delivery.ts';
import type { ExchangeRates } from './invoice/exchange-rates.ts';
import { idLease } from './invoice/identity.ts';
import { createInvoices, type Invoices } from './invoice/invoices.ts';
import type { Scope } from './invoice/model.ts';
import type { SeriesCounter } from './invoice/store.ts';

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Opens connections to the table that the environment names. One client, so that its sockets are shared. */
export function liveTable(): () => Connection {
  const table = process.env.TABLE_NAME;
  if (!table) throw new Error('TABLE_NAME is not set.');
  // Our own retries know what may be repeated; without `throwOnRequestTimeout` a call that hangs would hang for ever.
  const client = new DynamoDBClient({
    ...clientOptions,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_500, throwOnRequestTimeout: true },
  });
  return () => connect(client, table);
}

/** Whose JWTs are accepted; by default nobody's. */
export function liveTokenIssuer() {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_JWKS_URI: jwksUri } = process.env;
  if (!issuer && !audience && !jwksUri) return undefined;
  if (!issuer || !audience || !jwksUri) throw new Error('Set JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URI, or none.');
  return { issuer, audience, jwksUri };
}

/**
 * Uses the table once while the function starts, when its processor is not throttled: the first request then finds an open
 * connection. A table that does not answer within a second is the first request's problem.
 */
export async function primed(read: () => Promise<unknown>): Promise<void> {
  await Promise.race([read().catch(() => undefined), pause(1_000)]);
}

/** Nothing is configured to deliver: the company hands its invoices over itself, and that is what is recorded. */
const handOver: Deliver = async (_, { to }) =>
  to === undefined
    ? { sent: true }
    : { sent: false, network: 'email', reason: 'This installation sends no e-mail; send again without "to".' };

/**
 * Delivers by e-mail when the environment names the address to send from.
 * @param load imports the adapter when the first invoice is sent. Said by the function that sends, so that no other has it.
 */
export function liveDelivery(load: () => Promise<{ emailDelivery(from: string): Deliver }>): Deliver {
  const { MAIL_FROM: from } = process.env;
  if (!from) return handOver;
  let loading: Promise<Deliver> | undefined;
  return async (invoice, options) => {
    loading ??= load().then(({ emailDelivery }) => emailDelivery(from));
    return (await loading)(invoice, options);
  };
}

/** On AWS, this machine is nobody's: webhooks may lead to it only where the local stack says so. */
const loopbackAllowed = (): boolean => process.env.WEBHOOKS_ALLOW_LOOPBACK === 'true';

/** What makes the invoices over a connection. Ids are leased for as long as the function lives. */
function invoicesOver(
  deliver: Deliver,
  writers?: (connection: Connection) => Writers,
): (connection: Connection) => Invoices {
  const lease = idLease();
  return (connection) => {
    const store = dynamoStore(connection, writers?.(connection));
    return createInvoices({
      store,
      now: () => new Date().toISOString(),
      newId: (scope) => lease(scope, (count) => store.reserveIds(scope, count)),
      pause,
      deliver,
      allowLoopback: loopbackAllowed(),
    });
  };
}

/** Opens the invoices for one request. */
export async function liveInvoices(
  deliver = handOver,
): Promise<() => { invoices: Invoices; count: CountRequest; attempts(): number }> {
  const open = liveTable();
  const invoices = invoicesOver(deliver);
  await primed(() => dynamoStore(open()).tenant('none'));
  return () => {
    const connection = open();
    return { invoices: invoices(connection), count: rateWindows(connection), attempts: connection.attempts };
  };
}

/** Opens the invoices and the list of sources for a batch of events, whose writes are grouped. */
export async function liveEvents(
  deliver: Deliver,
): Promise<() => { invoices: Invoices; source: EventSources['find'] }> {
  const open = liveTable();
  const invoices = invoicesOver(deliver, inGroups);
  await primed(() => dynamoStore(open()).tenant('none'));
  return () => {
    const connection = open();
    return { invoices: invoices(connection), source: eventSources(connection).find };
  };
}

/** Where rates are published and where they are kept. */
export function liveExchangeRates() {
  const open = liveTable();
  return {
    url: process.env.EXCHANGE_RATES_URL ?? 'https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml',
    put: (rates: ExchangeRates) => exchangeRateStore(open()).putExchangeRates(rates),
    now: () => new Date().toISOString(),
  };
}

/** Where events wait, and the bus that they are published on. */
export function liveRelay() {
  const bus = process.env.EVENT_BUS_NAME;
  if (!bus) throw new Error('EVENT_BUS_NAME is not set.');
  const open = liveTable();
  return {
    bus,
    client: new EventBridgeClient({
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    }),
    outbox: () => outbox(open()),
    tenants: () => directory(open()).tenants(),
    now: () => new Date().toISOString(),
  };
}

/** What webhooks are told from. */
export function liveWebhooks() {
  const open = liveTable();
  return {
    allowLoopback: loopbackAllowed(),
    store: () => webhookStore(open()),
    tenants: () => directory(open()).tenants(),
    now: () => new Date().toISOString(),
  };
}

/** Whose chains are anchored, and the bucket that keeps their heads. */
export function liveAnchors() {
  const bucket = process.env.ANCHOR_BUCKET;
  if (!bucket) throw new Error('ANCHOR_BUCKET is not set.');
  const open = liveTable();
  return {
    bucket,
    // Each reading has a retry budget of its own: there may be many.
    store: {
      tenants: () => directory(open()).tenants(),
      allSeries: (scope: Scope) => directory(open()).allSeries(scope),
      chainHead: (counter: SeriesCounter) => evidence(open()).chainHead(counter),
    },
    now: () => new Date().toISOString(),
  };
}
