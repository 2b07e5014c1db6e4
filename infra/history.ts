/** Takes a history of invoices over, line by line, and tells what became of each. */
import { readHistoric } from '../lib/contracts/invoices/historic-invoice.ts';
import { sentence } from '../lib/contracts/wording.ts';
import type { Connection } from '../lib/dynamo/connection.ts';
import { gatheredReads } from '../lib/dynamo/gathered-reads.ts';
import { dynamoStore, inGroups } from '../lib/dynamo/store.ts';
import { type Failure, InvoiceError } from '../lib/invoice/failure.ts';
import { idLease } from '../lib/invoice/identity.ts';
import type { Continued, Historic, Imported } from '../lib/invoice/importing.ts';
import { createInvoices } from '../lib/invoice/invoices.ts';
import type { Caller, Scope, SeriesPlace } from '../lib/invoice/model.ts';
import { normalizeNumber } from '../lib/invoice/number.ts';
import { parseJson } from '../lib/lambda/json.ts';

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
  /** The series as they go on; none while lines are refused, because more is to come. */
  readonly series: readonly Continued[];
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
  { dryRun = false, tell }: { dryRun?: boolean; tell(report: LineReport): void },
): Promise<HistoryReport> {
  const bulk = gatheredReads(connection);
  const store = dynamoStore(bulk, inGroups(bulk));
  const lease = idLease(atOnce);
  const invoices = createInvoices({
    store,
    now: () => now().toISOString(),
    newId: (of) => lease(of, (count) => store.reserveIds(of, count)),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    deliver: async () => ({ sent: false, reason: 'History is not delivered.' }),
  });
  const caller: Caller = { ...scope, keyId: 'import', scopes: new Set(), plan: '', contract: 'invoices' };
  const company = await invoices.tenant(caller);
  const counts = { new: 0, there: 0, refused: 0 };
  const places: SeriesPlace[] = [];
  const mustBeFirst = namesOfAFile();

  async function take(line: number, source: string): Promise<LineReport> {
    let number: string | undefined;
    try {
      const historic = readHistoric(parsed(source), company);
      number = historic.draft.number;
      mustBeFirst(line, historic);
      const { outcome, id, warnings, place } = await invoices.importing.take(caller, historic, dryRun);
      if (place) places.push(place);
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
  const complete = !dryRun && counts.refused === 0;
  return { counts, series: complete ? await invoices.importing.continueSeries(caller, places) : [] };
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

const worded = ({ code, path, message }: { code: string; path: readonly (string | number)[]; message: string }) =>
  `${[path.join('.'), message].filter(Boolean).join(': ')} (${code})`;

function words(failure: Failure): string[] {
  if ('faults' in failure) return failure.faults.map((fault) => worded({ ...fault, code: fault.rule ?? fault.code }));
  if (failure.kind === 'precondition' || failure.kind === 'reference-taken') return [sentence(failure)];
  if (failure.kind === 'number-taken') return ['Another invoice has this number, or this one came with other content.'];
  if (failure.kind === 'exceeds-open') return [`${failure.given} was paid, and only ${failure.open} is open.`];
  return [failure.kind];
}
