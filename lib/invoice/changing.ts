/** Changing, approving and deleting drafts. */
import { auditEntry } from './audit.ts';
import { isVoid } from './chain.ts';
import { type Context, numberTaken } from './context.ts';
import { content, references } from './draft-content.ts';
import { InvoiceError } from './failure.ts';
import type { Finalization } from './finalization.ts';
import { lifeCycle, mayOnly, mustBeAsSeen, type Seen } from './life-cycle.ts';
import type { Caller, Draft, Invoice, Tenant } from './model.ts';
import { formatNumber, periodOf, placeIn } from './number.ts';
import { type Answer, mustFit, type Reply } from './operation.ts';
import type { FreedNumber } from './store.ts';

/** On what terms a draft is changed. */
export interface ChangeOptions extends Seen {
  /** Names that the caller gives to lines: each finds its invoice, and names a line of one invoice only, for ever. */
  lineNames?: readonly string[];
}

/** What may still be done to an invoice that is not final. */
export function changing(context: Context, { resume }: Finalization) {
  const { store, now, tenant, find } = context;

  /** Changes a draft: `edit` makes its new content from what stands. Tried again when somebody was faster. */
  async function change(
    caller: Caller,
    id: string,
    edit: (invoice: Invoice, company: Tenant) => Draft | Promise<Draft>,
    reply: Reply<Invoice>,
    options: ChangeOptions = {},
  ): Promise<Answer> {
    const company = await tenant(caller);
    return revise(caller, id, 'change', reply, options, async (seen) => {
      const draft = await edit(seen, company);
      const { entity } = await references(context, seen.scope, draft, company);
      const next = { ...seen, businessEntityId: entity.id, ...content(draft, entity) };
      if (seen.place && next.number !== seen.number) {
        // The series gave this number out; another one would leave a gap.
        throw new InvoiceError({ kind: 'wrong-state', action: 'renumber', state: seen.state });
      }
      await mustKeepDate(seen, next);
      // What was approved is no longer what stands.
      const { approvedAt: _, ...facts } = seen.facts;
      return { ...next, facts, state: 'draft' as const };
    });
  }

  /** A number tells its date by its series' pattern, its period or its order: a draft that has one keeps what it tells. */
  async function mustKeepDate(seen: Invoice, { document: { issueDate } }: Pick<Invoice, 'document'>): Promise<void> {
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
    revise(caller, id, 'delete', reply, options, async (seen) => {
      // A number of the series must stay in the books: such a draft is cancelled, not deleted.
      if (seen.place) throw new InvoiceError({ kind: 'wrong-state', action: 'delete', state: 'numbered' });
      const { number: _, ...rest } = seen;
      return { ...rest, deletedAt: now() };
    });

  /** Notes that a draft may go out as it is; any change takes that back. */
  const approve = (caller: Caller, id: string, reply: Reply<Invoice>, options: ChangeOptions = {}): Promise<Answer> =>
    revise(caller, id, 'approve', reply, options, async (seen) => ({
      ...seen,
      state: 'approved' as const,
      facts: { ...seen.facts, approvedAt: now() },
    }));

  /** Takes a draft a step on, under its version: `next` makes what it becomes from what stands. */
  async function revise(
    caller: Caller,
    id: string,
    action: 'change' | 'delete' | 'approve',
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
    const frees =
      seen.number !== undefined && seen.number !== invoice.number ? await freed(seen, seen.number) : undefined;
    const outcome = await store.update(
      {
        invoice,
        audit: auditEntry(lifeCycle[action].entry, caller.keyId, invoice),
        ...(frees && { frees }),
        ...(options.lineNames && { lineNames: options.lineNames }),
        ...(operation && { operation: { ...operation, answer } }),
      },
      seen,
    );
    if (outcome === 'number-taken') throw numberTaken(invoice);
    if (outcome === 'line-name-taken') throw lineNameTaken();
    if (outcome === 'operation-exists') return resume(caller, { operation, render });
    if (outcome === 'stale') return revise(caller, id, action, reply, options, next);
    return answer;
  }

  /** A chosen number that a series has gone past must come again when it is free, or the series has a gap. */
  async function freed({ scope, id }: Invoice, number: string): Promise<FreedNumber> {
    const places: FreedNumber['places'][number][] = [];
    for (const series of await store.allSeries(scope)) {
      const place = placeIn(series, number);
      if (!place) continue;
      const { ordinal, ...named } = place;
      const counter = { scope, ...named };
      const [line] = await store.numbersOf(counter, ordinal, ordinal);
      places.push({
        counter,
        ordinal,
        passed: line !== undefined && !isVoid(line) && line.passed === true && line.invoiceId === id,
      });
    }
    return { number, places };
  }

  return { change, remove, approve };
}

const lineNameTaken = () =>
  new InvoiceError({
    kind: 'invalid',
    faults: [
      { in: 'body', path: ['id'], code: 'id_taken', message: 'Another invoice has a line of that id; choose another.' },
    ],
  });
