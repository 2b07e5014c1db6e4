/** Where page 003 has another name or place for what the document holds. */
import type { Fault } from '../../invoice/failure.ts';

const places: Record<string, string> = {
  lines: 'positions',
  typeCode: 'type',
  currency: 'currencyCode',
  buyer: 'customer',
  paymentTerms: 'closing',
  notes: 'introduction',
  paymentMeans: 'paymentMethod',
  relatedInvoiceId: 'referencedInvoice',
  buyerReference: 'leitwegId',
};

const lineMembers: Record<string, string> = {
  price: 'unitPrice',
  unitCode: 'unitId',
  taxCategory: 'taxGroupId',
  taxRate: 'taxGroupId',
  exemptionReason: 'taxGroupId',
  exemptionReasonCode: 'taxGroupId',
  startDate: 'serviceDateFrom',
  endDate: 'serviceDateTo',
};

/** The core's names for members of a line that page 003 has no level for. */
const levels = new Set<string | number>(['period']);

/** The place that a fault names, as page 003 spells it; its own spelling stays as it is. */
export function published([top, ...rest]: Fault['path']): Fault['path'] {
  if (top === undefined) return [];
  if (top === 'period') return renamed(rest, lineMembers);
  if (top === 'lines') return ['positions', ...renamed(rest, lineMembers)];
  return [...renamed([top], places), ...rest];
}

const renamed = (path: Fault['path'], names: Record<string, string>): Fault['path'] =>
  path.filter((step) => !levels.has(step)).map((step) => (Object.hasOwn(names, step) ? (names[step] as string) : step));

/** A path as Symfony's property accessor writes it: `children[0].name`. */
export const propertyPath = (path: Fault['path']): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
