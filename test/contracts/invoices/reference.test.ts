/** Reference data as a client of the native API meets it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { fail } from '../../../lib/contracts/invoices/fail.ts';
import { published } from '../../../lib/contracts/invoices/names.ts';
import { referenceRoutes, writtenFields } from '../../../lib/contracts/invoices/reference.ts';
import { InvoiceError } from '../../../lib/invoice/failure.ts';
import { createInvoices } from '../../../lib/invoice/invoices.ts';
import type { Caller } from '../../../lib/invoice/model.ts';
import { isReferenceKind, kinds, type ReferenceKind } from '../../../lib/invoice/reference/kinds.ts';
import { caller, undelivered } from '../../support/fixtures.ts';
import { emptyMemory, memoryStore } from '../../support/memory-store.ts';

interface Sent {
  body?: unknown;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  key?: string;
  by?: Caller;
}

function newClient() {
  let seconds = 0;
  const invoices = createInvoices({
    store: memoryStore(emptyMemory()),
    now: () => new Date(Date.UTC(2026, 0, 1, 0, 0, ++seconds)).toISOString(),
    newId: async () => 'none',
    pause: async () => {},
    deliver: undelivered,
  });
  return async (method: string, path: string, { body, query = {}, headers = {}, key, by = caller }: Sent = {}) => {
    const [, , kind = '', id = '', action] = path.split('/');
    const shape = ['/reference/{kind}', id && '/{id}', action && `/${action}`].filter(Boolean).join('');
    const route = referenceRoutes.find((candidate) => candidate.method === method && candidate.path === shape);
    if (!route) throw new Error(`No route ${method} ${shape}`);
    const operation = key === undefined ? undefined : { id: key, fingerprint: JSON.stringify([method, path, body]) };
    const request = { params: { kind, id }, query, headers, body, caller: by, operation };
    const answer = await route.handle(request, invoices).catch((error) => {
      if (error instanceof InvoiceError) return fail(error.failure);
      throw error;
    });
    return { ...answer, json: JSON.parse(answer.body) };
  };
}

/** The least of each kind, and what of it is wrong. */
const smallest: Record<ReferenceKind, Record<string, unknown>> = {
  'business-entities': { seller: { name: 'Example GmbH' } },
  customers: { company_name: 'Buyer AG' },
  counterparties: { account_name: 'Buyer AG' },
  projects: { name: 'Website', has_job_order: false, state: 'open' },
  'budget-areas': { id: 'design', project_id: 1, name: 'Design' },
  'vat-rates': { name: '19 %', percent: 19, category: 'S' },
  'payment-terms': { name: '30 days', net_days: 30 },
  'frozen-months': { id: '2026-03', state: 'paused' },
  units: { name: 'Hour', code: 'HUR' },
  'tax-groups': { name: 'Standard', percent: 19, category: 'S' },
  products: { name: 'Consulting' },
  'stripe-connections': { name: 'Stripe', account_id: 'acct_1' },
};
const all = Object.keys(smallest) as ReferenceKind[];

let call: ReturnType<typeof newClient>;
beforeEach(() => {
  call = newClient();
});
const create = async (kind: ReferenceKind, body: unknown = smallest[kind]) =>
  (await call('POST', `/reference/${kind}`, { body })).json.data;

