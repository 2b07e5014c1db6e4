import { describe, expect, it } from 'vitest';
import { caller, errorBody, fieldsOf, headers, newClient, now, resource, smallest, whole } from './client.ts';

const messageOf = async (body: object) => {
  const { create, memory } = newClient();
  const refused = await create(body);
  expect(memory.invoices.size).toBe(0);
  return [refused.status, errorBody(refused).key, errorBody(refused).message];
};

describe('limits', () => {
  it.each([
    ['purchase_order', ''],
    ['value', 0],
    ['value', -0],
    ['value', 1e-7],
    ['value', 90_071_992_547_409.9],
    ['value', -90_071_992_547_409.9],
    ['exchange_rate', 0],
    ['exchange_rate', 1e-7],
    ['issue_date', '2024-02-29'],
    ['issue_date', '2026-01-15T12:00:00+01:00'],
    ['issue_date', '9999-12-31'],
  ])('%s may be %j', async (field, value) => {
    const created = await newClient().create({ ...smallest, [field]: value });
    expect([created.status, created.body.slice(0, 300)]).toEqual([201, expect.anything()]);
  });

  it.each([
    ['invoice_number', 5],
    ['purchase_order', {}],
    ['value', null],
    ['value', '1000'],
    ['value', Number.NaN],
    ['value', Number.POSITIVE_INFINITY],
    ['value', 1e300],
    ['value', 0.1234567890123456],
    ['value', 90_071_992_547_410],
    ['value', 999_999_999_999_999],
    ['exchange_rate', -1],
    ['exchange_rate', '1'],
    ['issue_date', null],
    ['issue_date', ''],
    ['issue_date', '2026-02-29'],
    ['issue_date', '15.01.2026'],
    ['issue_date', 20260115],
    ['notes', ['a']],
    ['project_id', null],
    ['project_id', 0],
    ['project_id', -1],
    ['project_id', 1.5],
    ['project_id', '1'],
    ['project_id', 99],
    ['project_id', 2 ** 53],
    ['budget_area_uid', 'unknown'],
    ['budget_area_uid', 'elsewhere'],
    ['budget_area_uid', '../x'],
    ['budget_area_uid', ''],
    ['budget_area_uid', 7],
    ['vat_rate_id', 0],
    ['vat_rate_id', 99],
    ['vat_rate_id', 4],
    ['vat_rate_id', '1'],
    ['payment_term_id', 0],
    ['payment_term_id', 99],
    ['payment_term_id', 1.5],
  ])('%s may not be %j', async (field, value) => {
    const { create, memory } = newClient();
    const refused = await create({ ...smallest, [field]: value });
    expect([refused.status, errorBody(refused).key, fieldsOf(refused)]).toEqual([400, 'invalid_data', [field]]);
    expect(memory.invoices.size).toBe(0);
  });

  it.each(['e', 'é', '😀'])('an invoice number has 255 characters at most, also of %s', async (character) => {
    const { create } = newClient();
    const longest = { ...smallest, invoice_number: character.repeat(255), notes: 'a\n'.repeat(10_000) };
    expect(resource(await create(longest))).toMatchObject(longest);
    expect(fieldsOf(await create({ ...smallest, invoice_number: character.repeat(256) }))).toEqual(['invoice_number']);
  });

  it.each([[undefined], [null], [[]], ['text'], [5]])('the body may not be %j', async (body) => {
    const refused = await newClient().create(body);
    expect([refused.status, fieldsOf(refused)]).toEqual([400, ['body']]);
  });

  it('reports everything at once, headers too', async () => {
    const { create } = newClient();
    const refused = await create({ notes: 1 }, { headers: { 'wethod-version': '2020-01-01' } });
    expect(refused.status).toBe(400);
    expect(fieldsOf(refused)?.sort()).toEqual([
      'Wethod-Company',
      'Wethod-Version',
      'issue_date',
      'notes',
      'project_id',
      'value',
    ]);
    const references = await create({
      ...whole,
      project_id: 98,
      budget_area_uid: 'x',
      vat_rate_id: 98,
      payment_term_id: 98,
    });
    expect(fieldsOf(references)).toEqual(['project_id', 'budget_area_uid', 'vat_rate_id', 'payment_term_id']);
  });

  it('ignores what it does not know', async () => {
    const { create } = newClient();
    const created = await create({ ...smallest, id: 7, status: 'paid', more: { deep: 1 } });
    expect([created.status, resource(created)]).toMatchObject([201, { id: 1, status: 'draft' }]);
  });
});

describe('the company', () => {
  it.each([['foreign'], [''], ['Example'], ['example ']])('is not %j', async (company) => {
    const { create, list, find, change, remove, act, memory } = newClient();
    await create(smallest);
    const sent = { headers: { ...headers, 'wethod-company': company } };
    const body = { ...smallest, value: 2000 };
    for (const refused of [
      await create(body, sent),
      await list({}, sent),
      await find(1, sent),
      await change(1, body, sent),
      await remove(1, sent),
      await act('1:send', {}, sent),
    ]) {
      expect([refused.status, errorBody(refused).key]).toEqual([403, 'forbidden']);
    }
    expect([...memory.invoices.values()]).toMatchObject([{ version: 1 }]);
  });

  it('has its own projects only', async () => {
    const { create, memory } = newClient();
    const foreign = { ...caller, tenant: '0b7c2f0e-93a1-4f6d-b8a5-7e4d3c2b1a02' };
    memory.tenants.set(foreign.tenant, {
      ...[...memory.tenants.values()][0],
      id: foreign.tenant,
      slug: 'foreign',
    } as never);
    const sent = { as: { tenant: foreign.tenant }, headers: { ...headers, 'wethod-company': 'foreign' } };
    expect(fieldsOf(await create(smallest, sent))).toEqual(['project_id']);
    expect(fieldsOf(await create(smallest, { as: { mode: 'test' } }))).toEqual(['project_id']);
  });
});

