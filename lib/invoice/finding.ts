/**
 * Finding invoices. Each search is led by the one list that narrows it most, and reads a bounded part of it, whatever a tenant
 * has; what else was asked for is looked up in the invoices themselves. A list may name an invoice that has changed since, or
 * was never made: only what belongs where it was found counts.
 */
import { todayIn } from './calendar.ts';
import type { Context } from './context.ts';
import { openCursor, sealCursor } from './cursor.ts';
import type { CalendarDate } from './document.ts';
import { isOverdue } from './dunning.ts';
import { InvoiceError } from './failure.ts';
import { type Listing, positionOn, statuses, statusOf } from './listing.ts';
import { type Caller, type Invoice, type Scope, type State, scopeOf } from './model.ts';
import { normalizeNumber } from './number.ts';
import { type PaymentStatus, paymentStatus } from './payments.ts';
import { tells, words, wordsOf } from './words.ts';

/** How many invoices one call looks at; then it answers with what it found and a cursor. */
const mostExamined = 300;

/** Characters of the documents of a page: it ends before it is too large to be sent. */
const mostText = 3_000_000;

/** Once a page fell short, fewer than this are not worth a call. */
const leastExamined = 50;

export interface InvoiceFilter {
  states?: readonly State[];
  /** Overdue is what is unpaid or partially paid after its due date. */
  paymentStatus?: PaymentStatus | 'overdue';
  currency?: string;
  number?: string;
  externalReference?: string;
  /** The first and the last invoice date. */
  from?: CalendarDate;
  to?: CalendarDate;
  /** Words that number, buyer or references begin with; all of them must be there. */
  text?: string;
}

export interface Search {
  filter: InvoiceFilter;
  limit: number;
  cursor?: string;
}

export interface Found {
  invoices: Invoice[];
  nextCursor?: string;
}

/** Searches over the lists that the store keeps. */
export function finding({ store, tenant, now }: Context) {
  /**
   * Invoices that fit, newest invoice date first. With a text: by the word that was found, then by date. What is overdue: by the
   * day that it was due or last reminded of.
   */
  async function search(caller: Caller, { filter, limit, cursor }: Search): Promise<Found> {
    const scope = scopeOf(caller);
    const today = todayIn((await tenant(caller)).timeZone, now());
    const fits = matcher(filter, today);
    if (filter.number !== undefined || filter.externalReference !== undefined) {
      return { invoices: (await named(scope, filter)).filter(fits).slice(0, limit) };
    }
    const name = `invoices?${JSON.stringify(Object.entries(filter).sort())}`;
    const secret = await store.secret(scope);
    const listing = leading(filter, today);
    const range = listing.by === 'status' || listing.by === 'currency' ? { from: filter.from, to: filter.to } : {};
    const invoices: Invoice[] = [];
    let text = 0;
    let after = cursor === undefined ? undefined : openCursor(secret, name, cursor);
    for (let examined = 0; examined < mostExamined; ) {
      // One more tells whether there is a next page.
      const size = Math.max(examined > 0 ? leastExamined : 0, limit - invoices.length + 1);
      const page = await store.listed(scope, listing, { limit: size, after, ...range });
      const read = await Promise.all(page.map(({ id }) => store.invoice(scope, id)));
      for (const [index, { position }] of page.entries()) {
        const before = after;
        after = position;
        const invoice = read[index];
        if (!invoice || invoice.deletedAt || positionOn(listing, invoice) !== position || !fits(invoice)) continue;
        text += JSON.stringify(invoice.document).length;
        if (text > mostText && before !== undefined && invoices.length > 0) {
          return { invoices, nextCursor: sealCursor(secret, name, before) };
        }
        invoices.push(invoice);
        if (invoices.length < limit) continue;
        const last = index === page.length - 1 && page.length < size;
        return last ? { invoices } : { invoices, nextCursor: sealCursor(secret, name, position) };
      }
      if (page.length < size) return { invoices };
      examined += page.length;
    }
    return { invoices, nextCursor: sealCursor(secret, name, after as string) };
  }

  /** What a number or an external reference names. Both are claims: read consistently, and never late. */
  async function named(scope: Scope, { number, externalReference }: InvoiceFilter): Promise<Invoice[]> {
    const ids =
      externalReference === undefined
        ? await holders(scope, number as string)
        : [await store.externalReferenceHolder(scope, externalReference)];
    const found = await Promise.all(ids.map((id) => (id === undefined ? undefined : store.invoice(scope, id))));
    return found.flatMap((invoice) => (invoice && !invoice.deletedAt ? [invoice] : []));
  }

  /** A number names an invoice of each issuer that has it. */
  async function holders(scope: Scope, number: string): Promise<(string | undefined)[]> {
    const ids: (string | undefined)[] = [];
    let after: string | undefined;
    for (let more = true; more; ) {
      const page = await store.referencePage({ scope, kind: 'business-entities' }, { limit: 100, after });
      ids.push(...(await Promise.all(page.entries.map(({ id }) => store.numberHolder(scope, id, number)))));
      after = page.entries.at(-1)?.id;
      more = page.more;
    }
    return ids;
  }

  return { search };
}

/** The list to read: a word is rarer than what is overdue, that than a status, and a status than a currency. */
function leading({ text, states, paymentStatus, currency }: InvoiceFilter, today: CalendarDate): Listing {
  if (text !== undefined) {
    const [rarest] = words(text).sort((a, b) => Number(tells(b)) - Number(tells(a)) || b.length - a.length);
    if (rarest === undefined) throw noWords();
    return { by: 'word', prefix: rarest };
  }
  if (paymentStatus === 'overdue') return { by: 'overdue', today };
  if (currency !== undefined && !states && paymentStatus === undefined) return { by: 'currency', currency };
  const wanted = statuses.filter(
    (each) => (!states || states.includes(each.state)) && [undefined, each.paymentStatus].includes(paymentStatus),
  );
  return { by: 'status', statuses: wanted };
}

function matcher(filter: InvoiceFilter, today: CalendarDate): (invoice: Invoice) => boolean {
  const { states, currency, number, externalReference, from, to } = filter;
  const sought = words(filter.text ?? '');
  return (invoice) => {
    const date = invoice.document.issueDate ?? invoice.createdAt.slice(0, 10);
    const have = sought.length > 0 ? wordsOf(invoice) : [];
    return (
      (!states || states.includes(statusOf(invoice).state)) &&
      (filter.paymentStatus === undefined ||
        (filter.paymentStatus === 'overdue'
          ? isOverdue(invoice, today)
          : filter.paymentStatus === paymentStatus(invoice))) &&
      (currency === undefined || currency === invoice.document.currency) &&
      (number === undefined || normalizeNumber(number) === normalizeNumber(invoice.number ?? '')) &&
      (externalReference === undefined || externalReference === invoice.externalReference) &&
      (from === undefined || from <= date) &&
      (to === undefined || date <= to) &&
      sought.every((word) => have.some((each) => each.startsWith(word)))
    );
  };
}

const noWords = () =>
  new InvoiceError({
    kind: 'invalid',
    faults: [{ in: 'query', path: ['q'], code: 'no_words', message: 'Must have at least one letter or digit.' }],
  });
