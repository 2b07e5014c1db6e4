/** Holds the books of one series in one period against its invoices, its chain and the heads that were anchored. */
import { type Anchor, anchorFindings } from './anchors.ts';
import { digest } from './canonical-json.ts';
import { type BookLine, genesis, isVoid, type Link, linked, type Numbered, type VoidNumber } from './chain.ts';
import type { Inspected } from './inspection.ts';
import type { Scope, Series } from './model.ts';
import { formatNumber, lastOrdinal, normalizeNumber, ordinalOf, periodOf } from './number.ts';
import { type CounterState, type InvoiceStore, type SeriesCounter, Unreadable } from './store.ts';

/** What is wrong, at the first number where it shows. */
export interface Finding {
  readonly ordinal: number;
  readonly number: string;
  readonly code: Code;
  readonly message: string;
}

export type Code =
  /** The invoice is not what its own history says, or cannot be read. */
  | 'changed'
  /** The invoice is gone. */
  | 'removed'
  /** Nobody has the number. */
  | 'missing'
  | 'duplicate'
  /** Number, place, claim and books do not agree. */
  | 'wrong-number'
  /** The counter stands before numbers that were given out. */
  | 'counter'
  | 'broken-chain'
  /** An anchored head is not in the chain. */
  | 'cut-tail'
  /** A series that keeps the order of dates does not. */
  | 'wrong-order';

export interface Report {
  readonly series: string;
  readonly period: string;
  /** In number order. */
  readonly findings: readonly Finding[];
  readonly count: number;
  /** Numbers that are said to be nobody's, since a restore or an import: no finding, and not to be overlooked either. */
  readonly voids: readonly VoidNumber[];
  readonly head?: Anchor;
}

/** What is known of a scope while its series are looked at. */
export interface Books {
  readonly store: InvoiceStore;
  readonly scope: Scope;
  inspected(id: string): Promise<Inspected | undefined>;
  /** Invoices that say they have a number of this counter, by ordinal. */
  placed(counter: SeriesCounter): ReadonlyMap<number, Inspected>;
}

/** One series in one period. */
export async function verifySeries(
  books: Books,
  counter: SeriesCounter,
  series: Series,
  anchors: readonly Anchor[],
): Promise<Report> {
  const { store } = books;
  const chain = await chainOf(store, counter, series);
  // Before the lines, it tells which must be there; after them, which may be.
  const before = await store.counter(counter);
  const lines = await store.numbersOf(counter, 0, lastOrdinal);
  const after = await store.counter(counter);
  const placed = books.placed(counter);

  const byOrdinal = new Map(lines.map((line) => [line.ordinal, line]));
  const voids = lines.filter(isVoid);
  const links = new Map(chain.links.map((link) => [link.ordinal, link]));
  const findings = [...chain.findings, ...anchorFindings(anchors, links, voids), ...duplicates(lines)];
  const known = [...byOrdinal.keys(), ...links.keys(), ...placed.keys()];
  const next = before?.next ?? series.start;
  const all = [...new Set([...known, ...given(series.start, next, known.length)])].sort((a, b) => a - b);
  for (let at = 0; at < all.length; at += batch) {
    const entries = all.slice(at, at + batch).map(
      (ordinal): Entry => ({
        ordinal,
        line: byOrdinal.get(ordinal),
        link: links.get(ordinal),
        claimant: placed.get(ordinal),
        mayMiss: ordinal >= next || isOpen(before, ordinal),
        isGiven: ordinal < (after?.next ?? 0),
      }),
    );
    findings.push(...(await Promise.all(entries.map((entry) => entryFindings(books, counter, series, entry)))).flat());
  }
  if (series.chronology === 'enforce') findings.push(...(await orderFindings(books, lines, after)));
  const head = chain.links.at(-1);
  return {
    series: series.name,
    period: counter.period,
    findings: findings.sort((a, b) => a.ordinal - b.ordinal),
    count: lines.length,
    voids,
    ...(head && { head: { series: series.name, period: counter.period, ordinal: head.ordinal, hash: head.hash } }),
  };
}

