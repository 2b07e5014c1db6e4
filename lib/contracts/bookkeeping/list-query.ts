/** The query of `GET /v1/invoices`: pages are counted, the newest invoice comes first. */
import * as z from 'zod';

export const longestPage = 250;

/** How far into the list a page may lie; what comes before it is read as well. */
const deepest = 10_000;

const wholeNumber = (most: number, otherwise: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'Must be a whole number.')
    .transform(Number)
    .pipe(z.int().min(1).max(most))
    .default(otherwise);

export const ListQuery = z
  .strictObject({
    page: wholeNumber(deepest, 1),
    limit: wholeNumber(longestPage, 10),
    /** Ids rise with the time of creation, so both keys give the same order. */
    sortKey: z.enum(['_id', 'createdAt']).optional(),
    sortOrder: z.literal('-1').optional(),
  })
  .refine(({ page, limit }) => page * limit <= deepest, {
    path: ['page'],
    error: `Must lie within the newest ${deepest} invoices.`,
    params: { code: 'out_of_range' },
  });

export type ListQuery = z.output<typeof ListQuery>;
