import { beforeEach, describe, expect, it } from 'vitest';
import type { InvoiceResource } from '../../../lib/contracts/projects/invoice-resource.ts';
import { errorBody, fieldsOf, newClient, smallest } from './client.ts';

const days = ['2026-01-01', '2026-01-02', '2026-01-03', '2026-02-01'];

let client: ReturnType<typeof newClient>;
const list = async (query: Record<string, string>) => {
  const answer = await client.list(query);
  expect([answer.status, answer.body]).toEqual([200, expect.stringMatching(/^\[/)]);
  return (JSON.parse(answer.body) as InvoiceResource[]).map(({ id }) => id).sort();
};

beforeEach(async () => {
  client = newClient();
  for (const [index, issue_date] of days.entries()) {
    await client.create({ ...smallest, issue_date, project_id: [1, 6, 1, 8][index] });
  }
  await client.act('2:send');
  await client.act('2:set-paid', { payment_date: '2026-01-10' });
});

describe('filters', () => {
  it.each([
    [{}, [1, 2, 3, 4]],
    [{ project_id: '1' }, [1, 3]],
    [{ project_id: 'eq:1' }, [1, 3]],
    [{ project_id: 'ne:1' }, [2, 4]],
    [{ project_id: 'gt:6' }, [4]],
    [{ project_id: 'gte:6' }, [2, 4]],
    [{ project_id: 'lt:6' }, [1, 3]],
    [{ project_id: 'lte:6' }, [1, 2, 3]],
    [{ project_id: 'in:6,8' }, [2, 4]],
    [{ project_id: 'in:6, 8' }, [2, 4]],
    [{ project_id: 'nin:6,8' }, [1, 3]],
    [{ project_id: 'bt:2,7' }, [2]],
    [{ project_id: 'bt:7,2' }, []],
    [{ project_id: '12' }, []],
    [{ issue_date: '2026-01-02' }, [2]],
    [{ issue_date: 'bt:2026-01-02,2026-01-31' }, [2, 3]],
    [{ issue_date: 'gt:2026-01-02', project_id: '1' }, [3]],
    [{ payment_date: 'eq:2026-01-10' }, [2]],
    [{ payment_date: 'ne:2026-01-10' }, [1, 3, 4]],
    [{ payment_date: 'nin:2026-01-11' }, [1, 2, 3, 4]],
    [{ payment_date: 'gte:2026-01-01' }, [2]],
    [{ payment_date: 'lt:2027-01-01' }, [2]],
    [{ updated_at: '2026-01-20' }, [1, 2, 3, 4]],
    [{ updated_at: 'gt:2026-01-20' }, []],
    [{ updated_at: 'gte:2026-01-20T23:30:00Z' }, [1, 2, 3, 4]],
    [{ updated_at: 'gt:2026-01-20T23:30:00.000Z' }, []],
    [{ updated_at: 'gte:2026-01-21T00:30:00+01:00' }, [1, 2, 3, 4]],
    [{ updated_at: 'gt:2026-01-20T23:29:59.999Z' }, [1, 2, 3, 4]],
    [{ updated_at: 'lt:2016-12-31T23:59:60Z' }, []],
    [{ other: 'x' }, [1, 2, 3, 4]],
  ])('%j', async (query, ids) => {
    expect(await list(query as Record<string, string>)).toEqual(ids);
  });

  it.each([
    [
      'project_id',
      [
        '',
        'eq:',
        'eq:x',
        '-1',
        '1.5',
        'like:1',
        'bt:1',
        'bt:1,2,3',
        'eq:1,2',
        '1,2',
        'in:',
        'toString:1',
        'EQ:1',
        '9'.repeat(16),
      ],
    ],
    ['issue_date', ['', '2026', '2026-02-30', 'bt:2026-01-01', 'gt:2026-01-01T00:00:00Z']],
    ['payment_date', ['null', 'today']],
    ['updated_at', ['2026-01-20T23:30:00', '2026-01-20T23:30:00 01:00', 'x']],
    ['limit', ['0', '101', '-1', 'x', '1.5', '', '1e2']],
    ['offset', ['-1', 'x', '', '1e9', '9'.repeat(20)]],
  ])('%s', async (field, wrong) => {
    for (const value of wrong) {
      const refused = await client.list({ [field]: value });
      expect([value, refused.status, fieldsOf(refused)]).toEqual([value, 400, [field]]);
      expect(errorBody(refused).failures?.[0]?.message).toMatch(/^Must be/);
    }
  });

  it('take a hundred values, no more', async () => {
    const many = (count: number) => `in:${Array.from({ length: count }, (_, index) => index).join(',')}`;
    expect((await client.list({ project_id: many(100) })).status).toBe(200);
    expect((await client.list({ project_id: many(101) })).status).toBe(400);
  });
});

describe('pages', () => {
  it('are cut from one order', async () => {
    const all = JSON.parse((await client.list()).body) as InvoiceResource[];
    const pages = await Promise.all(
      ['0', '1', '2', '3', '4', '9'].map(async (offset) =>
        JSON.parse((await client.list({ offset, limit: '1' })).body),
      ),
    );
    expect(pages.flat()).toEqual(all);
    expect(JSON.parse((await client.list({ offset: '1', limit: '2' })).body)).toEqual(all.slice(1, 3));
  });

  it('hold a hundred at most and unless asked otherwise, and count what passes the filter', async () => {
    const { create, list } = newClient();
    for (let index = 0; index < 230; index++) await create({ ...smallest, project_id: index % 2 ? 1 : 8 });
    const lengthOf = async (query: Record<string, string>) => JSON.parse((await list(query)).body).length;
    expect(await lengthOf({})).toBe(100);
    expect(await lengthOf({ offset: '150' })).toBe(80);
    expect(await lengthOf({ offset: '99', limit: '100' })).toBe(100);
    expect(await lengthOf({ project_id: '1', offset: '100' })).toBe(15);
    expect(await lengthOf({ project_id: '1', offset: '115' })).toBe(0);
    const ids = new Set<number>();
    for (const offset of ['0', '100', '200']) {
      for (const { id } of JSON.parse((await list({ offset })).body) as InvoiceResource[]) ids.add(id);
    }
    expect(ids.size).toBe(230);
  });
});
