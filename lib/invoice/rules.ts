/** The rules of EN 16931, asked of a whole invoice. */
import type { Figures, InvoiceDocument } from './document.ts';
import type { Fault } from './failure.ts';
import type { Warning } from './model.ts';
import { allowanceFaults } from './rules/allowances.ts';
import { differences } from './rules/differences.ts';
import { documentFaults } from './rules/document.ts';
import { lineFaults } from './rules/lines.ts';
import { partyFaults } from './rules/parties.ts';
import { paymentFaults } from './rules/payment.ts';
import type { Candidate } from './rules/rule.ts';
import { taxFaults } from './rules/tax.ts';

export { differences };

/**
 * Everything that keeps an invoice from being issued under EN 16931-1, each fault with the norm's rule and term.
 *
 * Left out are rules that cannot be broken here: those on figures of our own (BR-CO-10 to BR-CO-17, BR-*-08), on members
 * that the model requires (BR-22, BR-26), and on syntax (BR-DEC-*).
 */
export function findings(
  document: InvoiceDocument,
  figures: Figures,
  context: Pick<Candidate, 'number' | 'stated'> = {},
): Fault[] {
  const candidate = { document, figures, ...context };
  return [
    ...documentFaults(candidate),
    ...partyFaults(candidate),
    ...paymentFaults(candidate),
    ...lineFaults(candidate),
    ...allowanceFaults(candidate),
    ...taxFaults(candidate),
    ...differences(context.stated ?? {}, figures),
  ];
}

/** What the norm finds in an invoice that may be issued all the same. */
export const noted = ({ code, path, message, rule }: Fault): Warning => ({ code: rule ?? code, path, message });
