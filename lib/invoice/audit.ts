import type { Timestamp } from './model.ts';

/** What happened to an invoice, appended in the transaction of the change itself and never touched again. */
export interface AuditEntry {
  readonly action: string;
  readonly at: Timestamp;
  /** The key that asked for it, or the name of a scheduled task. */
  readonly actor: string;
  readonly version: number;
  readonly number?: string;
  /** SHA-256 of the canonical JSON (RFC 8785) of the complete legal snapshot. */
  readonly digest: string;
}
