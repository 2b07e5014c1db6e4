/** The bodies of page 004. Closed at every level: what is not named here is refused. */
import * as z from 'zod';
import { exactNumber } from '../../invoice/fields.ts';
import { longestNumber } from '../../invoice/number.ts';
import { objectIdForm } from '../../invoice/reference/ids.ts';
import { currency, date, decimal, nonNegative, text } from '../fields.ts';

/** Asks for the next number of the series. */
export const incremental = 'INCREMENTAL';

/** What every currency can still count in its minor unit. */
const largestFixed = 900_000_000_000;

const outOfRange = { path: ['value'], params: { code: 'out_of_range' } };

/** A share of what it stands on, or an amount. */
export const Rate = z
  .strictObject({ type: z.enum(['PERCENTAGE', 'FIXED']), value: exactNumber.min(0) })
  .refine(({ type, value }) => type !== 'PERCENTAGE' || value <= 100, {
    ...outOfRange,
    error: 'Must be at most 100, since it is a percentage.',
  })
  .refine(({ type, value }) => type !== 'FIXED' || value <= largestFixed, {
    ...outOfRange,
    error: `Must be at most ${largestFixed}.`,
  });

export type Rate = z.output<typeof Rate>;

export const LineItem = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string().optional(),
  quantity: decimal,
  unitPrice: nonNegative,
  tax: Rate,
  discount: Rate,
});

export type LineItem = z.output<typeof LineItem>;

const objectId = objectIdForm.field;

export const CreateInvoice = z.strictObject({
  purchaseOrderId: z.string().nullish(),
  discount: Rate,
  invoiceDate: date,
  dueDate: date,
  lineItems: z.array(LineItem),
  payViaStripeAccountConnectionId: objectId.nullish(),
  note: z.string(),
  counterParty: objectId,
  /** A number of the caller's own, or `INCREMENTAL`. */
  invoiceId: text(longestNumber).refine((number) => number.trim() !== '', {
    error: `Must not be blank; write a number, or ${incremental} for the next one.`,
    params: { code: 'required' },
  }),
  currency,
});

export type CreateInvoice = z.output<typeof CreateInvoice>;

/** What is absent stays as it is. */
export const UpdateInvoice = CreateInvoice.partial();

export type UpdateInvoice = z.output<typeof UpdateInvoice>;

const optionalText = z.string().nullish();

export const CancelInvoice = z.strictObject({ reason: text(1_000).nullish() }).optional();

/** The money comes with a transaction that is recorded now, or with one that the caller has already. */
export const MarkAsPaid = z.strictObject({
  strategyData: z.discriminatedUnion('strategy', [
    z.strictObject({
      strategy: z.literal('CREATE_TRANSACTION'),
      data: z.strictObject({
        transactionRefNo: text(255).nullish(),
        category: optionalText,
        account: optionalText,
        counterParty: optionalText,
        transactionNote: optionalText,
      }),
    }),
    z.strictObject({
      strategy: z.literal('ATTACH_TRANSACTION'),
      data: z.strictObject({ transactionId: text(255).min(1) }),
    }),
  ]),
});

export type MarkAsPaid = z.output<typeof MarkAsPaid>;
