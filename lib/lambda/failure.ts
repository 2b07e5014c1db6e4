import { type Failure, InvoiceError } from '../invoice/failure.ts';
import { OutcomeUnknown, StoreBusy } from '../invoice/store.ts';

/** What a thrown error means to whoever asked. */
export function failureOf(error: unknown): Failure {
  if (error instanceof InvoiceError) return error.failure;
  if (error instanceof StoreBusy) return { kind: 'busy', retryAfter: 1 };
  if (error instanceof OutcomeUnknown) return { kind: 'outcome-unknown', retryAfter: 2 };
  return { kind: 'internal' };
}
