/** Making and changing drafts, and everything that is only asked of them. */
import { type Action, auditEntry } from './audit.ts';
import { calculate } from './calculate.ts';
import { todayIn } from './calendar.ts';
import { isVoid } from './chain.ts';
import { type Context, missingSeries, numberTaken, scopeOf, seriesName, unknownReference } from './context.ts';
import type { Timestamp } from './document.ts';
import { type Fault, InvoiceError } from './failure.ts';
import { type Finalization, type IssueOptions, issuable, waiting } from './finalization.ts';
import { mayOnly, mustBeAsSeen, type Seen } from './life-cycle.ts';
import type { BusinessEntity, Caller, Draft, Invoice, Scope, Series, Tenant, Warning } from './model.ts';
import { formatNumber, ordinalOf, periodOf } from './number.ts';
import { type Answer, mustFit, type Operation, type Reply } from './operation.ts';
import { differences } from './rules.ts';
import type { FreedNumber } from './store.ts';

/** What a new invoice becomes at once: a draft, a draft with a number, or issued. */
export interface CreateOptions extends IssueOptions {
  as?: 'draft' | 'numbered draft' | 'issued';
}

export interface ChangeOptions extends Seen {
  /** Names that the caller gives to lines: each finds its invoice, and names a line of one invoice only, for ever. */
  lineNames?: readonly string[];
}

