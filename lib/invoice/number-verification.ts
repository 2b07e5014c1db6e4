/** Holds what books, chain, claims and invoices say of one number against each other. */
import { digest } from './canonical-json.ts';
import { type BookLine, isVoid, type Link, type Numbered, type VoidNumber } from './chain.ts';
import type { Inspected } from './inspection.ts';
import type { Scope, Series } from './model.ts';
import { formatNumber, normalizeNumber, periodOf, placeIn } from './number.ts';
import type { InvoiceStore, SeriesCounter } from './store.ts';
import type { Code, Finding } from './verification-report.ts';

/** What is known of a scope while its series are looked at. */
export interface Books {
  readonly store: InvoiceStore;
  readonly scope: Scope;
  inspected(id: string): Promise<Inspected | undefined>;
  /** Invoices that say they have a number of this counter, by ordinal. */
  placed(counter: SeriesCounter): ReadonlyMap<number, Inspected>;
}

/** What the books, the chain and an invoice say of one ordinal. */
export interface Entry {
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

/** What is wrong with a number. */
export async function numberFindings(
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
  for (const fault of await correctionFaults(books, invoice)) found('changed', fault);
  if (isWhole)
    for (const fault of await numberFaults(books, counter, series, line, invoice)) found('wrong-number', fault);
  if (claimant && claimant.id !== invoice.id)
    found('duplicate', `Invoice ${claimant.id} says that it has this number too.`);
  if (link && isWhole && !isSealedAs(link, invoice)) found('changed', 'It is not what was sealed.');
  return findings;
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
    const written = placeIn(series, number);
    if (written?.ordinal !== ordinal || written.period !== period) faults.push('Its series writes other numbers.');
  } else if (!passed && issueDate !== undefined) {
    const due = formatNumber(series, issueDate, ordinal);
    if (due !== number) faults.push(`Its series and date make ${due}.`);
    else if (periodOf(series, issueDate) !== period) faults.push(`Its date, ${issueDate}, is of another period.`);
  }
  return [...faults, ...(await claimFaults(books, invoice))];
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
async function correctionFaults(books: Books, { id, corrections }: Inspected): Promise<string[]> {
  const others = await Promise.all(corrections.map((each) => books.inspected(each)));
  return corrections
    .filter((_, index) => others[index]?.relatedInvoiceId !== id)
    .map((each) => `Its correction ${each} is gone, or does not name it.`);
}
