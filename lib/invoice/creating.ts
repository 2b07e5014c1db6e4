/** Making invoices: as drafts, with a number at once, or only to be shown. */
import { auditEntry } from './audit.ts';
import { todayIn } from './calendar.ts';
import { claimTaken } from './claims.ts';
import { type Context, missingSeries } from './context.ts';
import type { Timestamp } from './document.ts';
import { content, references } from './draft-content.ts';
import { type Finalization, type IssueOptions, issuable } from './finalization.ts';
import {
  type BusinessEntity,
  type Caller,
  type Draft,
  type Invoice,
  type Series,
  scopeOf,
  type Tenant,
} from './model.ts';
import { type Answer, mustFit, type Reply } from './operation.ts';
import { waiting } from './waiting.ts';

/** What a new invoice becomes at once: a draft, a draft with a number, or issued. */
export interface CreateOptions extends IssueOptions {
  as?: 'draft' | 'numbered draft' | 'issued';
}

/** What makes invoices; whatever gets a number at once is brought to it by `finalization`. */
export function creating(context: Context, { admit, complete, resume }: Finalization) {
  const { store, now, newId, tenant } = context;

  /** Makes an invoice, at once as far as it is asked to go: refused before it is stored, or never. */
  async function create(
    caller: Caller,
    draft: Draft,
    reply: Reply<Invoice>,
    { as = 'draft', ...options }: CreateOptions = {},
  ): Promise<Answer> {
    const scope = scopeOf(caller);
    const company = await tenant(caller);
    const [{ entity, series }, id] = await Promise.all([
      references(context, scope, draft, company, as !== 'draft'),
      newId(scope),
    ]);
    const invoice = fresh(caller, draft, entity, id);
    if (as === 'draft') return createDraft(caller, invoice, reply);
    if (!series && draft.number === undefined) throw missingSeries(company.defaultSeries);
    const at = now();
    const ready: Invoice =
      as === 'issued'
        ? issuable(invoice, company, at, options)
        : { ...dated(invoice, company), ...(invoice.number === undefined && { becomes: 'draft' }) };
    // A numbered draft with a number of its own has nothing to wait for.
    if (as === 'numbered draft' && ready.number !== undefined) return createDraft(caller, ready, reply);
    return createWaiting(caller, ready, at, series, reply);
  }

  /** The invoice as it enters the store: figures computed, what differs from the caller's own noted. */
  function fresh(caller: Caller, draft: Draft, entity: BusinessEntity, id: string): Invoice {
    const { relatedInvoiceId, externalReference } = draft;
    const at = now();
    return {
      scope: scopeOf(caller),
      id,
      contract: caller.contract,
      createdAt: at,
      createdBy: caller.keyId,
      businessEntityId: entity.id,
      ...(relatedInvoiceId !== undefined && { relatedInvoiceId }),
      ...(externalReference !== undefined && { externalReference }),
      version: 1,
      state: 'draft',
      updatedAt: at,
      paid: 0,
      credited: 0,
      facts: {},
      ...content(draft, entity),
    };
  }

  async function createDraft(caller: Caller, invoice: Invoice, { operation, render }: Reply<Invoice>): Promise<Answer> {
    const answer = render(invoice);
    mustFit(answer);
    const outcome = await store.insert({
      invoice,
      audit: auditEntry('created', caller.keyId, invoice),
      ...(operation && { operation: { ...operation, answer } }),
    });
    if (outcome === 'operation-exists') return resume(caller, { operation, render });
    if (outcome !== 'stored') throw await claimTaken(store, invoice, outcome);
    return answer;
  }

  /** A new invoice that is numbered at once is stored waiting: from there on nothing can refuse it. */
  async function createWaiting(
    caller: Caller,
    draft: Invoice,
    at: Timestamp,
    series: Series | undefined,
    { operation, render }: Reply<Invoice>,
  ): Promise<Answer> {
    mustFit(render(draft));
    const admitted = await admit(draft, series).catch(async (refused) => {
      // Unless the same request came further before, and was not refused.
      if (!operation || !(await store.operation(draft.scope, operation.id))) throw refused;
    });
    if (!admitted) return resume(caller, { operation, render });
    const invoice = waiting(admitted, at);
    // Its first audit entry is the one of its number.
    const outcome = await store.insert({ invoice, ...(operation && { operation }) });
    if (outcome === 'operation-exists') return resume(caller, { operation, render });
    if (outcome !== 'stored') throw await claimTaken(store, invoice, outcome);
    return complete(invoice, series, { actor: caller.keyId, operation, render });
  }

  /** The answer to a draft that is not stored: nothing is, no number is taken. */
  async function preview(caller: Caller, draft: Draft): Promise<{ invoice: Invoice; company: Tenant }> {
    const company = await tenant(caller);
    const { entity } = await references(context, scopeOf(caller), draft, company);
    return { invoice: fresh(caller, draft, entity, '00000000-0000-4000-8000-000000000000'), company };
  }

  const dated = (invoice: Invoice, company: Tenant): Invoice => ({
    ...invoice,
    document: { ...invoice.document, issueDate: invoice.document.issueDate ?? todayIn(company.timeZone, now()) },
  });

  return { create, preview };
}
