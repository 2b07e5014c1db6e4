/** All invoices of a scope, newest first, as vendors' contracts list them; `finding.ts` searches. Read in bounded steps, whatever a tenant has. */
import type { Context } from './context.ts';
import { type Caller, type Invoice, scopeOf } from './model.ts';

/** How many invoices one call looks at for those that match; then it ends with a position to go on from. */
const mostExamined = 500;

export interface ListQuery {
  limit: number;
  /** Where an earlier page ended. */
  cursor?: string;
  /** Leaves out what does not match. */
  matches?(invoice: Invoice): boolean;
}

/** Listing and counting. */
export function lists({ store }: Context) {
  return {
    /** How many invoices there are. May lag behind a write. */
    count: (caller: Caller): Promise<number> => store.countInvoices(scopeOf(caller)),

    /** Invoices, newest first. May lag behind a write; each one is as it stands now. */
    async list(caller: Caller, { limit, cursor, matches = () => true }: ListQuery) {
      const scope = scopeOf(caller);
      const found: Invoice[] = [];
      let next = cursor;
      for (let examined = 0; examined < mostExamined; ) {
        const page = await store.newest(scope, limit - found.length, next);
        const invoices = await Promise.all(page.ids.map((id) => store.invoice(scope, id)));
        const standing = invoices.filter((invoice) => invoice !== undefined).filter(({ deletedAt }) => !deletedAt);
        found.push(...standing.filter(matches));
        next = page.next;
        examined += page.ids.length;
        if (next === undefined || found.length >= limit) break;
      }
      return { invoices: found, ...(next !== undefined && { next }) };
    },
  };
}
