/** The scheduled function against a server that publishes, and a real table that keeps. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { exchangeRateStore } from '../../lib/dynamo/rates.ts';
import { exchangeRatesTask } from '../../lib/lambda/exchange-rates.ts';
import { dailyRates } from '../support/ecb.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';

let engine: Engine;
let server: Server;
let url: string;
let published: { status: number; body: string };

beforeAll(async () => {
  engine = await startEngine();
  server = createServer((_, response) => {
    response.writeHead(published.status, { 'Content-Type': 'text/xml' }).end(published.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/eurofxref-daily.xml`;
});
afterAll(async () => {
  server.close();
  await engine.stop();
});

let tables = 0;
let store: ReturnType<typeof exchangeRateStore>;
beforeEach(async () => {
  const table = `rates-${++tables}`;
  await createTable(engine.endpoint, table);
  store = exchangeRateStore(connect(clientOf(engine.endpoint), table));
});

const run = (now: string, address = url) =>
  exchangeRatesTask({ url: address, put: store.putExchangeRates, now: () => now })();
const publish = (body: string, status = 200) => {
  published = { status, body };
};
const at = (day: string) => `${day}T16:30:00.000Z`;

describe('the published rates', () => {
  it('become history, however often the same day is fetched', async () => {
    publish(dailyRates('2026-07-23', { USD: '1.1300' }));
    await run(at('2026-07-23'));
    publish(dailyRates('2026-07-24', { USD: '1.1412', JPY: '163.27' }));
    expect(await run(at('2026-07-24'))).toEqual({ newest: '2026-07-24', days: 1 });
    expect(await run(at('2026-07-24'))).toEqual({ newest: '2026-07-24', days: 1 });
    expect(await store.exchangeRates('2026-07-23')).toMatchObject({ rates: { USD: '1.13' } });
    expect(await store.exchangeRates('2026-07-26')).toEqual({
      date: '2026-07-24',
      source: 'ECB',
      rates: { USD: '1.1412', JPY: '163.27' },
    });
  });

  it('may be some days old, because banks have holidays', async () => {
    publish(dailyRates('2026-12-24', { USD: '1.1' }));
    await expect(run(at('2026-12-31'))).resolves.toMatchObject({ newest: '2026-12-24' });
  });
});

describe('nothing is kept, and the function fails,', () => {
  const whole = dailyRates('2026-07-24', { USD: '1.1', JPY: '160' });

  it.each([
    ['when the address answers with an error', whole, 503],
    ['when the document is empty', '', 200],
    ['when the document is cut off', whole.slice(0, -40), 200],
    ['when one rate of many is bad', whole.replace('160', '-160'), 200],
    ['when the rates are of the future', dailyRates('2026-07-25', { USD: '1.1' }), 200],
    ['when the rates have stood still for more than a week', dailyRates('2026-07-16', { USD: '1.1' }), 200],
  ])('%s', async (_, body, status) => {
    publish(body, status);
    await expect(run(at('2026-07-24'))).rejects.toThrow();
    expect(await store.exchangeRates('9999-12-31')).toBeUndefined();
  });

  it('when nobody answers', async () => {
    await expect(run(at('2026-07-24'), 'http://127.0.0.1:1/')).rejects.toThrow();
  });
});
