/**
 * Evidence: the final invoices of a series, sealed in number order into a chain of hashes. Whoever changes, removes, swaps
 * or redates one would have to change every later entry, and the heads that were anchored elsewhere.
 */
import { digestOf, finalEntry } from './audit.ts';
import { digest } from './canonical-json.ts';
import type { CalendarDate, Timestamp } from './document.ts';
import type { Series } from './model.ts';
import type { InvoiceStore, SeriesCounter } from './store.ts';

/** How a link is joined to the one before. */
interface Joint {
  /** The hash of the link before; of the counter's name for the first. */
  readonly previous: string;
  /** SHA-256 of the canonical JSON of all else. */
  readonly hash: string;
}

/** The link of an invoice. */
export interface ChainEntry extends Joint {
  readonly ordinal: number;
  readonly number: string;
  readonly invoiceId: string;
  readonly issueDate: CalendarDate;
  /** Of the invoice's legal snapshot. */
  readonly digest: string;
  /** The hash of the audit entry that made it final: who did it, and when. */
  readonly entry: string;
}

/** A link: of an invoice, or of a number that nobody has any more. */
export type Link = ChainEntry | (VoidNumber & Joint);

/** A line of a series' books: who has the number of an ordinal. */
export interface Numbered {
  readonly ordinal: number;
  readonly number: string;
  readonly invoiceId: string;
  /** The caller chose this number; the series found it taken and went past it. */
  readonly passed?: true;
}

/**
 * A line for a number that nobody has: given out after the moment that a backup was taken of, perhaps, and forgotten; or missing
 * in a history that was taken over.
 */
export interface VoidNumber {
  readonly ordinal: number;
  readonly number: string;
  readonly voided: {
    readonly at: Timestamp;
    /**
     * After a restore: the last ordinal that the restored chain had. What was anchored of later ones belongs to the time that is
     * forgotten.
     */
    readonly after?: number;
  };
}

export type BookLine = Numbered | VoidNumber;

/** Whether it is of a number that nobody has any more. */
export const isVoid = (entry: BookLine | Link): entry is VoidNumber => 'voided' in entry;

/** Where a counter's chain begins. */
export const genesis = ({ scope, name, period }: SeriesCounter): string =>
  digest({ tenant: scope.tenant, mode: scope.mode, series: name, period });

/** The link that follows `previous`. */
export function linked(previous: string, content: Omit<ChainEntry, keyof Joint>): ChainEntry;
export function linked(previous: string, content: Omit<ChainEntry, keyof Joint> | VoidNumber): Link;
export function linked(previous: string, content: Omit<ChainEntry, keyof Joint> | VoidNumber): Link {
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
): Promise<Link | undefined> {
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
  head: Link | undefined,
): Promise<Link[]> {
  const from = (head?.ordinal ?? start - 1) + 1;
  const numbers = await store.numbersOf(counter, from, from + batch - 1);
  const kept = await Promise.all(
    numbers.map((line) => (isVoid(line) ? undefined : store.examine(counter.scope, line.invoiceId))),
  );
  const links: Link[] = [];
  for (const [index, line] of numbers.entries()) {
    const { ordinal, number } = line;
    if (ordinal !== from + index) break;
    const previous = (links.at(-1) ?? head)?.hash ?? genesis(counter);
    if (isVoid(line)) {
      links.push(linked(previous, line));
      continue;
    }
    const { invoiceId } = line;
    const { invoice, history = [] } = kept[index] ?? {};
    const entry = finalEntry(history);
    // What is not as its audit entry says is not sealed: the verification will name it.
    if (!invoice || entry?.digest !== digestOf(invoice)) break;
    const issueDate = invoice.document.issueDate ?? '';
    links.push(linked(previous, { ordinal, number, invoiceId, issueDate, digest: entry.digest, entry: entry.hash }));
  }
  return links;
}
