/** What happened to invoices, written down so that it can be proved. */
import { digest } from './canonical-json.ts';
import type { Timestamp } from './document.ts';
import type { Invoice, Payment } from './model.ts';

export type Action =
  | 'created'
  | 'changed'
  | 'deleted'
  | 'approved'
  | 'numbered'
  | 'issued'
  | 'refused'
  | 'sending'
  | 'sent'
  | 'failed'
  | 'cancelled'
  | 'credited'
  | 'paid'
  | 'payment-reversed'
  | 'overdue'
  | 'reminded'
  | 'dunning-paused'
  | 'dunning-resumed';

/** What happened to an invoice, appended in the transaction of the change itself and never touched again. */
export interface AuditEntry {
  readonly action: Action;
  readonly at: Timestamp;
  /** The key that asked for it, or the name of a scheduled task. */
  readonly actor: string;
  readonly version: number;
  readonly number?: string;
  /** Of the complete legal snapshot. Every digest is SHA-256 of the canonical JSON (RFC 8785). */
  readonly digest: string;
  /** Of what the change left besides the content: state, amounts, facts. */
  readonly standing: string;
  /** Of the payment that was recorded or reversed, as the change left it. */
  readonly payment?: string;
  /** Of all of the above and the invoice's id. */
  readonly hash: string;
}

/** An invoice in its two halves: what is fixed with its issue, and what happens to it later. */
function halves(invoice: Invoice) {
  const { version: _, updatedAt: __, becomes: ___, state, deletedAt, paid, credited, facts, ...snapshot } = invoice;
  return { snapshot, standing: { state, deletedAt, paid, credited, facts } };
}

/** Everything that the law wants unchanged, in one value: what is hashed is what was issued. */
const legalSnapshot = (invoice: Invoice): unknown => halves(invoice).snapshot;

/** Of what is fixed with the issue. */
export const digestOf = (invoice: Invoice): string => digest(legalSnapshot(invoice));

/** Of what happens to the invoice besides. */
export const standingOf = (invoice: Invoice): string => digest(halves(invoice).standing);

/** The hash that an entry must have. */
export const entryHash = (invoiceId: string, { hash: _, ...content }: Omit<AuditEntry, 'hash'> & { hash?: string }) =>
  digest({ invoiceId, ...content });

/** The entry for an invoice as the change leaves it. */
export function auditEntry(action: Action, actor: string, invoice: Invoice, payment?: Payment): AuditEntry {
  const content = {
    action,
    at: invoice.updatedAt,
    actor,
    version: invoice.version,
    ...(invoice.number !== undefined && { number: invoice.number }),
    digest: digestOf(invoice),
    standing: standingOf(invoice),
    ...(payment && { payment: digest(payment) }),
  };
  return { ...content, hash: entryHash(invoice.id, content) };
}

/**
 * The entry that made an invoice final: from then on its content stands. A numbered draft that is cancelled keeps its number,
 * and so its place in the books, without ever having been issued.
 */
export const finalEntry = (history: readonly AuditEntry[]): AuditEntry | undefined =>
  history.find(({ action }) => action === 'issued') ?? history.find(({ action }) => action === 'cancelled');
