/**
 * Evidence: the issued invoices of a series, sealed in number order into a chain of hashes. Whoever changes, removes, swaps
 * or redates one would have to change every later entry, and the heads that were anchored elsewhere.
 */
import { createHash } from 'node:crypto';
import { digestOf } from './audit.ts';
import { canonicalJson } from './canonical-json.ts';
import type { CalendarDate, Invoice, Series } from './model.ts';
import { formatNumber } from './number.ts';
import type { InvoiceStore, SeriesCounter } from './store.ts';

/** One link. */
export interface ChainEntry {
  readonly ordinal: number;
  readonly number: string;
  readonly invoiceId: string;
  readonly issueDate: CalendarDate;
  /** SHA-256 of the invoice's legal snapshot. */
  readonly digest: string;
  /** The hash of the entry before; of the counter's name for the first. */
  readonly previous: string;
  /** SHA-256 of the canonical JSON of all of the above. */
  readonly hash: string;
}

/** A number that a series has given out, as the table knows it. */
export interface Numbered {
  readonly ordinal: number;
  readonly number: string;
  readonly invoiceId: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Where a counter's chain begins. */
export const genesis = ({ scope, name, period }: SeriesCounter): string =>
  sha256(canonicalJson({ tenant: scope.tenant, mode: scope.mode, series: name, period }));

/** The entry that follows `previous`. */
export function linked(previous: string, entry: Omit<ChainEntry, 'previous' | 'hash'>): ChainEntry {
  const content = { ...entry, previous };
  return { ...content, hash: sha256(canonicalJson(content)) };
}

/** How many numbers one step looks at. */
const step = 100;

export function chains(store: InvoiceStore) {
  /** The numbers of a counter after an ordinal, in order; those that callers chose by hand and the series passed included. */
  async function* numbered(counter: SeriesCounter, series: Series, after: number): AsyncGenerator<Numbered> {
    const state = await store.counter(counter);
    const end = (state?.next ?? series.start) - 1;
    for (let from = after + 1; from <= end; from += step) {
      const to = Math.min(from + step - 1, end);
      const given = new Map((await store.numbersOf(counter, from, to)).map((one) => [one.ordinal, one]));
      for (let ordinal = from; ordinal <= to; ordinal++) {
        const one = given.get(ordinal) ?? (await chosen(counter, series, ordinal));
        if (one) yield one;
      }
    }
  }

  /** A number that the series would have written, held by an invoice whose caller chose it. */
  async function chosen(counter: SeriesCounter, series: Series, ordinal: number): Promise<Numbered | undefined> {
    const { defaultBusinessEntityId } = (await store.tenant(counter.scope.tenant)) ?? {};
    if (defaultBusinessEntityId === undefined) return undefined;
    const year = counter.period === 'all' ? '0000' : counter.period;
    const number = formatNumber(series, `${year}-01-01`, ordinal);
    const invoiceId = await store.numberHolder(counter.scope, defaultBusinessEntityId, number);
    return invoiceId === undefined ? undefined : { ordinal, number, invoiceId };
  }

  /**
   * Seals what has been issued since the last time, up to the first number that is not: it may still come. May be done by
   * several at once: an entry that is there stays.
   */
  async function seal(counter: SeriesCounter, series: Series): Promise<ChainEntry | undefined> {
    let head = await store.chainHead(counter);
    let expected = (head?.ordinal ?? series.start - 1) + 1;
    for await (const { ordinal, number, invoiceId } of numbered(counter, series, expected - 1)) {
      if (ordinal !== expected) break;
      const invoice = await store.invoice(counter.scope, invoiceId);
      if (!invoice?.issuedAt) break;
      const entry = linked(head?.hash ?? genesis(counter), {
        ordinal,
        number: invoice.number ?? number,
        invoiceId,
        issueDate: invoice.document.issueDate ?? '',
        digest: digestOf(invoice),
      });
      head = await store.appendChain(counter, entry);
      expected++;
    }
    return head;
  }

  return { numbered, seal };
}

/** What is wrong with a series, at the first number where it shows. */
export interface Finding {
  readonly ordinal: number;
  readonly number: string;
  readonly code: 'missing' | 'duplicate' | 'changed' | 'removed' | 'broken-chain' | 'cut-tail' | 'wrong-number';
  readonly message: string;
}

/** A chain head that was written down elsewhere. */
export interface Anchor {
  readonly ordinal: number;
  readonly hash: string;
}

/** Recomputes a series from the table alone: claims, invoices, audit digests and chain, and the anchors when given. */
export async function verify(
  store: InvoiceStore,
  counter: SeriesCounter,
  series: Series,
  anchors: readonly Anchor[] = [],
): Promise<{ findings: Finding[]; head: ChainEntry | undefined; count: number }> {
  const { numbered } = chains(store);
  const findings: Finding[] = [];
  const found = (ordinal: number, number: string, code: Finding['code'], message: string) =>
    findings.push({ ordinal, number, code, message });
  const state = await store.counter(counter);
  const open = new Set([...(state?.open ?? []).map(({ ordinal }) => ordinal), ...(state?.spare ?? [])]);
  const chain = await store.chain(counter);
  const known = new Map<number, Numbered>();
  const seen = new Set<string>();
  for await (const one of numbered(counter, series, series.start - 1)) known.set(one.ordinal, one);

  let head: ChainEntry | undefined;
  const last = Math.max(
    (state?.next ?? series.start) - 1,
    chain.at(-1)?.ordinal ?? 0,
    ...anchors.map((a) => a.ordinal),
  );
  const sealed = new Map(chain.map((entry) => [entry.ordinal, entry]));
  for (let ordinal = series.start; ordinal <= last; ordinal++) {
    const one = known.get(ordinal);
    const entry = sealed.get(ordinal);
    const label = entry?.number ?? one?.number ?? `#${ordinal}`;
    if (!one && !open.has(ordinal)) {
      found(ordinal, label, entry ? 'removed' : 'missing', `No invoice holds number ${label}.`);
    }
    const invoice = one && (await store.invoice(counter.scope, one.invoiceId));
    if (one && !invoice) found(ordinal, label, 'removed', `The invoice of number ${label} is gone.`);
    if (invoice?.issuedAt) problems(invoice, one as Numbered, await store.issuedDigest(counter.scope, invoice.id));
    if (entry) {
      const expected = linked(head?.hash ?? genesis(counter), entryContent(entry));
      if (expected.hash !== entry.hash || expected.previous !== entry.previous) {
        found(ordinal, label, 'broken-chain', `The chain does not hold at ${label}.`);
      }
      if (invoice && digestOf(invoice) !== entry.digest) {
        found(ordinal, label, 'changed', `Invoice ${label} is not what was sealed.`);
      }
      head = entry;
    } else if (chain.some((later) => later.ordinal > ordinal)) {
      found(ordinal, label, 'broken-chain', `The chain has no entry for ${label}.`);
    }
    for (const anchor of anchors) {
      if (anchor.ordinal !== ordinal || entry?.hash === anchor.hash) continue;
      found(ordinal, label, entry ? 'broken-chain' : 'cut-tail', `The anchored head at ${label} is not in the chain.`);
    }
  }
  return { findings: findings.sort((a, b) => a.ordinal - b.ordinal), head, count: known.size };

  function problems(invoice: Invoice, one: Numbered, digest: string | undefined): void {
    const label = invoice.number ?? one.number;
    if (invoice.number !== one.number) {
      found(one.ordinal, label, 'wrong-number', `The claim of ${one.number} and its invoice's number differ.`);
    }
    if (invoice.place && invoice.place.ordinal !== one.ordinal) {
      found(one.ordinal, label, 'wrong-number', `Invoice ${label} says that it has another place in the series.`);
    }
    if (seen.has(invoice.id)) found(one.ordinal, label, 'duplicate', `Invoice ${label} holds two numbers.`);
    seen.add(invoice.id);
    if (digest !== digestOf(invoice)) {
      found(one.ordinal, label, 'changed', `Invoice ${label} is not what its audit entry says was issued.`);
    }
  }
}

const entryContent = ({ previous: _, hash: __, ...content }: ChainEntry) => content;
