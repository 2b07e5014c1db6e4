import type { Period } from '../document.ts';
import { taxPointDateCodes } from './code-lists.ts';
import { given, type Rule } from './rule.ts';

/** BG-14 and BG-26 are ruled alike, under their own ids. */
export function periodRules(order: string, presence: string, start: string, end: string): readonly Rule<Period>[] {
  return [
    {
      id: presence,
      term: start,
      path: ['startDate'],
      message: 'A period needs its first or its last day; give one or leave the period out.',
      // A code for the tax point date (BT-8) travels in the period's description and needs no days.
      holds: ({ startDate, endDate, description }) =>
        given(startDate) || given(endDate) || taxPointDateCodes.has(description ?? ''),
    },
    {
      id: order,
      term: end,
      path: ['endDate'],
      code: 'out_of_range',
      message: 'The period ends before it begins; exchange or correct its days.',
      holds: ({ startDate, endDate }) => !given(startDate) || !given(endDate) || endDate >= startDate,
    },
  ];
}
