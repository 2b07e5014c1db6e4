/** Sending over HTTP, to the folder that stands for the mail service. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { issuable } from '../../contracts/invoices/client.ts';
import { type LocalStack, startLocalStack } from '../../support/local-stack.ts';
import { publish } from '../../support/other-system.ts';

let stack: LocalStack;
let outbox: string;

beforeAll(async () => {
  stack = await startLocalStack();
  outbox = join(stack.folder, 'outbox');
}, 120_000);
afterAll(() => stack.child.kill());

async function call(path: string, body: unknown, key: 'full' | 'test' = 'full') {
  const response = await fetch(`${stack.demo.apis.invoices}${path}`, {
    method: 'POST',
    headers: { 'X-Api-Key': stack.demo.tenants[0]?.keys[key] as string, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: JSON of several forms
  return { status: response.status, body: (await response.json()) as any };
}

const buyer = (email?: string) => ({ ...issuable.buyer, ...(email && { contact: { email } }) });

async function created(email?: string, key: 'full' | 'test' = 'full'): Promise<string> {
  const { status, body } = await call('/invoices', { ...issuable, buyer: buyer(email) }, key);
  expect(status, JSON.stringify(body)).toBe(201);
  return body.data.id;
}

const send = async (id: string, body: object = {}, key: 'full' | 'test' = 'full') => {
  const answer = await call(`/invoices/${id}/send`, body, key);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.data;
};

/** The messages so far, oldest first. */
function messages() {
  const folders = readdirSync(outbox, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map(({ name }) => name)
    .sort()
    .map((name) => ({
      message: readFileSync(join(outbox, name, 'message.eml'), 'utf8'),
      files: readdirSync(join(outbox, name)).filter((file) => file !== 'message.eml'),
      read: (file: string) => readFileSync(join(outbox, name, file), 'utf8'),
    }));
}

describe('sending', () => {
  it('mails the document to the buyer', async () => {
    const sent = await send(await created('buyer@them.example'), { network: 'email' });
    expect(sent).toMatchObject({
      state: 'sent',
      delivery_network_id: 'email',
      metadata_json: { sent_to: 'buyer@them.example' },
    });
    const number = sent.ubl_json.header.invoice_number;
    const mail = messages().at(-1);
    expect(mail?.message).toContain('To: buyer@them.example\r\n');
    expect(mail?.message).toContain('<invoices@demo.example>\r\n');
    expect(mail?.files).toEqual([`${number}.html`]);
    const document = mail?.read(`${number}.html`);
    expect(document).toContain(`<h1>Rechnung ${number}</h1>`);
    expect(document).toContain('119,00 EUR');
  });

  it('fails without an address and is sent to one that is given, under the same number', async () => {
    const id = await created();
    const failed = await send(id);
    expect(failed).toMatchObject({
      state: 'failed',
      delivery_network_id: 'email',
      metadata_json: { delivery_error: expect.stringContaining('"to"') },
    });
    const sent = await send(id, { to: 'other@them.example' });
    expect(sent).toMatchObject({ state: 'sent', metadata_json: { sent_to: 'other@them.example' } });
    expect(sent.metadata_json.delivery_error).toBeUndefined();
    expect(sent.ubl_json.header.invoice_number).toBe(failed.ubl_json.header.invoice_number);
  });

  it('records what the mail service refuses, and may be tried again', async () => {
    const id = await created('buyer@them.example');
    rmSync(outbox, { recursive: true });
    writeFileSync(outbox, 'no folder');
    const failed = await send(id);
    expect(failed).toMatchObject({
      state: 'failed',
      delivery_network_id: 'email',
      metadata_json: { delivery_error: expect.stringContaining('InternalServerError') },
    });
    rmSync(outbox);
    mkdirSync(outbox);
    const sent = await send(id);
    expect(sent).toMatchObject({ state: 'sent', delivery_network_id: 'email' });
    expect(sent.ubl_json.header.invoice_number).toBe(failed.ubl_json.header.invoice_number);
    expect(messages()).toHaveLength(1);
  });

  it('writes to nobody by itself when testing', async () => {
    const before = messages().length;
    expect(await send(await created('buyer@them.example', 'test'), {}, 'test')).toMatchObject({
      state: 'sent',
      delivery_network_id: null,
    });
    expect(messages()).toHaveLength(before);
    const id = await created('buyer@them.example', 'test');
    expect((await send(id, { to: 'me@us.example' }, 'test')).delivery_network_id).toBe('email');
    expect(messages().at(-1)?.message).toContain('To: me@us.example\r\n');
  });

  it('mails to whom an event says that it be sent', async () => {
    const to = 'shop.customer@them.example';
    await publish(stack, [{ contract: 'invoices', send: true, body: { ...issuable, buyer: buyer(to) } }]);
    await vi.waitUntil(() => messages().some(({ message }) => message.includes(`To: ${to}\r\n`)), { timeout: 20_000 });
  });

  it.each(['peppol', 'ksef'])('refuses %s and leaves the draft alone', async (network) => {
    const { status, body } = await call(`/invoices/${await created()}/send`, { network });
    expect(status).toBe(422);
    expect(body.faults).toMatchObject([{ code: 'not_supported', field: 'network' }]);
  });

  it('refuses an address that is none', async () => {
    expect((await call(`/invoices/${await created()}/send`, { to: 'nobody' })).status).toBe(422);
  });
});
