/** An invoice while it waits for its number, and what becomes of it: issued, a draft with a number, or what it was before. */
import { auditEntry } from './audit.ts';
import type { CalendarDate, Timestamp } from './document.ts';
import type { Invoice, SeriesPlace } from './model.ts';
import type { Answer, Operation } from './operation.ts';
import type { Change } from './store.ts';

/** It passed every check, and can neither change nor go away. */
export type Waiting = Invoice & { readonly finalizingAt: Timestamp };

/** Who finishes an invoice, and how the change is answered when somebody waits for it. */
export interface Finisher {
  actor: string;
  operation?: Operation | undefined;
  render?(invoice: Invoice): Answer;
}

/** Whether an invoice has yet to be given its number. */
export const isWaiting = (invoice: Invoice): invoice is Waiting =>
  invoice.state === 'finalizing' && invoice.finalizingAt !== undefined;

/** The invoice as it waits for its number from a moment on. */
export const waiting = (invoice: Invoice, at: Timestamp): Waiting => ({
  ...invoice,
  state: 'finalizing',
  finalizingAt: at,
  updatedAt: at,
});

/** BT-2, which nothing waits without: the period and the text of the number follow from it. */
export function issueDateOf(invoice: Invoice): CalendarDate {
  const { issueDate } = invoice.document;
  if (issueDate === undefined) throw new Error(`Invoice ${invoice.id} waits for a number without an issue date.`);
  return issueDate;
}

/** The invoice with its number, and everything that is written with it. One whose number was chosen by its caller has it. */
export function issued(
  invoice: Waiting,
  { actor, operation, render }: Finisher,
  at: Timestamp,
  numbered: { number?: string; place?: SeriesPlace } = {},
): Change {
  const { becomes, finalizingAt, ...rest } = invoice;
  const stands = { ...rest, ...numbered, version: invoice.version + 1, updatedAt: at };
  const after: Invoice =
    becomes === 'draft' ? { ...stands, state: 'draft' } : { ...stands, finalizingAt, state: 'issued', issuedAt: at };
  return {
    invoice: after,
    audit: auditEntry(becomes === 'draft' ? 'numbered' : 'issued', actor, after),
    ...(operation && render && { operation: { ...operation, answer: render(after) } }),
  };
}

/** The invoice without a number, for want of a ticket that it will never have: a draft again, or gone if it was none before. */
export function refused(invoice: Waiting, { actor }: Finisher, at: Timestamp): Change {
  const { finalizingAt: _, becomes: __, ...rest } = invoice;
  const isNew = invoice.version === 1;
  const back: Invoice = {
    ...rest,
    state: 'draft',
    version: invoice.version + 1,
    updatedAt: at,
    ...(isNew && { deletedAt: at }),
  };
  return { invoice: back, audit: auditEntry('refused', actor, back) };
}
