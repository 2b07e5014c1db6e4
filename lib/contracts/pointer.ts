import type { Fault } from '../invoice/failure.ts';

/** A path as RFC 6901 writes it: `/items/0/tax_rate`. */
export const pointer = (path: Fault['path']): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** A path with dots: `items.0.tax_rate`. */
export const dotted = (path: Fault['path']): string => path.join('.');
