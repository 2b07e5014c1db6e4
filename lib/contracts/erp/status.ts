/** The page's status, as far as an invoice's life tells it: `draft`, `open`, `paid`, `cancelled`. */
import type { Timestamp } from '../../invoice/document.ts';
import type { Invoice, State } from '../../invoice/model.ts';
import { isPaid, standingPayment } from '../../invoice/payments.ts';

type Status = 'draft' | 'open' | 'paid' | 'cancelled';

export interface StatusParts {
  status: Status;
  /** Empty for the first status. */
  previous: Exclude<Status, 'cancelled'> | '';
  since: Timestamp | null;
}

const unissued: readonly State[] = ['draft', 'approved', 'finalizing'];

export function statusOf(invoice: Invoice): StatusParts {
  const { state, createdAt, issuedAt = null, updatedAt, facts } = invoice;
  if (state === 'cancelled') {
    return { status: 'cancelled', previous: beforeCancellation(invoice), since: facts.cancellation?.at ?? null };
  }
  if (unissued.includes(state)) return { status: 'draft', previous: '', since: createdAt };
  if (isPaid(invoice)) {
    // What credit notes have settled has no moment of its own.
    return {
      status: 'paid',
      previous: 'open',
      since: invoice.paid > 0 ? (standingPayment(invoice)?.at ?? null) : updatedAt,
    };
  }
  if (facts.reopenedAt) return { status: 'open', previous: 'paid', since: facts.reopenedAt };
  return { status: 'open', previous: wasBornIssued(invoice) ? '' : 'draft', since: issuedAt };
}

/** Invoices of this contract and credit notes never were drafts. */
const wasBornIssued = ({ contract, createdAt, finalizingAt }: Invoice): boolean =>
  contract === 'erp' || finalizingAt === createdAt;

function beforeCancellation(invoice: Invoice): 'draft' | 'open' | 'paid' {
  if (!invoice.issuedAt) return 'draft';
  const cancellation = invoice.facts.corrections?.find(({ kind }) => kind === 'cancellation');
  return isPaid({ ...invoice, credited: invoice.credited - (cancellation?.amount ?? 0) }) ? 'paid' : 'open';
}
