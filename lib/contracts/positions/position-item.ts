/** The body of a position item. `null` means the same as leaving a field out; what the page does not know is ignored. */
import * as z from 'zod';
import { Decimal } from '../../money/decimal.ts';
import { currency, date, text } from '../fields.ts';

/** How many children one call may bring; they are stored in one transaction. */
const mostChildren = 50;

const filled = (longest: number) =>
  text(longest)
    .refine((value) => value !== '', { error: 'Must not be empty.', params: { code: 'required' } })
    .meta({ minLength: 1 });

/** At most 12 digits before the point, 10 after it and 15 in all: what a JSON number carries without loss. */
const isPlain = (value: string): boolean =>
  /^-?\d{1,12}(\.\d{1,10})?$/.test(value) && value.replace(/^-?[0.]*|\./g, '').length <= 15;

const isNumeric = (value: unknown): value is string | number =>
  (typeof value === 'number' || typeof value === 'string') &&
  Decimal.accepts(value) &&
  isPlain(Decimal.of(value).toString());

/** A number, also as the text that the page's own examples send. Comes out as decimal text. */
const numeric = z
  .unknown()
  .refine(isNumeric, {
    error: 'Must be a number such as 1.5, of at most 15 digits, 10 of them after the point.',
    params: { code: 'invalid_number' },
    abort: true,
  })
  .meta({ type: ['number', 'string'] })
  .transform((value) => Decimal.of(value as string | number).toString());

/** Net money in major units. Only the point separates decimals. */
const money = z
  .string()
  .refine(isPlain, {
    error: 'Must be an amount such as 119.00: a point before the decimals, at most 10 of them, 15 digits in all.',
    params: { code: 'invalid_amount' },
  })
  .meta({ pattern: '^-?\\d{1,12}(\\.\\d{1,10})?$' })
  .transform((value) => Decimal.of(value).toString());

const isPositive = (value: string) => !value.startsWith('-');

const discountAmount = money.refine(isPositive, {
  error: 'Must not be negative; to charge more, raise the unit price.',
  params: { code: 'out_of_range' },
});

const discountPercentage = numeric.refine(
  (value) => isPositive(value) && value !== '0' && Decimal.of(value).compare(Decimal.of(100)) < 0,
  { error: 'Must be above 0 and below 100; leave it out for no discount.', params: { code: 'out_of_range' } },
);

/** 0 asks for the end, as null does. */
const position = numeric.refine((value) => /^\d{1,9}$/.test(value), {
  error: 'Must be a whole number from 0 to 999999999; 0 is the end.',
  params: { code: 'out_of_range' },
});

const ownId = z
  .string()
  .refine((id) => /^[A-Za-z0-9_-]{1,64}$/.test(id), {
    error: 'Must be an id of 1 to 64 letters, digits, hyphens and underscores, such as a UUID.',
    params: { code: 'invalid_id' },
  })
  .meta({ pattern: '^[A-Za-z0-9_-]{1,64}$' });

/** The id of reference data; whether it is of the right form shows when it is looked up. */
const referenceId = text(64);

const fields = {
  id: ownId.optional(),
  position: position.transform(Number).nullish(),
  name: filled(255),
  description: filled(10_000).nullish(),
  quantity: numeric.default('1'),
  unitId: referenceId,
  unitPrice: money,
  currencyCode: currency.nullish(),
  /** `null` asks for the default of product, customer or tenant, and has to be said. */
  taxGroupId: referenceId.nullable(),
  serviceDateFrom: date.nullish(),
  serviceDateTo: date.nullish(),
  discountAmount: discountAmount.nullish(),
  discountPercentage: discountPercentage.nullish(),
  unitPriceInterval: text(255).nullish(),
  subscriptionItem: text(255).nullish(),
  product: referenceId.nullish(),
  group: z.object({ id: referenceId.nullish(), name: text(255).nullish() }).nullish(),
};

type Discounts = { discountAmount?: string | null; discountPercentage?: string | null };

const oneDiscount = ({ discountAmount, discountPercentage }: Discounts): boolean =>
  (discountAmount ?? '0') === '0' || (discountPercentage ?? null) === null;

const twoDiscounts = {
  path: ['discountPercentage'],
  error: 'Give a discount as an amount or as a percentage, not both.',
  params: { code: 'ambiguous' },
};

const children = z.array(z.unknown()).refine((list) => list.length === 0, {
  error: 'A child has no children of its own: positions are at most two deep.',
  params: { code: 'too_deep' },
});

const Child = z.object({ ...fields, children: children.nullish() }).refine(oneDiscount, twoDiscounts);

export const PositionItem = z
  .object({ ...fields, children: z.array(Child).max(mostChildren).nullish() })
  .refine(oneDiscount, twoDiscounts);

export type PositionItem = z.output<typeof PositionItem>;
export type Child = z.output<typeof Child>;