describe.each(all)('%s', (kind) => {
  beforeEach(async () => {
    if (kind === 'budget-areas') await create('projects');
  });

  it('are created, read, changed, archived and listed', async () => {
    const created = await call('POST', `/reference/${kind}`, { body: smallest[kind] });
    expect(created).toMatchObject({ status: 201, headers: { ETag: '"1"' } });
    const { id } = created.json.data;
    expect(created.json.data).toMatchObject({ ...smallest[kind], version: 1, archived: false });

    const path = `/reference/${kind}/${id}`;
    expect((await call('GET', path)).json).toEqual(created.json);
    const [member, value] = Object.entries(smallest[kind]).find(([name]) => name !== 'id') ?? [];
    const changed = await call('PATCH', path, { body: { [member as string]: value } });
    expect(changed).toMatchObject({ status: 200, headers: { ETag: '"2"' }, json: { data: { version: 2 } } });
    const archived = await call('POST', `${path}/archive`);
    expect(archived.json.data).toEqual({
      ...changed.json.data,
      version: 3,
      archived: true,
      updated_at: expect.any(String),
    });
    expect((await call('GET', path)).json).toEqual(archived.json);
    const list = async (query: Record<string, string>) => (await call('GET', `/reference/${kind}`, { query })).json;
    expect(await list({})).toEqual({ data: [archived.json.data], next_cursor: null });
    expect(await list({ archived: 'true' })).toMatchObject({ data: [{ id }] });
    expect(await list({ archived: 'false' })).toMatchObject({ data: [] });
  });

  it('have ids of their form', async () => {
    const { id } = await create(kind);
    expect(kinds[kind].id.field.safeParse(id).success).toBe(true);
    for (const wrong of ['', ' ', '0', '-1', '1.5', '1e3', 'x/y', 'ü', '#', '__proto__', 'a'.repeat(65), `${id} `]) {
      expect((await call('GET', `/reference/${kind}/${encodeURIComponent(wrong) || '%20'}`)).status).toBe(404);
    }
  });

  it('are closed, and every fault is named as it was written', async () => {
    const { status, json } = await call('POST', `/reference/${kind}`, {
      body: { ...smallest[kind], Other: 1, version: 7, archived: true },
    });
    expect(status).toBe(422);
    expect(Object.keys(json.errors).sort()).toEqual(['Other', 'archived', 'version']);
    const empty = await call('POST', `/reference/${kind}`, { body: {} });
    expect(empty.status).toBe(422);
    for (const field of Object.keys(empty.json.errors)) expect(field).toMatch(/^[a-z_0-9]+$/);
    for (const name of Object.keys(writtenFields[kind].shape))
      expect(published({ code: 'required', path: [name] })).toEqual([name]);
  });

  it('of another tenant or mode are unknown', async () => {
    const { id } = await create(kind);
    for (const by of [
      { ...caller, tenant: 'b'.repeat(36) },
      { ...caller, mode: 'test' as const },
    ]) {
      expect(await call('GET', `/reference/${kind}/${id}`, { by })).toMatchObject({ status: 404 });
      const changed = await call('PATCH', `/reference/${kind}/${id}`, { by, body: {} });
      const archived = await call('POST', `/reference/${kind}/${id}/archive`, { by });
      const unknown = await call('GET', '/reference/units/0d9c3f8e-5a41-4c0e-9b1a-6f2e7d8c9b0a', { by });
      expect([changed.body, archived.body]).toEqual([unknown.body, unknown.body]);
      expect((await call('GET', `/reference/${kind}`, { by })).json.data).toEqual([]);
    }
    expect((await call('GET', `/reference/${kind}/${id}`)).json.data.version).toBe(1);
  });
});

it('a kind that is none is no path', async () => {
  for (const kind of ['nothing', 'constructor', '__proto__', 'Units', '']) {
    expect(isReferenceKind(kind)).toBe(false);
    expect(await call('GET', `/reference/${kind}`)).toMatchObject({ status: 404, json: { code: 'not_found' } });
    expect(await call('POST', `/reference/${kind}`, { body: {} })).toMatchObject({ status: 404 });
  }
});

