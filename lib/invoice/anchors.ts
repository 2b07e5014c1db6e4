/** Heads of chains as they are written down outside of the table: there, whoever can write the table cannot change them. */
import type { Link, VoidNumber } from './chain.ts';
import type { Timestamp } from './document.ts';
import { modes, type Scope } from './model.ts';
import { periodsUntil } from './number.ts';
import type { InvoiceStore } from './store.ts';
import type { Finding } from './verification-report.ts';

/** A chain's head that was written down elsewhere. */
export interface Anchor {
  readonly series: string;
  readonly period: string;
  readonly ordinal: number;
  readonly hash: string;
}

/** A head, whose it is, and since when it has been known. One is one line of JSON. */
export interface AnchoredHead extends Anchor, Scope {
  readonly at: Timestamp;
}

/** A head as it is written down. */
export const toLine = (head: AnchoredHead): string => `${JSON.stringify(head)}\n`;

/** The heads of all chains of all companies, as far as they are sealed. */
export async function* headsOf(
  store: Pick<InvoiceStore, 'tenants' | 'allSeries' | 'chainHead'>,
  at: Timestamp,
): AsyncGenerator<AnchoredHead> {
  const year = Number(at.slice(0, 4));
  for (const { id: tenant } of await store.tenants()) {
    for (const mode of modes) {
      const scope = { tenant, mode };
      for (const series of await store.allSeries(scope)) {
        const { name } = series;
        const periods = periodsUntil(series, year + 1);
        const heads = await Promise.all(
          periods.map(async (period) => ({ period, head: await store.chainHead({ scope, name, period }) })),
        );
        for (const { period, head } of heads) {
          if (head) yield { tenant, mode, series: name, period, ordinal: head.ordinal, hash: head.hash, at };
        }
      }
    }
  }
}

/** Anchored heads that the chain does not continue. What was anchored after the moment of a restore belongs to a time that is forgotten. */
export function anchorFindings(
  anchors: readonly Anchor[],
  links: ReadonlyMap<number, Link>,
  voids: readonly VoidNumber[],
): Finding[] {
  const isForgotten = (anchored: number) =>
    voids.some(({ ordinal, voided: { after = ordinal } }) => anchored > after && anchored <= ordinal);
  return anchors.flatMap(({ ordinal, hash }): Finding[] => {
    const link = links.get(ordinal);
    if (link?.hash === hash || isForgotten(ordinal)) return [];
    const number = link?.number ?? `#${ordinal}`;
    return link
      ? [{ ordinal, number, code: 'broken-chain', message: 'The head that was anchored here is another one.' }]
      : [{ ordinal, number, code: 'cut-tail', message: 'The chain was anchored here, and ends before.' }];
  });
}
