/** The answers of page 004. */
import * as z from 'zod';
import { LineItem, Rate } from './create-invoice.ts';

const moment = z.iso.datetime();
const nullableText = z.string().nullable();

/** Documents that take something back are shown with a minus sign. */
const ShownRate = z.strictObject({ ...Rate.shape, value: z.number() });

const ShownLineItem = LineItem.extend({
  quantity: z.number(),
  unitPrice: z.number(),
  tax: ShownRate,
  discount: ShownRate,
});

export const CounterParty = z.strictObject({
  _id: z.string(),
  accountName: nullableText,
  accountNumber: nullableText,
  email: nullableText,
  phone: nullableText,
  type: z.enum(['customer', 'vendor', 'both']).nullable(),
  otherEmails: z.array(z.string()).nullable(),
  address: z
    .strictObject({
      city: nullableText,
      country: nullableText,
      state: nullableText,
      cca2: nullableText,
      line1: nullableText,
      line2: nullableText,
      postalCode: nullableText,
    })
    .nullable(),
});

export const InvoiceResource = z.strictObject({
  _id: z.string(),
  projectId: z.string(),
  status: z.enum(['DRAFT', 'SENT', 'PAID', 'OVERDUE', 'CANCELLED']),
  /** Blank while a draft of another contract has no number. */
  invoiceId: z.string(),
  purchaseOrderId: nullableText,
  counterParty: CounterParty.nullable(),
  discount: ShownRate,
  amount: z.number(),
  convertedAmount: z.number().nullable(),
  convertedCurrency: nullableText,
  sendDate: moment.nullable(),
  sendBy: nullableText,
  invoiceDate: moment,
  dueDate: moment,
  currency: z.string(),
  lineItems: z.array(ShownLineItem),
  note: z.string(),
  calculated: z.strictObject({
    grandTotal: z.number(),
    tax: z.number(),
    discount: z.number(),
    subTotal: z.number(),
  }),
  cancellationReason: nullableText,
  cancellationDate: moment.nullable(),
  cancellationBy: nullableText,
  paidMarkedBy: nullableText,
  paidMarkedDate: moment.nullable(),
  attachedTransactionId: nullableText,
  attachments: z.array(z.string()),
  payViaStripeAccountConnectionId: nullableText,
  createdAt: moment,
  updatedAt: moment,
});

export type InvoiceResource = z.output<typeof InvoiceResource>;

const enveloped = <Data extends z.ZodType>(data: Data) =>
  z.strictObject({ message: z.string(), metaData: z.strictObject({ warnings: z.array(z.string()) }), data });

export const InvoiceAnswer = enveloped(InvoiceResource);

export const InvoiceListAnswer = enveloped(
  z.strictObject({ invoices: z.array(InvoiceResource), count: z.int().nonnegative() }),
);
