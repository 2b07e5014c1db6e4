/** The promises over real HTTP: two gateways over one table, many writers on one series, and one gateway that dies. */
import type { ChildProcess } from 'node:child_process';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../support/engine.ts';
import { startLocalStack } from '../../support/local-stack.ts';

const writers = 64;
const each = 3;

interface Gateway {
  child: ChildProcess;
  url: string;
  key: string;
}

let engine: Engine;
const gateways: Gateway[] = [];

async function startGateway(): Promise<Gateway> {
  const { child, demo } = await startLocalStack({
    DYNAMODB_ENDPOINT: engine.endpoint,
    TABLE_NAME: 'cluster',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  return { child, url: demo.apis.invoices as string, key: demo.tenants[0]?.keys.full as string };
}

beforeAll(async () => {
  engine = await startEngine();
  gateways.push(...(await Promise.all([startGateway(), startGateway()])));
}, 120_000);

afterAll(async () => {
  for (const { child } of gateways) child.kill('SIGKILL');
  await engine.stop();
});

const agent = new Agent({ keepAlive: true });

function call(url: string, key: string, operation: string, body?: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          'X-Api-Key': key,
          'Idempotency-Key': operation,
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body ?? ''),
        },
      },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
        answer.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const body = JSON.stringify({
  calculate_totals: true,
  buyer: { name: 'Buyer', address: { city: 'Wien', country: 'AT' } },
  items: [{ name: 'Work', price: 10_000, quantity: 1, unit_code: 'HUR', tax_rate: 19, tax_category: 'S' }],
});

it('numbers without gap or double while a gateway is killed', { timeout: 120_000 }, async () => {
  const key = gateways[0]?.key as string;
  let done = 0;

  /** Asks a gateway, another one when that fails, always with the same key. */
  async function ask(writer: number, path: string, operation: string, content?: string) {
    for (let attempt = writer; ; attempt++) {
      const { url } = gateways[attempt % gateways.length] as Gateway;
      const answer = await call(`${url}${path}`, key, operation, content).catch(() => undefined);
      if (answer && answer.status < 500 && answer.status !== 409) return answer;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  const numbers: string[] = [];
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let round = 0; round < each; round++) {
        const created = await ask(writer, '/invoices', `create-${writer}-${round}`, body);
        expect(created.status, created.body).toBe(201);
        const { id } = JSON.parse(created.body).data;
        const finalized = await ask(writer, `/invoices/${id}/finalize`, `finalize-${writer}-${round}`);
        expect(finalized.status, finalized.body).toBe(200);
        numbers.push(JSON.parse(finalized.body).data.ubl_json.header.invoice_number);
        if (++done === (writers * each) / 3) gateways[1]?.child.kill('SIGKILL');
      }
    }),
  );

  const ordinals = numbers.map((number) => Number(number.split('-')[2])).sort((a, b) => a - b);
  expect(ordinals).toEqual(Array.from({ length: writers * each }, (_, index) => index + 1));
});
