import * as z from 'zod';

/** The version that the caller saw, as the `ETag` of an answer gives it (RFC 9110, section 13.1.1). */
export const IfMatch = z.object({
  'if-match': z
    .string()
    .regex(/^(\*|"?\d+"?)$/, 'Must be the version that you read, such as "3".')
    .optional(),
});

export const versionOf = ({ 'if-match': given }: z.output<typeof IfMatch>): { ifVersion?: number } =>
  given === undefined || given === '*' ? {} : { ifVersion: Number(given.replaceAll('"', '')) };
