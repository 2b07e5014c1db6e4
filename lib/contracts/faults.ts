/** What a schema says about a value, as faults in our own words. */
import type * as z from 'zod';
import { type Fault, InvoiceError, type Place } from '../invoice/failure.ts';

const expectedForms: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

/** What a limit of something that is no number counts. */
const counted: Record<string, [string, string]> = { array: ['entry', 'entries'], string: ['character', 'characters'] };

/** Checks a value; what is wrong with it joins `faults`. */
export function check(schema: z.ZodType, place: Place, value: unknown, faults: Fault[]): unknown {
  const result = outcomeOf(schema, value);
  if (result?.success) return result.data;
  if (!result)
    faults.push({ in: place, path: [], code: 'too_many_faults', message: 'Too much is wrong to be listed.' });
  else for (const issue of result.error.issues) faults.push(...faultsOf(issue, place));
  return undefined;
}

/** What a body says; refuses one with faults, and names them all. */
export function bodyAs<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const faults: Fault[] = [];
  const body = check(schema, 'body', value, faults) as z.output<Schema>;
  if (faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults, asSent: true });
  return body;
}

/** zod hands issues on as arguments, and some hundred thousand of them overflow the stack: `undefined`. */
function outcomeOf(schema: z.ZodType, value: unknown): z.ZodSafeParseResult<unknown> | undefined {
  try {
    return schema.safeParse(value, { reportInput: true });
  } catch (error) {
    if (error instanceof RangeError && error.message.includes('call stack')) return undefined;
    throw error;
  }
}

/** One fault for an issue, and one for each unknown member. */
function faultsOf(issue: z.core.$ZodIssue, place: Place): Fault[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const fault = (code: string, message: string, more: Partial<Fault> = {}) => [
    { in: place, path, code, message, ...more },
  ];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        in: place,
        path: [...path, key],
        code: 'unknown_field',
        message: `There is no field "${key}" here; remove it or check its spelling.`,
      }));
    case 'invalid_type':
      if (issue.input === undefined) return fault('required', 'This field is required.');
      return fault(
        'invalid_type',
        `Must be ${expectedForms[issue.expected] ?? issue.expected}, not ${formOf(issue.input)}.`,
      );
    case 'too_big':
    case 'too_small': {
      const most = issue.code === 'too_big';
      const limit = Number(most ? issue.maximum : issue.minimum);
      const bound = `at ${most ? 'most' : 'least'} ${limit}`;
      const [one, many] = counted[issue.origin] ?? [];
      return one
        ? fault(issue.code, `Must have ${bound} ${limit === 1 ? one : many}.`, { expected: limit })
        : fault(issue.code, `Must be ${bound}.`, { expected: limit, given: Number(issue.input) });
    }
    case 'invalid_format':
      if (issue.format === 'email')
        return fault('invalid_email', 'Must be an email address such as billing@example.com.');
      if (issue.format === 'guid' || issue.format === 'uuid') {
        return fault('invalid_uuid', 'Must be a UUID of 32 hexadecimal digits in five groups.');
      }
      return fault(issue.code, issue.message);
    case 'invalid_value':
      return fault('unknown_code', `Must be one of: ${issue.values.join(', ')}.`);
    case 'custom':
      return fault(String(issue.params?.code ?? 'invalid'), issue.message);
    default:
      return fault(issue.code, issue.message);
  }
}

function formOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a fraction';
  return expectedForms[typeof value] ?? typeof value;
}
