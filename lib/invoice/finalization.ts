/** Bringing an invoice to its number, and a request to its answer, whoever was interrupted before. */
import { addDays, todayIn } from './calendar.ts';
import type { Context } from './context.ts';
import type { InvoiceDocument, Timestamp } from './document.ts';
import { InvoiceError } from './failure.ts';
import { mayOnly, mustBeAsSeen, type Seen } from './life-cycle.ts';
import { type Caller, type Invoice, type Series, scopeOf, type Tenant } from './model.ts';
import { abandonedAfter, type Finished, numbering } from './numbering.ts';
import { type Answer, beingUndone, named, type Operation, type Reply, replayed } from './operation.ts';
import { findings, noted } from './rules.ts';
import { type Finisher, isWaiting, type Waiting, waiting } from './waiting.ts';

export type Finalization = ReturnType<typeof finalization>;

/** Whether law and norm are asked first, or what they miss is noted as warnings: vendors' contracts do not know them. */
export interface IssueOptions {
  unchecked?: boolean;
}

/** Whatever gets a number gets it here, and whatever was cut off is brought to its end here. */
export function finalization(context: Context) {
  const { store, now, pause, tenant, find, seriesFor } = context;
  const { finish, sweep, admit, refusal } = numbering(context);

  async function finalize(
    caller: Caller,
    id: string,
    { operation, render }: Reply<Invoice>,
    options: IssueOptions & Seen = {},
  ): Promise<Answer> {
    const [company, found] = await Promise.all([tenant(caller), find(caller, id)]);
    const by = { actor: caller.keyId, operation, render };
    if (operation && found.state !== 'draft' && found.state !== 'approved') {
      // Our own request may have come this far before.
      const record = await store.operation(found.scope, operation.id);
      if (record) return resume(caller, { operation, render });
    }
    mustBeAsSeen(found, options);
    const series = await seriesFor(found, company);
    if (isWaiting(found) && !found.becomes) {
      const settled = await othersWork(found);
      if (isWaiting(settled) || settled.issuedAt) return complete(settled, series, by);
      // Its series refused it, and may say so to us as well.
      return finalize(caller, id, { operation, render }, options);
    }
    const begun = await begin(await ready(found, series, caller), series, company, operation, options);
    if (begun === 'operation-exists') return resume(caller, { operation, render });
    if (begun === 'stale') return finalize(caller, id, { operation, render }, options);
    return complete(begun, series, by);
  }

  /** A draft that waits for its number only is numbered first. */
  async function ready(invoice: Invoice, series: Series | undefined, caller: Caller): Promise<Invoice> {
    if (!isWaiting(invoice)) return invoice;
    const settled = await othersWork(invoice);
    return isWaiting(settled) ? (await finish(settled, series, by(caller))).invoice : settled;
  }

  /** Step 1 of numbering: the invoice waits, and nothing can change it any more. */
  async function begin(
    found: Invoice,
    series: Series | undefined,
    company: Tenant,
    operation: Operation | undefined,
    options: IssueOptions,
  ): Promise<Waiting | 'stale' | 'operation-exists'> {
    mayOnly('finalize', found);
    const at = now();
    const admitted = await admit(issuable(found, company, at, options), series).catch(async (refused) => {
      // Unless it began to wait meanwhile, and was not refused.
      if ((await store.invoice(found.scope, found.id))?.version === found.version) throw refused;
    });
    if (!admitted) return 'stale';
    const invoice = waiting({ ...admitted, version: found.version + 1 }, at);
    const outcome = await store.update({ invoice, ...(operation && { operation }) }, found);
    return outcome === 'stale' || outcome === 'operation-exists' ? outcome : invoice;
  }

  /** Issues a draft on behalf of another operation, which keeps the answer. */
  async function issue(caller: Caller, draft: Invoice, options: IssueOptions & Seen): Promise<Invoice> {
    const company = await tenant(caller);
    const series = await seriesFor(draft, company);
    const begun = await begin(draft, series, company, undefined, options);
    if (typeof begun !== 'string') return (await finish(begun, series, by(caller))).invoice;
    const invoice = await settle(caller, await find(caller, draft.id));
    mustBeAsSeen(invoice, options);
    return invoice.issuedAt ? invoice : issue(caller, invoice, options);
  }

  const by = (caller: Caller): Finisher => ({ actor: caller.keyId });

  /** Sees a waiting invoice through and answers; the answer that is on record wins. */
  async function complete(
    invoice: Invoice,
    series: Series | undefined,
    { operation, render, actor }: Finisher & Reply<Invoice>,
  ): Promise<Answer> {
    const done: Finished = isWaiting(invoice)
      ? await finish(invoice, series, { actor, operation, render })
      : { invoice };
    if (done.answer) return done.answer;
    const answer = render(done.invoice);
    if (!operation) return answer;
    return store.settleAnswer(invoice.scope, { ...operation, subject: invoice.id }, answer);
  }

  /** The invoice with its number, whoever gives it. */
  async function settle(caller: Caller, found: Invoice): Promise<Invoice> {
    const invoice = await othersWork(found);
    if (!isWaiting(invoice)) return invoice;
    return (await finish(invoice, await seriesFor(invoice, await tenant(caller)), by(caller))).invoice;
  }

  /** Gives whoever is numbering this invoice time to do so, before doing it for them. */
  async function othersWork(found: Invoice): Promise<Invoice> {
    let invoice = found;
    while (isWaiting(invoice) && Date.parse(now()) - Date.parse(invoice.finalizingAt) < abandonedAfter) {
      await pause(50);
      invoice = (await store.invoice(invoice.scope, invoice.id)) ?? invoice;
    }
    return invoice;
  }

  /** Answers a request that was made before: with its first answer, or by bringing it to its end. */
  async function resume(caller: Caller, reply: Reply<Invoice>): Promise<Answer> {
    const scope = scopeOf(caller);
    const operation = named(reply);
    const record = await store.operation(scope, operation.id);
    if (!record) throw beingUndone();
    const answer = replayed(record, operation);
    if (answer) return answer;
    const subject = await store.invoice(scope, record.subject);
    if (!subject) throw new InvoiceError({ kind: 'not-found', what: 'invoice', id: record.subject });
    const done = await settle(caller, subject);
    if (done.number === undefined) throw await refused(done, caller);
    const settled = await store.settleAnswer(scope, { ...operation, subject: done.id }, reply.render(done));
    return { ...settled, replayed: true };
  }

  /** What its series refused while it waited has no number, and the request that asked for one no answer. */
  async function refused(invoice: Invoice, caller: Caller): Promise<InvoiceError> {
    const series = await seriesFor(invoice, await tenant(caller));
    return series ? refusal(invoice, series) : new InvoiceError({ kind: 'not-found', what: 'invoice', id: invoice.id });
  }

  return { admit, finalize, issue, complete, resume, sweep };
}

