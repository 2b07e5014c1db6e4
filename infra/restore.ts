/** `npm run restore`: makes a table that was restored from a backup fit to give out numbers again. See docs/restore.md. */
import { parseArgs } from 'node:util';
import { restoreStore } from '../lib/dynamo/restoring.ts';
import { dynamoStore } from '../lib/dynamo/store.ts';
import type { AnchoredHead } from '../lib/invoice/anchors.ts';
import { todayIn } from '../lib/invoice/calendar.ts';
import { modes, type Scope, type Series } from '../lib/invoice/model.ts';
import { ordinalOf, periodOf, periodsUntil } from '../lib/invoice/number.ts';
import { restoring } from '../lib/invoice/restoring.ts';
import { verify } from '../lib/invoice/verification.ts';
import { anchorsOf, claimsIn, patient, scopesOf, tell, voided } from './books.ts';
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

async function main(args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({ args, options, strict: true, allowPositionals: true });
  const { table, outputs, stack, anchors: places = [], until = [], mode, 'accept-findings': accepting } = values;
  const [command] = positionals;
  if (command !== 'freeze' && command !== 'advance' && command !== 'unfreeze') {
    throw new UsageError(command ? `There is no command ${command}.` : '');
  }
  if (mode !== undefined && !modes.some((each) => each === mode))
    throw new UsageError(`There is no mode ${mode}: ${modes.join(', ')}.`);
  if (until.length > 0 && !(values.tenant && mode))
    throw new UsageError('Name --tenant and --mode of the --until numbers.');

  const connection = patient(
    table
      ? namedTable(table)
      : await (outputs ? deployedTable(outputs, stack) : localTable(process.env.DATA_DIR ?? '.data')),
  );
  const store = { ...dynamoStore(connection), ...restoreStore(connection) };
  const now = () => new Date().toISOString();
  const year = Number(now().slice(0, 4));
  const { freeze, unfreeze, advance, skipIds } = restoring({ store, now, pause: async () => {} });
  const anchors = (await Promise.all(places.map(readAnchors))).flat();
  const claimsOf = await claimsIn(connection);
  const scopes = (await scopesOf(store, anchors, values.tenant)).filter((scope) => !mode || scope.mode === mode);

  /** The periods that a series may be asked for a number of, and those that it gave some out in. */
  async function periodsOf(scope: Scope, series: Series, heads: readonly AnchoredHead[]): Promise<string[]> {
    const periods = periodsUntil(series, year + 1);
    const counters = await Promise.all(periods.map((period) => store.counter({ scope, name: series.name, period })));
    return periods.filter(
      (period, index) =>
        counters[index] ||
        series.reset === 'never' ||
        Number(period) >= year - 1 ||
        heads.some((head) => head.series === series.name && head.period === period),
    );
  }

  async function isSound(scope: Scope, heads: readonly AnchoredHead[]): Promise<boolean> {
    let sound = true;
    for await (const report of verify(store, scope, { anchors: heads, claims: claimsOf(scope), year })) {
      tell(scope, report);
      sound &&= report.findings.length === 0;
    }
    return sound;
  }

  /** Moves the series of a company on. Answers whether its books are sound, and everything that was anchored is accounted for. */
  async function advanceAll(scope: Scope, all: readonly Series[], heads: readonly AnchoredHead[]): Promise<boolean> {
    if (!(await isSound(scope, [])) && !accepting) {
      console.error(
        `Stopped before ${scope.tenant}/${scope.mode}: look at what was found, then come again with --accept-findings.`,
      );
      return false;
    }
    const { timeZone } = (await store.tenant(scope.tenant)) ?? { timeZone: 'UTC' };
    const today = todayIn(timeZone, now());
    const { entries } = await store.referencePage({ scope, kind: 'business-entities' }, { limit: 1_000 });
    const businessEntityIds = entries.map(({ id }) => id);
    const places = all.flatMap((series) => placesOf(series, until));
    for (const series of all) {
      for (const period of await periodsOf(scope, series, heads)) {
        const known = [...heads.map(({ series: name, ...rest }) => ({ ...rest, name })), ...places]
          .filter((place) => place.name === series.name && place.period === period)
          .map(({ ordinal }) => ordinal);
        const counter = { scope, name: series.name, period };
        const voids = await advance(counter, series, { known, businessEntityIds, today });
        for (const line of voided(voids))
          console.log(`made void ${scope.tenant}/${scope.mode} ${series.name} ${period}: ${line}`);
      }
    }
    await skipIds(scope);
    return isSound(scope, heads);
  }

  let sound = true;
  for (const scope of scopes) {
    const heads = anchorsOf(anchors, scope);
    const all = await store.allSeries(scope);
    const strange = until.filter((number) => all.every((series) => !ordinalOf(series, number)));
    if (strange.length > 0)
      throw new Error(`No series writes ${strange.join(', ')}. Spell numbers as they were given out.`);
    for (const series of all) {
      const periods = await periodsOf(scope, series, heads);
      await (command === 'unfreeze' ? unfreeze : freeze)(scope, series, periods);
    }
    if (command === 'advance') sound = (await advanceAll(scope, all, heads)) && sound;
    else
      console.log(
        `${command === 'freeze' ? 'frozen' : 'unfrozen'} ${scope.tenant}/${scope.mode}: ${all.length} series`,
      );
  }
  return sound;
}

/** Where numbers stand in a series, as far as it writes them so. */
const placesOf = (series: Series, numbers: readonly string[]) =>
  numbers.flatMap((number) => {
    const at = ordinalOf(series, number);
    return at ? [{ name: series.name, period: periodOf(series, `${at.year}-01-01`), ordinal: at.ordinal }] : [];
  });

await run(main, usage);
