/** `npm run verify`: proves the books of every series from the table alone, on this machine or in a deployed stack. */
import { appendFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Connection } from '../lib/dynamo/connection.ts';
import { dynamoStore } from '../lib/dynamo/store.ts';
import { toLine } from '../lib/invoice/anchors.ts';
import type { Scope } from '../lib/invoice/model.ts';
import type { Report } from '../lib/invoice/series-verification.ts';
import { type InvoiceStore, OutcomeUnknown, StoreBusy } from '../lib/invoice/store.ts';
import { verify } from '../lib/invoice/verification.ts';
import { deployedTable, localTable, type OpenTable } from './installation.ts';
import { readAnchorFile, readAnchors } from './read-anchors.ts';

const usage = `Usage: npm run verify -- [options]

  --tenant <id>     only this tenant
  --series <name>   only this series
  --anchor <file>   holds the chains against the heads in this file, and adds the new ones to it
  --anchors <place> holds them against heads that were written elsewhere: a file, or s3://<bucket>/anchors/ where the stack
                    anchors them itself (its output AnchorLocation); may be repeated
Recomputes every series of every tenant and mode, and names the first number that is not as it was. Ends with 1 if there is one.
Keep the anchors where nobody who can write the table can write: they alone show that the end of a chain was cut off.

The local stack is found by $DATA_DIR/demo.json while it runs. For a deployed stack add
  --outputs <file>  what \`npm run deploy\` wrote: outputs.json
  --stack <name>    if there are several in the file`;

const options = {
  tenant: { type: 'string' },
  series: { type: 'string' },
  anchor: { type: 'string' },
  anchors: { type: 'string', multiple: true },
  outputs: { type: 'string' },
  stack: { type: 'string' },
} as const;

const parse = (args: string[]) => parseArgs({ args, options, strict: true }).values;

/** A verification takes long: every call has a retry budget of its own. */
function patient(open: OpenTable): Connection {
  let attempts = 0;
  return {
    table: open().table,
    attempts: () => attempts,
    async send(command) {
      const connection = open();
      const answer = await connection.send(command);
      attempts += connection.attempts();
      return answer;
    },
  };
}

/** Every scope that is there, and those that only the anchors still know. */
async function scopesOf(store: InvoiceStore, anchors: readonly Scope[], tenant: string | undefined): Promise<Scope[]> {
  const tenants = [...(await store.tenants()).map(({ id }) => id), ...anchors.map((anchor) => anchor.tenant)];
  return [...new Set(tenants)]
    .filter((id) => tenant === undefined || id === tenant)
    .flatMap((id) => (['live', 'test'] as const).map((mode) => ({ tenant: id, mode })));
}

/** Says how a series stands. */
function tell({ tenant, mode }: Scope, { series, period, findings, count, head }: Report): void {
  const name = `${tenant}/${mode} ${series === '' ? 'outside of any series' : `${series} ${period}`}`;
  const [first] = findings;
  if (!first) {
    if (count > 0)
      console.log(`ok   ${name}: ${count} ${head ? `sealed up to ${head.ordinal}, ${head.hash}` : 'invoices'}`);
    return;
  }
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
  console.log(`BAD  ${name}: ${[first.number, first.code].filter(Boolean).join(' ')}: ${first.message}${more}`);
}

async function main(args: string[]): Promise<boolean> {
  const { tenant, series, anchor, anchors: places = [], outputs, stack } = parse(args);
  const open = outputs ? await deployedTable(outputs, stack) : await localTable(process.env.DATA_DIR ?? '.data');
  const store = dynamoStore(patient(open));
  const elsewhere = (await Promise.all(places.map(readAnchors))).flat();
  const own = anchor === undefined ? [] : await readAnchorFile(anchor);
  // A head is anchored again each day until the next number.
  const anchors = [...new Map([...own, ...elsewhere].map((head) => [toLine({ ...head, at: '' }), head])).values()];
  const at = new Date().toISOString();
  let sound = true;
  for (const scope of await scopesOf(store, anchors, tenant)) {
    const ours = anchors.filter((each) => each.tenant === scope.tenant && each.mode === scope.mode);
    const settings = { anchors: ours, only: series, year: Number(at.slice(0, 4)) };
    for await (const report of verify(store, scope, settings)) {
      tell(scope, report);
      sound &&= report.findings.length === 0;
      const { head } = report;
      const isNew = head && !own.some(({ hash }) => hash === head.hash);
      if (anchor !== undefined && isNew && report.findings.length === 0) {
        await appendFile(anchor, toLine({ ...scope, ...head, at }));
      }
    }
  }
  return sound;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  const silent = error instanceof StoreBusy || error instanceof OutcomeUnknown;
  const { message, code } = (
    silent ? new Error('The table does not answer. Does the stack run?', { cause: error }) : error
  ) as Error & { code?: string };
  const misused = code?.startsWith('ERR_PARSE_ARGS');
  console.error([message, misused && usage].filter(Boolean).join('\n\n'));
  process.exitCode = misused ? 2 : 1;
}
