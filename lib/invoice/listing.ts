/** The lists that invoices stand on, and where: but for two in the order of their invoice dates, then of their creation. */

import type { CalendarDate } from './document.ts';
import { dunningPlace, isOverdue } from './dunning.ts';
import type { Invoice, State } from './model.ts';
import { type PaymentStatus, paymentStatus } from './payments.ts';
import { indexedWords } from './words.ts';

/** What an invoice is and what came in for it; one that waits for its number is as good as issued. */
export interface Status {
  readonly state: Exclude<State, 'finalizing'>;
  readonly paymentStatus: PaymentStatus;
}

/** A list by what stands on it. Several statuses make one list. */
export type Listing =
  | { readonly by: 'status'; readonly statuses: readonly Status[] }
  | { readonly by: 'currency'; readonly currency: string }
  /** By the day on which they were due or last reminded of. */
  | { readonly by: 'overdue'; readonly today: CalendarDate }
  /** Words that begin so: in the order of the words, and each one's invoices by date. */
  | { readonly by: 'word'; readonly prefix: string };

/** An invoice on a list. Positions sort as text. */
export interface Listed {
  readonly id: string;
  readonly position: string;
}

/** The status that an invoice is listed under. */
export function statusOf(invoice: Invoice): Status {
  const { state } = invoice;
  return { state: state === 'finalizing' ? 'issued' : state, paymentStatus: paymentStatus(invoice) };
}

const states = ['draft', 'approved', 'issued', 'sending', 'sent', 'delivered', 'failed', 'cancelled'] as const;
const paymentStatuses = ['unpaid', 'partially_paid', 'paid', 'overpaid'] as const;

/** Every status there is: nothing is paid for a draft. */
export const statuses: readonly Status[] = states.flatMap((state) =>
  paymentStatuses
    .filter((each) => each === 'unpaid' || (state !== 'draft' && state !== 'approved'))
    .map((each) => ({ state, paymentStatus: each })),
);

/** The place among invoices by date. A draft without an issue date stands at the day (UTC) it was made. */
export const placeOf = ({ id, createdAt, document }: Invoice): string =>
  `${document.issueDate ?? createdAt.slice(0, 10)}#${createdAt}#${id}`;

/** Where an invoice belongs on a list; `undefined` when it does not stand there. */
export function positionOn(listing: Listing, invoice: Invoice): string | undefined {
  const place = placeOf(invoice);
  switch (listing.by) {
    case 'status': {
      const { state, paymentStatus } = statusOf(invoice);
      const stands = listing.statuses.some((each) => each.state === state && each.paymentStatus === paymentStatus);
      return stands ? place : undefined;
    }
    case 'currency':
      return invoice.document.currency === listing.currency ? place : undefined;
    case 'overdue':
      return isOverdue(invoice, listing.today) ? dunningPlace(invoice)?.position : undefined;
    case 'word': {
      // Two words may begin alike: the list is read from its end, and the invoice is found once.
      const [word] = indexedWords(invoice)
        .filter((each) => each.startsWith(listing.prefix))
        .sort()
        .reverse();
      return word === undefined ? undefined : `${word}#${place}`;
    }
  }
}
