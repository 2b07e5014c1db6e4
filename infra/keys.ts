/** `npm run keys`: API keys of a tenant, on this machine or in a deployed stack. */
import { parseArgs } from 'node:util';
import { contracts } from '../lib/contracts/index.ts';
import { directory } from '../lib/dynamo/directory.ts';
import { type ApiKey, isUsable, listKeys } from '../lib/dynamo/keys.ts';
import type { Mode } from '../lib/invoice/model.ts';
import { plans } from '../lib/lambda/plans.ts';
import { commandOf, required, run, UsageError } from './command.ts';
import { deployedDesk, localDesk } from './installation.ts';
import { admitTokens, disable, type IssuedKey, issue, type KeyDesk, keyOf, rotate } from './key-desk.ts';
import { scopesOf } from './scopes.ts';

const usage = `Usage: npm run keys -- <command> --tenant <id> [options]

  create   --name <text>     what its owner calls it
           --mode <mode>     live (default) or test
           --scopes <list>   full (default), read_only, or scopes separated by commas
           --plan <plan>     ${Object.keys(plans).join(', ')}; standard when absent
           --expires <time>  such as 90d or 2030-01-31T00:00:00Z; never when absent
  list
  rotate   --key <id>        a successor with the same rights; both keys work for a while
           --overlap <time>  how long the old one still works, 7d when absent
           --expires <time>  when the successor ends
  disable  --key <id>        at once and for good
  tokens   --plan <plan>     let the company's JWTs through that name this plan

Keys of the local stack are managed while it runs; it is found by $DATA_DIR/demo.json. For a deployed stack add
  --outputs <file>           what \`npm run deploy\` wrote: outputs.json
  --stack <name>             if there are several in the file
The secret is written to standard output, once; everything else about a new key goes to standard error.`;

const options = {
  tenant: { type: 'string' },
  name: { type: 'string' },
  mode: { type: 'string', default: 'live' },
  scopes: { type: 'string', default: 'full' },
  plan: { type: 'string', default: 'standard' },
  expires: { type: 'string' },
  key: { type: 'string' },
  overlap: { type: 'string', default: '7d' },
  outputs: { type: 'string' },
  stack: { type: 'string' },
} as const;

const parse = (args: string[]) => parseArgs({ args, options, allowPositionals: true, strict: true });
type Values = ReturnType<typeof parse>['values'];

const commands: Record<string, (desk: KeyDesk, values: Values, tenant: string) => Promise<void>> = {
  async create(desk, { name, mode, scopes, plan, expires }, tenant) {
    const expiresAt = expires === undefined ? undefined : timeOf('expires', expires, desk.now());
    const grant = {
      tenant,
      name: required('name', name),
      mode: modeOf(mode),
      scopes: scopesFrom(scopes),
      plan,
      ...(expiresAt && { expiresAt }),
    };
    await checkTenant(desk, tenant);
    show(await issue(desk, grant));
  },

  async list(desk, _, tenant) {
    await checkTenant(desk, tenant);
    const now = desk.now().toISOString();
    for (const key of await listKeys(desk.connection, tenant)) console.log(lineOf(key, now));
  },

  async rotate(desk, { key, overlap, expires }, tenant) {
    const until = Date.parse(timeOf('overlap', overlap, desk.now())) - desk.now().getTime();
    const expiresAt = expires === undefined ? undefined : timeOf('expires', expires, desk.now());
    const old = await theKey(desk, tenant, key);
    show(await rotate(desk, old, until, expiresAt));
  },

  async disable(desk, { key }, tenant) {
    const found = await theKey(desk, tenant, key);
    await disable(desk, found);
    console.error(`${found.id} is disabled. Cached permissions end within a minute.`);
  },

  async tokens(desk, { plan }, tenant) {
    await checkTenant(desk, tenant);
    await admitTokens(desk, tenant, plan);
    console.error(`JWTs of ${tenant} with the plan ${plan} are let through.`);
  },
};

function show({ secret, key }: IssuedKey): void {
  console.log(secret);
  console.error(`${lineOf(key, key.createdAt)}\nThe secret is not kept anywhere and will not be shown again.`);
}

function lineOf(key: ApiKey, now: string): string {
  const { id, prefix, mode, plan, scopes, name } = key;
  const end = key.disabledAt ? `disabled ${key.disabledAt}` : key.expiresAt ? `until ${key.expiresAt}` : 'no end';
  return [id, `${prefix}…`, mode, plan, isUsable(key, now) ? 'active' : 'ended', end, scopes.join(','), name].join(
    '  ',
  );
}

function modeOf(mode: string): Mode {
  if (mode !== 'live' && mode !== 'test') throw new UsageError(`--mode is live or test, not ${mode}.`);
  return mode;
}

function scopesFrom(list: string): string[] {
  const sets = scopesOf(contracts);
  if (list === 'full' || list === 'read_only') return sets[list];
  const scopes = list.split(',');
  const unknown = scopes.filter((scope) => !sets.full.includes(scope));
  if (unknown.length > 0) {
    throw new UsageError(`There is no scope ${unknown.join(', ')}. Scopes are: ${sets.full.join(', ')}.`);
  }
  return scopes;
}

const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A moment: in so many minutes, hours or days from now, or as given. */
function timeOf(option: string, value: string, now: Date): string {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(value) ?? [];
  const milliseconds = count ? now.getTime() + Number(count) * (units[unit] ?? 0) : Date.parse(value);
  if (Number.isNaN(milliseconds) || milliseconds < now.getTime()) {
    throw new UsageError(`--${option} is a time to come such as 90d, 12h or 2030-01-31T00:00:00Z, not ${value}.`);
  }
  return new Date(milliseconds).toISOString();
}

async function checkTenant({ connection }: KeyDesk, id: string): Promise<void> {
  const { tenant, tenants } = directory(connection);
  if (await tenant(id)) return;
  const known = (await tenants()).map((one) => `${one.id} (${one.name})`).join(', ');
  throw new Error(`There is no tenant ${id}. Tenants are: ${known || 'none yet'}.`);
}

async function theKey(desk: KeyDesk, tenant: string, id: string | undefined): Promise<ApiKey> {
  const key = await keyOf(desk, tenant, required('key', id));
  if (!key) throw new Error(`Tenant ${tenant} has no key ${id}. \`npm run keys -- list\` shows its keys.`);
  return key;
}

async function main(args: string[]): Promise<void> {
  const { positionals, values } = parse(args);
  const command = commandOf(commands, positionals);
  const tenant = required('tenant', values.tenant);
  const desk = values.outputs
    ? await deployedDesk(values.outputs, values.stack)
    : await localDesk(process.env.DATA_DIR ?? '.data');
  await command(desk, values, tenant);
}

await run(main, usage);