export function drafts(context: Context, { admit, complete, resume }: Finalization) {
  const { store, now, newId, tenant, find } = context;

  /** What a draft refers to; all that is missing is reported together. */
  async function references(scope: Scope, draft: Draft, company: Tenant, number: boolean) {
    const { relatedInvoiceId: related } = draft;
    const entityId = draft.businessEntityId ?? company.defaultBusinessEntityId;
    const name = seriesName(draft, company);
    const [entity, series, relatedInvoice] = await Promise.all([
      store.businessEntity(scope, entityId),
      name !== undefined && (number || draft.series !== undefined) ? store.series(scope, name) : undefined,
      related === undefined ? undefined : find(scope, related).catch(() => undefined),
    ]);
    const faults: Fault[] = [];
    if (!entity) faults.push(unknownReference(['businessEntityId'], 'business entity', entityId));
    if (name !== undefined && draft.series !== undefined && !series) {
      faults.push(unknownReference(['series'], 'number series', name));
    }
    if (related !== undefined && !relatedInvoice) {
      faults.push(unknownReference(['relatedInvoiceId'], 'invoice', related));
    }
    if (!entity || faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults });
    return { entity, series };
  }

  async function create(
    caller: Caller,
    draft: Draft,
    reply: Reply<Invoice>,
    { as = 'draft', ...options }: CreateOptions = {},
  ): Promise<Answer> {
    const scope = scopeOf(caller);
    const company = await tenant(caller);
    const [{ entity, series }, id] = await Promise.all([
      references(scope, draft, company, as !== 'draft'),
      newId(scope),
    ]);
    const invoice = fresh(caller, draft, entity, id);
    if (as === 'draft') return createDraft(caller, invoice, reply);
    if (!series && draft.number === undefined) throw missingSeries(company.defaultSeries);
    const at = now();
    const complete: Invoice =
      as === 'issued'
        ? issuable(invoice, company, at, options)
        : { ...dated(invoice, company), ...(invoice.number === undefined && { becomes: 'draft' }) };
    // A numbered draft with a number of its own has nothing to wait for.
    if (as === 'numbered draft' && complete.number !== undefined) return createDraft(caller, complete, reply);
    return createWaiting(caller, complete, at, series, reply);
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
    if (outcome === 'operation-exists') return resume(caller, operation as Operation, render);
    if (outcome !== 'stored') throw await taken(invoice, outcome);
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
    if (!admitted) return resume(caller, operation as Operation, render);
    const invoice = waiting(admitted, at);
    // Its first audit entry is the one of its number.
    const outcome = await store.insert({ invoice, ...(operation && { operation }) });
    if (outcome === 'operation-exists') return resume(caller, operation as Operation, render);
    if (outcome !== 'stored') throw await taken(invoice, outcome);
    return complete(invoice, series, { actor: caller.keyId, operation, render });
  }

  /** Which claim of a new invoice somebody else holds. */
  async function taken(invoice: Invoice, outcome: 'number-taken' | 'external-reference-taken'): Promise<InvoiceError> {
    const { scope, externalReference = '' } = invoice;
    if (outcome === 'number-taken') return numberTaken(invoice);
    const holder = await store.externalReferenceHolder(scope, externalReference);
    return new InvoiceError({
      kind: 'precondition',
      code: 'external_reference_taken',
      message: `The external reference "${externalReference}" names the invoice ${holder} already; it never names another.`,
    });
  }

  /** Changes a draft: `edit` makes its new content from what stands. Tried again when somebody was faster. */
  async function change(
    caller: Caller,
    id: string,
    edit: (invoice: Invoice, company: Tenant) => Draft | Promise<Draft>,
    reply: Reply<Invoice>,
    options: ChangeOptions = {},
  ): Promise<Answer> {
    const company = await tenant(caller);
    return revise(caller, id, 'change', 'changed', reply, options, async (seen) => {
      const draft = await edit(seen, company);
      const { entity } = await references(seen.scope, draft, company, false);
      const next = { ...seen, businessEntityId: entity.id, ...content(draft, entity) };
      if (seen.place && next.number !== seen.number) {
        // The series gave this number out; another one would leave a gap.
        throw new InvoiceError({ kind: 'wrong-state', action: 'renumber', state: seen.state });
      }
      await sameDate(seen, next);
      // What was approved is no longer what stands.
      const { approvedAt: _, ...facts } = seen.facts;
      return { ...next, facts, state: 'draft' as const };
    });
  }

  /** A number tells its date by its series' pattern, its period or its order: a draft that has one keeps what it tells. */
  async function sameDate(seen: Invoice, { document: { issueDate } }: Pick<Invoice, 'document'>): Promise<void> {
    const { place, number } = seen;
    if (!place || issueDate === seen.document.issueDate) return;
    const series = await store.series(seen.scope, place.name);
    const fits =
      series &&
      issueDate !== undefined &&
      series.chronology !== 'enforce' &&
      periodOf(series, issueDate) === place.period &&
      formatNumber(series, issueDate, place.ordinal) === number;
    if (!fits) throw new InvoiceError({ kind: 'wrong-state', action: 'redate', state: 'numbered' });
  }

  /** Deletes a draft; its chosen number is free again. The auditor still finds it. */
  const remove = (caller: Caller, id: string, reply: Reply<Invoice>, options: ChangeOptions = {}): Promise<Answer> =>
    revise(caller, id, 'delete', 'deleted', reply, options, async (seen) => {
      // A number of the series must stay in the books: such a draft is cancelled, not deleted.
      if (seen.place) throw new InvoiceError({ kind: 'wrong-state', action: 'delete', state: 'numbered' });
      const { number: _, ...rest } = seen;
      return { ...rest, deletedAt: now() };
    });

  const approve = (caller: Caller, id: string, reply: Reply<Invoice>, options: ChangeOptions = {}): Promise<Answer> =>
    revise(caller, id, 'approve', 'approved', reply, options, async (seen) => ({
      ...seen,
      state: 'approved' as const,
      facts: { ...seen.facts, approvedAt: now() },
    }));

  async function revise(
    caller: Caller,
    id: string,
    action: 'change' | 'delete' | 'approve',
    done: Action,
    reply: Reply<Invoice>,
    options: ChangeOptions,
    next: (seen: Invoice) => Promise<Invoice>,
  ): Promise<Answer> {
    const seen = await find(caller, id);
    mustBeAsSeen(seen, options);
    mayOnly(action, seen);
    const invoice: Invoice = { ...(await next(seen)), version: seen.version + 1, updatedAt: now() };
    const { operation, render } = reply;
    const answer = render(invoice);
    if (action === 'change') mustFit(answer);
    const frees = seen.number !== undefined && seen.number !== invoice.number ? await freed(seen) : undefined;
    const outcome = await store.update(
      {
        invoice,
        audit: auditEntry(done, caller.keyId, invoice),
        ...(frees && { frees }),
        ...(options.lineNames && { lineNames: options.lineNames }),
        ...(operation && { operation: { ...operation, answer } }),
      },
      seen,
    );
    if (outcome === 'number-taken') throw numberTaken(invoice);
    if (outcome === 'line-name-taken') throw lineNameTaken();
    if (outcome === 'operation-exists') return resume(caller, operation as Operation, render);
    if (outcome === 'stale') return revise(caller, id, action, done, reply, options, next);
    return answer;
  }

  /** A chosen number that a series has gone past must come again when it is free, or the series has a gap. */
  async function freed(invoice: Invoice): Promise<FreedNumber> {
    const number = invoice.number as string;
    const places: FreedNumber['places'][number][] = [];
    for (const series of await store.allSeries(invoice.scope)) {
      const written = ordinalOf(series, number);
      if (!written) continue;
      const period = periodOf(series, `${written.year}-01-01`);
      const counter = { scope: invoice.scope, name: series.name, period };
      const { ordinal } = written;
      const [line] = await store.numbersOf(counter, ordinal, ordinal);
      places.push({
        counter,
        ordinal,
        passed: line !== undefined && !isVoid(line) && line.passed === true && line.invoiceId === invoice.id,
      });
    }
    return { number, places };
  }

  /** The answer to a draft that is not stored: nothing is, no number is taken. */
  async function preview(caller: Caller, draft: Draft): Promise<{ invoice: Invoice; company: Tenant }> {
    const company = await tenant(caller);
    const { entity } = await references(scopeOf(caller), draft, company, false);
    return { invoice: fresh(caller, draft, entity, '00000000-0000-4000-8000-000000000000'), company };
  }

  const dated = (invoice: Invoice, company: Tenant): Invoice => ({
    ...invoice,
    document: { ...invoice.document, issueDate: invoice.document.issueDate ?? todayIn(company.timeZone, now()) },
  });

  return { create, change, remove, approve, preview };
}

/** What a draft says, with its figures. Absent members are there as `undefined`, so that they replace what stood before. */
function content(draft: Draft, entity: BusinessEntity) {
  const { number, series, stated, relatedInvoiceId, warnings = [], extras = {} } = draft;
  const document = { ...draft.document, seller: draft.document.seller ?? entity.seller };
  const figures = calculate(document);
  return {
    series,
    number,
    relatedInvoiceId,
    document,
    figures,
    stated,
    warnings: stated ? [...warnings, ...differences(stated, figures).map(toWarning)] : warnings,
    extras,
  };
}

const lineNameTaken = () =>
  new InvoiceError({
    kind: 'invalid',
    faults: [
      { in: 'body', path: ['id'], code: 'id_taken', message: 'Another invoice has a line of that id; choose another.' },
    ],
  });

const toWarning = ({ code, path, message }: Fault): Warning => ({ code, path, message });
