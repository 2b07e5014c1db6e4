import { createHash } from 'node:crypto';

/** SHA-256 of several texts together, in hexadecimal digits. */
export const hash = (...parts: string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex');
