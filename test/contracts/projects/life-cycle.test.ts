import { describe, expect, it } from 'vitest';
import { InvoiceResource } from '../../../lib/contracts/projects/invoice-resource.ts';
import { errorBody, fieldsOf, newClient, resource, smallest, whole } from './client.ts';

const unmet = (message: RegExp) => ({ key: 'precondition_failure', message: expect.stringMatching(message) });

describe('sending', () => {
  it('numbers an invoice that has no number, whatever EN 16931 misses in it', async () => {
    const { create, act, find } = newClient();
    await create({ ...smallest, project_id: 8 });
    const sent = await act('1:send', { invoice_contact_id: 3 });
    expect([sent.status, resource(sent)]).toMatchObject([200, { status: 'sent', invoice_number: 'INV-2026-00001' }]);
    expect((await find(1)).body).toBe(sent.body);
    const again = await act('1:send');
    expect([again.status, errorBody(again)]).toEqual([412, unmet(/sent/)]);
  });

  it('keeps a number of the caller’s own', async () => {
    const { create, act } = newClient();
    await create(whole);
    const sent = resource(await act('1:send'));
    expect(sent).toMatchObject({ ...whole, status: 'sent' });
  });

  it.each([
    ['1:', 404],
    ['1', 404],
    [':send', 404],
    ['x:send', 404],
    ['0:send', 404],
    ['01:send', 404],
    ['2:send', 404],
    ['281474976710656:send', 404],
    ['1:toString', 404],
    ['1:constructor', 404],
    ['1:pay', 404],
    ['1:send:send', 404],
  ])('there is nothing to do at %s', async (id, status) => {
    const { create, act } = newClient();
    await create(smallest);
    const refused = await act(id, {});
    expect([refused.status, errorBody(refused).key]).toEqual([status, 'not_found']);
  });
});

describe('payment', () => {
  it('of all that is open makes it paid, and reversed, sent again', async () => {
    const { create, act, memory } = newClient();
    await create({ ...smallest, vat_rate_id: 1 });
    await act('1:send');
    const paid = await act('1:set-paid', { payment_date: '2026-01-19' });
    expect([paid.status, resource(paid)]).toMatchObject([200, { status: 'paid', payment_date: '2026-01-19' }]);
    expect([...memory.invoices.values()]).toMatchObject([{ paid: 119_000 }]);
    expect(errorBody(await act('1:set-paid', {}))).toEqual(unmet(/paid/));
    const unpaid = await act('1:set-unpaid', {});
    expect([unpaid.status, resource(unpaid)]).toMatchObject([200, { status: 'sent', payment_date: null }]);
    expect([...memory.invoices.values()]).toMatchObject([{ paid: 0 }]);
    const nothing = await act('1:set-unpaid', {});
    expect([nothing.status, errorBody(nothing)]).toEqual([412, unmet(/Nothing was paid/)]);
    expect(resource(await act('1:set-paid')).status).toBe('paid');
  });

  it.each([[undefined], [null], [{}], [{ payment_date: null }]])(
    'with %j is of today at the company’s',
    async (body) => {
      const { create, act } = newClient();
      await create(smallest);
      await act('1:send');
      expect(resource(await act('1:set-paid', body)).payment_date).toBe('2026-01-21');
    },
  );

  it('is taken back whole, also when it came in parts', async () => {
    const { create, act, find, native, memory } = newClient();
    await create(smallest);
    await act('1:send');
    const [{ id } = { id: '' }] = memory.invoices.values();
    for (const amount of [30_000, 20_000]) {
      const part = { amount, paid_on: '2026-01-18' };
      expect((await native('POST', '/invoices/{id}/payments', { id }, part)).status).toBe(201);
      expect(resource(await find(1))).toMatchObject({ status: 'sent', payment_date: null });
    }
    expect(resource(await act('1:set-paid', { payment_date: '2026-01-20' })).payment_date).toBe('2026-01-20');
    const operation = { id: 'o', fingerprint: 'f' };
    const unpaid = await act('1:set-unpaid', {}, { operation });
    expect(resource(unpaid)).toMatchObject({ status: 'sent', payment_date: null });
    expect([...memory.invoices.values()]).toMatchObject([{ paid: 0 }]);
    expect([...memory.operations.values()]).toMatchObject([{ answer: { body: unpaid.body } }]);
  });

  it('needs an invoice that is out, and a day', async () => {
    const { create, act } = newClient();
    await create(smallest);
    const early = await act('1:set-paid', {});
    expect([early.status, errorBody(early)]).toEqual([412, unmet(/draft/)]);
    const wrong = await act('1:set-paid', { payment_date: '2026-02-30' });
    expect([wrong.status, fieldsOf(wrong)]).toEqual([400, ['payment_date']]);
  });

  it.each([[0], [-10]])('of a value of %d is none', async (value) => {
    const { create, act } = newClient();
    await create({ ...smallest, value });
    await act('1:send');
    const refused = await act('1:set-paid', {});
    expect([refused.status, errorBody(refused)]).toEqual([412, unmet(/left to be paid/)]);
  });
});

