/** Taking an issued invoice back: it never changes, another document names it (Art. 219, BG-3). */
import { auditEntry } from './audit.ts';
import { calculate } from './calculate.ts';
import { todayIn } from './calendar.ts';
import { type Context, scopeOf } from './context.ts';
import { creditContent } from './credit-content.ts';
import type { InvoiceDocument } from './document.ts';
import { InvoiceError } from './failure.ts';
import { type Finalization, waiting } from './finalization.ts';
import { mustGive } from './freezing.ts';
import { mayOnly } from './life-cycle.ts';
import type { Caller, Correction, Invoice, Tenant } from './model.ts';
import type { Answer, Operation, Reply } from './operation.ts';

/** UNTDID 1001: credit note. */
const creditNote = '381';

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
  ): Promise<Answer> {
    const seen = await find(caller, id);
    mayOnly('cancel', seen);
    const at = now();
    const cancellation = { ...(reason !== undefined && { reason }), at, by: caller.keyId };
    const amount = seen.figures.totals.payable - seen.credited;
    const correction = seen.issuedAt ? await cancellationOf(caller, seen, amount, at) : undefined;
    const invoice = corrected(seen, correction, 'cancellation', amount, at, {
      state: 'cancelled',
      facts: { ...seen.facts, cancellation },
    });
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
    if (outcome === 'operation-exists') return resume(caller, operation as Operation, render);
    if (outcome === 'stale') return cancel(caller, id, reason, { operation, render });
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
    toDocument: (invoice: Invoice) => InvoiceDocument,
    { operation, render }: Reply<Invoice>,
  ): Promise<Answer> {
    const seen = await find(caller, id);
    mayOnly('credit', seen);
    const at = now();
    const document = toDocument(seen);
    const figures = calculate(document);
    const given = figures.totals.payable;
    const left = seen.figures.totals.payable - seen.credited;
    if (given <= 0 || given > left) {
      throw new InvoiceError({ kind: 'exceeds-open', open: left, given, path: ['amount'] });
    }
    const correction = await correctionOf(caller, seen, document, figures, at);
    const invoice = corrected(seen, correction, 'credit', given, at, {});
    const outcome = await store.update(
      {
        invoice,
        audit: auditEntry('credited', caller.keyId, invoice),
        correction,
        ...(operation && { operation: { ...operation, subject: correction.id } }),
      },
      seen,
    );
    if (outcome === 'operation-exists') return resume(caller, operation as Operation, render);
    if (outcome === 'stale') return credit(caller, id, toDocument, { operation, render });
    return number(caller, correction, { operation, render });
  }

  async function number(caller: Caller, correction: Invoice, reply: Reply<Invoice>): Promise<Answer> {
    const series = await seriesFor(correction, await tenant(caller));
    return complete(correction, series, { actor: caller.keyId, ...reply });
  }

  /** The whole invoice with its own figures; after earlier credits only what they left, and nothing when that is nothing. */
  async function cancellationOf(caller: Caller, seen: Invoice, amount: number, at: string) {
    if (seen.credited === 0) return correctionOf(caller, seen, seen.document, seen.figures, at);
    if (amount === 0) return undefined;
    const document = creditContent({})(seen);
    return correctionOf(caller, seen, document, calculate(document), at);
  }

  /** The correcting document, waiting for its number from the series of credit notes. */
  async function correctionOf(
    caller: Caller,
    seen: Invoice,
    content: InvoiceDocument,
    figures: Invoice['figures'],
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
        facts: {},
        warnings: [],
        document: asCreditNote(content, seen, company, at),
        figures,
      },
      at,
    );
  }

  return { cancel, credit };
}

/** BG-3: the correcting document names what it corrects; it is not due, and nothing was paid on it. */
function asCreditNote(content: InvoiceDocument, seen: Invoice, company: Tenant, at: string): InvoiceDocument {
  const { dueDate: _, taxPointDate: __, documentType: ___, ...kept } = content;
  const { issueDate } = seen.document;
  return {
    ...kept,
    typeCode: creditNote,
    issueDate: todayIn(company.timeZone, at),
    precedingInvoices: [
      { ...(seen.number !== undefined && { number: seen.number }), ...(issueDate !== undefined && { issueDate }) },
    ],
  };
}

/** The corrected invoice: what it links to, and how much of it is taken back. */
function corrected(
  seen: Invoice,
  correction: Invoice | undefined,
  kind: Correction['kind'],
  amount: number,
  at: string,
  more: Partial<Invoice>,
): Invoice {
  const next = { ...seen, ...more, version: seen.version + 1, updatedAt: at };
  if (!correction) return next;
  const link: Correction = { id: correction.id, kind, amount };
  return {
    ...next,
    credited: seen.credited + amount,
    facts: { ...next.facts, corrections: [...(seen.facts.corrections ?? []), link] },
  };
}
