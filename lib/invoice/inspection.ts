/** Holds one invoice against its own history, its payments and its corrections. */
import { type AuditEntry, digestOf, entryHash, finalEntry, standingOf } from './audit.ts';
import { digest } from './canonical-json.ts';
import { worthOf } from './creditable.ts';
import { lifeCycle, mayStart, type Transition } from './life-cycle.ts';
import type { Invoice, Payment, Scope, SeriesPlace, State } from './model.ts';
import type { InvoiceStore, Kept } from './store.ts';

/** What a verification keeps of an invoice once it was looked at. */
export interface Inspected {
  readonly id: string;
  readonly businessEntityId?: string;
  readonly relatedInvoiceId?: string;
  readonly number?: string;
  readonly place?: SeriesPlace;
  readonly issueDate?: string;
  /** Taken over as it was issued elsewhere. */
  readonly isImported?: true;
  /** Its digest, and the entry that made it final. */
  readonly digest?: string;
  readonly final?: AuditEntry;
  readonly corrections: readonly string[];
  /** What is wrong with it, in sentences. */
  readonly faults: readonly string[];
}

/** Reads an invoice with all that belongs to it; `undefined` when nothing does. */
export async function inspect(store: InvoiceStore, scope: Scope, id: string): Promise<Inspected | undefined> {
  const kept = await store.examine(scope, id);
  if (!kept) return undefined;
  const { invoice, history, faults } = kept;
  const final = finalEntry(history);
  if (!invoice) {
    // What it was called can still be told.
    const number = history.findLast((entry) => entry.number !== undefined)?.number;
    return { id, ...(number !== undefined && { number }), ...(final && { final }), corrections: [], faults };
  }
  const { businessEntityId, relatedInvoiceId, number, place, document, facts } = invoice;
  return {
    id,
    businessEntityId,
    ...(relatedInvoiceId !== undefined && { relatedInvoiceId }),
    ...(number !== undefined && { number }),
    ...(place && { place }),
    ...(document.issueDate !== undefined && { issueDate: document.issueDate }),
    ...(facts.imported && { isImported: true }),
    digest: digestOf(invoice),
    ...(final && { final }),
    corrections: (facts.corrections ?? []).map((correction) => correction.id),
    faults: [
      ...faults,
      ...contentFaults(invoice, history),
      ...historyFaults(invoice, history),
      ...sumFaults(invoice, kept),
      ...paymentFaults(kept),
      ...(await referenceFaults(store, invoice, kept)),
    ],
  };
}

/** From its issue on the content stands; before, the last entry tells what it is. */
function contentFaults(invoice: Invoice, history: readonly AuditEntry[]): string[] {
  const faults: string[] = [];
  const final = finalEntry(history);
  if (invoice.issuedAt !== undefined && final?.action !== 'issued') faults.push('No audit entry tells of its issue.');
  if (invoice.state === 'finalizing') return faults;
  const digest = digestOf(invoice);
  const last = history.at(-1);
  const differing = history.find((entry) => (entry === last || isSince(final, entry)) && entry.digest !== digest);
  if (differing) faults.push(`It is not what it was when ${differing.action} at ${differing.at}.`);
  if (last && last.standing !== standingOf(invoice)) {
    faults.push(`Its state, amounts or facts are not what the last entry (${last.action}) left.`);
  }
  return faults;
}

const isSince = (final: AuditEntry | undefined, { version }: AuditEntry) =>
  final !== undefined && version >= final.version;

const transitions = Object.values<Transition>(lifeCycle);

/** The entries, one after the other through the table of the life cycle, must lead to what stands. */
function historyFaults(invoice: Invoice, history: readonly AuditEntry[]): string[] {
  let state: State | undefined;
  let version = 0;
  for (const entry of history) {
    const { action, at } = entry;
    if (entryHash(invoice.id, entry) !== entry.hash) return [`The audit entry "${action}" of ${at} was changed.`];
    const step = transitions.find((one) => one.entry === action);
    const waits = step?.from.includes('finalizing') === true;
    // The step into `finalizing` counts as a change and leaves no entry.
    const before: State | undefined =
      waits && (state === undefined || mayStart('finalize', state)) ? 'finalizing' : state;
    if (entry.version !== version + (waits ? 2 : 1)) return [`An audit entry before "${action}" of ${at} is missing.`];
    const isFirst = action === 'created' && state === undefined;
    if (!isFirst && !(step && before && step.from.includes(before))) {
      return [`"${action}" at ${at} does not follow from ${state ?? 'nothing'}.`];
    }
    state = isFirst ? 'draft' : (step?.to ?? state);
    version = entry.version;
  }
  const due = invoice.state === 'finalizing' ? version + 1 : version;
  if (invoice.version !== due) return [`It has version ${invoice.version}, and its last audit entry ${version}.`];
  if (invoice.state !== 'finalizing' && invoice.state !== state) {
    return [`It is ${invoice.state}, and its last audit entry left it ${state ?? 'unknown'}.`];
  }
  return [];
}

/** Paid is what the standing payments come to; credited, what the corrections do, and never more than it is worth. */
function sumFaults(invoice: Invoice, { payments }: Kept): string[] {
  const { paid, credited, facts, figures, issuedAt } = invoice;
  const received = payments.reduce((sum, { amount, reversedAt }) => sum + (reversedAt ? 0 : amount), 0);
  const corrected = (facts.corrections ?? []).reduce((sum, { amount }) => sum + amount, 0);
  const faults: string[] = [];
  if (paid !== received) faults.push(`It says that ${paid} was paid; its payments come to ${received}.`);
  if (credited !== corrected)
    faults.push(`It says that ${credited} was credited; its corrections come to ${corrected}.`);
  if (issuedAt && credited > 0 && credited > worthOf(figures)) faults.push('More is credited than it is worth.');
  return faults;
}

/** Each payment is as it was recorded, and reversed as it was reversed; the entries know of no other. */
function paymentFaults({ history, payments }: Kept): string[] {
  const told = new Set(history.flatMap(({ payment }) => payment ?? []));
  const changed = payments.filter((payment) => !versionsOf(payment).every((each) => told.delete(digest(each))));
  if (changed.length === 0 && told.size > 0) return ['A payment that was recorded or reversed is gone.'];
  return changed.map(({ id }) => `The payment ${id} is not what was recorded.`);
}

/** A payment as it was recorded, and as it is now. */
function versionsOf(payment: Payment): Payment[] {
  const { reversedAt: _, ...recorded } = payment;
  return payment.reversedAt === undefined ? [recorded] : [recorded, payment];
}

/** What names one invoice or one payment for ever must still name it, or it would name another one soon. */
async function referenceFaults(store: InvoiceStore, invoice: Invoice, { payments }: Kept): Promise<string[]> {
  const { scope, id, externalReference } = invoice;
  const faults: string[] = [];
  if (externalReference !== undefined && (await store.externalReferenceHolder(scope, externalReference)) !== id) {
    faults.push(`The claim of its external reference "${externalReference}" is gone, or names another invoice.`);
  }
  for (const { id: paymentId, reference } of payments) {
    if (reference === undefined) continue;
    const holder = await store.paymentHolder(scope, reference);
    if (holder?.invoiceId === id && holder.paymentId === paymentId) continue;
    faults.push(`The claim of the reference "${reference}" of the payment ${paymentId} is gone, or names another one.`);
  }
  return faults;
}
