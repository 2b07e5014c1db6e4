/** Number series and their books, as a client meets them. */
import { describe, expect, it } from 'vitest';
import { caller } from '../../support/fixtures.ts';
import { issuable, newClient, resource } from './client.ts';

type Client = ReturnType<typeof newClient>;

const parsed = ({ body }: { body: string }) => JSON.parse(body);
const codeOf = (answer: { status: number; body: string }) => [answer.status, parsed(answer).code];

const open = (client: Client, series: object) => client.call('POST', '/number-series', {}, series);
const read = (client: Client, name: string) => client.call('GET', '/number-series/{name}', { name }, undefined);
const ledger = async (client: Client, name: string, query: Record<string, string> = {}) =>
  client.call('GET', '/number-series/{name}/ledger', { name }, undefined, query);
const audit = async (client: Client, name: string, query: Record<string, string> = {}) =>
  parsed(await client.call('GET', '/number-series/{name}/audit', { name }, undefined, query)).data;

/** Issues an invoice; the answer as it is. */
async function issue(client: Client, header: object = {}) {
  const created = await client.create({ ...issuable, header: { ...issuable.header, ...header } });
  expect(created.status, created.body).toBe(201);
  return client.finalize(resource(created).id);
}

const numberOf = (answer: { body: string }) => parsed(answer).data.ubl_json.header.invoice_number;

describe('a number series', () => {
  it('is opened once, listed and read with its next number', async () => {
    const client = newClient();
    const answer = await open(client, { name: 'R', pattern: 'R{number:4}', start: 120 });
    expect([answer.status, parsed(answer).data]).toEqual([
      201,
      { name: 'R', pattern: 'R{number:4}', start: 120, reset: 'never', chronology: 'off', next_number: 'R0120' },
    ]);
    expect(codeOf(await open(client, { name: 'R', pattern: '{number}' }))).toEqual([409, 'series_exists']);
    expect(numberOf(await issue(client, { invoice_number_series: 'R' }))).toBe('R0120');
    expect(parsed(await read(client, 'R')).data.next_number).toBe('R0121');
    const all = parsed(await client.call('GET', '/number-series', {}, undefined)).data;
    expect(all.map(({ name, next_number }: Record<string, string>) => [name, next_number])).toEqual([
      ['INV', 'INV-2026-00001'],
      ['CN', 'CN-2026-00001'],
      ['R', 'R0121'],
    ]);
    for (const answered of [await read(client, 'nix'), await ledger(client, 'nix')]) {
      expect(codeOf(answered)).toEqual([404, 'not_found']);
    }
  });

  it.each([
    ['a pattern without a number', { pattern: 'A' }, 'pattern'],
    ['a pattern with two', { pattern: '{number}-{number}' }, 'pattern'],
    ['an unknown part', { pattern: '{number}{day}' }, 'pattern'],
    ['a lone brace', { pattern: '{number}}' }, 'pattern'],
    ['a yearly series that tells no year', { pattern: '{number}', reset: 'yearly' }, 'pattern'],
    ['a name with a slash', { name: 'a/b', pattern: '{number}' }, 'name'],
    ['a policy that does not exist', { pattern: '{number}', chronology: 'always' }, 'chronology'],
  ])('is refused with %s', async (_, series, field) => {
    const answer = await open(newClient(), { name: 'A', ...series });
    expect(answer.status).toBe(422);
    expect(Object.keys(parsed(answer).errors)).toEqual([field]);
  });
});

