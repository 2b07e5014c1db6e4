/** The forms of id that the contracts ask for. What is not of its kind's form never reaches a key. */
import { randomBytes, randomUUID } from 'node:crypto';
import * as z from 'zod';

export interface IdForm<Id extends string | number = string | number> {
  /** Reads an id from JSON and gives it the spelling that is kept. */
  readonly field: z.ZodType<Id>;
  /** A new id: made by chance, or taken from a counter of the scope. Where this is absent the caller chooses. */
  readonly next?: 'counter' | (() => string);
}

const wrong = (example: string) => ({ error: `Must be an id such as ${example}.`, params: { code: 'invalid_id' } });

const textId = (pattern: RegExp, example: string) =>
  z
    .string()
    .refine((id) => pattern.test(id), wrong(example))
    .meta({ pattern: pattern.source });

/** Hexadecimal digits in whatever letter case; lower case is how they are kept. */
const hexId = (pattern: RegExp, example: string) =>
  z
    .string()
    .toLowerCase()
    .refine((id) => pattern.test(id), wrong(example))
    .meta({ pattern: pattern.source.replaceAll('a-f', 'A-Fa-f') });

/** A UUID, made by chance. */
export const uuidForm: IdForm<string> = {
  field: hexId(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '0d9c3f8e-5a41-4c0e-9b1a-6f2e7d8c9b0a'),
  next: randomUUID,
};

/** As an ObjectId of MongoDB is written. */
export const objectIdForm: IdForm<string> = {
  field: hexId(/^[0-9a-f]{24}$/, '65f1a2b3c4d5e6f708192a3b'),
  next: () => randomBytes(12).toString('hex'),
};

/** An integer, counted by kind; it fits the padding of keys. */
export const integerForm: IdForm<number> = { field: z.int().min(1).max(999_999_999_999), next: 'counter' };

/** A month, `YYYY-MM`; it is what the entry is about, so the caller names it. */
export const monthForm: IdForm<string> = { field: textId(/^[1-9]\d{3}-(0[1-9]|1[0-2])$/, '2026-03') };

/** A short name that the caller chooses. */
export const uidForm: IdForm<string> = { field: textId(/^[A-Za-z0-9_-]{1,64}$/, 'design') };

/** The id that a text of a path or a value of JSON spells; `undefined` when it is none of the form. */
export function readId<Id extends string | number>(
  { field, next }: IdForm<Id>,
  given: string | number,
): Id | undefined {
  const counted = next === 'counter' && typeof given === 'string' && /^[1-9]\d*$/.test(given);
  return field.safeParse(counted ? Number(given) : given).data;
}