describe('permissions', () => {
  const own = 'invoices.create';
  const other = 'invoices.create_other';

  it.each([
    [1, own, 201],
    [1, other, 403],
    [8, own, 201],
    [8, other, 403],
    [6, own, 403],
    [6, other, 201],
  ])('project %i with %s alone: %i', async (project_id, scope, status) => {
    const { create } = newClient();
    const answer = await create({ ...smallest, project_id }, { as: { scopes: [scope] } });
    expect(answer.status).toBe(status);
    if (status === 403) expect(errorBody(answer).message).toContain(scope === own ? other : own);
  });

  it('come before preconditions, which tell about a project', async () => {
    const refused = await newClient().create({ ...smallest, project_id: 2 }, { as: { scopes: [other] } });
    expect(refused.status).toBe(403);
  });
});

describe('preconditions', () => {
  it.each([
    [{ project_id: 2 }, /archived/],
    [{ project_id: 3 }, /project 1\b/],
    [{ project_id: 4 }, /job order/],
    [{ project_id: 5 }, /budget/],
    [{ issue_date: '2025-11-30' }, /2025-11 is frozen/],
    [{ issue_date: '2025-12-01' }, /2025-12 is paused/],
    [{ issue_date: '2025-11-30T23:30:00Z' }, /2025-12 is paused/],
  ])('%j', async (fields, message) => {
    expect(await messageOf({ ...smallest, ...fields })).toEqual([
      412,
      'precondition_failure',
      expect.stringMatching(message),
    ]);
  });

  it('a month that was opened again takes invoices', async () => {
    expect((await newClient().create({ ...smallest, issue_date: '2025-10-05' })).status).toBe(201);
  });

  it('a number names one invoice, in whatever spelling and whichever contract it came by', async () => {
    const { create, native } = newClient();
    expect((await create({ ...smallest, invoice_number: 'A-1' })).status).toBe(201);
    const taken = await create({ ...smallest, invoice_number: ' a-1' });
    expect([taken.status, errorBody(taken)]).toEqual([
      412,
      { key: 'precondition_failure', message: expect.stringContaining('" a-1"') },
    ]);
    const item = { name: 'Work', price: 100, quantity: 1 };
    await native('POST', '/invoices', {}, { header: { invoice_number: 'B-1' }, buyer: { name: 'A' }, items: [item] });
    expect((await create({ ...smallest, invoice_number: 'B-1' })).status).toBe(412);
    for (const blank of ['', ' ', null]) {
      const created = await create({ ...smallest, invoice_number: blank });
      expect([created.status, resource(created).invoice_number]).toEqual([201, null]);
    }
  });
});

describe('what is made', () => {
  it('is due within the calendar', async () => {
    const { create } = newClient();
    const late = { ...smallest, issue_date: '9999-12-10' };
    expect((await create({ ...late, payment_term_id: 2 })).status).toBe(201);
    const refused = await create({ ...late, payment_term_id: 1 });
    expect([refused.status, fieldsOf(refused)]).toEqual([400, ['issue_date']]);
  });

  it.each([
    ['2026-01-15', 2, '2026-01-31'],
    ['2026-01-25', 2, '2026-02-28'],
    ['2028-02-15', 2, '2028-02-29'],
    ['2026-12-25', 2, '2027-01-31'],
    ['2026-12-05', 1, '2027-01-04'],
  ])('from %s with term %i is due on %s', async (issue_date, payment_term_id, dueDate) => {
    const { create, memory } = newClient();
    await create({ ...smallest, issue_date, payment_term_id });
    expect([...memory.invoices.values()]).toMatchObject([{ document: { dueDate } }]);
  });

  it('has the value to the cent, half cents away from zero', async () => {
    const { create } = newClient();
    const values = [0.005, -0.005, 1.005, 2.675, 1234.565, 0.004];
    const made = await Promise.all(values.map(async (value) => resource(await create({ ...smallest, value })).value));
    expect(made).toEqual([0.01, -0.01, 1.01, 2.68, 1234.57, 0]);
  });

  it('is made once for one Idempotency-Key', async () => {
    const { create, memory } = newClient();
    const operation = { id: 'o', fingerprint: 'f' };
    const [first, second] = [await create(smallest, { operation }), await create(smallest, { operation })];
    expect(second).toEqual({ ...first, replayed: true });
    expect(memory.invoices.size).toBe(1);
    expect(resource(first).created_at).toBe(now);
  });

  it('has a buyer without a name where its project has no client', async () => {
    const { create, memory } = newClient();
    await create({ ...smallest, project_id: 8 });
    expect([...memory.invoices.values()]).toMatchObject([{ document: { buyer: {} } }]);
  });
});
