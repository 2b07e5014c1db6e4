import type { Invoice } from '../../invoice/model.ts';
import { resultNames, toPublished } from './names.ts';
import { toTaxGroup, toUblJson } from './to-answer.ts';

/**
 * The request that would make an invoice again. Figures that we calculated are left out, also beside those that the caller stands
 * by; paid amount and rounding, which are facts, stay. What only other contracts know of lines is left out as well. A seller that
 * came from the business entity goes when the patch names another one.
 */
export function toRequest(invoice: Invoice, patch: unknown): object {
  const { totals: _totals, tax_breakdown: _groups, items, seller, ...content } = toUblJson(invoice);
  const { businessEntityId, relatedInvoiceId, externalReference } = invoice;
  const { prepaidAmount, roundingAmount } = invoice.document;
  const { totals = {}, taxBreakdown } = invoice.stated ?? {};
  return {
    ...content,
    calculate_totals: invoice.stated === undefined,
    business_entity_id: businessEntityId,
    ...(relatedInvoiceId !== undefined && { related_invoice_id: relatedInvoiceId }),
    ...(externalReference !== undefined && { external_reference: externalReference }),
    ...(seller && !sends(patch, 'business_entity_id') && { seller }),
    items: items.map(({ line_amount: _, price_includes_tax: __, fixed_tax: ___, ...item }) => item),
    totals: {
      ...toPublished(totals, resultNames),
      paid_amount: prepaidAmount ?? null,
      payable_rounding_amount: roundingAmount ?? null,
    },
    ...(taxBreakdown && { tax_breakdown: taxBreakdown.map(toTaxGroup) }),
  };
}

/** Whether a patch has a member, be it null. */
export const sends = (patch: unknown, member: string): boolean =>
  typeof patch === 'object' && patch !== null && Object.hasOwn(patch, member);