/** The invoice with what an issue needs and a draft may leave open, if law and norm let it be issued. */
export function issuable(invoice: Invoice, company: Tenant, at: Timestamp, { unchecked }: IssueOptions): Invoice {
  const { document, faults } = candidateOf(invoice, company, at);
  if (faults.length === 0) return { ...invoice, document };
  if (!unchecked) throw new InvoiceError({ kind: 'not-issuable', faults });
  return { ...invoice, document, warnings: [...invoice.warnings, ...faults.map(noted)] };
}

/** An invoice as it would be issued now, and what law and norm find against that. */
export function candidateOf(invoice: Invoice, company: Tenant, at: Timestamp) {
  const { number, figures, stated } = invoice;
  const document = withDates(invoice.document, figures.totals.payable, company, at);
  return { document, faults: findings(document, figures, { stated, ...(number !== undefined && { number }) }) };
}

/** Issue date: today at the issuer's (BT-2). Due date: the tenant's own terms, when something is to be paid (BR-CO-25). */
function withDates(document: InvoiceDocument, payable: number, company: Tenant, at: Timestamp): InvoiceDocument {
  const issueDate = document.issueDate ?? todayIn(company.timeZone, at);
  const open = payable > 0 && document.dueDate === undefined && document.paymentTerms === undefined;
  const dueDate = open && company.paymentDays !== undefined ? addDays(issueDate, company.paymentDays) : undefined;
  if (document.issueDate !== undefined && dueDate === undefined) return document;
  return { ...document, issueDate, ...(dueDate !== undefined && { dueDate }) };
}
