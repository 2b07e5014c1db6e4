/** `npm run verify`: proves the books of every series from the table alone, on this machine or in a deployed stack. */
import { appendFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { dynamoStore } from '../lib/dynamo/store.ts';
import { toLine } from '../lib/invoice/anchors.ts';
import type { Scope } from '../lib/invoice/model.ts';
import type { InvoiceStore } from '../lib/invoice/store.ts';
import { verify } from '../lib/invoice/verification.ts';
import { anchorsOf, claimsIn, patient, scopesOf, tell } from './books.ts';
import { run } from './command.ts';
import { deployedTable, localTable } from './installation.ts';
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

async function main(args: string[]): Promise<boolean> {
  const { tenant, series, anchor, anchors: places = [], outputs, stack } = parse(args);
  const open = outputs ? await deployedTable(outputs, stack) : await localTable(process.env.DATA_DIR ?? '.data');
  const connection = patient(open);
  const store = dynamoStore(connection);
  const elsewhere = (await Promise.all(places.map(readAnchors))).flat();
  const own = anchor === undefined ? [] : await readAnchorFile(anchor);
  // A head is anchored again each day until the next number.
  const anchors = [...new Map([...own, ...elsewhere].map((head) => [toLine({ ...head, at: '' }), head])).values()];
  const at = new Date().toISOString();
  const claims = await claimsIn(connection);
  const scopes = await scopesOf(store, { claims, anchors }, tenant);
  let sound = true;
  let known = series === undefined;
  for (const id of await goneOf(store, scopes)) {
    console.log(`BAD  ${id}: The tenant is gone; claims of numbers or anchors name it.`);
    sound = false;
  }
  for (const scope of scopes) {
    const ours = anchorsOf(anchors, scope);
    const settings = { anchors: ours, claims: claims.of(scope), only: series, year: Number(at.slice(0, 4)) };
    known ||= (await store.allSeries(scope)).some(({ name }) => name === series);
    for await (const report of verify(store, scope, settings)) {
      known = true;
      tell(scope, report);
      sound &&= report.findings.length === 0;
      const { head } = report;
      const isNew = head && !own.some(({ hash }) => hash === head.hash);
      if (anchor !== undefined && isNew && report.findings.length === 0) {
        await appendFile(anchor, toLine({ ...scope, ...head, at }));
      }
    }
  }
  if (!known) throw new Error(`There is no series ${series}.`);
  return sound;
}

/** Tenants of whom there is something, and who are on the list no more. */
async function goneOf(store: InvoiceStore, scopes: readonly Scope[]): Promise<string[]> {
  const listed = new Set((await store.tenants()).map(({ id }) => id));
  return [...new Set(scopes.map(({ tenant }) => tenant))].filter((id) => !listed.has(id));
}

await run(main, usage);
