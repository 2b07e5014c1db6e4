/** Taking an issued invoice back: it never changes, another document names it (Art. 219, BG-3). */
import { auditEntry } from './audit.ts';
import { calculate } from './calculate.ts';
import { todayIn } from './calendar.ts';
import type { Context } from './context.ts';
import { type CreditRequest, creditContent, remainder } from './credit-content.ts';
import { creditable, worthOf } from './creditable.ts';
import type { InvoiceDocument } from './document.ts';
import { InvoiceError } from './failure.ts';
import type { Finalization } from './finalization.ts';
import { mustGive } from './freezing.ts';
import { mayOnly, mustBeAsSeen, type Seen } from './life-cycle.ts';
import { type Caller, type Correction, type Invoice, scopeOf, type Tenant } from './model.ts';
import type { Answer, Reply } from './operation.ts';
import { creditNote, creditNoteCodes } from './rules/code-lists.ts';
import { waiting } from './waiting.ts';

interface ReasonedCredit extends CreditRequest {
  /** BT-22 of the credit note. */
  reason?: string | undefined;
}

/** Cancelling and crediting; the correcting document is numbered like any other. */
export function corrections(
  { store, now, newId, tenant, find, seriesFor }: Context,
  { complete, resume }: Finalization,
) {
  /**
   * Cancels an invoice. A draft just ends; an issued one is taken back by a credit note with its own figures, which also ends
   * what earlier credits left. Answers with the cancelled invoice.
   */
  async function cancel(
    caller: Caller,
    id: string,
    reason: string | undefined,
    { operation, render }: Reply<Invoice>,
    options: Seen = {},
  ): Promise<Answer> {
    const seen = await find(caller, id);
    mustBeAsSeen(seen, options);
    mayOnly('cancel', seen);
    mayBeTakenBack(seen);
    const at = now();
    const cancellation = { ...(reason !== undefined && { reason }), at, by: caller.keyId };
    const correction = seen.issuedAt ? await cancellationOf(caller, seen, at) : undefined;
    const cancelled: Invoice = { ...seen, state: 'cancelled', facts: { ...seen.facts, cancellation } };
    const invoice = corrected(cancelled, at, correction && linkTo(correction, 'cancellation'));
    const answer = render(invoice);
    const outcome = await store.update(
      {
        invoice,
        audit: auditEntry('cancelled', caller.keyId, invoice),
        ...(correction && { correction }),
        ...(operation && { operation: { ...operation, answer } }),
      },
      seen,
    );
    if (outcome === 'operation-exists') return resume(caller, { operation, render });
    if (outcome === 'stale') return cancel(caller, id, reason, { operation, render }, options);
    if (correction) await number(caller, correction, { render });
    return answer;
  }

  /**
   * Credits an invoice with a document of its own lines. What is credited in all never exceeds the invoice, also when several
   * credit at once. Answers with the credit note.
   */
  async function credit(
    caller: Caller,
    id: string,
    request: ReasonedCredit,
    { operation, render }: Reply<Invoice>,
    options: Seen = {},
  ): Promise<Answer> {
    const seen = await find(caller, id);
    const prepared = await creditOf(caller, seen, request, options).catch(async (refused) => {
      // Unless it is refused for what the same request did before.
      if (!operation || !(await store.operation(seen.scope, operation.id))) throw refused;
    });
    if (!prepared) return resume(caller, { operation, render });
    const { invoice, correction } = prepared;
    const outcome = await store.update(
      {
        invoice,
        audit: auditEntry('credited', caller.keyId, invoice),
        correction,
        ...(operation && { operation: { ...operation, subject: correction.id } }),
      },
      seen,
    );
    if (outcome === 'operation-exists') return resume(caller, { operation, render });
    if (outcome === 'stale') return credit(caller, id, request, { operation, render }, options);
    return number(caller, correction, { operation, render });
  }

  /** The invoice as a credit leaves it, and the credit note. */
  async function creditOf(caller: Caller, seen: Invoice, { reason, ...request }: ReasonedCredit, options: Seen) {
    mustBeAsSeen(seen, options);
    mayOnly('credit', seen);
    mayBeTakenBack(seen);
    const at = now();
    const { document, lines } = creditContent(request, seen, await creditNotesOf(seen));
    const noted = reason ? { ...document, notes: [reason] } : document;
    const correction = await correctionOf(
      caller,
      seen,
      'credit',
      { document: noted, figures: calculate(document) },
      at,
    );
    return { invoice: corrected(seen, at, linkTo(correction, 'credit', lines)), correction };
  }

  async function number(caller: Caller, correction: Invoice, reply: Reply<Invoice>): Promise<Answer> {
    const series = await seriesFor(correction, await tenant(caller));
    return complete(correction, series, { actor: caller.keyId, ...reply });
  }

  /** The whole invoice with its own figures; after earlier credits only what they left, and nothing when that is nothing. */
  async function cancellationOf(caller: Caller, seen: Invoice, at: string): Promise<Invoice | undefined> {
    const creditNotes = await creditNotesOf(seen);
    if (creditNotes.length === 0) return correctionOf(caller, seen, 'cancellation', seen, at);
    if (creditable(seen) === 0) return undefined;
    const document = remainder(seen, creditNotes);
    return correctionOf(caller, seen, 'cancellation', { document, figures: calculate(document) }, at);
  }

  /** The content of credit notes never changes: what is read after the invoice is what stood when it was. */
  const creditNotesOf = ({ scope, facts: { corrections = [] } }: Invoice): Promise<Invoice[]> =>
    Promise.all(corrections.map(({ id }) => find(scope, id)));

  /** The correcting document, waiting for its number from the series of credit notes. */
  async function correctionOf(
    caller: Caller,
    seen: Invoice,
    corrects: Correction['kind'],
    { document, figures }: Pick<Invoice, 'document' | 'figures'>,
    at: string,
  ): Promise<Invoice> {
    const company = await tenant(caller);
    const scope = scopeOf(caller);
    // Nothing can refuse it once the corrected invoice names it.
    const series = await seriesFor({ ...seen, number: undefined, series: company.creditSeries }, company);
    if (series) mustGive(series);
    const { contract, businessEntityId, extras } = seen;
    return waiting(
      {
        scope,
        contract,
        businessEntityId,
        extras,
        state: 'draft',
        updatedAt: at,
        id: await newId(scope),
        createdAt: at,
        createdBy: caller.keyId,
        relatedInvoiceId: seen.id,
        version: 1,
        series: company.creditSeries,
        paid: 0,
        credited: 0,
        facts: { corrects },
        warnings: [],
        document: asCreditNote(document, seen, company, at),
        figures,
      },
      at,
    );
  }

  return { cancel, credit };
}

