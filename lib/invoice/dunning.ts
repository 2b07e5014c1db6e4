/** Invoices past their due date, and the reminders that follow. The clock is the issuer's calendar. */
import { auditEntry } from './audit.ts';
import { addDays, todayIn } from './calendar.ts';
import type { Context } from './context.ts';
import type { Finalization } from './finalization.ts';
import { lifeCycle, mayOnly, mayStart } from './life-cycle.ts';
import type { CalendarDate, Caller, DunningLevel, Facts, Invoice, Reminder, Scope, Tenant } from './model.ts';
import type { Answer, Operation, Reply } from './operation.ts';
import { openAmount } from './payments.ts';

/** UNTDID 1001: credit note. Its seller owes, and reminds nobody. */
const creditNote = '381';

/** Whether an invoice is issued and something is left to be paid by its buyer. */
export const isOpen = (invoice: Invoice): boolean =>
  invoice.issuedAt !== undefined &&
  invoice.state !== 'cancelled' &&
  invoice.document.typeCode !== creditNote &&
  openAmount(invoice) > 0;

/** Whether the day on which an open invoice was due is over. Without a date it is never overdue. */
export const isOverdue = (invoice: Invoice, today: CalendarDate): boolean =>
  isOpen(invoice) && invoice.document.dueDate !== undefined && invoice.document.dueDate < today;

export const remindersOf = ({ facts }: Invoice): readonly Reminder[] => facts.dunning?.reminders ?? [];

/**
 * Where an invoice waits to be reminded: by the reminders that it has had, and the day that the wait for the next one counts
 * from. `undefined` when nobody is to be reminded.
 */
export function dunningPlace(invoice: Invoice): { reminders: number; since: CalendarDate } | undefined {
  const { dueDate } = invoice.document;
  if (!isOpen(invoice) || dueDate === undefined || invoice.facts.dunning?.paused) return undefined;
  const reminders = remindersOf(invoice);
  return { reminders: reminders.length, since: reminders.at(-1)?.on ?? dueDate };
}

/** How many invoices are reminded at once. */
const atOnce = 20;

export function dunning({ store, now, find, tenant }: Context, { resume }: Finalization) {
  /** Stops or resumes the reminders of an invoice. */
  async function pause(caller: Caller, id: string, paused: boolean, reply: Reply<Invoice>): Promise<Answer> {
    const { operation, render } = reply;
    const seen = await find(caller, id);
    const step = paused ? 'pauseDunning' : 'resumeDunning';
    mayOnly(step, seen, paused ? 'pause dunning' : 'resume dunning');
    const invoice = changed(seen, { ...seen.facts.dunning, paused });
    const answer = render(invoice);
    const outcome = await store.update(
      {
        invoice,
        audit: auditEntry(lifeCycle[step].entry, caller.keyId, invoice),
        ...(operation && { operation: { ...operation, answer } }),
      },
      seen,
    );
    if (outcome === 'operation-exists') return resume(caller, operation as Operation, render);
    return outcome === 'stale' ? pause(caller, id, paused, reply) : answer;
  }

  const changed = (seen: Invoice, next: Facts['dunning']): Invoice => ({
    ...seen,
    facts: { ...seen.facts, dunning: next },
    version: seen.version + 1,
    updatedAt: now(),
  });

  /** Gives an invoice its next reminder, if it is still to have that one. Whoever changes it first wins: each comes once. */
  async function remind(scope: Scope, id: string, round: Round, company: Tenant): Promise<void> {
    const { reminders, until, name, fee } = round;
    const seen = await store.invoice(scope, id);
    // The list may lag behind: paid, paused and reminded invoices stand there a moment longer.
    const place = seen && dunningPlace(seen);
    if (!place || place.reminders !== reminders || place.since > until || !mayStart('remind', seen.state)) return;
    const at = now();
    const on = todayIn(company.timeZone, at);
    const reminder = { level: reminders + 1, name, fee, currency: company.currency, at, on };
    const invoice = changed(seen, { ...seen.facts.dunning, reminders: [...remindersOf(seen), reminder] });
    const outcome = await store.update({ invoice, audit: auditEntry('reminded', 'dunning', invoice) }, seen);
    if (outcome === 'stale') await remind(scope, id, round, company);
  }

  /** Reminds of everything that waits for one level. */
  async function remindAll(scope: Scope, round: Round, company: Tenant): Promise<void> {
    let after: string | undefined;
    do {
      const page = await store.dunnable(scope, { ...round, limit: atOnce, after });
      await Promise.all(page.ids.map((id) => remind(scope, id, round, company)));
      after = page.next;
    } while (after !== undefined);
  }

  return {
    pause,

    /** The day it is at the caller's company. */
    today: async (caller: Scope): Promise<CalendarDate> => todayIn((await tenant(caller)).timeZone, now()),

    /** Reminds of every overdue invoice whose next level has come. Run as often as it likes, and by several at once. */
    async run(): Promise<void> {
      const failed: unknown[] = [];
      for (const company of await store.tenants()) {
        for (const round of rounds(company.dunning ?? [], todayIn(company.timeZone, now()))) {
          for (const mode of ['live', 'test'] as const) {
            // A company that cannot be served now keeps no other one waiting.
            await remindAll({ tenant: company.id, mode }, round, company).catch((error) => failed.push(error));
          }
        }
      }
      if (failed.length > 0) throw new AggregateError(failed, 'Not every reminder could be recorded.');
    },
  };
}

/** A level, for invoices with so many reminders before it, whose wait began on that day or before. */
interface Round extends DunningLevel {
  readonly reminders: number;
  readonly until: CalendarDate;
}

/** A wait is counted from the reminder before, not from the due date: who was reminded late keeps the time to pay. */
const rounds = (levels: readonly DunningLevel[], today: CalendarDate): Round[] =>
  levels.map((level, reminders) => {
    const wait = level.after - (levels[reminders - 1]?.after ?? 0);
    return { ...level, reminders, until: addDays(today, -wait) };
  });
