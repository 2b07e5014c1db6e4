/** Everything that can be done with invoices, over a store that keeps its promises. Knows no AWS, no HTTP, no vendor. */
import { auditEntry } from './audit.ts';
import { calculate } from './calculate.ts';
import { addDays, todayIn } from './calendar.ts';
import { type Fault, InvoiceError } from './failure.ts';
import { isInvoiceId } from './identity.ts';
import type {
  BusinessEntity,
  Caller,
  Draft,
  Invoice,
  InvoiceDocument,
  Scope,
  Series,
  Tenant,
  Warning,
} from './model.ts';
import { periodOf } from './number.ts';
import {
  abandonedAfter,
  type Finished,
  type Finisher,
  isWaiting,
  type NumberingDependencies,
  numbering,
} from './numbering.ts';
import type { Answer, Operation, Reply } from './operation.ts';
import { differences, findings } from './rules.ts';
import type { InvoiceStore } from './store.ts';

export interface Dependencies extends NumberingDependencies {
  store: InvoiceStore;
  /** The id of a new invoice; unique in its scope. */
  newId(scope: Scope): Promise<string>;
}

export type Invoices = ReturnType<typeof createInvoices>;

export function createInvoices(dependencies: Dependencies) {
  const { store, now, pause, newId } = dependencies;
  const { finish, sweep } = numbering(dependencies);

  const tenants = new Map<string, Promise<Tenant | undefined>>();

  async function tenant(caller: Caller): Promise<Tenant> {
    // A contract asks for the tenant's defaults, and so do we: one request reads them once.
    const reading = tenants.get(caller.tenant) ?? store.tenant(caller.tenant);
    tenants.set(caller.tenant, reading);
    const found = await reading;
    // A key whose tenant is gone opens nothing.
    if (!found) throw new InvoiceError({ kind: 'forbidden' });
    return found;
  }

  async function find(caller: Caller, id: string): Promise<Invoice> {
    const invoice = isInvoiceId(caller, id) ? await store.invoice(scopeOf(caller), id) : undefined;
    if (!invoice) throw new InvoiceError({ kind: 'not-found', what: 'invoice', id });
    return invoice;
  }

  /** What a draft refers to; all that is missing is reported together. */
  async function references(scope: Scope, draft: Draft, company: Tenant, issue: boolean) {
    const { relatedInvoiceId: related } = draft;
    const entityId = draft.businessEntityId ?? company.defaultBusinessEntityId;
    const name = seriesName(draft, company);
    const [entity, series, relatedInvoice] = await Promise.all([
      store.businessEntity(scope, entityId),
      name !== undefined && (issue || draft.series !== undefined) ? store.series(scope, name) : undefined,
      related === undefined || !isInvoiceId(scope, related) ? undefined : store.invoice(scope, related),
    ]);
    const faults: Fault[] = [];
    if (!entity) faults.push(unknown(['businessEntityId'], 'business entity', entityId));
    if (draft.series !== undefined && name !== undefined && !series) faults.push(unknownSeries(name));
    if (related !== undefined && !relatedInvoice) faults.push(unknown(['relatedInvoiceId'], 'invoice', related));
    if (!entity || faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults });
    return { entity, series };
  }

  async function create(
    caller: Caller,
    draft: Draft,
    reply: Reply<Invoice>,
    { issue = false }: { issue?: boolean } = {},
  ): Promise<Answer> {
    const scope = scopeOf(caller);
    const company = await tenant(caller);
    const [{ entity, series }, id] = await Promise.all([references(scope, draft, company, issue), newId(scope)]);
    const invoice = toInvoice(caller, draft, entity, id);
    return issue ? createIssued(caller, invoice, company, series, reply) : createDraft(caller, invoice, reply);
  }

  /** The invoice as it enters the store: figures computed, what differs from the caller's own noted. */
  function toInvoice(caller: Caller, draft: Draft, entity: BusinessEntity, id: string): Invoice {
    const { number, series, stated, relatedInvoiceId, warnings = [], extras = {} } = draft;
    const document = { ...draft.document, seller: draft.document.seller ?? entity.seller };
    const figures = calculate(document);
    const at = now();
    return {
      scope: scopeOf(caller),
      id,
      contract: caller.contract,
      createdAt: at,
      createdBy: caller.keyId,
      businessEntityId: entity.id,
      ...(relatedInvoiceId !== undefined && { relatedInvoiceId }),
      version: 1,
      state: 'draft',
      updatedAt: at,
      ...(series !== undefined && { series }),
      ...(number !== undefined && { number }),
      paid: 0,
      document,
      figures,
      ...(stated && { stated }),
      warnings: stated ? [...warnings, ...differences(stated, figures).map(toWarning)] : warnings,
      extras,
    };
  }

  async function createDraft(caller: Caller, invoice: Invoice, { operation, render }: Reply<Invoice>): Promise<Answer> {
    const answer = render(invoice);
    const outcome = await store.insert({
      invoice,
      audit: auditEntry('created', caller.keyId, invoice),
      ...(operation && { operation: { ...operation, answer } }),
    });
    if (outcome === 'number-taken') throw numberTaken(invoice);
    if (outcome === 'operation-exists') return resume(caller, operation as Operation, render);
    return answer;
  }

  /** A new invoice that is numbered at once is stored waiting: from there on nothing can refuse it. */
  async function createIssued(
    caller: Caller,
    draft: Invoice,
    company: Tenant,
    series: Series | undefined,
    { operation, render }: Reply<Invoice>,
  ): Promise<Answer> {
    if (!series && draft.number === undefined) throw missingSeries(company.defaultSeries);
    const at = now();
    const invoice: Invoice = { ...issuable(draft, company, at), state: 'finalizing', finalizingAt: at };
    // Its first audit entry is the one of its issue.
    const outcome = await store.insert({ invoice, ...(operation && { operation }) });
    if (outcome === 'number-taken') throw numberTaken(invoice);
    if (outcome === 'operation-exists') return resume(caller, operation as Operation, render);
    return complete(invoice, series, { actor: caller.keyId, operation, render });
  }

  async function finalize(caller: Caller, id: string, { operation, render }: Reply<Invoice>): Promise<Answer> {
    const [company, found] = await Promise.all([tenant(caller), find(caller, id)]);
    const by = { actor: caller.keyId, operation, render };
    if (operation && found.state !== 'draft' && found.state !== 'approved') {
      // Our own request may have come this far before.
      const record = await store.operation(found.scope, operation.id);
      if (record) return resume(caller, operation, render);
    }
    const series = await seriesFor(found, company);
    if (isWaiting(found)) return complete(await othersWork(found), series, by);
    if (found.state !== 'draft' && found.state !== 'approved') {
      throw new InvoiceError({ kind: 'wrong-state', action: 'finalize', state: found.state });
    }
    const at = now();
    const invoice: Invoice = {
      ...issuable(found, company, at),
      version: found.version + 1,
      state: 'finalizing',
      finalizingAt: at,
      updatedAt: at,
    };
    const outcome = await store.beginFinalizing({ invoice, ...(operation && { operation }) }, found);
    if (outcome === 'operation-exists') return resume(caller, operation as Operation, render);
    if (outcome === 'stale') return finalize(caller, id, { operation, render });
    return complete(invoice, series, by);
  }

  /** Sees a waiting invoice through and answers; the answer that is on record wins. */
  async function complete(
    invoice: Invoice,
    series: Series | undefined,
    by: Finisher & Pick<Reply<Invoice>, 'render'>,
  ): Promise<Answer> {
    const done: Finished = isWaiting(invoice) ? await finish(invoice, series, by) : { invoice };
    if (done.answer) return done.answer;
    const answer = by.render(done.invoice);
    const { operation } = by;
    if (!operation) return answer;
    return store.settleAnswer(invoice.scope, { ...operation, invoiceId: invoice.id }, answer);
  }

  /** Gives whoever is numbering this invoice time to do so, before doing it for them. */
  async function othersWork(waiting: Invoice): Promise<Invoice> {
    let invoice = waiting;
    while (isWaiting(invoice) && Date.parse(now()) - Date.parse(invoice.finalizingAt) < abandonedAfter) {
      await pause(50);
      invoice = (await store.invoice(invoice.scope, invoice.id)) ?? invoice;
    }
    return invoice;
  }

  /** Answers a request that was made before: with its first answer, or by bringing it to its end. */
  async function resume(caller: Caller, operation: Operation, render: Reply<Invoice>['render']): Promise<Answer> {
    const scope = scopeOf(caller);
    const record = await store.operation(scope, operation.id);
    // It expired between two reads, or its transaction is still being undone: asking again is safe.
    if (!record) throw new InvoiceError({ kind: 'busy', retryAfter: 1 });
    if (record.fingerprint !== operation.fingerprint) throw new InvoiceError({ kind: 'key-reused' });
    if (record.answer) return { ...record.answer, replayed: true };
    const [company, found] = await Promise.all([tenant(caller), find(caller, record.invoiceId)]);
    const series = await seriesFor(found, company);
    const invoice = await othersWork(found);
    const done = isWaiting(invoice) ? (await finish(invoice, series, { actor: caller.keyId })).invoice : invoice;
    const answer = await store.settleAnswer(scope, { ...operation, invoiceId: done.id }, render(done));
    return { ...answer, replayed: true };
  }

  async function seriesFor(invoice: Invoice, company: Tenant): Promise<Series | undefined> {
    const name = seriesName(invoice, company);
    if (name === undefined) return undefined;
    const series = await store.series(invoice.scope, name);
    if (!series) throw missingSeries(name);
    return series;
  }

  return {
    tenant,
    create,
    find,
    finalize,

    /** The first answer of an operation that was done before; `undefined` when it is new or was interrupted. */
    async replay(caller: Caller, operation: Operation): Promise<Answer | undefined> {
      const record = await store.operation(scopeOf(caller), operation.id);
      if (record && record.fingerprint !== operation.fingerprint) throw new InvoiceError({ kind: 'key-reused' });
      return record?.answer && { ...record.answer, replayed: true };
    },

    /** Finishes what crashed processes left open in every series. */
    async sweep(): Promise<void> {
      const today = now();
      const years = [Number(today.slice(0, 4)) - 1, Number(today.slice(0, 4)), Number(today.slice(0, 4)) + 1];
      for (const { id } of await store.tenants()) {
        for (const mode of ['live', 'test'] as const) {
          const scope = { tenant: id, mode };
          for (const series of await store.allSeries(scope)) {
            const periods = new Set(years.map((year) => periodOf(series, `${year}-01-01`)));
            for (const period of periods) await sweep({ scope, name: series.name, period }, series);
          }
        }
      }
    },
  };
}

