/** Bodies and answers at the limit of what Lambda takes, over HTTP: refused before anything is stored, or answered whole. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalStack, startLocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
let headers: Record<string, string>;

beforeAll(async () => {
  stack = await startLocalStack();
  headers = { 'X-Api-Key': stack.demo.tenants[0]?.keys.full as string, 'Content-Type': 'application/json' };
}, 90_000);
afterAll(() => stack?.child.kill());

const buyer = { name: 'Käufer AG', address: { street: 'Ring 1', city: 'Wien', postal_code: '1010', country: 'AT' } };
const item = { name: 'Work', quantity: 1, unit_code: 'HUR', price: 100, tax_category: 'S', tax_rate: 19 };

async function call(method: string, path: string, body?: object) {
  const url = `${stack.demo.apis.invoices}${path}`;
  const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return { status: response.status, body: JSON.parse(await response.text()) };
}
const create = (more: object) => call('POST', '/invoices', { calculate_totals: true, buyer, items: [item], ...more });
const attached = (characters: number) => ({
  attachments: [{ filename: 'a.pdf', mime_type: 'application/pdf', data: 'AAAA'.repeat(characters / 4) }],
});
/** Short lines of quotes are what grows most on the way: each line gets members, each quote two strokes more. */
const name = '"'.repeat(45);
const many = { items: Array.from({ length: 24_000 }, () => ({ name, quantity: 1, price: 1 })) };

it('an attachment as large as a body may be is kept, and read again', async () => {
  const { status, body } = await create(attached(5_000_000));
  expect(status, JSON.stringify(body).slice(0, 300)).toBe(201);
  const read = await call('GET', `/invoices/${body.data.id}`);
  expect(read.status).toBe(200);
  expect(read.body.data.ubl_json.attachments[0].data).toHaveLength(5_000_000);
  const finalized = await call('POST', `/invoices/${body.data.id}/finalize`);
  expect(finalized.status, JSON.stringify(finalized.body).slice(0, 300)).toBe(200);
});

it('what would make too large an answer is refused, and nothing is stored', async () => {
  const refused = await create({ ...many, external_reference: 'large' });
  expect([refused.status, refused.body.code]).toEqual([413, 'answer_too_large']);
  expect(refused.body.message).toMatch(/would have \d+ bytes and may have 5767168/);
  expect((await call('GET', '/invoices?external_reference=large')).body.data).toEqual([]);
  const { body } = await create({ external_reference: 'large' });
  const changed = await call('PATCH', `/invoices/${body.data.id}`, many);
  expect([changed.status, changed.body.code]).toEqual([413, 'answer_too_large']);
  expect((await call('GET', `/invoices/${body.data.id}`)).body.data.ubl_json.items).toHaveLength(1);
});

it('an issue whose answer would be too large takes no number', async () => {
  const audit = async () =>
    (await call('GET', `/number-series/${stack.demo.tenants[0]?.series[0]}/audit`)).body.data.count;
  const before = await audit();
  const response = await fetch(`${stack.demo.apis.erp}/api/invoice/invoices`, {
    method: 'POST',
    headers: { 'x-session-token': headers['X-Api-Key'] as string, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      invoice: {
        accounting_type: { name: 'Rechnung', type: 'invoice' },
        payment_goal: { date_string: '+14 days' },
        items: Array.from({ length: 11_000 }, () => ({
          name: name.repeat(2),
          unit: 'Stück',
          quantity: 1,
          price: 1,
          tax: { name: '19 %', value: 0.19 },
        })),
        buyer: { name: 'B', address_street: 'S', address_zip: '1010', address_city: 'Wien', address_country: 'AT' },
      },
    }),
  });
  expect([response.status, ((await response.json()) as { message: string }).message]).toEqual([
    413,
    expect.stringContaining('would have'),
  ]);
  expect(await audit()).toBe(before);
});

it('a page of large invoices ends before it is too large, and the next one goes on', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 3; index++)
    ids.push((await create({ ...attached(2_000_000), header: { currency: 'CHF' } })).body.data.id);
  const found: string[] = [];
  let cursor: string | null = '';
  for (let page = 0; cursor !== null; page++) {
    const { status, body } = await call('GET', `/invoices?currency=CHF${cursor && `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    expect(body.data.length).toBeLessThan(3);
    found.push(...body.data.map(({ id }: { id: string }) => id));
    cursor = body.next_cursor;
    expect(page).toBeLessThan(5);
  }
  expect(found.sort()).toEqual(ids.sort());
});
