/** What the commands that look after the books have in common. */
import type { Connection } from '../lib/dynamo/connection.ts';
import { numberClaims } from '../lib/dynamo/evidence.ts';
import { scopeKey } from '../lib/dynamo/table.ts';
import type { AnchoredHead } from '../lib/invoice/anchors.ts';
import type { VoidNumber } from '../lib/invoice/chain.ts';
import { modes, type Scope } from '../lib/invoice/model.ts';
import type { InvoiceStore } from '../lib/invoice/store.ts';
import type { Report } from '../lib/invoice/verification-report.ts';
import type { OpenTable } from './installation.ts';

/** Such work takes long: every call has a retry budget of its own. */
export function patient(open: OpenTable): Connection {
  let attempts = 0;
  return {
    table: open().table,
    attempts: () => attempts,
    async send(command) {
      const connection = open();
      const answer = await connection.send(command);
      attempts += connection.attempts();
      return answer;
    },
  };
}

/** Every scope that is there, and those that only claims or anchors still know; of one tenant when one is named. */
export async function scopesOf(
  store: InvoiceStore,
  { claims, anchors }: { claims: Claims; anchors: readonly AnchoredHead[] },
  tenant: string | undefined,
): Promise<Scope[]> {
  const tenants = [
    ...(await store.tenants()).map(({ id }) => id),
    ...claims.tenants,
    ...anchors.map((anchor) => anchor.tenant),
  ];
  const named = [...new Set(tenants)].filter((id) => tenant === undefined || id === tenant);
  if (tenant !== undefined && named.length === 0) {
    throw new Error(`There is no tenant ${tenant}. See: npm run tenants -- list`);
  }
  return named.flatMap((id) => modes.map((mode) => ({ tenant: id, mode })));
}

/** The numbers that are claimed in a table. */
export interface Claims {
  /** Whose they are. */
  readonly tenants: readonly string[];
  /** Those of a scope, by invoice. */
  of(scope: Scope): ReadonlyMap<string, string>;
}

/** Reads all claims, once for all scopes. */
export async function claimsIn(connection: Connection): Promise<Claims> {
  const claims = new Map<string, Map<string, string>>();
  for await (const { scope, number, invoiceId } of numberClaims(connection)) {
    claims.set(scope, (claims.get(scope) ?? new Map()).set(invoiceId, number));
  }
  return {
    tenants: [...claims.keys()].map((key) => key.slice(0, key.lastIndexOf('/'))),
    of: (scope) => claims.get(scopeKey(scope)) ?? new Map(),
  };
}

export const anchorsOf = (anchors: readonly AnchoredHead[], { tenant, mode }: Scope): AnchoredHead[] =>
  anchors.filter((each) => each.tenant === tenant && each.mode === mode);

/** Says how a series stands. */
export function tell({ tenant, mode }: Scope, { series, period, findings, count, voids, head }: Report): void {
  const name = `${tenant}/${mode} ${series === '' ? 'outside of any series' : `${series} ${period}`}`;
  const [first] = findings;
  if (first) {
    const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
    console.log(`BAD  ${name}: ${[first.number, first.code].filter(Boolean).join(' ')}: ${first.message}${more}`);
  } else if (count > 0) {
    console.log(`ok   ${name}: ${count} ${head ? `sealed up to ${head.ordinal}, ${head.hash}` : 'invoices'}`);
  }
  for (const line of voided(voids)) console.log(`void ${name}: ${line}`);
}

/** Void numbers in words, those of one restore or one import together. */
export function voided(voids: readonly VoidNumber[]): string[] {
  const runs = Map.groupBy(voids, ({ voided: { at } }) => at);
  return [...runs].map(([at, numbers]) => {
    const ordered = [...numbers].sort((a, b) => a.ordinal - b.ordinal);
    const ends = new Set([ordered[0]?.number, ordered.at(-1)?.number]);
    const why =
      ordered[0]?.voided.after === undefined ? 'missing in the history, by the import' : 'forgotten by the restore';
    return `${numbers.length} ${why} of ${at}: ${[...ends].join(' to ')}`;
  });
}
