import type { Caller, Draft, Invoice, Tenant } from './model.ts';
import type { Answer, Operation, Reply } from './operation.ts';

/** Everything that can be done with invoices. Failures are thrown as `InvoiceError`. */
export interface Invoices {
  /** The caller's company with its defaults. */
  tenant(caller: Caller): Promise<Tenant>;
  /** Stores a draft with its figures; with `issue` it is numbered at once. */
  create(caller: Caller, draft: Draft, reply: Reply<Invoice>, options?: { issue?: boolean }): Promise<Answer>;
  find(caller: Caller, id: string): Promise<Invoice>;
  /** Checks, numbers and freezes an invoice. */
  finalize(caller: Caller, id: string, reply: Reply<Invoice>): Promise<Answer>;
  /** The first answer of an operation, when it has been done before; `key-reused` when its content differs. */
  replay(caller: Caller, operation: Operation): Promise<Answer | undefined>;
}
