/** `npm run restore`: makes a table that was restored from a backup fit to give out numbers again. See docs/restore.md. */
import { parseArgs } from 'node:util';
import { restoreStore } from '../lib/dynamo/restoring.ts';
import { dynamoStore } from '../lib/dynamo/store.ts';
import type { AnchoredHead } from '../lib/invoice/anchors.ts';
import { todayIn } from '../lib/invoice/calendar.ts';
import { modes, type Scope, type Series } from '../lib/invoice/model.ts';
import { periodsUntil, placeIn } from '../lib/invoice/number.ts';
import { type RestoringDependencies, restoring } from '../lib/invoice/restoring.ts';
import { verify } from '../lib/invoice/verification.ts';
import { anchorsOf, type Claims, claimsIn, patient, scopesOf, tell, voided } from './books.ts';
import { run, UsageError } from './command.ts';
import { deployedTable, localTable, namedTable } from './installation.ts';
import { readAnchors } from './read-anchors.ts';

const usage = `Usage: npm run restore -- <freeze | advance | unfreeze> [options]

  freeze    lets no series give out numbers: who wants one is told to come back (503 series_frozen)
  advance   freezes, verifies, and moves every series past the numbers that were given out after the backup's moment; those are void
            from then on, and stand so in the books
  unfreeze  ends it

  --anchors <place>   heads that were anchored: a file, or s3://<bucket>/anchors/; may be repeated
  --until <number>    a number that was given out, of the one tenant and mode that are named; may be repeated
  --accept-findings   goes on although the verification finds something
  --tenant <id>       only this tenant
  --mode <live|test>  only this mode
  --table <name>      this table, such as a restored one, in the account and region of the environment

Without --table it is the table of the local stack, or with --outputs outputs.json (and --stack <name>) that of a deployed one.`;

const options = {
  anchors: { type: 'string', multiple: true },
  until: { type: 'string', multiple: true },
  'accept-findings': { type: 'boolean' },
  tenant: { type: 'string' },
  mode: { type: 'string' },
  table: { type: 'string' },
  outputs: { type: 'string' },
  stack: { type: 'string' },
} as const;

/** A tenant in one mode, with what was anchored of its series. */
interface Company {
  readonly scope: Scope;
  readonly all: readonly Series[];
  readonly heads: readonly AnchoredHead[];
}

async function main(args: string[]): Promise<boolean> {
  const { command, tenant, mode, places, until, ...asked } = requested(args);
  const connection = patient(await tableOf(asked));
  const store = { ...dynamoStore(connection), ...restoreStore(connection) };
  const anchors = (await Promise.all(places.map(readAnchors))).flat();
  const claims = await claimsIn(connection);
  const step = steps(store, claims, until, asked.accepting)[command];
  const scopes = (await scopesOf(store, { claims, anchors }, tenant)).filter((scope) => !mode || scope.mode === mode);
  let sound = true;
  for (const scope of scopes) {
    const company: Company = { scope, all: await store.allSeries(scope), heads: anchorsOf(anchors, scope) };
    mustBeWritten(until, company.all);
    sound = (await step(company)) && sound;
  }
  return sound;
}

/** What the arguments ask for, if it can be done. */
function requested(args: string[]) {
  const { values, positionals } = parseArgs({ args, options, strict: true, allowPositionals: true });
  const { anchors: places = [], until = [], 'accept-findings': accepting = false, ...asked } = values;
  const { tenant, mode } = asked;
  const [command] = positionals;
  if (command !== 'freeze' && command !== 'advance' && command !== 'unfreeze') {
    throw new UsageError(command ? `There is no command ${command}.` : '');
  }
  if (mode !== undefined && !modes.some((each) => each === mode))
    throw new UsageError(`There is no mode ${mode}: ${modes.join(', ')}.`);
  if (until.length > 0 && !(tenant && mode)) throw new UsageError('Name --tenant and --mode of the --until numbers.');
  return { ...asked, command, places, until, accepting } as const;
}

async function tableOf({ table, outputs, stack }: { table?: string; outputs?: string; stack?: string }) {
  if (table) return namedTable(table);
  return outputs ? deployedTable(outputs, stack) : localTable(process.env.DATA_DIR ?? '.data');
}

/** Until the end of the next one a series may be asked for numbers. */
const latestYear = (): number => new Date().getFullYear() + 1;

