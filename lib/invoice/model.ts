/** An invoice as the core keeps it, and what it belongs to: tenants, their series, whoever calls. */
import type {
  CalendarDate,
  DecimalText,
  Figures,
  InvoiceDocument,
  MinorUnits,
  Party,
  StatedFigures,
  Timestamp,
} from './document.ts';

/**
 * The life of an invoice. `finalizing` passed every check and waits for its number; `issued` has it.
 * Transitions stand in `life-cycle.ts`.
 */
export type State =
  | 'draft'
  | 'approved'
  | 'finalizing'
  | 'issued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'failed'
  | 'cancelled';

/** What is real, and what is only tried. */
export const modes = ['live', 'test'] as const;

export type Mode = (typeof modes)[number];

/** Where data belongs: nothing crosses a tenant, nor test and live. */
export interface Scope {
  readonly tenant: string;
  readonly mode: Mode;
}

/** The scope of whatever belongs to one, such as a caller, and nothing besides. */
export const scopeOf = ({ tenant, mode }: Scope): Scope => ({ tenant, mode });

/** Something worth knowing that refuses nothing. */
export interface Warning {
  code: string;
  /** Names the member in canonical terms, or in the caller's own when the contract added it. */
  path: (string | number)[];
  message: string;
}

/** Where a number came from. A number that the caller chose has no place in a series. */
export interface SeriesPlace {
  name: string;
  /** The counter's period: a year such as `2026`, or `all` for a series that never starts again. */
  period: string;
  ordinal: number;
}

/** What is asked for: a document before it is an invoice. */
export interface Draft {
  document: InvoiceDocument;
  /** BT-1 as chosen by the caller; claimed with the draft. */
  number?: string;
  /** The series to number from when no number is chosen; the tenant's default when absent. */
  series?: string;
  stated?: StatedFigures;
  businessEntityId?: string;
  relatedInvoiceId?: string;
  /** What the caller calls it; names one invoice of the tenant, for ever. */
  externalReference?: string;
  /** Warnings of the contract, such as unknown members. */
  warnings?: Warning[];
  /** What a vendor sends beyond the core, kept for its own contract's answers. Plain JSON. */
  extras?: Record<string, unknown>;
}

/** A document that takes an invoice back, whole or in part (BG-3). */
export interface Correction {
  readonly id: string;
  readonly kind: 'cancellation' | 'credit';
  readonly amount: MinorUnits;
  /** How much of which lines, where it was asked for by lines. */
  readonly lines?: readonly { readonly id: string; readonly quantity: DecimalText }[];
}

/** A reminder that an unpaid invoice was given. Its fee is a claim of its own: no invoice changes by it. */
export interface Reminder {
  /** 1 for the first. */
  readonly level: number;
  readonly name: string;
  /** In minor units of `currency`, the tenant's own. */
  readonly fee: MinorUnits;
  readonly currency: string;
  readonly at: Timestamp;
  /** The day it was at the issuer's. */
  readonly on: CalendarDate;
}

/** What happened to an invoice besides its content. */
export interface Facts {
  readonly approvedAt?: Timestamp;
  readonly sendingAt?: Timestamp;
  readonly sentAt?: Timestamp;
  readonly sentBy?: string;
  /** The e-mail address that it was sent to. */
  readonly sentTo?: string;
  /** How it went out: `email`, or absent when somebody else delivers it. */
  readonly network?: string;
  /** Why the last delivery failed. */
  readonly deliveryError?: string;
  readonly cancellation?: { readonly reason?: string; readonly at: Timestamp; readonly by: string };
  readonly corrections?: readonly Correction[];
  /** How this document itself takes back its related invoice. */
  readonly corrects?: Correction['kind'];
  /** Issued elsewhere, and taken over as it was handed in. */
  readonly imported?: { readonly at: Timestamp; readonly fingerprint: string };
  /** When it was found overdue: once, whatever is paid and reversed later. */
  readonly overdueAt?: Timestamp;
  readonly dunning?: { readonly paused?: boolean; readonly reminders?: readonly Reminder[] };
  /** When it was paid no more, because a payment was taken back. */
  readonly reopenedAt?: Timestamp;
  /** The payment that came last, and stands if any does. */
  readonly lastPayment?: {
    readonly paidOn: CalendarDate;
    readonly at: Timestamp;
    readonly by: string;
    readonly reference?: string;
  };
}

