/** `npm run sources`: whose events may ask for invoices, on this machine or in a deployed stack. */
import { parseArgs } from 'node:util';
import { directory } from '../lib/dynamo/directory.ts';
import { eventRejectionStore } from '../lib/dynamo/event-rejections.ts';
import { type EventSource, eventSources, type SourceName } from '../lib/dynamo/event-sources.ts';
import { commandOf, required, run, UsageError } from './command.ts';
import { deployedDesk, localDesk } from './installation.ts';
import type { KeyDesk } from './key-desk.ts';

const usage = `Usage: npm run sources -- <command> [options]

  add      --source <name> --account <AWS account> --tenant <id> [--mode live|test]
           events of that source and account make invoices of that company
  remove   --source <name> --account <AWS account>
  list
  rejected           the latest events of sources that are not on the list

For a deployed stack add --outputs outputs.json, and --stack <name> if there are several in the file.`;

const options = {
  source: { type: 'string' },
  account: { type: 'string' },
  tenant: { type: 'string' },
  mode: { type: 'string', default: 'live' },
  outputs: { type: 'string' },
  stack: { type: 'string' },
} as const;

const parse = (args: string[]) => parseArgs({ args, options, allowPositionals: true, strict: true });
type Values = ReturnType<typeof parse>['values'];

function nameIn(values: Values): SourceName {
  const account = required('account', values.account);
  if (!/^\d{12}$/.test(account)) throw new UsageError(`--account is an AWS account's 12 digits, not ${account}.`);
  return { account, source: required('source', values.source) };
}

const lineOf = ({ account, source, tenant, mode }: EventSource) => [account, source, tenant, mode].join('  ');

const commands: Record<string, (desk: KeyDesk, values: Values) => Promise<void>> = {
  async add({ connection }, values) {
    const { mode } = values;
    const tenant = required('tenant', values.tenant);
    if (mode !== 'live' && mode !== 'test') throw new UsageError(`--mode is live or test, not ${mode}.`);
    if (!(await directory(connection).tenant(tenant)))
      throw new Error(`There is no tenant ${tenant}. See: npm run tenants -- list`);
    const source = { ...nameIn(values), tenant, mode } as const;
    await eventSources(connection).put(source);
    console.log(lineOf(source));
  },

  async remove({ connection }, values) {
    const name = nameIn(values);
    const was = await eventSources(connection).remove(name);
    if (!was) throw new Error(`${name.source} of account ${name.account} is not on the list.`);
  },

  async list({ connection }) {
    for (const source of await eventSources(connection).list()) console.log(lineOf(source));
  },

  async rejected({ connection }) {
    const { rejections } = await eventRejectionStore(connection).eventRejections(undefined, { limit: 100 });
    for (const { sentAt, eventId, message } of rejections) console.log([sentAt, eventId, message].join('  '));
  },
};

async function main(args: string[]): Promise<void> {
  const { positionals, values } = parse(args);
  const command = commandOf(commands, positionals);
  const desk = values.outputs
    ? await deployedDesk(values.outputs, values.stack)
    : await localDesk(process.env.DATA_DIR ?? '.data');
  await command(desk, values);
}

await run(main, usage);
