/** The local stack as other systems see it: events in by the SDK, invoices and rejections out by HTTP. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../support/local-stack.ts';
import {
  ask,
  enqueue,
  envelope,
  everything,
  feed,
  publish as publishAll,
  receiver,
  waiting,
} from '../../support/other-system.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack();
}, 120_000);
afterAll(() => {
  stack?.child.kill('SIGTERM');
});

const company = () => {
  const [first] = stack.demo.tenants;
  if (!first) throw new Error('The demo has no company.');
  return first;
};

const get = async (path: string) => {
  const answer = await fetch(stack.demo.apis.invoices + path, { headers: { 'X-Api-Key': company().keys.full } });
  return JSON.parse(await answer.text()).data;
};

const invoicesOf = (reference: string) => get(`/invoices?external_reference=${reference}`);

const publish = (...details: object[]) => publishAll(stack, details);

const body = {
  calculate_totals: true,
  buyer: { name: 'Havel Kontor AG', address: { city: 'Potsdam', country: 'DE' } },
  items: [{ name: 'Lamp', quantity: 1, price: 4_900, unit_code: 'C62', tax_category: 'S', tax_rate: 19 }],
};

const script = (name: string, ...args: string[]) =>
  run(process.execPath, [join(root, name), ...args], { env: { ...process.env, DATA_DIR: stack.folder } });

describe('an order that is published', () => {
  it('becomes an invoice in every contract that creates invoices', async () => {
    const { reference } = company();
    const bodies: Record<string, object> = {
      invoices: body,
      erp: { invoice: { accounting_type: { name: 'Rechnung', type: 'invoice' } } },
      projects: { value: 1000.5, issue_date: '2026-11-20', project_id: reference.project_id },
      bookkeeping: {
        discount: { type: 'FIXED', value: 0 },
        invoiceDate: '2026-11-20T10:00:00Z',
        dueDate: '2026-12-20T10:00:00Z',
        lineItems: [],
        note: '',
        counterParty: reference.counterparty_id,
        invoiceId: 'INCREMENTAL',
        currency: 'EUR',
      },
    };
    await publish(
      ...Object.entries(bodies).map(([contract, body]) => ({
        contract,
        external_reference: contract,
        send: true,
        body,
      })),
    );
    for (const contract of Object.keys(bodies)) {
      await expect
        .poll(async () => (await invoicesOf(contract))[0]?.state ?? (await get('/event-rejections')), {
          timeout: 15_000,
        })
        .toBe('sent');
    }
  });

  it('is one invoice, though it comes three times, and what cannot be invoiced is a rejection', async () => {
    const order = { contract: 'invoices', external_reference: 'thrice', finalize: true, body };
    await publish(order, order, { ...order, external_reference: 'wrong', body: { ...body, items: [] } }, order);
    await expect.poll(() => invoicesOf('thrice'), { timeout: 15_000 }).toHaveLength(1);
    await expect
      .poll(() => get('/event-rejections'), { timeout: 15_000 })
      .toMatchObject([{ external_reference: 'wrong', code: 'validation_failed', faults: [{ field: 'items' }] }]);
    expect(await get('/number-series/INV/audit')).toMatchObject({ gaps: [], duplicates: [], open_tickets: 0 });
  });

  it('is shown by npm run order', async () => {
    const { stdout } = await script('infra/local/order.ts', 'shown');
    expect(JSON.parse(stdout)).toMatchObject({ metadata_json: { external_reference: 'shown' } });
  });
});

describe('npm run', () => {
  it('sources adds, lists and removes', async () => {
    const name = ['--source', 'shop', '--account', '123456789012'];
    await script('infra/sources.ts', 'add', ...name, '--tenant', company().tenant_id);
    expect((await script('infra/sources.ts', 'list')).stdout).toContain(`shop  ${company().tenant_id}  live`);
    await script('infra/sources.ts', 'remove', ...name);
    expect((await script('infra/sources.ts', 'list')).stdout).not.toContain('shop ');
    await expect(script('infra/sources.ts', 'add', ...name, '--tenant', 'none')).rejects.toThrow('no tenant');
  });

  it('redrive sends dead letters back, whatever their kind: an order gets its invoice', async () => {
    const { dead_letters } = stack.demo.events;
    const order = envelope(stack, 'letter', { contract: 'invoices', external_reference: 'redriven', body });
    await enqueue(stack, dead_letters, [order]);
    expect((await script('infra/redrive.ts')).stdout).toBe('1 message sent back.\n');
    await expect.poll(() => invoicesOf('redriven'), { timeout: 15_000 }).toHaveLength(1);
    expect(await waiting(stack, dead_letters)).toBe(0);
  });

  it('redrive webhooks takes events to them that had been given up, each once', async () => {
    const { url, heard, stop } = await receiver();
    const { data: webhook } = await ask<{ data: { id: string } }>(stack, '/webhooks', { url });
    const letters = (await feed(stack)).slice(0, 2).map((detail) => JSON.stringify({ detail }));
    await enqueue(stack, stack.demo.webhooks.dead_letters, [...letters, ...letters]);
    expect((await script('infra/redrive.ts', 'webhooks')).stdout).toBe('4 messages sent back.\n');
    await expect.poll(() => heard, { timeout: 15_000 }).toHaveLength(2);
    await expect
      .poll(() => everything(stack, `/webhooks/${webhook.id}/deliveries`), { timeout: 15_000 })
      .toMatchObject([
        { state: 'delivered', attempts: 1 },
        { state: 'delivered', attempts: 1 },
      ]);
    expect(await waiting(stack, stack.demo.webhooks.dead_letters)).toBe(0);
    stop();
  });

  it('redrive of anything else says what there is', async () => {
    await expect(script('infra/redrive.ts', 'letters')).rejects.toThrow('[requests|webhooks]');
  });
});

it('what waits while the stack is down is invoiced once it is up again', async () => {
  const orders = Array.from({ length: 10 }, (_, index) => ({
    contract: 'invoices',
    external_reference: `late-${index}`,
    finalize: true,
    body,
  }));
  await publish(...orders);
  stack.child.kill('SIGTERM');
  await once(stack.child, 'exit');
  stack = await startLocalStack({ DATA_DIR: stack.folder });
  for (const { external_reference } of orders) {
    await expect.poll(() => invoicesOf(external_reference), { timeout: 20_000 }).toHaveLength(1);
  }
}, 60_000);
