/** Where page 004 has another name for what the document holds. Everything else keeps its name. */
import type { Fault } from '../../invoice/failure.ts';

const places: Readonly<Record<string, string>> = {
  number: 'invoiceId',
  series: 'invoiceId',
  issueDate: 'invoiceDate',
  purchaseOrder: 'purchaseOrderId',
  notes: 'note',
  buyer: 'counterParty',
  lines: 'lineItems',
  reference: 'strategyData.data',
};

const lineMembers: Readonly<Record<string, string>> = {
  price: 'unitPrice',
  taxCategory: 'tax',
  taxRate: 'tax',
  fixedTax: 'tax',
  exemptionReason: 'tax',
  exemptionReasonCode: 'tax',
};

/** The place that a fault or a warning names, as page 004 spells it; an unknown field has only its caller's name. */
export function published({ code, path }: Pick<Fault, 'code' | 'path'>): Fault['path'] {
  const [top, index, member, ...rest] = path;
  if (code === 'unknown_field' || typeof top !== 'string') return path;
  // A discount is one value here, not a list of allowances.
  if (top === 'allowances') return ['discount'];
  const place = Object.hasOwn(places, top) ? (places[top] as string) : top;
  if (index === undefined) return place.split('.');
  if (top !== 'lines' || typeof member !== 'string') return [place, ...path.slice(1)];
  if (member === 'allowances') return [place, index, 'discount'];
  return [place, index, Object.hasOwn(lineMembers, member) ? (lineMembers[member] as string) : member, ...rest];
}