function mustBeWritten(until: readonly string[], all: readonly Series[]): void {
  const isWritten = (series: Series, number: string) => {
    const { period } = placeIn(series, number) ?? {};
    return period !== undefined && periodsUntil(series, latestYear()).includes(period);
  };
  const strange = until.filter((number) => !all.some((series) => isWritten(series, number)));
  if (strange.length > 0)
    throw new Error(`No series writes ${strange.join(', ')}. Spell numbers as they were given out.`);
}

/** What each command does to one company after the other. They answer whether all is well. */
function steps(store: RestoringDependencies['store'], claims: Claims, until: readonly string[], accepting: boolean) {
  const now = () => new Date().toISOString();
  const year = Number(now().slice(0, 4));
  const restore = restoring({ store, now, pause: async () => {} });

  /** The periods that a series may be asked for a number of, and those that it gave some out in. */
  async function periodsOf({ scope, heads }: Company, series: Series): Promise<string[]> {
    const periods = periodsUntil(series, latestYear());
    const counters = await Promise.all(periods.map((period) => store.counter({ scope, name: series.name, period })));
    return periods.filter(
      (period, index) =>
        counters[index] ||
        series.reset === 'never' ||
        Number(period) >= year - 1 ||
        knownOf(series, period, heads, until).length > 0,
    );
  }

  /** Freezes or unfreezes every series. */
  async function each(step: 'freeze' | 'unfreeze', company: Company): Promise<void> {
    for (const series of company.all) await restore[step](company.scope, series, await periodsOf(company, series));
  }

  async function told(step: 'freeze' | 'unfreeze', company: Company): Promise<boolean> {
    await each(step, company);
    const done = step === 'freeze' ? 'frozen' : 'unfrozen';
    console.log(`${done} ${nameOf(company.scope)}: ${company.all.length} series`);
    return true;
  }

  async function isSound(scope: Scope, heads: readonly AnchoredHead[]): Promise<boolean> {
    let sound = true;
    for await (const report of verify(store, scope, { anchors: heads, claims: claims.of(scope), year })) {
      tell(scope, report);
      sound &&= report.findings.length === 0;
    }
    return sound;
  }

  /** Freezes a company's series and moves them on: its books must be sound before, and account for all that was anchored after. */
  async function advance(company: Company): Promise<boolean> {
    const { scope, heads } = company;
    await each('freeze', company);
    if (!(await isSound(scope, [])) && !accepting) {
      console.error(`Stopped before ${nameOf(scope)}: look at what was found, then come again with --accept-findings.`);
      return false;
    }
    await moveOn(company);
    await restore.skipIds(scope);
    return isSound(scope, heads);
  }

  /** Moves every series past the numbers that were given out, and tells which of them are void. */
  async function moveOn(company: Company): Promise<void> {
    const { scope, all, heads } = company;
    const { timeZone } = (await store.tenant(scope.tenant)) ?? { timeZone: 'UTC' };
    const today = todayIn(timeZone, now());
    const { entries } = await store.referencePage({ scope, kind: 'business-entities' }, { limit: 1_000 });
    const businessEntityIds = entries.map(({ id }) => id);
    for (const series of all) {
      for (const period of await periodsOf(company, series)) {
        const known = knownOf(series, period, heads, until);
        const counter = { scope, name: series.name, period };
        const voids = await restore.advance(counter, series, { known, businessEntityIds, today });
        for (const line of voided(voids)) console.log(`made void ${nameOf(scope)} ${series.name} ${period}: ${line}`);
      }
    }
  }

  return {
    freeze: (company: Company) => told('freeze', company),
    unfreeze: (company: Company) => told('unfreeze', company),
    advance,
  };
}

/** The ordinals of a series in a period that were given out for certain: anchored, or named by whoever saw them. */
function knownOf(series: Series, period: string, heads: readonly AnchoredHead[], until: readonly string[]): number[] {
  const anchored = heads.filter((head) => head.series === series.name);
  const named = until.flatMap((number) => placeIn(series, number) ?? []);
  return [...anchored, ...named].filter((place) => place.period === period).map(({ ordinal }) => ordinal);
}

const nameOf = ({ tenant, mode }: Scope): string => `${tenant}/${mode}`;

await run(main, usage);
