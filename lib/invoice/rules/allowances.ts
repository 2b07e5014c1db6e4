import type { AllowanceCharge, DocumentAllowanceCharge } from '../document.ts';
import type { Fault } from '../failure.ts';
import { brokenInEach, type Candidate, given, type Rule } from './rule.ts';

type RuleAndTerm = [rule: string, term: string];

/** BG-20, BG-21, BG-27 and BG-28 are ruled alike, under their own ids. */
export function allowanceRules(
  kind: string,
  amountRule: RuleAndTerm,
  reasonRule: RuleAndTerm,
): readonly Rule<AllowanceCharge>[] {
  return [
    {
      id: amountRule[0],
      term: amountRule[1],
      path: ['amount'],
      message: `The ${kind} needs an amount or a percentage.`,
      holds: ({ amount, percentage }) => amount !== undefined || given(percentage),
    },
    {
      id: reasonRule[0],
      term: reasonRule[1],
      path: ['reason'],
      message: `The ${kind} needs its reason, as a text or as a code.`,
      holds: ({ reason, reasonCode }) => given(reason) || given(reasonCode),
    },
  ];
}

/** An entry that says nothing of VAT is shared out over the groups; one that says something must name its category. */
const categoryRule = (kind: string, id: string, term: string): Rule<DocumentAllowanceCharge> => ({
  id,
  term,
  path: ['taxCategory'],
  message: `The ${kind} has a VAT rate or exemption but no category; name it, or leave all three out to share the ${kind} out over all.`,
  holds: ({ taxCategory, taxRate, exemptionReason, exemptionReasonCode }) =>
    given(taxCategory) || ![taxRate, exemptionReason, exemptionReasonCode].some(given),
});

const documentAllowanceRules: readonly Rule<DocumentAllowanceCharge>[] = [
  ...allowanceRules('allowance', ['BR-31', 'BT-92'], ['BR-33', 'BT-97']),
  categoryRule('allowance', 'BR-32', 'BT-95'),
];

const documentChargeRules: readonly Rule<DocumentAllowanceCharge>[] = [
  ...allowanceRules('charge', ['BR-36', 'BT-99'], ['BR-38', 'BT-104']),
  categoryRule('charge', 'BR-37', 'BT-102'),
];

/** Allowances and charges on the document. */
export function allowanceFaults(candidate: Candidate): Fault[] {
  const { allowances, charges } = candidate.document;
  return [
    ...brokenInEach(documentAllowanceRules, allowances, ['allowances'], candidate),
    ...brokenInEach(documentChargeRules, charges, ['charges'], candidate),
  ];
}