/** Money received for an invoice. */
export interface Payment {
  /** Unique within its invoice. */
  readonly id: string;
  readonly amount: MinorUnits;
  readonly paidOn: CalendarDate;
  /** The provider's reference; names one payment of the tenant, for ever. */
  readonly reference?: string;
  readonly recordedAt: Timestamp;
  readonly recordedBy: string;
  readonly reversedAt?: Timestamp;
}

/** An invoice as it is kept. */
export interface Invoice {
  readonly scope: Scope;
  /** One identity in three spellings, see `identity.ts`; this one is the UUID. */
  readonly id: string;
  /** The contract that created it. */
  readonly contract: string;
  readonly createdAt: Timestamp;
  /** The key that created it. */
  readonly createdBy: string;
  readonly businessEntityId: string;
  readonly relatedInvoiceId?: string;
  readonly externalReference?: string;
  /** Counts every change; the audit entries carry it. */
  readonly version: number;
  readonly state: State;
  readonly updatedAt: Timestamp;
  /** The series asked for, kept until the number is drawn from it. */
  readonly series?: string;
  /** BT-1 */
  readonly number?: string;
  readonly place?: SeriesPlace;
  /** When finalising began; part of the ticket's name. */
  readonly finalizingAt?: Timestamp;
  /** What the invoice becomes with its number: issued, unless its contract numbers drafts. */
  readonly becomes?: 'draft';
  readonly issuedAt?: Timestamp;
  /** A deleted draft is unknown to everybody but the auditor. */
  readonly deletedAt?: Timestamp;
  /** What came in, less what was reversed. */
  readonly paid: MinorUnits;
  /** What credit notes and cancellations took back; never more than the invoice is worth. */
  readonly credited: MinorUnits;
  readonly facts: Facts;
  readonly document: InvoiceDocument;
  readonly figures: Figures;
  readonly stated?: StatedFigures;
  readonly warnings: Warning[];
  readonly extras: Record<string, unknown>;
}

/** Who calls, as the authorizer found it: the only source of the tenant. */
export interface Caller extends Scope {
  /** Identifies the key without being it; safe to log. */
  readonly keyId: string;
  readonly scopes: ReadonlySet<string>;
  readonly plan: string;
  /** The contract that is spoken. */
  readonly contract: string;
}

/** A step of reminding a buyer who has not paid. */
export interface DunningLevel {
  readonly name: string;
  /** Days after the due date; more than the level before. */
  readonly after: number;
  /** In minor units of the tenant's currency. */
  readonly fee: MinorUnits;
}

/** A company that issues invoices, with its defaults. */
export interface Tenant {
  /** UUID; also the `company_id` of answers. */
  readonly id: string;
  /** What callers that name their company call it. */
  readonly slug: string;
  readonly name: string;
  /** IANA time zone: decides which calendar day it is. */
  readonly timeZone: string;
  /** ISO 4217 */
  readonly currency: string;
  /** The series that numbers come from when the caller names none. */
  readonly defaultSeries: string;
  /** The series of credit notes and cancellations. */
  readonly creditSeries: string;
  readonly defaultBusinessEntityId: string;
  /** Days from issue to due date when an invoice names neither due date nor terms. */
  readonly paymentDays?: number;
  /** Nobody is reminded when there are none. */
  readonly dunning?: readonly DunningLevel[];
}

/** A seller identity of a tenant; uniqueness of numbers holds within it. */
export interface BusinessEntity {
  readonly id: string;
  readonly seller: Party;
}

/** A number series. Its pattern never changes: another pattern is another series. */
export interface Series {
  readonly name: string;
  /** Text with `{year}`, `{month}` and `{number}` or `{number:5}` (padded), such as `INV-{year}-{number:5}`. */
  readonly pattern: string;
  /** The first number of each period. */
  readonly start: number;
  readonly reset: 'yearly' | 'never';
  /** Whether a number may have an earlier issue date than the number before: always, with a warning, or never. */
  readonly chronology?: 'off' | 'warn' | 'enforce';
  /** Since when it gives out no numbers, because it is being restored. Its counters say so too, and have the last word. */
  readonly frozenAt?: Timestamp;
}
