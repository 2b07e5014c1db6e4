/** Lists of the native API come in pages. */
import * as z from 'zod';
import type { Answer } from '../../invoice/operation.ts';
import { answer } from '../contract.ts';

/** How many entries a page may have, as a query says it. */
export const limit = z
  .string()
  .regex(/^([1-9]\d?|100)$/, 'Must be a whole number of 1 to 100.')
  .transform(Number)
  .optional();

export const Page = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() });

export const page = (data: unknown[], nextCursor: string | undefined = undefined): Answer =>
  answer(200, { data, next_cursor: nextCursor ?? null });
