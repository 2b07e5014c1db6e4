/**
 * The content of an invoice in the words of EN 16931. Every contract translates to and from this document.
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
