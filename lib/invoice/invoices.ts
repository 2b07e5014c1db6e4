/** Everything that can be done with invoices, over a store that keeps its promises. Knows no AWS, no HTTP, no vendor. */
import { seal } from './chain.ts';
import { changing } from './changing.ts';
import { takenNames } from './claims.ts';
import { createContext, type Dependencies } from './context.ts';
import { corrections } from './corrections.ts';
import { creating } from './creating.ts';
import { dunning } from './dunning.ts';
import { eventRejections } from './event-rejections.ts';
import { exchangeRates } from './exchange-rates.ts';
import { eventFeed } from './feed.ts';
import { finalization } from './finalization.ts';
import { finding } from './finding.ts';
import { importing } from './importing.ts';
import { lists } from './lists.ts';
import { type Caller, type Invoice, modes, scopeOf } from './model.ts';
import { periodOf } from './number.ts';
import { type Answer, type Operation, replayed } from './operation.ts';
import { payments } from './payments.ts';
import { referenceData } from './reference/reference.ts';
import { sending } from './sending.ts';
import { seriesBooks } from './series.ts';
import { webhooks } from './webhooks/webhooks.ts';

export type Invoices = ReturnType<typeof createInvoices>;

/** Made anew for each request or batch: whatever is called on it shares one context. */
export function createInvoices(dependencies: Dependencies) {
  const context = createContext(dependencies);
  const { store, now, tenant, find } = context;
  const finalizing = finalization(context);
  const making = creating(context, finalizing);
  const paying = payments(context, finalizing);

  return {
    now,
    tenant,
    find,
    finalize: finalizing.finalize,
    ...making,
    ...changing(context, finalizing),
    /** What a draft that is not stored would be named by, and another invoice is already. */
    takenNames: (invoice: Invoice) => takenNames(store, invoice),
    ...sending(context, finalizing),
    ...corrections(context, finalizing),
    payments: paying,
    importing: importing(context, making.preview, paying),
    dunning: dunning(context, finalizing),
    ...lists(context),
    ...finding(context),
    series: seriesBooks(context, finalizing),
    /** The id of the invoice with a line that its caller named. */
    lineHolder: (caller: Caller, name: string) => store.lineHolder(scopeOf(caller), name),
    /** What happened to an invoice, in order. */
    history: async (caller: Caller, id: string) => store.history(scopeOf(caller), (await find(caller, id)).id),
    /** What happened to all invoices, in order. */
    events: eventFeed(context),
    webhooks: webhooks(context),
    reference: referenceData(context),
    exchangeRates: exchangeRates(store),
    eventRejections: eventRejections(context),

    /** The first answer of an operation that was done before; `undefined` when it is new or was interrupted. */
    async replay(caller: Caller, operation: Operation): Promise<Answer | undefined> {
      return replayed(await store.operation(scopeOf(caller), operation.id), operation);
    },

    /** Finishes what crashed processes left open in every series, and seals what is final. */
    async sweep(): Promise<void> {
      const year = Number(now().slice(0, 4));
      for (const { id } of await store.tenants()) {
        for (const mode of modes) {
          const scope = { tenant: id, mode };
          for (const series of await store.allSeries(scope)) {
            // Somewhere it is still, or already, another year.
            const periods = new Set([year - 1, year, year + 1].map((each) => periodOf(series, `${each}-01-01`)));
            for (const period of periods) {
              const counter = { scope, name: series.name, period };
              await finalizing.sweep(counter, series);
              await seal(store, counter, series, Number.POSITIVE_INFINITY);
            }
          }
        }
      }
    },
  };
}