describe('permissions', () => {
  it.each([
    ['edit', 1, 'invoices.edit', 200],
    ['edit', 1, 'invoices.edit_other', 403],
    ['edit', 1, 'invoices.edit_sent', 403],
    ['edit', 6, 'invoices.edit', 403],
    ['edit', 6, 'invoices.edit_other', 200],
    ['send', 1, 'invoices.edit', 200],
    ['send', 1, 'invoices.edit_sent', 403],
    ['send', 6, 'invoices.edit', 403],
    ['send', 6, 'invoices.edit_other', 200],
    ['delete', 1, 'invoices.delete', 204],
    ['delete', 1, 'invoices.delete_other', 403],
    ['delete', 6, 'invoices.delete', 403],
    ['delete', 6, 'invoices.delete_other', 204],
    ['set-paid', 6, 'invoices.edit_sent', 412],
    ['set-paid', 1, 'invoices.edit', 403],
    ['set-unpaid', 6, 'invoices.edit_sent', 412],
    ['set-unpaid', 1, 'invoices.edit_other', 403],
  ])('to %s on project %i with %s alone: %i', async (what, project_id, scope, status) => {
    const { create, change, remove, act } = newClient();
    await create({ ...smallest, project_id });
    const sent = { as: { scopes: [scope] } };
    const calls: Record<string, () => ReturnType<typeof act>> = {
      edit: () => change(1, { value: 5 }, sent),
      delete: () => remove(1, sent),
    };
    expect((await (calls[what]?.() ?? act(`1:${what}`, {}, sent))).status).toBe(status);
  });

  it('to move an invoice to a project are asked for both projects', async () => {
    const { create, change } = newClient();
    await create(smallest);
    const refused = await change(1, { project_id: 6 }, { as: { scopes: ['invoices.edit'] } });
    expect([refused.status, errorBody(refused).message]).toEqual([403, expect.stringContaining('invoices.edit_other')]);
  });
});

