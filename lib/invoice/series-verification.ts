/** Holds the books of one series in one period against its invoices, its chain and the heads that were anchored. */
import { type Anchor, anchorFindings } from './anchors.ts';
import { type BookLine, genesis, isVoid, type Link, linked } from './chain.ts';
import type { Series } from './model.ts';
import { lastOrdinal } from './number.ts';
import { type Books, type Entry, numberFindings } from './number-verification.ts';
import { type CounterState, type InvoiceStore, type SeriesCounter, Unreadable } from './store.ts';
import type { Finding, Report } from './verification-report.ts';

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
  for (let at = 0; at < all.length; at += abreast) {
    const entries = all.slice(at, at + abreast).map(
      (ordinal): Entry => ({
        ordinal,
        line: byOrdinal.get(ordinal),
        link: links.get(ordinal),
        claimant: placed.get(ordinal),
        mayMiss: ordinal >= next || isOpen(before, ordinal),
        isGiven: ordinal < (after?.next ?? 0),
      }),
    );
    findings.push(...(await Promise.all(entries.map((entry) => numberFindings(books, counter, series, entry)))).flat());
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

/** The ordinals that a counter has given out. However far somebody set it, no more than a thousand are looked for in vain. */
function given(start: number, next: number, known: number): number[] {
  return Array.from({ length: Math.max(0, Math.min(next - start, known + 1_000)) }, (_, index) => start + index);
}

/** How many are looked at side by side. */
const abreast = 50;

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