describe('a change', () => {
  it('leaves what it does not name, removes with null and reaches into objects', async () => {
    const { id } = await create('customers', {
      company_name: 'Buyer AG',
      email: 'a@b.example',
      address: { street: 'Ring 1', city: 'Wien', country: 'at' },
    });
    const body = { email: null, due_days: 10, address: { city: 'Graz', street: null } };
    const { json } = await call('PATCH', `/reference/customers/${id}`, { body });
    expect(json.data).toEqual({
      id,
      version: 2,
      archived: false,
      created_at: expect.any(String),
      updated_at: expect.any(String),
      company_name: 'Buyer AG',
      due_days: 10,
      address: { city: 'Graz', country: 'AT' },
    });
  });

  it('is refused as a whole when the result would be wrong', async () => {
    const { id } = await create('vat-rates');
    const path = `/reference/vat-rates/${id}`;
    const { status, json } = await call('PATCH', path, { body: { name: null, percent: 101 } });
    expect(status).toBe(422);
    expect(Object.keys(json.errors).sort()).toEqual(['name', 'percent']);
    expect((await call('PATCH', path, { body: { id: 9 } })).json.errors).toHaveProperty('id');
    expect((await call('GET', path)).json.data.version).toBe(1);
  });

  it('with If-Match is made from that version only', async () => {
    const { id } = await create('units');
    const path = `/reference/units/${id}`;
    const change = (tag: string) => call('PATCH', path, { body: { name: 'Std' }, headers: { 'if-match': tag } });
    expect(await change('"2"')).toMatchObject({ status: 412, json: { code: 'version_mismatch' } });
    expect(await change('"1"')).toMatchObject({ status: 200 });
    expect(await change('"1"')).toMatchObject({ status: 412 });
    expect(await change('x')).toMatchObject({ status: 400, json: { faults: [{ in: 'header' }] } });
    const archive = (tag: string) => call('POST', `${path}/archive`, { headers: { 'if-match': tag } });
    expect(await archive('"1"')).toMatchObject({ status: 412 });
    expect(await archive('"2"')).toMatchObject({ status: 200 });
  });

  it('without If-Match loses nothing when many come at once', async () => {
    const { id } = await create('counterparties');
    const members = ['phone', 'email', 'account_number', 'type'];
    const values = { phone: '1', email: 'a@b.example', account_number: '2', type: 'both' };
    await Promise.all(
      members.map((name) =>
        call('PATCH', `/reference/counterparties/${id}`, { body: { [name]: values[name as keyof typeof values] } }),
      ),
    );
    expect((await call('GET', `/reference/counterparties/${id}`)).json.data).toMatchObject({ ...values, version: 5 });
  });
});

describe('an Idempotency-Key', () => {
  it('creates once and answers alike', async () => {
    const send = () => call('POST', '/reference/units', { body: smallest.units, key: 'k1' });
    const [first, second] = await Promise.all([send(), send()]);
    expect(second.body).toBe(first.body);
    expect([first.replayed, second.replayed].filter(Boolean)).toHaveLength(1);
    expect((await call('GET', '/reference/units')).json.data).toHaveLength(1);
  });

  it('changes once, even from a version that it went past itself', async () => {
    const { id } = await create('units');
    const change = () =>
      call('PATCH', `/reference/units/${id}`, { body: { name: 'Std' }, headers: { 'if-match': '"1"' }, key: 'k4' });
    const [first, ...others] = await Promise.all([change(), change(), change()]);
    for (const other of [...others, await change()]) expect(other.body).toBe(first.body);
    expect(first).toMatchObject({ status: 200, json: { data: { version: 2 } } });
  });

  it('changes once, and stands for nothing else', async () => {
    const { id } = await create('units');
    const path = `/reference/units/${id}`;
    const change = (name: string) => call('PATCH', path, { body: { name }, key: 'k2' });
    const first = await change('Std');
    expect(await change('Std')).toMatchObject({ body: first.body, replayed: true });
    expect(await change('h')).toMatchObject({ status: 422, json: { code: 'idempotency_key_reused' } });
    expect((await call('POST', `${path}/archive`, { key: 'k2' })).status).toBe(422);
    expect((await call('GET', path)).json.data).toMatchObject({ name: 'Std', version: 2, archived: false });
  });

  it('is not used up by a request that was refused', async () => {
    expect(await call('POST', '/reference/units', { body: {}, key: 'k3' })).toMatchObject({ status: 422 });
    expect(await call('POST', '/reference/units', { body: smallest.units, key: 'k3' })).toMatchObject({ status: 201 });
  });
});

