/** The query of the list: members are compared by an operator before the operand, as in `gte:2026-01-01`. */
import * as z from 'zod';
import { isDay } from '../../invoice/calendar.ts';
import type { Invoice } from '../../invoice/model.ts';
import { date, momentOf } from '../fields.ts';
import { toAnswer } from './to-answer.ts';

type Operand = number | string;

/** Whether a member passes; a member that is null equals nothing. */
type Filter = (member: Operand | null) => boolean;

/** Where a member stands to an operand: below, at, above it, or nowhere (NaN). */
type Order = (operand: Operand) => number;

const operators: Record<string, (order: Order, operands: Operand[]) => boolean> = {
  eq: (order, operands) => operands.every((one) => order(one) === 0),
  ne: (order, operands) => operands.every((one) => order(one) !== 0),
  gt: (order, operands) => operands.every((one) => order(one) > 0),
  gte: (order, operands) => operands.every((one) => order(one) >= 0),
  lt: (order, operands) => operands.every((one) => order(one) < 0),
  lte: (order, operands) => operands.every((one) => order(one) <= 0),
  in: (order, operands) => operands.some((one) => order(one) === 0),
  nin: (order, operands) => operands.every((one) => order(one) !== 0),
  bt: (order, [low = '', high = '']) => order(low) >= 0 && order(high) <= 0,
};

/** How many operands an operator takes; one unless it stands here. */
const counts: Record<string, { min: number; max: number }> = {
  in: { min: 1, max: 100 },
  nin: { min: 1, max: 100 },
  bt: { min: 2, max: 2 },
};

const dayOf = (text: string) => (isDay(text) ? text : undefined);

/** How operands are read, by what they are called to whoever gets them wrong. */
const forms: Record<string, (text: string) => Operand | undefined> = {
  'an id such as 5': (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
  'a day such as 2026-03-29': dayOf,
  'a day such as 2026-03-29, or a moment such as 2026-03-29T12:00:00Z': (text) =>
    dayOf(text) ?? (date.safeParse(text).success ? momentOf(text) : undefined),
};

const filter = (form: keyof typeof forms) =>
  z
    .string()
    .transform((text, context): Filter => {
      const [, operator = 'eq', rest = text] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
      const holds = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
      const operands = rest.split(',').map((part) => forms[form]?.(part.trim()));
      const { min, max } = counts[operator] ?? { min: 1, max: 1 };
      if (!holds || operands.length < min || operands.length > max || operands.includes(undefined)) {
        const message = `Must be ${form}, after one of ${Object.keys(operators).join(', ')} and a colon; in and nin take several, bt takes two.`;
        context.addIssue({ code: 'custom', message, params: { code: 'invalid_filter' } });
        return z.NEVER;
      }
      return (member) => holds((operand) => order(member, operand), operands as Operand[]);
    })
    .optional();

function order(member: Operand | null, operand: Operand): number {
  if (member === null) return Number.NaN;
  // Against a day, a moment counts as the day on which it falls in UTC.
  const given = typeof member === 'string' && typeof operand === 'string' ? member.slice(0, operand.length) : member;
  return given < operand ? -1 : given > operand ? 1 : 0;
}

const wholeNumber = (least: number, most: number, otherwise: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'Must be a whole number.')
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .default(otherwise);

/** The most invoices that one answer lists. */
export const longestPage = 100;

export const ListQuery = z.object({
  project_id: filter('an id such as 5'),
  issue_date: filter('a day such as 2026-03-29'),
  payment_date: filter('a day such as 2026-03-29'),
  updated_at: filter('a day such as 2026-03-29, or a moment such as 2026-03-29T12:00:00Z'),
  limit: wholeNumber(1, longestPage, longestPage),
  offset: wholeNumber(0, 999_999_999, 0),
});

export type ListQuery = z.output<typeof ListQuery>;

/** Whether an invoice passes every filter of a query. */
export function matches(query: ListQuery, invoice: Invoice): boolean {
  const shown = toAnswer(invoice);
  const members = ['project_id', 'issue_date', 'payment_date', 'updated_at'] as const;
  return members.every((member) => query[member]?.(shown[member]) ?? true);
}