/** What the books, the chain and an invoice say of one ordinal. */
interface Entry {
  readonly ordinal: number;
  readonly line: BookLine | undefined;
  readonly link: Link | undefined;
  /** The invoice that says it has this place. */
  readonly claimant: Inspected | undefined;
  /** Nobody need have it: it is not given out yet, an interrupted process holds it, or the next invoice gets it. */
  readonly mayMiss: boolean;
  /** The counter has gone past it. */
  readonly isGiven: boolean;
}

async function entryFindings(
  books: Books,
  counter: SeriesCounter,
  series: Series,
  { ordinal, line, link, claimant, mayMiss, isGiven }: Entry,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const number = line?.number ?? link?.number ?? claimant?.number ?? `#${ordinal}`;
  const found = (code: Code, message: string) => findings.push({ ordinal, number, code, message });
  if (ordinal < series.start) found('wrong-number', 'The series begins after this number.');
  if ((line || link || claimant) && !isGiven) {
    found('counter', 'The counter stands before this number, which was given out.');
  }
  if (!line) {
    if (link) found('removed', 'It was sealed, and the books do not have it any more.');
    if (claimant) found('missing', `Invoice ${claimant.id} says that it has this number; the books do not.`);
    if (!link && !claimant && !mayMiss) found('missing', 'Nobody has this number.');
    return findings;
  }
  if (isVoid(line)) {
    if (claimant) found('duplicate', `Invoice ${claimant.id} says that it has this number, which is void.`);
    if (link && !isSealedVoid(link, line)) found('changed', 'It is not what was sealed.');
    return findings;
  }
  const invoice = await books.inspected(line.invoiceId);
  if (!invoice) {
    found('removed', `Invoice ${line.invoiceId} is gone.`);
    return findings;
  }
  const isWhole = invoice.digest !== undefined;
  for (const fault of invoice.faults) found(isWhole ? 'changed' : 'removed', fault);
  for (const fault of await linkFaults(books, invoice)) found('changed', fault);
  if (isWhole)
    for (const fault of await numberFaults(books, counter, series, line, invoice)) found('wrong-number', fault);
  if (claimant && claimant.id !== invoice.id)
    found('duplicate', `Invoice ${claimant.id} says that it has this number too.`);
  if (link && isWhole && !isSealedAs(link, invoice)) found('changed', 'It is not what was sealed.');
  return findings;
}

/** The ordinals that a counter has given out. However far somebody set it, no more than a thousand are looked for in vain. */
function given(start: number, next: number, known: number): number[] {
  return Array.from({ length: Math.max(0, Math.min(next - start, known + 1_000)) }, (_, index) => start + index);
}

/** How many are looked at side by side. */
const batch = 50;

const isOpen = (state: CounterState | undefined, ordinal: number): boolean =>
  state !== undefined && (state.spare.includes(ordinal) || state.open.some((ticket) => ticket.ordinal === ordinal));

/** The chain as far as it can be read, each link recomputed from the one before. */
async function chainOf(store: InvoiceStore, counter: SeriesCounter, { start }: Series) {
  const findings: Finding[] = [];
  const broken = (ordinal: number, number: string, message: string) =>
    findings.push({ ordinal, number, code: 'broken-chain', message });
  let links: Link[] = [];
  try {
    links = await store.chain(counter, 0, lastOrdinal);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    broken(start, '', error.message);
  }
  for (const [index, link] of links.entries()) {
    const { previous: _, hash: __, ...content } = link;
    const due = linked(links[index - 1]?.hash ?? genesis(counter), content);
    if (link.ordinal !== start + index)
      broken(start + index, link.number, 'A link of the chain is missing or misplaced.');
    else if (due.previous !== link.previous) broken(link.ordinal, link.number, 'It does not continue the link before.');
    else if (due.hash !== link.hash) broken(link.ordinal, link.number, 'Its link of the chain was changed.');
  }
  return { links, findings };
}

