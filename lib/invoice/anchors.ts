/** Heads of chains as they are written down outside of the table: there, whoever can write the table cannot change them. */
import type { Scope, Timestamp } from './model.ts';
import { periodsUntil } from './number.ts';
import type { Anchor } from './series-verification.ts';
import type { InvoiceStore } from './store.ts';

/** A head, whose it is, and since when it has been known. One is one line of JSON. */
export interface AnchoredHead extends Anchor, Scope {
  readonly at: Timestamp;
}

export const toLine = (head: AnchoredHead): string => `${JSON.stringify(head)}\n`;

/** The heads of all chains of all companies, as far as they are sealed. */
export async function* headsOf(
  store: Pick<InvoiceStore, 'tenants' | 'allSeries' | 'chainHead'>,
  at: Timestamp,
): AsyncGenerator<AnchoredHead> {
  const year = Number(at.slice(0, 4));
  for (const { id: tenant } of await store.tenants()) {
    for (const mode of ['live', 'test'] as const) {
      const scope = { tenant, mode };
      for (const series of await store.allSeries(scope)) {
        const { name } = series;
        const periods = periodsUntil(series, year + 1);
        const heads = await Promise.all(periods.map((period) => store.chainHead({ scope, name, period })));
        for (const [index, head] of heads.entries()) {
          const period = periods[index] as string;
          if (head) yield { tenant, mode, series: name, period, ordinal: head.ordinal, hash: head.hash, at };
        }
      }
    }
  }
}
