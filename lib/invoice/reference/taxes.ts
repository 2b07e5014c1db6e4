/** The VAT of a rate or a group, checked when it is written, and not only when the first invoice with it is issued. */
import * as z from 'zod';
import { exactNumber, text } from '../fields.ts';
import { exemptionCodeForm } from '../rules/code-lists.ts';
import { categories } from '../rules/tax-categories.ts';
import type { Finding } from './kinds.ts';

/** Percent and category with the reason why no VAT is due (BT-151, BT-152, BT-120, BT-121). */
export const vat = {
  percent: exactNumber.min(0).max(100),
  category: z.enum([...categories.keys()]),
  exemptionReason: text(255).optional(),
  exemptionReasonCode: z.string().regex(exemptionCodeForm, 'Must be a VATEX code, such as VATEX-EU-132-1A.').optional(),
};

/** What the category does not allow: BR-S-05 and its relatives, BR-E-10 and its relatives. */
export function taxFindings(tax: {
  percent: number;
  category: string;
  exemptionReason?: string;
  exemptionReasonCode?: string;
}): Finding[] {
  const category = categories.get(tax.category);
  if (!category) return [];
  const findings: Finding[] = [];
  const positive = tax.percent > 0;
  if (category.rate === 'positive' && !positive) {
    findings.push(wrong('percent', `Must be above 0, since ${tax.category} is ${category.name}.`));
  }
  if ((category.rate === 'zero' || category.rate === 'absent') && positive) {
    findings.push(wrong('percent', `Must be 0, since ${tax.category} is ${category.name}.`));
  }
  const hasReason = tax.exemptionReason !== undefined || tax.exemptionReasonCode !== undefined;
  if (category.exemption === 'required' && !hasReason) {
    findings.push(
      wrong('exemptionReason', `Say why no VAT is due, or give a VATEX code: ${tax.category} is ${category.name}.`),
    );
  }
  if (category.exemption === 'none' && hasReason) {
    findings.push(wrong('exemptionReason', `Leave the reason out: ${tax.category} is ${category.name}.`));
  }
  return findings;
}

const wrong = (member: string, message: string): Finding => ({ path: [member], code: 'contradicts_category', message });
