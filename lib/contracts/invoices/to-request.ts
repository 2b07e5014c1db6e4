import type { Invoice } from '../../invoice/model.ts';
import { toAnswer } from './to-answer.ts';

/**
 * The request that would make an invoice again. Figures that we calculated are left out; paid amount and rounding, which are
 * facts, stay. A seller that came from the business entity goes when the patch names another one.
 */
export function toRequest(invoice: Invoice, patch: unknown): object {
  const { ubl_json, business_entity_id, related_invoice_id } = toAnswer(invoice);
  const { totals, tax_breakdown, items, seller, ...content } = ubl_json ?? { items: [] };
  const { externalReference } = invoice;
  const { prepaidAmount, roundingAmount } = invoice.document;
  const stated = invoice.stated !== undefined;
  return {
    ...content,
    calculate_totals: !stated,
    business_entity_id,
    ...(related_invoice_id !== null && { related_invoice_id }),
    ...(externalReference !== undefined && { external_reference: externalReference }),
    ...(seller && !namesEntity(patch) && { seller }),
    items: items.map(({ line_amount: _, ...item }) => item),
    ...(stated
      ? { totals, tax_breakdown }
      : { totals: { paid_amount: prepaidAmount ?? null, payable_rounding_amount: roundingAmount ?? null } }),
  };
}

const namesEntity = (patch: unknown): boolean =>
  typeof patch === 'object' && patch !== null && 'business_entity_id' in patch;
