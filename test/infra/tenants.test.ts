/** Companies through the front door: a process of its own on the real engine. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { modes } from '../../lib/invoice/model.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { seller } from '../support/fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'tenants-'));
let engine: Engine;
const known = () => directory(connect(clientOf(engine.endpoint), 'invoices'));

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, 'invoices');
  const demo = { dynamodb: { endpoint: engine.endpoint, table: 'invoices' }, api_gateway: 'http://127.0.0.1:1' };
  writeFileSync(join(folder, 'demo.json'), JSON.stringify(demo));
});
afterAll(() => engine.stop());

/** What a command writes; its complaint, when it fails. */
const tenants = (...args: string[]): Promise<string> =>
  new Promise((resolve) => {
    const settings = { env: { PATH: process.env.PATH, DATA_DIR: folder } };
    execFile(process.execPath, ['infra/tenants.ts', ...args], settings, (error, out, complaint) =>
      resolve(error ? complaint : out),
    );
  });

function written(content: unknown): string {
  const file = join(folder, 'given.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const company = { name: 'Example GmbH', slug: 'example', timeZone: 'Europe/Berlin', currency: 'EUR', seller };
const levels = [
  { name: 'Reminder', after: 7, fee: 0 },
  { name: 'Last call', after: 21, fee: 500 },
];

it('a company is made with its series in both modes, and its levels of dunning are set and taken back', async () => {
  const id = (await tenants('create', '--file', written(company))).trim();
  expect(await known().tenant(id)).toMatchObject({ name: 'Example GmbH', defaultSeries: 'INV' });
  for (const mode of modes) {
    const series = await known().allSeries({ tenant: id, mode });
    expect(series.map(({ name, reset }) => [name, reset])).toEqual([
      ['CN', 'yearly'],
      ['INV', 'yearly'],
    ]);
  }
  expect(await tenants('list')).toContain(`${id}  example  Example GmbH`);

  expect(await tenants('dunning', '--tenant', id, '--file', written(levels))).toBe('');
  expect((await known().tenant(id))?.dunning).toEqual(levels);
  await tenants('dunning', '--tenant', id, '--file', written([]));
  expect((await known().tenant(id))?.dunning).toEqual([]);
});

it.each([
  ['levels that do not follow each other', ['dunning', '--tenant', 'x'], levels.toReversed(), 'more days after'],
  ['a company that is not there', ['dunning', '--tenant', 'x'], levels, 'There is no tenant "x"'],
  ['a series that writes no number', ['create'], { ...company, series: 'A{year}' }, 'Must hold {number} once.'],
  ['a seller without a name', ['create'], { ...company, seller: {} }, 'describes no company'],
])('%s are refused in words', async (_, args, content, complaint) => {
  expect(await tenants(...args, '--file', written(content))).toContain(complaint);
});