describe('a list', () => {
  const page = async (query: Record<string, string>) => {
    const { status, json } = await call('GET', '/reference/payment-terms', { query });
    return { status, ids: json.data?.map(({ id }: { id: number }) => id), cursor: json.next_cursor, json };
  };
  beforeEach(async () => {
    for (let count = 0; count < 12; count++) await create('payment-terms');
    await call('POST', '/reference/payment-terms/3/archive');
  });

  it('goes on where it ended', async () => {
    const first = await page({ limit: '5' });
    expect(first.ids).toEqual([1, 2, 3, 4, 5]);
    const second = await page({ limit: '6', cursor: first.cursor });
    expect(second.ids).toEqual([6, 7, 8, 9, 10, 11]);
    expect(await page({ limit: '6', cursor: second.cursor })).toMatchObject({ ids: [12], cursor: null });
    expect(await page({ limit: '12' })).toMatchObject({ cursor: null });
  });

  it('takes a cursor for the same list, filter, tenant and mode only', async () => {
    const { cursor } = await page({ limit: '2', archived: 'false' });
    expect((await page({ limit: '2', archived: 'false', cursor })).ids).toEqual([4, 5]);
    const refused = { status: 400, json: { faults: [{ in: 'query', field: 'cursor', code: 'invalid_cursor' }] } };
    expect(await page({ cursor })).toMatchObject(refused);
    expect(await page({ archived: 'true', cursor })).toMatchObject(refused);
    expect(await page({ archived: 'false', cursor: `${cursor.slice(0, -1)}_` })).toMatchObject(refused);
    const query = { archived: 'false', cursor };
    expect(await call('GET', '/reference/projects', { query })).toMatchObject(refused);
    for (const by of [
      { ...caller, tenant: 'b'.repeat(36) },
      { ...caller, mode: 'test' as const },
    ]) {
      expect(await call('GET', '/reference/payment-terms', { query, by })).toMatchObject(refused);
    }
  });

  it.each<Record<string, string>>([
    { limit: '0' },
    { limit: '101' },
    { limit: '1.5' },
    { limit: 'x' },
    { archived: 'yes' },
  ])('is not asked for with %o', async (query) => expect(await page(query)).toMatchObject({ status: 400 }));
});

describe('an entry that names another', () => {
  it('names one that is there, of the same tenant', async () => {
    const body = { project_id: 1, name: 'Design', id: 'design' };
    const refused = { status: 422, json: { faults: [{ field: 'project_id', code: 'unknown_reference', given: 1 }] } };
    expect(await call('POST', '/reference/budget-areas', { body })).toMatchObject(refused);
    await call('POST', '/reference/projects', { body: smallest.projects, by: { ...caller, mode: 'test' } });
    expect(await call('POST', '/reference/budget-areas', { body })).toMatchObject(refused);
    await create('projects');
    expect(await call('POST', '/reference/budget-areas', { body })).toMatchObject({ status: 201 });
    expect(await call('POST', '/reference/budget-areas', { body })).toMatchObject({
      status: 409,
      json: { code: 'id_taken' },
    });
    const moved = await call('PATCH', '/reference/budget-areas/design', { body: { project_id: 2 } });
    expect(moved).toMatchObject({ status: 422, json: { errors: { project_id: [expect.any(String)] } } });
  });

  it('may be kept when what it names was archived', async () => {
    await create('projects');
    await create('budget-areas');
    await call('POST', '/reference/projects/1/archive');
    expect(await call('PATCH', '/reference/budget-areas/design', { body: { name: 'D' } })).toMatchObject({
      status: 200,
    });
  });

  it('is found by its id in either letter case', async () => {
    const { id } = await create('units');
    expect((await call('GET', `/reference/units/${id.toUpperCase()}`)).json.data.id).toBe(id);
    const product = await create('products', { name: 'Work', unit_id: id.toUpperCase() });
    expect(product.unit_id).toBe(id);
  });
});