describe('a change', () => {
  it.each(
    Object.entries({
      invoice_number: 'B-2',
      purchase_order: 'PO 8',
      value: -12.34,
      exchange_rate: 2,
      issue_date: '2026-03-01',
      notes: 'Other',
      project_id: 7,
      budget_area_uid: null,
      vat_rate_id: 2,
      payment_term_id: 2,
    }),
  )('of %s changes only that', async (field, value) => {
    const { create, change, find } = newClient();
    const body = field === 'project_id' ? { ...whole, budget_area_uid: null, value: 1000 } : whole;
    const before = resource(await create(body));
    const changed = await change(1, { [field]: value });
    expect([changed.status, resource(changed)]).toEqual([200, { ...before, [field]: value }]);
    expect((await find(1)).body).toBe(changed.body);
    expect(InvoiceResource.parse(resource(changed))).toBeDefined();
  });

  it.each([
    'invoice_number',
    'purchase_order',
    'exchange_rate',
    'notes',
    'budget_area_uid',
    'vat_rate_id',
    'payment_term_id',
  ])('of %s to null empties it', async (field) => {
    const { create, change, memory } = newClient();
    const before = resource(await create(whole));
    expect(resource(await change(1, { [field]: null }))).toEqual({ ...before, [field]: null });
    const { [field as keyof typeof whole]: _, ...without } = whole;
    const fresh = newClient();
    await fresh.create(without);
    const documentIn = ({ invoices }: typeof memory) => JSON.stringify([...invoices.values()][0]?.document.lines);
    expect(documentIn(memory)).toBe(documentIn(fresh.memory));
  });

  it.each([['value'], ['issue_date'], ['project_id']])('of %s to null is refused', async (field) => {
    const { create, change } = newClient();
    await create(smallest);
    expect(fieldsOf(await change(1, { [field]: null }))).toEqual([field]);
  });

  it('of the due date’s causes moves the due date', async () => {
    const { create, change, memory } = newClient();
    await create(whole);
    await change(1, { issue_date: '2026-03-01' });
    expect([...memory.invoices.values()][0]?.document.dueDate).toBe('2026-03-31');
    await change(1, { payment_term_id: null });
    expect([...memory.invoices.values()][0]?.document.dueDate).toBeUndefined();
  });

  it('to what is not subject to VAT leaves no rate behind', async () => {
    const { create, change, memory } = newClient();
    await create(whole);
    await change(1, { vat_rate_id: 3 });
    const [line] = [...memory.invoices.values()][0]?.document.lines ?? [];
    expect(line).toMatchObject({ taxCategory: 'O', exemptionReason: 'Not taxable' });
    expect(line?.taxRate).toBeUndefined();
    await change(1, { vat_rate_id: 1 });
    expect([...memory.invoices.values()][0]?.document.lines[0]?.exemptionReason).toBeUndefined();
  });

  it('frees the number that it gives up', async () => {
    const { create, change } = newClient();
    await create(whole);
    await change(1, { invoice_number: 'C-3' });
    expect((await create(whole)).status).toBe(201);
    expect((await change(2, { invoice_number: 'c-3' })).status).toBe(412);
  });

  it('is refused by months that are closed, before and after, and by the new project', async () => {
    const { create, change, remove, entry } = newClient();
    await create(smallest);
    expect((await change(1, { issue_date: '2025-11-01' })).status).toBe(412);
    expect((await change(1, { project_id: 4 })).status).toBe(412);
    expect(fieldsOf(await change(1, { vat_rate_id: 4 }))).toEqual(['vat_rate_id']);
    entry('frozen-months', '2026-01', { state: 'paused' });
    expect(errorBody(await change(1, { issue_date: '2026-02-01' }))).toEqual(unmet(/2026-01 is paused/));
    expect(errorBody(await remove(1))).toEqual(unmet(/2026-01 is paused/));
  });

  it('keeps a VAT rate, a term and an area that were archived since', async () => {
    const { create, change, memory } = newClient();
    await create(whole);
    for (const entry of memory.entries.values()) {
      if (entry.id === 1 || entry.id === 'design') Object.assign(entry, { archived: !('hasJobOrder' in entry) });
    }
    expect((await change(1, { notes: 'Other' })).status).toBe(200);
    expect(fieldsOf(await create({ ...whole, invoice_number: null }))).toEqual([
      'budget_area_uid',
      'vat_rate_id',
      'payment_term_id',
    ]);
  });

  it('is over once it is sent, and so is deleting', async () => {
    const { create, change, remove, act } = newClient();
    await create(smallest);
    await act('1:send');
    expect(errorBody(await change(1, { notes: 'x' }))).toEqual(unmet(/sent/));
    expect(errorBody(await remove(1))).toEqual(unmet(/sent/));
  });
});

describe('deleting', () => {
  it('leaves nothing and frees the number', async () => {
    const { create, remove, find, list } = newClient();
    await create(whole);
    expect(await remove(1)).toEqual({ status: 204, headers: {}, body: '' });
    expect((await find(1)).status).toBe(404);
    expect((await remove(1)).status).toBe(404);
    expect((await list()).body).toBe('[]');
    expect((await create(whole)).status).toBe(201);
  });
});
