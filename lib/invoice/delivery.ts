/** The port through which an issued invoice reaches its buyer. */
import type { Invoice } from './model.ts';

/** What came of handing an invoice over. */
export type Delivery =
  | { sent: true; network?: string /** The address it went to. */; to?: string }
  | { sent: false; network?: string; reason: string };

export interface DeliveryOptions {
  /** Where to, instead of the buyer's own address. */
  to?: string;
  /** Without an address the company hands the invoice over itself; otherwise the delivery fails. */
  mayHandOver?: boolean;
}

/** Hands an issued invoice to its buyer; may be asked again for the same one. */
export type Deliver = (invoice: Invoice, options: DeliveryOptions) => Promise<Delivery>;