describe('limits of fields', () => {
  const faults = async (kind: ReferenceKind, body: object) => {
    const { json } = await call('POST', `/reference/${kind}`, { body: { ...smallest[kind], ...body } });
    return (json.faults ?? []).map(({ field, code }: { field: string; code: string }) => `${field} ${code}`);
  };

  it.each([
    ['units', { name: 'ä'.repeat(255), code: 'C62' }, []],
    ['units', { name: 'ä'.repeat(256) }, ['name too_long']],
    ['units', { name: '' }, ['name too_small']],
    ['units', { code: 'hour' }, ['code invalid_format']],
    ['units', { code: null }, ['code invalid_type']],
    ['vat-rates', { percent: 0, category: 'S' }, ['percent contradicts_category']],
    ['vat-rates', { percent: 7, category: 'Z' }, ['percent contradicts_category']],
    ['vat-rates', { percent: 0, category: 'Z' }, []],
    ['vat-rates', { percent: 0, category: 'E' }, ['exemption_reason contradicts_category']],
    ['vat-rates', { percent: 0, category: 'E', exemption_reason_code: 'VATEX-EU-132-1A' }, []],
    ['vat-rates', { exemption_reason: 'Why' }, ['exemption_reason contradicts_category']],
    ['vat-rates', { percent: 13.5 }, []],
    ['vat-rates', { percent: -1 }, ['percent too_small']],
    ['vat-rates', { percent: 100.0000000000001 }, ['percent imprecise_number', 'percent too_big']],
    ['vat-rates', { category: 'X' }, ['category unknown_code']],
    ['payment-terms', { net_days: 3650, end_of_month: true }, []],
    ['payment-terms', { net_days: 3651 }, ['net_days too_big']],
    ['payment-terms', { net_days: 1.5 }, ['net_days invalid_type']],
    ['frozen-months', { id: '2026-13' }, ['id invalid_id']],
    ['frozen-months', { state: 'warm' }, ['state unknown_code']],
    ['customers', { company_name: undefined }, ['company_name required']],
    ['customers', { company_name: undefined, last_name: 'Meier' }, []],
    [
      'customers',
      { currency_code: 'EURO', time_zone: 'Berlin' },
      ['currency_code unknown_code', 'time_zone unknown_code'],
    ],
    ['customers', { currency_code: 'eur', time_zone: 'Europe/Vienna' }, []],
    [
      'customers',
      { address: { country: 'XX', zip: '1' } },
      ['address.country unknown_code', 'address.zip unknown_field'],
    ],
    ['customers', { default_tax_group_id: 'x' }, ['default_tax_group_id invalid_id']],
    ['counterparties', { other_emails: ['a@b.example', 'x'] }, ['other_emails.1 invalid_email']],
    ['projects', { budget: { currency: 'EUR', created_on: '2026-02-30' } }, ['budget.created_on invalid_date']],
    [
      'projects',
      { budget: { currency: 'EUR', created_on: '2026-02-28', exchange_rate: 0 } },
      ['budget.exchange_rate too_small'],
    ],
    [
      'projects',
      { project_managers: ['key_1'], budget: { currency: 'USD', created_on: '2026-02-28', exchange_rate: 1.1 } },
      [],
    ],
    ['projects', { state: 'archived' }, ['state unknown_code']],
    ['business-entities', { seller: { name: 'A', contact: { email: 'x' } } }, ['seller.contact.email invalid_email']],
    ['business-entities', { bank_account: { iban: 'DE'.repeat(18) } }, ['bank_account.iban too_long']],
  ] as const)('%s with %o', async (kind, body, expected) => {
    expect(await faults(kind, body)).toEqual(expected);
  });
});
