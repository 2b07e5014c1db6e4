/** What every operation on invoices works with. */
import type { Deliver } from './delivery.ts';
import { InvoiceError } from './failure.ts';
import { isInvoiceId } from './identity.ts';
import { type Draft, type Invoice, type Scope, type Series, scopeOf, type Tenant } from './model.ts';
import type { NumberingDependencies } from './numbering.ts';

export interface Dependencies extends NumberingDependencies {
  /** The id of a new invoice; unique in its scope. */
  newId(scope: Scope): Promise<string>;
  deliver: Deliver;
  /** Whether webhooks may lead to this machine: only where the machine is the caller's own. */
  readonly allowLoopback?: boolean;
}

export type Context = ReturnType<typeof createContext>;

/** Dependencies, and what every operation looks up. For one request or batch: what it reads of a tenant, it reads once. */
export function createContext(dependencies: Dependencies) {
  const { store } = dependencies;
  const tenants = new Map<string, Promise<Tenant | undefined>>();

  return {
    ...dependencies,

    /** The caller's company with its defaults. */
    async tenant(caller: Scope): Promise<Tenant> {
      // A contract asks for the tenant's defaults, and so do we: one request reads them once.
      const reading = tenants.get(caller.tenant) ?? store.tenant(caller.tenant);
      tenants.set(caller.tenant, reading);
      const found = await reading;
      // A key whose tenant is gone opens nothing.
      if (!found) throw new InvoiceError({ kind: 'forbidden' });
      return found;
    },

    /** The invoice of that id; another tenant's answers like an unknown one, and so does a deleted draft. */
    async find(scope: Scope, id: string): Promise<Invoice> {
      const invoice = isInvoiceId(scope, id) ? await store.invoice(scopeOf(scope), id) : undefined;
      if (!invoice || invoice.deletedAt) throw new InvoiceError({ kind: 'not-found', what: 'invoice', id });
      return invoice;
    },

    /** The series that an invoice's number comes from; none when it has its number. */
    async seriesFor(invoice: Invoice, company: Tenant): Promise<Series | undefined> {
      const name = seriesName(invoice, company);
      if (name === undefined) return undefined;
      const series = await store.series(invoice.scope, name);
      if (!series) throw missingSeries(name);
      return series;
    },
  };
}

/** Where the number comes from; nowhere when the caller chose it, and page 002 does not look at a series then. */
export const seriesName = (
  { number, series }: Pick<Draft, 'number' | 'series'>,
  { defaultSeries }: Tenant,
): string | undefined => (number === undefined ? (series ?? defaultSeries) : undefined);

/** The refusal of a series that there is not. */
export const missingSeries = (name: string) =>
  new InvoiceError({ kind: 'invalid', faults: [unknownReference(['series'], 'number series', name)] });

/** The fault of naming what there is not. */
export const unknownReference = (path: (string | number)[], what: string, given: string) => ({
  in: 'body' as const,
  path,
  code: 'unknown_reference',
  message: `There is no ${what} "${given}". Use one of your own, or leave this out for the default.`,
  given,
});

/** The refusal of a number that another invoice of the issuer has. */
export const numberTaken = (invoice: Invoice) =>
  new InvoiceError({ kind: 'number-taken', number: invoice.number ?? '', path: ['number'] });
