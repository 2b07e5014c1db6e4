/** The real core over a store in memory, with one company in it, on the 20th of January 2026. */
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { Tenant } from '../../lib/invoice/model.ts';
import { caller, creditSeries, entity, series, undelivered } from './fixtures.ts';
import { entryKey } from './memory-reference.ts';
import { emptyMemory, memoryStore } from './memory-store.ts';

export function newCore(company: Tenant) {
  const memory = emptyMemory();
  memory.tenants.set(company.id, company);
  memory.entries.set(entryKey({ scope: caller, kind: 'business-entities' }, entity.id), entity);
  for (const one of [series, creditSeries]) memory.series.set(`${company.id}/live ${one.name}`, one);
  const store = memoryStore(memory);
  const lease = idLease();
  const invoices = createInvoices({
    store,
    deliver: undelivered,
    now: () => '2026-01-20T12:00:00.000Z',
    newId: (scope) => lease(scope, (count) => store.reserveIds(scope, count)),
    pause: async () => {},
  });
  return { memory, invoices };
}
