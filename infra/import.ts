/** `npm run import`: a company's history of invoices, with their own numbers and dates. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { directory } from '../lib/dynamo/directory.ts';
import { patient, voided } from './books.ts';
import { required, run, UsageError } from './command.ts';
import { importHistory, type LineReport } from './history.ts';
import { deployedTable, localTable } from './installation.ts';

const usage = `Usage: npm run import -- <history.jsonl> --tenant <id> [--mode live|test] [--dry-run | --void-missing]

One invoice a line: a body of POST /invoices with "number", "issued_on" and, if it was paid, "paid": true or {"paid_on", "amount"?,
"reference"?}. Numbers are kept as they are, totals that are given must be ours to the cent, and what EN 16931 misses is a warning.
May be run again: what is there stays as it is. Once no line is refused, each series goes on after its highest number.

Numbers that are missing before that one are told. The chain of hashes ends before the first of them: hand them in later, or, if
nobody has them, run again with --void-missing, which enters them in the books as void, for good.

For a deployed stack add --outputs outputs.json, and --stack <name> if there are several in the file.`;

function tell({ line, number = '', outcome, id = '', warnings, faults }: LineReport, dryRun: boolean): void {
  const became = outcome === 'new' ? (dryRun ? 'would be imported' : 'imported') : outcome;
  console.log([line, number, became, id].join('\t').trimEnd());
  for (const fault of faults) console.log(`\t${fault}`);
  for (const warning of warnings) console.log(`\twarning: ${warning}`);
}

const options = {
  tenant: { type: 'string' },
  mode: { type: 'string', default: 'live' },
  'dry-run': { type: 'boolean', default: false },
  'void-missing': { type: 'boolean', default: false },
  outputs: { type: 'string' },
  stack: { type: 'string' },
} as const;

async function main(args: string[]): Promise<boolean> {
  const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
  const [file, ...more] = positionals;
  const { mode, 'dry-run': dryRun, 'void-missing': voidMissing, outputs, stack } = values;
  if (file === undefined || more.length > 0) throw new UsageError('Name one file to import.');
  const tenant = required('tenant', values.tenant);
  if (mode !== 'live' && mode !== 'test') throw new UsageError(`--mode is live or test, not ${mode}.`);
  const open = outputs ? await deployedTable(outputs, stack) : await localTable(process.env.DATA_DIR ?? '.data');
  const connection = patient(open);
  if (!(await directory(connection).tenant(tenant))) {
    throw new Error(`There is no tenant ${tenant}. See: npm run tenants -- list`);
  }
  // Whole: a reader of lines loses those that come before somebody asks.
  const lines = (await readFile(file, 'utf8')).split('\n');
  const installation = { connection, now: () => new Date() };
  const { counts, series, voids } = await importHistory(installation, { tenant, mode }, lines, {
    dryRun,
    voidMissing,
    tell: (report) => tell(report, dryRun),
  });
  console.error(
    `${counts.new} ${dryRun ? 'to import' : 'imported'}, ${counts.there} there already, ${counts.refused} refused.`,
  );
  for (const { name, period, next, missing } of series) {
    console.error(`Series ${name} (${period}) ${dryRun ? 'would go' : 'goes'} on with ${next}.`);
    if (missing) console.error(`\tNumbers missing before it: ${missing.count}, the first is ${missing.first}.`);
  }
  for (const line of voided(voids)) console.error(`made void: ${line}`);
  return counts.refused === 0;
}

await run(main, usage);
