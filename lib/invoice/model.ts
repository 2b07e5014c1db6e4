/**
 * The invoice as the core knows it, in the words of EN 16931. Every contract translates to and from this document.
 *
 * The document is plain JSON: what is stored, hashed and replayed is what stands here. Amounts are integers of the
 * currency's minor unit; prices, quantities and rates are decimal texts in canonical form (`Decimal.toString`).
 * An absent member and a member that is `undefined` mean the same; `null` does not occur.
 */

/** A real calendar day, `YYYY-MM-DD`, in the issuer's time zone. */
export type CalendarDate = string;
/** A moment in UTC, ISO 8601 with milliseconds. */
export type Timestamp = string;
/** An exact decimal number as text in canonical form, such as `12.5` or `-3`. */
export type DecimalText = string;
/** An amount as an integer of the currency's minor unit: cents for EUR, yen for JPY, fils for KWD. Always safe. */
export type MinorUnits = number;

/** A value with the scheme it belongs to (ISO 6523 ICD, EAS, UNTDID 1153 …). */
export interface Identifier {
  scheme?: string;
  value?: string;
}

export interface Address {
  /** BT-35, BT-50, BT-75 */
  street?: string;
  additionalLine?: string;
  city?: string;
  subdivision?: string;
  postalCode?: string;
  /** ISO 3166-1 alpha-2; BT-40, BT-55, BT-80 */
  country?: string;
}

export interface Contact {
  name?: string;
  phone?: string;
  email?: string;
}

/** BG-4 or BG-7. */
export interface Party {
  /** BT-34, BT-49 */
  endpointId?: Identifier;
  /** BT-29, BT-46 */
  identifiers?: Identifier[];
  /** BT-27, BT-44 unless a legal name is given */
  name?: string;
  legalName?: string;
  /** BT-28, BT-45 */
  tradingName?: string;
  /** BT-30, BT-47 */
  companyId?: Identifier;
  /** BT-31, BT-48 */
  vatNumber?: string;
  /** BT-32 */
  taxRegistrationId?: Identifier;
  /** BT-33, seller only */
  legalInformation?: string;
  address?: Address;
  contact?: Contact;
}

export interface Period {
  startDate?: CalendarDate;
  endDate?: CalendarDate;
  description?: string;
}

export interface BankAccount {
  /** BT-84 */
  iban?: string;
  /** BT-86 */
  bic?: string;
  accountName?: string;
}

/** BG-16: one way to pay. */
export interface PaymentMeans {
  /** BT-81, UNTDID 4461 */
  meansCode?: string;
  meansText?: string;
  /** BT-83 */
  paymentId?: string;
  bankAccounts?: BankAccount[];
  /** BG-18; the number is masked to at most the first 6 and last 4 digits before it gets here. */
  card?: { pan?: string; network?: string; holderName?: string };
  /** BG-19 */
  directDebit?: { mandateId?: string; debitedAccount?: string };
}

/** What an allowance or charge takes or adds. `amount` wins; else `percentage` of `baseAmount` (or of what it stands on). */
export interface AllowanceCharge {
  reason?: string;
  /** UNTDID 5189 (allowance) or 7161 (charge) */
  reasonCode?: string;
  amount?: MinorUnits;
  percentage?: DecimalText;
  baseAmount?: MinorUnits;
}

/** Category and rate of VAT, with the reason why none is due. */
export interface Tax {
  /** UNCL5305: S, Z, E, AE, K, G, O, L, M, B */
  taxCategory: string;
  /** Percent; absent for category O. */
  taxRate?: DecimalText;
  /** BT-121, BT-120 */
  exemptionReasonCode?: string;
  exemptionReason?: string;
}

/** BG-20 or BG-21. Without a category it is shared out over the VAT groups in proportion to their taxable amounts. */
export interface DocumentAllowanceCharge extends AllowanceCharge, Partial<Tax> {}

/** BG-25. */
export interface Line extends Tax {
  /** BT-126 */
  id: string;
  /** BT-153 */
  name: string;
  /** BT-154 */
  description?: string;
  /** BT-127 */
  note?: string;
  /** BT-129 */
  quantity: DecimalText;
  /** BT-130, UN/ECE Rec 20/21 */
  unitCode?: string;
  /** BT-146 in major units, any number of digits; tax included when `priceIncludesTax`. */
  price: DecimalText;
  /** BT-149; 1 when absent. */
  baseQuantity?: DecimalText;
  priceIncludesTax?: boolean;
  /** A tax amount fixed by the caller; EN 16931 cannot express it. Replaces the rate for this line. */
  fixedTax?: MinorUnits;
  allowances?: AllowanceCharge[];
  charges?: AllowanceCharge[];
  /** BT-132 */
  orderLineReference?: string;
  /** BT-133 */
  accountingCost?: string;
  /** BT-159 */
  originCountry?: string;
  /** BG-26 */
  period?: Period;
  /** BT-157 */
  standardId?: Identifier;
  /** BT-155 */
  sellersItemId?: string;
  /** BT-156 */
  buyersItemId?: string;
  /** BT-158 */
  classifications?: { listId?: string; listVersion?: string; value?: string }[];
  /** BG-32 */
  attributes?: { name?: string; value?: string }[];
}

