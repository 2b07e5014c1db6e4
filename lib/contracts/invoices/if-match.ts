import * as z from 'zod';
import type { Seen } from '../../invoice/life-cycle.ts';

/** The version that the caller saw, as the `ETag` of an answer gives it (RFC 9110, section 13.1.1). */
export const IfMatch = z.object({
  'if-match': z
    .string()
    .regex(/^(\*|"?\d+"?)$/, 'Must be the version that you read, such as "3".')
    .optional(),
});

/** Nothing when the caller does not tell, or takes any. */
export const seenBy = ({ 'if-match': given }: z.output<typeof IfMatch>): Seen =>
  given === undefined || given === '*' ? {} : { ifVersion: Number(given.replaceAll('"', '')) };
