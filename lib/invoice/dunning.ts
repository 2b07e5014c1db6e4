/** Invoices past their due date, and the reminders that follow. The clock is the issuer's calendar. */
import { auditEntry } from './audit.ts';
import { addDays, todayIn } from './calendar.ts';
import type { Context } from './context.ts';
import type { CalendarDate, Timestamp } from './document.ts';
import type { Finalization } from './finalization.ts';
import { lifeCycle, mayOnly, mayStart, mustBeAsSeen, type Seen } from './life-cycle.ts';
import { type Caller, type Facts, type Invoice, modes, type Reminder, type Scope, type Tenant } from './model.ts';
import type { Answer, Reply } from './operation.ts';
import { openAmount } from './payments.ts';
import { creditNoteCodes } from './rules/code-lists.ts';

/** Whether an invoice is issued and something is left to be paid by its buyer. Of a credit note the seller owes. */
export const isOpen = (invoice: Invoice): boolean =>
  invoice.issuedAt !== undefined &&
  invoice.state !== 'cancelled' &&
  !creditNoteCodes.has(invoice.document.typeCode) &&
  openAmount(invoice) > 0;

/** Whether the day on which an open invoice was due is over. Without a date it is never overdue. */
export const isOverdue = (invoice: Invoice, today: CalendarDate): boolean =>
  isOpen(invoice) && invoice.document.dueDate !== undefined && invoice.document.dueDate < today;

/** The reminders that an invoice was given, the first one first. */
export const remindersOf = ({ facts }: Invoice): readonly Reminder[] => facts.dunning?.reminders ?? [];

/** How many levels of reminding a company may have. */
export const mostLevels = 10;

/** What an invoice waits for: to become overdue, for its first reminder, its second … or, paused, for nothing. */
export type DunningStage = 'due' | 'paused' | number;

/** Every stage there is: each is a list of its own. */
export const dunningStages: readonly DunningStage[] = [
  'due',
  'paused',
  ...Array.from({ length: mostLevels + 1 }, (_, reminders) => reminders),
];

/** Where an open invoice stands: by what it waits for, then by the day that the wait counts from, then by id. */
export function dunningPlace(
  invoice: Invoice,
): { stage: DunningStage; since: CalendarDate; position: string } | undefined {
  const { id, document, facts } = invoice;
  const { dueDate } = document;
  if (!isOpen(invoice) || dueDate === undefined) return undefined;
  const place = (stage: DunningStage, since = dueDate) => ({
    stage,
    since,
    position: `${since}#${id}`,
  });
  if (facts.overdueAt === undefined) return place('due');
  if (facts.dunning?.paused) return place('paused');
  const reminders = remindersOf(invoice);
  return place(reminders.length, reminders.at(-1)?.on);
}

/** How many invoices are worked on at once. */
const atOnce = 20;

/** Pausing for whoever asks, and the daily run over all companies. */
export function dunning({ store, now, find, tenant }: Context, { resume }: Finalization) {
  /** Stops or resumes the reminders of an invoice. */
  async function pause(
    caller: Caller,
    id: string,
    paused: boolean,
    reply: Reply<Invoice>,
    options: Seen = {},
  ): Promise<Answer> {
    const { operation, render } = reply;
    const seen = await find(caller, id);
    mustBeAsSeen(seen, options);
    const step = paused ? 'pauseDunning' : 'resumeDunning';
    mayOnly(step, seen, paused ? 'pause dunning' : 'resume dunning');
    const invoice = changed(seen, { ...seen.facts, dunning: { ...seen.facts.dunning, paused } }, now());
    const answer = render(invoice);
    const outcome = await store.update(
      {
        invoice,
        audit: auditEntry(lifeCycle[step].entry, caller.keyId, invoice),
        ...(operation && { operation: { ...operation, answer } }),
      },
      seen,
    );
    if (outcome === 'operation-exists') return resume(caller, { operation, render });
    return outcome === 'stale' ? pause(caller, id, paused, reply, options) : answer;
  }

  const changed = (seen: Invoice, facts: Facts, updatedAt: Timestamp): Invoice => ({
    ...seen,
    facts,
    version: seen.version + 1,
    updatedAt,
  });

  /** Takes an invoice a step further, if it still waits for that one. Whoever changes it first wins: each step comes once. */
  async function advance(scope: Scope, id: string, round: Round, company: Tenant): Promise<void> {
    const { stage, until, step, facts } = round;
    const seen = await store.invoice(scope, id);
    // The list may lag behind: paid, paused and reminded invoices stand there a moment longer.
    const place = seen && dunningPlace(seen);
    if (!place || place.stage !== stage || place.since > until || !mayStart(step, seen.state)) return;
    const at = now();
    const invoice = changed(seen, facts(seen, at, company), at);
    const outcome = await store.update({ invoice, audit: auditEntry(lifeCycle[step].entry, 'dunning', invoice) }, seen);
    if (outcome === 'stale') await advance(scope, id, round, company);
  }

  /** Works on everything that waits for one step; says what failed, which keeps nothing else waiting. */
  async function advanceAll(scope: Scope, round: Round, company: Tenant): Promise<unknown[]> {
    const { stage, until } = round;
    const failed: unknown[] = [];
    let after: string | undefined;
    do {
      const page = await store.dunnable(scope, { stage, until, limit: atOnce, after });
      const outcomes = await Promise.allSettled(page.ids.map((id) => advance(scope, id, round, company)));
      failed.push(...outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : [])));
      after = page.next;
    } while (after !== undefined);
    return failed;
  }

  return {
    pause,

    /** The day it is at the caller's company. */
    today: async (caller: Scope): Promise<CalendarDate> => todayIn((await tenant(caller)).timeZone, now()),

    /**
     * Finds what became overdue, and reminds of every overdue invoice whose next level has come. Run as often as it likes, and by
     * several at once.
     */
    async run(): Promise<void> {
      const failed: unknown[] = [];
      for (const company of await store.tenants()) {
        for (const round of rounds(company, todayIn(company.timeZone, now()))) {
          for (const mode of modes) {
            // A company that cannot be served now keeps no other one waiting.
            failed.push(...(await advanceAll({ tenant: company.id, mode }, round, company).catch((error) => [error])));
          }
        }
      }
      if (failed.length > 0) throw new AggregateError(failed, 'Not everything that is overdue could be recorded.');
    },
  };
}

/** A step for the invoices of a stage whose wait began on that day or before, and what it leaves with them. */
interface Round {
  readonly stage: DunningStage;
  readonly until: CalendarDate;
  readonly step: 'fallOverdue' | 'remind';
  facts(seen: Invoice, at: Timestamp, company: Tenant): Facts;
}

const overdue = (today: CalendarDate): Round => ({
  stage: 'due',
  until: addDays(today, -1),
  step: 'fallOverdue',
  facts: ({ facts }, overdueAt) => ({ ...facts, overdueAt }),
});

/** A wait is counted from the reminder before, not from the due date: who was reminded late keeps the time to pay. */
const rounds = ({ dunning: levels = [] }: Tenant, today: CalendarDate): Round[] => [
  overdue(today),
  ...levels.map(({ after, name, fee }, reminders): Round => {
    const wait = after - (levels[reminders - 1]?.after ?? 0);
    return {
      stage: reminders,
      until: addDays(today, -wait),
      step: 'remind',
      facts(seen, at, { currency, timeZone }) {
        const reminder = { level: reminders + 1, name, fee, currency, at, on: todayIn(timeZone, at) };
        const { facts } = seen;
        return { ...facts, dunning: { ...facts.dunning, reminders: [...remindersOf(seen), reminder] } };
      },
    };
  }),
];
