/** What page 004 knows of an invoice and the core has no place for. */
import type { Timestamp } from '../../invoice/document.ts';
import type { Invoice } from '../../invoice/model.ts';
import type { Conversion } from './conversion.ts';
import type { CounterPartyCopy } from './counter-party.ts';

export interface Extras {
  readonly counterParty?: CounterPartyCopy;
  readonly payViaStripeAccountConnectionId?: string;
  /** The moments that the dates came as. */
  readonly invoiceDate?: Timestamp;
  readonly dueDate?: Timestamp;
  /** Where a discount of nothing was called FIXED: on the document, on the lines of these ids. */
  readonly fixedNothing?: { readonly document?: true; readonly lines?: readonly string[] };
  /** How the amount is told in the company's own currency. */
  readonly conversion?: Conversion;
}

export const extrasOf = ({ extras }: Pick<Invoice, 'extras'>): Extras => (extras.bookkeeping as Extras) ?? {};