describe('the ledger', () => {
  it('lists numbers in order, sealed, page by page', async () => {
    const client = newClient();
    for (let index = 0; index < 5; index++) await issue(client);
    const first = parsed(await ledger(client, 'INV', { limit: '2' }));
    expect(first.data).toMatchObject([
      { ordinal: 1, number: 'INV-2026-00001', state: 'issued', handed_on: false, chosen: false },
      { ordinal: 2, number: 'INV-2026-00002' },
    ]);
    const second = parsed(await ledger(client, 'INV', { limit: '2', cursor: first.next_cursor }));
    const third = parsed(await ledger(client, 'INV', { limit: '2', cursor: second.next_cursor }));
    const pages = [first, second, third].map(({ data }) => data.map(({ ordinal }: { ordinal: number }) => ordinal));
    expect(pages).toEqual([[1, 2], [3, 4], [5]]);
    expect(third.next_cursor).toBeNull();
    const all = parsed(await ledger(client, 'INV'));
    expect(all.next_cursor).toBeNull();
    const hashes = all.data.map(({ hash }: { hash: string }) => hash);
    expect(new Set(hashes).size).toBe(5);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await audit(client, 'INV')).chain_head).toBe(hashes.at(-1));
    const elsewhere = { cursor: first.next_cursor, period: '2025' };
    expect(parsed(await ledger(client, 'INV', elsewhere)).faults).toMatchObject([{ code: 'invalid_cursor' }]);
    for (const [name, value] of ['limit=0', 'limit=101', 'cursor=-1', 'period=26'].map((each) => each.split('='))) {
      expect((await ledger(client, 'INV', { [name as string]: value as string })).status).toBe(400);
    }
  });

  it('shows a number that a caller chose where the series went past it, and seals no further than it is a draft', async () => {
    const client = newClient();
    const chosen = resource(
      await client.create({ ...issuable, header: { ...issuable.header, invoice_number: 'inv-2026-00002' } }),
    );
    for (const number of ['INV-2026-00001', 'INV-2026-00003']) expect(numberOf(await issue(client))).toBe(number);
    const lines = () => ledger(client, 'INV').then((answer) => parsed(answer).data);
    expect(await lines()).toMatchObject([
      { ordinal: 1, chosen: false, hash: expect.any(String) },
      { ordinal: 2, chosen: true, invoice_id: chosen.id, state: 'draft', hash: null },
      { ordinal: 3, chosen: false, state: 'issued', hash: null },
    ]);
    expect(await audit(client, 'INV')).toMatchObject({ count: 3, gaps: [], duplicates: [], open_tickets: 0 });
    await client.finalize(chosen.id);
    for (const line of await lines()) expect(line).toMatchObject({ hash: expect.any(String) });
  });

  it('finds a chosen number whatever its pattern, its month and its issuer', async () => {
    const client = newClient();
    await open(client, { name: 'M', pattern: '{year}/{month}/{number}', reset: 'never' });
    const header = { invoice_number: '2026/01/1' };
    await client.create({ ...issuable, header: { ...issuable.header, ...header } });
    expect(numberOf(await issue(client, { invoice_number_series: 'M' }))).toBe('2026/01/2');
    expect(await audit(client, 'M')).toMatchObject({ period: 'all', first: '2026/01/1', count: 2, gaps: [] });
  });

  it('keeps a period of its own for each year, this year’s unless another is named', async () => {
    const client = newClient();
    await issue(client, { issue_date: '2025-12-31', due_date: '2026-01-31' });
    for (let index = 0; index < 2; index++) await issue(client);
    expect(await audit(client, 'INV')).toMatchObject({ period: '2026', last: 'INV-2026-00002', count: 2 });
    expect(await audit(client, 'INV', { period: '2025' })).toMatchObject({ last: 'INV-2025-00001', count: 1 });
    expect(await audit(client, 'INV', { period: '2024' })).toEqual({
      period: '2024',
      first: null,
      last: null,
      count: 0,
      voids: 0,
      gaps: [],
      duplicates: [],
      open_tickets: 0,
      chain_head: null,
    });
    expect(codeOf(await ledger(client, 'INV', { period: 'all' }))).toEqual([400, 'validation_failed']);
    await open(client, { name: 'R', pattern: 'R{number}' });
    expect(codeOf(await ledger(client, 'R', { period: '2026' }))).toEqual([400, 'validation_failed']);
    expect((await ledger(client, 'R', { period: 'all' })).status).toBe(200);
  });
});

