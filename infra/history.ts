/** Takes a history of invoices over, line by line, and tells what became of each. */
import { placeInHistory, readHistoric } from '../lib/contracts/invoices/historic-invoice.ts';
import { sentence } from '../lib/contracts/wording.ts';
import type { Connection } from '../lib/dynamo/connection.ts';
import { gatheredReads } from '../lib/dynamo/gathered-reads.ts';
import { restoreStore } from '../lib/dynamo/restoring.ts';
import { dynamoStore, inGroups } from '../lib/dynamo/store.ts';
import { todayIn } from '../lib/invoice/calendar.ts';
import type { VoidNumber } from '../lib/invoice/chain.ts';
import { type Failure, type Fault, InvoiceError } from '../lib/invoice/failure.ts';
import { idLease } from '../lib/invoice/identity.ts';
import type { Continued, Historic, Imported, Taken } from '../lib/invoice/importing.ts';
import { createInvoices } from '../lib/invoice/invoices.ts';
import type { Caller, Scope } from '../lib/invoice/model.ts';
import { normalizeNumber } from '../lib/invoice/number.ts';
import { restoring } from '../lib/invoice/restoring.ts';
import { parseJson } from '../lib/lambda/json.ts';

type Worded = Pick<Fault, 'code' | 'rule' | 'path' | 'message' | 'expected' | 'given'>;

/** What became of a line; `faults` when it was refused. */
export interface LineReport {
  readonly line: number;
  readonly number?: string;
  readonly outcome: Imported['outcome'] | 'refused';
  readonly id?: string | undefined;
  readonly warnings: readonly string[];
  readonly faults: readonly string[];
}

export interface HistoryReport {
  /** Lines by what became of them. */
  readonly counts: Readonly<Record<LineReport['outcome'], number>>;
  /** The series as they go on, or would after a dry run; none while lines are refused, because more is to come. */
  readonly series: readonly Continued[];
  /** The numbers that were missing and are void now. */
  readonly voids: readonly VoidNumber[];
}

interface Settings {
  readonly dryRun?: boolean | undefined;
  /** Whether what is missing at the end is missing for good. */
  readonly voidMissing?: boolean | undefined;
  tell(report: LineReport): void;
}

/** How many invoices are taken over at once. The more, the fewer calls; each may be some megabytes large. */
const atOnce = 64;

/**
 * Takes over one invoice a line. May be repeated: what is there stays. The series go on after the highest number once no line is
 * refused; until then the history is not complete.
 */
export async function importHistory(
  { connection, now }: { connection: Connection; now(): Date },
  scope: Scope,
  lines: Iterable<string>,
  { dryRun = false, voidMissing = false, tell }: Settings,
): Promise<HistoryReport> {
  const bulk = gatheredReads(connection);
  const store = dynamoStore(bulk, inGroups(bulk));
  const lease = idLease(atOnce);
  const time = {
    now: () => now().toISOString(),
    pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
  };
  const invoices = createInvoices({
    ...time,
    store,
    newId: (of) => lease(of, (count) => store.reserveIds(of, count)),
    deliver: async () => ({ sent: false, reason: 'History is not delivered.' }),
  });
  const caller: Caller = { ...scope, keyId: 'import', scopes: new Set(), plan: '', contract: 'invoices' };
  const company = await invoices.tenant(caller);
  const counts = { new: 0, there: 0, refused: 0 };
  const taken: Taken[] = [];
  const mustBeFirst = namesOfAFile();

  async function take(line: number, source: string): Promise<LineReport> {
    let number: string | undefined;
    try {
      const historic = readHistoric(parsed(source), company);
      number = historic.draft.number;
      mustBeFirst(line, historic);
      const { outcome, id, warnings, place } = await invoices.importing.take(caller, historic, dryRun);
      const { issueDate } = historic.draft.document;
      if (place && issueDate !== undefined) taken.push({ place, issueDate });
      return { line, number, outcome, id, warnings: warnings.map(worded), faults: [] };
    } catch (error) {
      if (!(error instanceof InvoiceError)) throw error;
      return {
        line,
        ...(number !== undefined && { number }),
        outcome: 'refused',
        warnings: [],
        faults: words(error.failure),
      };
    }
  }

  async function takeAll(batch: readonly [number, string][]): Promise<void> {
    for (const report of await Promise.all(batch.map(([line, source]) => take(line, source)))) {
      counts[report.outcome]++;
      tell(report);
    }
  }

  async function voidAll(lacking: readonly Continued[]): Promise<VoidNumber[]> {
    const { enterMissing } = restoring({ ...time, store: { ...store, ...restoreStore(connection) } });
    const today = todayIn(company.timeZone, time.now());
    const { entries } = await store.referencePage({ scope, kind: 'business-entities' }, { limit: 1_000 });
    const asked = { businessEntityIds: entries.map(({ id }) => id), today };
    const voids: VoidNumber[] = [];
    for (const { name, period } of lacking) {
      const series = await invoices.series.find(caller, name);
      voids.push(...(await enterMissing({ scope, name, period }, series, asked)));
    }
    return voids;
  }

  let batch: [number, string][] = [];
  let line = 0;
  for (const source of lines) {
    line++;
    if (source.trim() === '') continue;
    batch.push([line, source]);
    if (batch.length < atOnce) continue;
    await takeAll(batch);
    batch = [];
  }
  await takeAll(batch);
  const series = counts.refused === 0 ? await invoices.importing.continueSeries(caller, taken, dryRun) : [];
  const voids = voidMissing && !dryRun ? await voidAll(series.filter(({ missing }) => missing)) : [];
  return { counts, series, voids };
}

/** A number or a reference that comes twice in a file is a mistake, whatever the two lines say. */
function namesOfAFile() {
  /** The line that each came in first. */
  const known = new Map<string, number>();
  return function mustBeFirst(line: number, { draft, payment }: Historic): void {
    const names = {
      number: `${draft.businessEntityId ?? ''} ${normalizeNumber(draft.number)}`,
      external_reference: draft.externalReference,
      'paid.reference': payment?.reference,
    };
    const repeated = Object.entries(names).flatMap(([field, name]) => {
      if (name === undefined) return [];
      const key = `${field} ${name}`;
      const first = known.get(key);
      known.set(key, first ?? line);
      return first === undefined ? [] : [[field, first] as const];
    });
    if (repeated.length === 0) return;
    const message = repeated.map(([field, first]) => `Line ${first} has this ${field} already.`).join(' ');
    throw new InvoiceError({ kind: 'precondition', code: 'repeated', message });
  };
}

function parsed(source: string): unknown {
  const read = parseJson(source);
  if ('faults' in read) throw new InvoiceError({ kind: 'malformed', faults: read.faults });
  return read.value;
}

function worded({ code, rule = code, path, message, expected, given }: Worded): string {
  const sentence = [placeInHistory({ code, path }).join('.'), message].filter(Boolean).join(': ');
  const figures = expected === undefined || given === undefined ? '' : ` Expected ${expected}, given ${given}.`;
  return `${sentence}${figures} (${rule})`;
}

function words(failure: Failure): string[] {
  if ('faults' in failure) return failure.faults.map(worded);
  if (failure.kind === 'precondition' || failure.kind === 'reference-taken') return [sentence(failure)];
  if (failure.kind === 'number-taken') return ['Another invoice has this number, or this one came with other content.'];
  if (failure.kind === 'exceeds-open') return [`${failure.given} was paid, and only ${failure.open} is open.`];
  return [failure.kind];
}
