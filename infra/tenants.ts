/** `npm run tenants`: the companies that invoice, on this machine or in a deployed stack. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { directory } from '../lib/dynamo/directory.ts';
import { referenceStore } from '../lib/dynamo/reference.ts';
import { mostLevels } from '../lib/invoice/dunning.ts';
import { currency, text, timeZone } from '../lib/invoice/fields.ts';
import { modes, type Tenant } from '../lib/invoice/model.ts';
import { patternFaults } from '../lib/invoice/number.ts';
import { kinds } from '../lib/invoice/reference/kinds.ts';
import { commandOf, required, run } from './command.ts';
import { deployedDesk, localDesk } from './installation.ts';
import type { KeyDesk } from './key-desk.ts';

const usage = `Usage: npm run tenants -- <command> [options]

  create --file <company.json>   a company with its seller and its number series, in live and test mode
  dunning --tenant <id> --file <levels.json>
                                 replaces the levels by which a company reminds; [] reminds nobody
  list

company.json: {"name", "slug", "timeZone", "currency", "paymentDays"?,
               "seller": {"name", "vatNumber", "address": {"street", "city", "postalCode", "country"}, …}, "bankAccount"?,
               "series"?: "INV-{year}-{number:5}", "creditSeries"?: "CN-{year}-{number:5}",
               "dunning"?: as in levels.json}
levels.json:  [{"name": "Reminder", "after": 7, "fee": 0}, …], ten at most: days after the due date, fee in minor units of the company's currency

For a deployed stack add --outputs outputs.json, and --stack <name> if there are several in the file.`;

const pattern = text(100).superRefine((written, { addIssue }) => {
  for (const message of patternFaults(written)) addIssue(message);
});

/** Levels of reminding: each some days after the one before, the first after the due date. */
const DunningLevels = z
  .array(z.strictObject({ name: text(255), after: z.int().min(1), fee: z.int().min(0) }))
  .max(mostLevels)
  .refine((levels) => levels.every(({ after }, index) => after > (levels[index - 1]?.after ?? 0)), {
    error: 'Each level must come more days after the due date than the one before.',
  });

/** What a company is made from. */
const Company = z.strictObject({
  name: text(255),
  slug: z.string().regex(/^[a-z0-9-]{1,50}$/),
  timeZone,
  currency,
  paymentDays: z.int().min(0).max(365).optional(),
  dunning: DunningLevels.optional(),
  ...kinds['business-entities'].fields.shape,
  series: pattern.default('INV-{year}-{number:5}'),
  creditSeries: pattern.default('CN-{year}-{number:5}'),
});

interface Options {
  file?: string | undefined;
  tenant?: string | undefined;
}

async function readAs<Schema extends z.ZodType>(schema: Schema, given: string | undefined, what: string) {
  const file = required('file', given);
  const read = schema.safeParse(parsed(await readFile(file, 'utf8'), file));
  if (!read.success) throw new Error(`${file} describes no ${what}.\n${z.prettifyError(read.error)}`);
  return read.data;
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
}

const commands: Record<string, (desk: KeyDesk, options: Options) => Promise<void>> = {
  async create({ connection, now }, { file }) {
    const { seller, bankAccount, series, creditSeries, ...company } = await readAs(Company, file, 'company');
    const { putTenant, putSeries } = directory(connection);
    const tenant: Tenant = {
      ...company,
      id: randomUUID(),
      defaultSeries: 'INV',
      creditSeries: 'CN',
      defaultBusinessEntityId: randomUUID(),
    };
    const at = now().toISOString();
    for (const mode of modes) {
      const scope = { tenant: tenant.id, mode };
      for (const [name, written] of [['INV', series] as const, ['CN', creditSeries] as const]) {
        await putSeries(scope, {
          name,
          pattern: written,
          start: 1,
          reset: written.includes('{year}') ? 'yearly' : 'never',
        });
      }
      const meta = { version: 1, archived: false, createdAt: at, updatedAt: at };
      const entry = { id: tenant.defaultBusinessEntityId, ...meta, seller, ...(bankAccount && { bankAccount }) };
      await referenceStore(connection).insertReference({ scope, kind: 'business-entities', entry });
    }
    // Last, because it says that all of the company is there.
    await putTenant(tenant);
    console.log(tenant.id);
    console.error(
      `${tenant.name} can invoice. Make it a key: npm run keys -- create --tenant ${tenant.id} --name first`,
    );
  },

  async dunning({ connection }, { tenant, file }) {
    const { tenant: find, putTenant } = directory(connection);
    const id = required('tenant', tenant);
    const dunning = await readAs(DunningLevels, file, 'levels');
    const found = await find(id);
    if (!found) throw new Error(`There is no tenant "${id}". See: npm run tenants -- list`);
    await putTenant({ ...found, dunning });
  },

  async list({ connection }) {
    for (const { id, slug, name } of await directory(connection).tenants()) console.log(`${id}  ${slug}  ${name}`);
  },
};

const options = {
  file: { type: 'string' },
  tenant: { type: 'string' },
  outputs: { type: 'string' },
  stack: { type: 'string' },
} as const;

async function main(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
  const command = commandOf(commands, positionals);
  const desk = values.outputs
    ? await deployedDesk(values.outputs, values.stack)
    : await localDesk(process.env.DATA_DIR ?? '.data');
  await command(desk, values);
}

await run(main, usage);
