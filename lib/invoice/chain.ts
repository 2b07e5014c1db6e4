/**
 * Evidence: the final invoices of a series, sealed in number order into a chain of hashes. Whoever changes, removes, swaps
 * or redates one would have to change every later entry, and the heads that were anchored elsewhere.
 */
import { digestOf, finalEntry } from './audit.ts';
import { digest } from './canonical-json.ts';
import type { CalendarDate, Series } from './model.ts';
import type { InvoiceStore, SeriesCounter } from './store.ts';

/** One link. */
export interface ChainEntry {
  readonly ordinal: number;
  readonly number: string;
  readonly invoiceId: string;
  readonly issueDate: CalendarDate;
  /** Of the invoice's legal snapshot. */
  readonly digest: string;
  /** The hash of the audit entry that made it final: who did it, and when. */
  readonly entry: string;
  /** The hash of the link before; of the counter's name for the first. */
  readonly previous: string;
  /** SHA-256 of the canonical JSON of all of the above. */
  readonly hash: string;
}

/** A line of a series' books: who has the number of an ordinal. */
export interface Numbered {
  readonly ordinal: number;
  readonly number: string;
  readonly invoiceId: string;
  /** The caller chose this number; the series found it taken and went past it. */
  readonly passed?: true;
}

/** Where a counter's chain begins. */
export const genesis = ({ scope, name, period }: SeriesCounter): string =>
  digest({ tenant: scope.tenant, mode: scope.mode, series: name, period });

/** The link that follows `previous`. */
export function linked(previous: string, content: Omit<ChainEntry, 'previous' | 'hash'>): ChainEntry {
  const link = { ...content, previous };
  return { ...link, hash: digest(link) };
}

/** How many links are made in one step; a transaction takes no more. */
const batch = 100;

/** What a request that somebody waits for takes part in sealing, in steps. */
const mostSteps = 5;

/**
 * Seals what has become final since the last time, up to the first number that has not: it still may. Several may do it at
 * once: they make the same links, and a link that is there stays. Answers with the head.
 */
export async function seal(
  store: InvoiceStore,
  counter: SeriesCounter,
  { start }: Series,
  steps = mostSteps,
): Promise<ChainEntry | undefined> {
  for (let step = 0; ; step++) {
    const head = await store.chainHead(counter);
    const links = step < steps ? await nextLinks(store, counter, start, head) : [];
    if (links.length === 0) return head;
    await store.appendChain(counter, links);
  }
}

async function nextLinks(
  store: InvoiceStore,
  counter: SeriesCounter,
  start: number,
  head: ChainEntry | undefined,
): Promise<ChainEntry[]> {
  const from = (head?.ordinal ?? start - 1) + 1;
  const numbers = await store.numbersOf(counter, from, from + batch - 1);
  const kept = await Promise.all(numbers.map(({ invoiceId }) => store.examine(counter.scope, invoiceId)));
  const links: ChainEntry[] = [];
  for (const [index, { ordinal, number, invoiceId }] of numbers.entries()) {
    const { invoice, history = [] } = kept[index] ?? {};
    const entry = finalEntry(history);
    // What is not as its audit entry says is not sealed: the verification will name it.
    if (ordinal !== from + index || !invoice || entry?.digest !== digestOf(invoice)) break;
    const issueDate = invoice.document.issueDate ?? '';
    const previous = (links.at(-1) ?? head)?.hash ?? genesis(counter);
    links.push(linked(previous, { ordinal, number, invoiceId, issueDate, digest: entry.digest, entry: entry.hash }));
  }
  return links;
}
