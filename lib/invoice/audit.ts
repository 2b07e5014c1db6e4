import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Invoice, Timestamp } from './model.ts';

export type Action =
  | 'created'
  | 'changed'
  | 'deleted'
  | 'approved'
  | 'numbered'
  | 'issued'
  | 'sending'
  | 'sent'
  | 'failed'
  | 'cancelled'
  | 'credited'
  | 'paid'
  | 'payment-reversed'
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
  /** SHA-256 of the canonical JSON (RFC 8785) of the complete legal snapshot. */
  readonly digest: string;
}

/** Everything that the law wants unchanged, in one value: what is hashed is what was issued. */
export const legalSnapshot = (invoice: Invoice): unknown => ({
  id: invoice.id,
  tenant: invoice.scope.tenant,
  mode: invoice.scope.mode,
  businessEntityId: invoice.businessEntityId,
  number: invoice.number,
  place: invoice.place,
  issuedAt: invoice.issuedAt,
  relatedInvoiceId: invoice.relatedInvoiceId,
  document: invoice.document,
  figures: invoice.figures,
});

export const digestOf = (invoice: Invoice): string =>
  createHash('sha256')
    .update(canonicalJson(legalSnapshot(invoice)))
    .digest('hex');

/** The entry for an invoice as the change leaves it. */
export const auditEntry = (action: AuditEntry['action'], actor: string, invoice: Invoice): AuditEntry => ({
  action,
  at: invoice.updatedAt,
  actor,
  version: invoice.version,
  ...(invoice.number !== undefined && { number: invoice.number }),
  digest: digestOf(invoice),
});