const scopeOf = ({ tenant, mode }: Scope): Scope => ({ tenant, mode });

/** The invoice with what an issue needs and a draft may leave open, if law and norm let it be issued. */
function issuable(invoice: Invoice, company: Tenant, at: string): Invoice {
  const document = withDates(invoice.document, invoice.figures.totals.payable, company, at);
  const faults = findings(document, invoice.figures, { stated: invoice.stated });
  if (faults.length > 0) throw new InvoiceError({ kind: 'not-issuable', faults });
  return { ...invoice, document };
}

/** Issue date: today at the issuer's (BT-2). Due date: the tenant's own terms, when something is to be paid (BR-CO-25). */
function withDates(document: InvoiceDocument, payable: number, company: Tenant, at: string): InvoiceDocument {
  const issueDate = document.issueDate ?? todayIn(company.timeZone, at);
  const open = payable > 0 && document.dueDate === undefined && document.paymentTerms === undefined;
  if (document.issueDate !== undefined && !(open && company.paymentDays !== undefined)) return document;
  return {
    ...document,
    issueDate,
    ...(open && company.paymentDays !== undefined && { dueDate: addDays(issueDate, company.paymentDays) }),
  };
}

const toWarning = ({ code, path, message }: Fault): Warning => ({ code, path, message });

const unknown = (path: string[], what: string, given: string): Fault => ({
  in: 'body',
  path,
  code: 'unknown_reference',
  message: `There is no ${what} "${given}". Use one of your own, or leave this out for the default.`,
  given,
});

const unknownSeries = (name: string): Fault => unknown(['series'], 'number series', name);

const missingSeries = (name: string) => new InvoiceError({ kind: 'invalid', faults: [unknownSeries(name)] });

/** Where the number comes from; nowhere when the caller chose it, and page 002 does not look at a series then. */
const seriesName = ({ number, series }: Pick<Draft, 'number' | 'series'>, { defaultSeries }: Tenant) =>
  number === undefined ? (series ?? defaultSeries) : undefined;

const numberTaken = (invoice: Invoice) =>
  new InvoiceError({ kind: 'number-taken', number: invoice.number ?? '', path: ['number'] });
