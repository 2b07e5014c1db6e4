/** How the figures of an invoice came about, for those who ask with `?explain=calculation`. */
import * as z from 'zod';
import { explain } from '../../invoice/explain.ts';
import type { Invoice } from '../../invoice/model.ts';
import { amount } from '../fields.ts';
import { dotted, pointer } from '../pointer.ts';
import { published } from './names.ts';

export const Explain = z.strictObject({ explain: z.literal('calculation').optional() });

export const Calculation = z
  .array(
    z.object({
      field: z.string(),
      pointer: z.string(),
      term: z.string().optional(),
      rule: z.string().optional(),
      formula: z.string(),
      exact: z.string().optional(),
      result: amount,
      residual: z.string().optional(),
    }),
  )
  .optional();

/** The member of an answer that holds the steps; none when nobody asked. */
export function calculationOf({ document }: Invoice, query: z.output<typeof Explain>) {
  if (query.explain === undefined) return {};
  const calculation = explain(document).map(({ path, ...step }) => {
    const place = published({ code: 'step', path });
    return { field: dotted(place), pointer: pointer(place), ...step };
  });
  return { calculation };
}