const isSealedVoid = (link: Link, { voided }: VoidNumber): boolean =>
  isVoid(link) && digest(link.voided) === digest(voided);

const isSealedAs = (link: Link, { id, number, issueDate = '', digest, final }: Inspected): boolean =>
  !isVoid(link) &&
  link.invoiceId === id &&
  normalizeNumber(link.number) === normalizeNumber(number ?? '') &&
  link.issueDate === issueDate &&
  link.digest === digest &&
  link.entry === final?.hash;

/** Whether books, invoice, pattern and claim agree on the number. */
async function numberFaults(
  books: Books,
  { name, period }: SeriesCounter,
  series: Series,
  { ordinal, number, passed }: Numbered,
  invoice: Inspected,
): Promise<string[]> {
  const { place, issueDate } = invoice;
  const faults: string[] = [];
  if (normalizeNumber(invoice.number ?? '') !== normalizeNumber(number)) {
    faults.push(`The books say ${number}; its invoice, ${invoice.number ?? 'none'}.`);
  }
  const isOurs = place?.name === name && place.period === period;
  // A number that was passed is one that a caller chose, or another series of the same pattern gave out.
  if (passed ? isOurs : !isOurs || place.ordinal !== ordinal)
    faults.push('Its invoice says that it has another place.');
  if (invoice.isImported) {
    // Others numbered it: an invoice of January may have a number of the year before.
    const written = ordinalOf(series, number);
    if (written?.ordinal !== ordinal || periodOf(series, `${written.year}-01-01`) !== period) {
      faults.push('Its series writes other numbers.');
    }
  } else if (!passed && issueDate !== undefined) {
    const due = formatNumber(series, issueDate, ordinal);
    if (due !== number) faults.push(`Its series and date make ${due}.`);
    else if (periodOf(series, issueDate) !== period) faults.push(`Its date, ${issueDate}, is of another period.`);
  }
  return [...faults, ...(await claimFaults(books, invoice))];
}

function duplicates(lines: readonly BookLine[]): Finding[] {
  const seen = new Set<string>();
  return lines.flatMap((line): Finding[] => {
    if (isVoid(line)) return [];
    const { ordinal, number, invoiceId } = line;
    if (!seen.has(invoiceId)) {
      seen.add(invoiceId);
      return [];
    }
    return [{ ordinal, number, code: 'duplicate', message: `Invoice ${invoiceId} has an earlier number too.` }];
  });
}

/** A number is claimed by the one invoice that has it. */
export async function claimFaults({ store, scope }: Books, invoice: Inspected): Promise<string[]> {
  const { id, number, businessEntityId } = invoice;
  if (number === undefined || businessEntityId === undefined) return [];
  const holder = await store.numberHolder(scope, businessEntityId, number);
  if (holder === id) return [];
  return [holder === undefined ? `The claim of ${number} is gone.` : `${number} is claimed by invoice ${holder}.`];
}

/** BG-3: both documents must know of each other. */
async function linkFaults(books: Books, { id, corrections }: Inspected): Promise<string[]> {
  const others = await Promise.all(corrections.map((each) => books.inspected(each)));
  return corrections
    .filter((_, index) => others[index]?.relatedInvoiceId !== id)
    .map((each) => `Its correction ${each} is gone, or does not name it.`);
}

/** A number that was handed on after a crash comes late; one that a caller chose, or that was taken over, has a date of its own. */
async function orderFindings(
  books: Books,
  lines: readonly BookLine[],
  state: CounterState | undefined,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let latest = '';
  for (const line of lines) {
    if (isVoid(line)) continue;
    const { ordinal, number, invoiceId, passed } = line;
    const { issueDate: date, isImported } = (await books.inspected(invoiceId)) ?? {};
    if (date === undefined || isImported || passed || state?.handedOn.includes(ordinal)) continue;
    if (date < latest) {
      const message = `Its date, ${date}, is before that of an earlier number, ${latest}.`;
      findings.push({ ordinal, number, code: 'wrong-order', message });
    } else latest = date;
  }
  return findings;
}