/** BG-3: the correcting document names what it corrects. Without terms it is due at once (BR-CO-25). */
function asCreditNote(content: InvoiceDocument, seen: Invoice, company: Tenant, at: string): InvoiceDocument {
  const { dueDate: _, taxPointDate: __, documentType: ___, ...kept } = content;
  const { number, document } = seen;
  const issueDate = todayIn(company.timeZone, at);
  return {
    ...kept,
    typeCode: creditNote,
    issueDate,
    ...(kept.paymentTerms === undefined && { dueDate: issueDate }),
    precedingInvoices: [
      { ...(number !== undefined && { number }), ...(document.issueDate && { issueDate: document.issueDate }) },
    ],
  };
}

/** What is owed after all is a new claim, with a number of its own. */
function mayBeTakenBack({ issuedAt, document }: Invoice): void {
  if (issuedAt === undefined || !creditNoteCodes.has(document.typeCode)) return;
  const message = 'A credit note is neither cancelled nor credited; make a new invoice of what is owed after all.';
  throw new InvoiceError({ kind: 'precondition', code: 'credit_note', message });
}

function linkTo({ id, figures }: Invoice, kind: Correction['kind'], lines?: Correction['lines']): Correction {
  return { id, kind, amount: worthOf(figures), ...(lines && { lines }) };
}

/** The corrected invoice: what it links to, and how much of it is taken back. */
function corrected(seen: Invoice, at: string, link: Correction | undefined): Invoice {
  const next = { ...seen, version: seen.version + 1, updatedAt: at };
  if (!link) return next;
  return {
    ...next,
    credited: seen.credited + link.amount,
    facts: { ...seen.facts, corrections: [...(seen.facts.corrections ?? []), link] },
  };
}
