/** What an invoice tells of its payments. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { Invoice, Payment } from '../../lib/invoice/model.ts';
import { standingPayment } from '../../lib/invoice/payments.ts';
import { caller, creditSeries, draft, entity, series, tenant, undelivered } from '../support/fixtures.ts';
import { entryKey } from '../support/memory-reference.ts';
import { emptyMemory, memoryStore } from '../support/memory-store.ts';

const reply = { render: (invoice: Invoice) => ({ status: 200, headers: {}, body: invoice.id }) };
const paid = { render: ({ payment }: { payment: Payment }) => ({ status: 200, headers: {}, body: payment.id }) };

describe('the payment that stands', () => {
  let minute: number;
  let invoices: ReturnType<typeof createInvoices>;
  let id: string;

  beforeEach(async () => {
    const memory = emptyMemory();
    memory.tenants.set(tenant.id, tenant);
    memory.entries.set(entryKey({ scope: caller, kind: 'business-entities' }, entity.id), entity);
    for (const each of [series, creditSeries]) memory.series.set(`${tenant.id}/live ${each.name}`, each);
    minute = 10;
    invoices = createInvoices({
      store: memoryStore(memory),
      now: () => `2026-01-20T10:${minute++}:00.000Z`,
      newId: async () => '390fb6db-a2f7-496f-82d0-000000000001',
      pause: async () => {},
      deliver: undelivered,
    });
    id = (await invoices.create(caller, draft, reply, { as: 'issued' })).body;
  });

  const pay = async (paidOn: string, reference: string, amount?: number) => {
    const request = { paidOn, reference, ...(amount !== undefined && { amount }), allowOverpayment: true };
    return (await invoices.payments.pay(caller, id, request, paid)).body;
  };
  const reverse = (payment: string) => invoices.payments.reverse(caller, id, payment, paid);
  const standing = async () => standingPayment(await invoices.find(caller, id));

  it('is the last that came in', async () => {
    expect(await standing()).toBeUndefined();
    await pay('2026-01-18', 'bank-1', 100);
    await pay('2026-01-17', 'bank-2');
    expect(await standing()).toMatchObject({ paidOn: '2026-01-17', reference: 'bank-2', by: caller.keyId });
  });

  it('is the one before when the last was taken back', async () => {
    await pay('2026-01-15', 'bank-1');
    const recorded = await standing();
    await reverse(await pay('2026-01-19', 'bank-2', 100));
    expect(await standing()).toEqual(recorded);
    expect(recorded).toMatchObject({ paidOn: '2026-01-15', reference: 'bank-1' });
  });

  it('leaves a trace when nothing stands that pays the whole, and none where nothing ever did', async () => {
    const reopened = async () => (await invoices.find(caller, id)).facts.reopenedAt;
    await reverse(await pay('2026-01-15', 'bank-1', 100));
    await pay('2026-01-16', 'bank-2');
    await reverse(await pay('2026-01-17', 'bank-3', 100));
    expect(await reopened()).toBeUndefined();
    const second = async () =>
      (await invoices.payments.list(caller, id)).find(({ reference }) => reference === 'bank-2');
    await reverse((await second())?.id ?? '');
    expect(await reopened()).toBe((await second())?.reversedAt);
  });

  it('stays when an earlier one was taken back', async () => {
    const first = await pay('2026-01-15', 'bank-1', 100);
    await pay('2026-01-19', 'bank-2');
    await reverse(first);
    expect(await standing()).toMatchObject({ reference: 'bank-2' });
  });

  it('is none when all were taken back, also if credit notes settle the rest', async () => {
    await reverse(await pay('2026-01-15', 'bank-1', 100));
    expect(await standing()).toBeUndefined();
    await invoices.credit(caller, id, {}, reply);
    expect(await standing()).toBeUndefined();
  });
});
