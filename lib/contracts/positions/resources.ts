/** The answers: every published member, `null` where there is nothing to tell. */
import * as z from 'zod';
import { Money } from './money.ts';

const anyText = z.string().nullable();
const day = z.iso.date().nullable();
const moment = z.iso.datetime({ offset: true });
const anyMoment = moment.nullable();

const Named = z.object({ id: anyText, name: anyText });
const Quantity = z.object({ value: z.string(), unit: Named });
const Ref = z.object({ id: z.string() });
const DocumentRef = Ref.extend({ number: anyText });

export const PositionResource = z.object({
  id: z.string(),
  createdAt: moment,
  name: z.string(),
  description: anyText,
  position: z.int(),
  quantity: Quantity,
  creditableQuantity: Quantity.nullable(),
  isCreditable: z.boolean(),
  isFullyCredited: z.boolean(),
  /** Before the discount. */
  netAmount: Money,
  discountAmount: Money,
  /** What was taken off the unit price, if that was an amount. */
  discountFixed: Money.nullable(),
  discountPercentage: anyText,
  taxAmount: Money,
  grossAmount: Money,
  tax: z.object({ category: z.string(), rate: anyText }).nullable(),
  taxGroup: Named.nullable(),
  group: Named.nullable(),
  parent: Ref.nullable(),
  product: Named.nullable(),
  subscriptionItem: Ref.nullable(),
  serviceDateFrom: day,
  serviceDateTo: day,
  unit: Named,
  unitPrice: Money.nullable(),
  unitPriceInterval: anyText,
  currencyCode: z.string(),
});

export type PositionResource = z.output<typeof PositionResource>;

const CustomerResource = z.object({
  id: anyText,
  customerNumber: anyText,
  timeZone: anyText,
  firstName: anyText,
  lastName: anyText,
  currencyCode: anyText,
  companyName: anyText,
  datevId: anyText,
  status: anyText,
});

const AddressResource = z.object({
  companyName: anyText,
  street: anyText,
  additionalLine: anyText,
  postalCode: anyText,
  city: anyText,
  subdivision: anyText,
  countryCode: anyText,
});

/** A rate of the European Central Bank: units of the currency for one of the base currency. */
const ExchangeRate = z.object({
  baseCurrencyCode: z.literal('EUR'),
  currencyCode: z.string(),
  rate: z.string(),
  date: z.iso.date(),
  source: z.string(),
});

const types = ['INVOICE', 'CREDIT', 'REFUND', 'REMINDER', 'CANCEL', 'DUNNING'] as const;
const statuses = ['DRAFT', 'PAID', 'CANCELLED', 'REFUNDED', 'REMINDED', 'UNPAID', 'NEW', 'FINALIZING'] as const;

export const InvoiceResource = z.object({
  id: z.string(),
  customer: CustomerResource,
  paymentMethod: z.object({}).nullable(),
  referencedInvoice: DocumentRef.nullable(),
  type: z.enum(types.map((type) => `TYPE_${type}` as const)),
  currencyCode: z.string(),
  number: anyText,
  status: z.enum(statuses.map((status) => `STATUS_${status}` as const)),
  creationDate: moment,
  finalizationDate: anyMoment,
  dueDate: anyMoment,
  lastReminderDate: anyMoment,
  lastSentAt: anyMoment,
  dunningLevel: z.int(),
  dunningStatus: z.enum(['reminder', 'dunning', 'none']),
  payDate: anyMoment,
  invoiceAddress: AddressResource.nullable(),
  internalNote: anyText,
  title: anyText,
  introduction: anyText,
  closing: anyText,
  netAmount: Money,
  grossAmount: Money,
  taxAmount: Money,
  discountAmount: Money.nullable(),
  file: z.object({}).nullable(),
  positions: z.array(PositionResource),
  applicatedExchangeRates: z.array(ExchangeRate),
  eInvoiceType: z.enum(['xrechnung']).nullable(),
  leitwegId: anyText,
  serviceDateFrom: day,
  serviceDateTo: day,
  unpaidAmount: Money,
  usageBreakdownUrl: anyText,
  cancellationDocument: Ref.nullable(),
  dunningDisabled: z.boolean(),
  sourceType: z.enum(['manual', 'subscription', 'cart']),
});

export type InvoiceResource = z.output<typeof InvoiceResource>;