/** BG-24. */
export interface Attachment {
  filename?: string;
  mimeType?: string;
  description?: string;
  /** Base64. */
  data?: string;
  /** BT-124 */
  externalReference?: string;
}

/** The commercial content: what can never change once the invoice has its number. */
export interface InvoiceDocument {
  /** BT-24 */
  specification?: string;
  /** BT-23 */
  businessProcess?: string;
  /** A delivery profile that the caller asks for, such as `xrechnung_ubl_invoice`. */
  documentType?: string;
  /** BT-3, UNTDID 1001: 380 invoice, 381 credit note, 384 corrected invoice … */
  typeCode: string;
  /** BT-2 */
  issueDate?: CalendarDate;
  /** BT-9 */
  dueDate?: CalendarDate;
  /** BT-7 */
  taxPointDate?: CalendarDate;
  /** BT-5 */
  currency: string;
  /** BT-6 */
  vatCurrency?: string;
  /** BT-19 */
  accountingCost?: string;
  /** BT-10 */
  buyerReference?: string;
  /** BT-11 */
  projectReference?: string;
  /** BT-12 */
  contractReference?: string;
  /** BT-17 */
  tenderOrLotReference?: string;
  /** BT-22 */
  notes?: string[];
  /** BG-14 */
  period?: Period;
  seller?: Party;
  buyer: Party;
  /** BG-10 */
  payee?: { name?: string; companyId?: Identifier };
  /** BT-20 */
  paymentTerms?: string;
  paymentMeans?: PaymentMeans[];
  /** BG-13 */
  delivery?: { date?: CalendarDate; locationId?: string; partyName?: string; address?: Address };
  /** BT-13 */
  purchaseOrder?: string;
  /** BT-14 */
  salesOrder?: string;
  /** BG-3 */
  precedingInvoices?: { number?: string; issueDate?: CalendarDate }[];
  lines: Line[];
  allowances?: DocumentAllowanceCharge[];
  charges?: DocumentAllowanceCharge[];
  /** BT-113: a fact, not a result. */
  prepaidAmount?: MinorUnits;
  /** BT-114 as given by the caller; a residual of tax-inclusive prices is added to it. */
  roundingAmount?: MinorUnits;
  attachments?: Attachment[];
}

/** BG-22 without the VAT breakdown. */
export interface Totals {
  /** BT-106 */
  lineExtension: MinorUnits;
  /** BT-107 */
  allowances: MinorUnits;
  /** BT-108 */
  charges: MinorUnits;
  /** BT-109 */
  taxExclusive: MinorUnits;
  /** BT-110 */
  tax: MinorUnits;
  /** BT-112 */
  taxInclusive: MinorUnits;
  /** BT-113 */
  prepaid: MinorUnits;
  /** BT-114 */
  rounding: MinorUnits;
  /** BT-115 */
  payable: MinorUnits;
}

/** BG-23. */
export interface TaxGroup extends Tax {
  /** BT-116 */
  taxable: MinorUnits;
  /** BT-117 */
  tax: MinorUnits;
}

/** Every figure of an invoice; the arrays stand in the order of the document's own. */
export interface Figures {
  lines: { /** BT-131 */ net: MinorUnits; allowances: MinorUnits[]; charges: MinorUnits[] }[];
  /** BT-92 of each document allowance. */
  allowances: MinorUnits[];
  /** BT-99 of each document charge. */
  charges: MinorUnits[];
  taxBreakdown: TaxGroup[];
  totals: Totals;
}

/** Figures that a caller stated for itself; kept as given on a draft and checked against our own before issue. */
export interface StatedFigures {
  totals?: Partial<Totals>;
  taxBreakdown?: Partial<TaxGroup>[];
}

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

export const modes = ['live', 'test'] as const;

export type Mode = (typeof modes)[number];

/** Where data belongs: nothing crosses a tenant, nor test and live. */
export interface Scope {
  readonly tenant: string;
  readonly mode: Mode;
}

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

/** What asked for: a document before it is an invoice. */
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
  /** Issued elsewhere, and taken over as it was handed in. */
  readonly imported?: { readonly at: Timestamp; readonly fingerprint: string };
  /** When it was found overdue: once, whatever is paid and reversed later. */
  readonly overdueAt?: Timestamp;
  readonly dunning?: { readonly paused?: boolean; readonly reminders?: readonly Reminder[] };
  /** The payment that came last. */
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
  /** What credit notes and cancellations took back; never more than is payable. */
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
