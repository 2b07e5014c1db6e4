/** What goes wrong, as contracts know it. */
import { type Failure, InvoiceError } from '../invoice/failure.ts';
import { OutcomeUnknown, StoreBusy } from '../invoice/store.ts';

/** What a thrown error means to whoever asked. */
export function failureOf(error: unknown, reads = false): Failure {
  if (error instanceof InvoiceError) return error.failure;
  // Whoever only reads has done nothing, though the books may be sealed on the way.
  const unchanged = error instanceof OutcomeUnknown && reads;
  if (error instanceof StoreBusy || unchanged) return { kind: 'busy', retryAfter: 1 };
  if (error instanceof OutcomeUnknown) return { kind: 'outcome-unknown', retryAfter: 2 };
  return { kind: 'internal' };
}