describe('the audit', () => {
  /** The counter as an interrupted process left it. */
  const counterOf = (client: Client) => {
    const counter = client.memory.counters.get(`${caller.tenant}/live INV 2026`);
    if (!counter) throw new Error('The series has not begun.');
    return counter;
  };

  it('calls a number open that a process still holds or the next invoice gets, and a gap what nobody does', async () => {
    const client = newClient();
    await issue(client);
    const counter = counterOf(client);
    counter.next = 5;
    counter.spare.push(2);
    counter.open.set('held', { invoiceId: 'held', since: '2026-01-20T11:59:59.000Z', ordinal: 3 });
    expect(await audit(client, 'INV')).toMatchObject({ count: 1, gaps: [4], open_tickets: 2 });
    expect(numberOf(await issue(client))).toBe('INV-2026-00002');
    const { data } = parsed(await ledger(client, 'INV', { limit: '3' }));
    expect(data).toMatchObject([
      { ordinal: 1, handed_on: false },
      { ordinal: 2, handed_on: true },
    ]);
    expect(parsed(await ledger(client, 'INV', { limit: '3' })).next_cursor).toEqual(expect.any(String));
  });

  it('finishes first what a crashed process left', async () => {
    const client = newClient();
    const created = resource(await client.create(issuable));
    const invoice = client.memory.invoices.get(`${caller.tenant}/live ${created.id}`);
    const since = '2026-01-20T11:00:00.000Z';
    if (!invoice) throw new Error('Nothing was stored.');
    const waiting = { ...invoice, state: 'finalizing', finalizingAt: since, version: 2 } as const;
    client.memory.invoices.set(`${caller.tenant}/live ${created.id}`, waiting);
    await issue(client);
    const counter = counterOf(client);
    counter.open.set(`${created.id} ${since}`, { invoiceId: created.id, since, ordinal: 2 });
    counter.next = 3;
    expect(await audit(client, 'INV')).toMatchObject({ count: 2, last: 'INV-2026-00002', gaps: [], open_tickets: 0 });
  });

  it('seals a cancelled draft that has a number, so that the chain goes on', async () => {
    const client = newClient();
    const created = await client.invoices.create(
      caller,
      { document: { typeCode: '380', currency: 'EUR', buyer: { name: 'B' }, lines: [] } },
      { render: ({ id, number }) => ({ status: 200, headers: {}, body: JSON.stringify({ id, number }) }) },
      { as: 'numbered draft' },
    );
    const { id, number } = parsed(created);
    expect(number).toBe('INV-2026-00001');
    await issue(client);
    expect((await audit(client, 'INV')).chain_head).toBeNull();
    expect((await client.call('POST', '/invoices/{id}/cancel', { id }, {})).status).toBe(200);
    const { data } = parsed(await ledger(client, 'INV'));
    expect(data).toMatchObject([{ state: 'cancelled' }, { state: 'issued' }]);
    expect(data[1].hash).toBe((await audit(client, 'INV')).chain_head);
  });
});

describe('the order of dates', () => {
  const opened = async (chronology: string) => {
    const client = newClient();
    await open(client, { name: 'D', pattern: 'D{number}', chronology });
    const at = (day: string) => issue(client, { invoice_number_series: 'D', issue_date: day, due_date: '2026-03-01' });
    return { client, at };
  };

  it('does not matter where it is not asked for', async () => {
    const { at } = await opened('off');
    for (const day of ['2026-01-15', '2026-01-14']) expect((await at(day)).status).toBe(200);
  });

  it('is warned of, against the number before', async () => {
    const { at } = await opened('warn');
    const warningsOf = async (day: string) => parsed(await at(day)).data.metadata_json.warnings;
    expect(await warningsOf('2026-01-15')).toEqual([]);
    expect(await warningsOf('2026-01-14')).toMatchObject([{ code: 'earlier_issue_date', field: 'header.issue_date' }]);
    expect(await warningsOf('2026-01-14')).toEqual([]);
  });

  it('is kept: what is too early stays a draft, and a new date lets it be issued', async () => {
    const { client, at } = await opened('enforce');
    expect((await at('2026-01-15')).status).toBe(200);
    expect((await at('2026-01-15')).status).toBe(200);
    const header = { invoice_number_series: 'D', issue_date: '2026-01-14', due_date: '2026-03-01' };
    const { id } = resource(await client.create({ ...issuable, header }));
    const refused = await client.finalize(id);
    expect(codeOf(refused)).toEqual([422, 'not_issuable']);
    expect(parsed(refused).faults).toMatchObject([
      {
        code: 'earlier_issue_date',
        field: 'header.issue_date',
        term: 'BT-2',
        expected: '2026-01-15',
        given: '2026-01-14',
      },
    ]);
    expect(resource(await client.find(id))).toMatchObject({ state: 'draft', metadata_json: { version: 1 } });
    await client.call('PATCH', '/invoices/{id}', { id }, { header: { issue_date: '2026-01-16' } });
    expect(numberOf(await client.finalize(id))).toBe('D3');
  });

  it('does not keep an invoice from being taken back', async () => {
    const client = newClient();
    const credits = client.memory.series.get(`${caller.tenant}/live CN`);
    if (!credits) throw new Error('There are no credit notes.');
    client.memory.series.set(`${caller.tenant}/live CN`, { ...credits, chronology: 'enforce' });
    // Somebody issued from the same series, dated ahead.
    await issue(client, { invoice_number_series: 'CN', issue_date: '2026-02-01', due_date: '2026-03-01' });
    const { id } = resource(await issue(client));
    const answer = await client.call('POST', '/invoices/{id}/cancel', { id }, {});
    expect(answer.status, answer.body).toBe(200);
    const [link] = resource(answer).metadata_json?.corrections ?? [];
    expect(numberOf(await client.find(link?.id ?? ''))).toBe('CN-2026-00002');
  });
});
