/** Walks the golden examples: each is a request, what the core makes of it, and what its client sees. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { CreateInvoice } from '../../../lib/contracts/bookkeeping/create-invoice.ts';
import { InvoiceAnswer } from '../../../lib/contracts/bookkeeping/invoice-resource.ts';
import { envelope, newClient } from './client.ts';

const folder = join(import.meta.dirname, '../examples/bookkeeping');
const examples = readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))]);

it.each(examples)('%s', async (_, { about, request, draft, answer }) => {
  expect(about).toMatch(/\.$/);
  const { create, find, memory } = newClient();
  const created = await create(request);
  expect([...memory.invoices.values()]).toMatchObject([draft]);
  expect(envelope(created)).toMatchObject(answer);
  InvoiceAnswer.parse(JSON.parse(created.body));
  const { data, metaData } = envelope(created);
  expect(envelope(await find(data._id))).toMatchObject({ data, metaData });
});

it('every published field stands in one of them, in and out', () => {
  const [, { request, answer }] = examples.find(([file]) => file === 'every-published-field.json') ?? [];
  expect(missing(z.toJSONSchema(CreateInvoice, { io: 'input' }), request)).toEqual([]);
  expect(missing(z.toJSONSchema(InvoiceAnswer), answer)).toEqual([]);
});

/** The members of a schema that a value does not have. */
function missing(schema: z.core.JSONSchema.BaseSchema, value: unknown, path = ''): string[] {
  if (schema.items) return missing(schema.items as typeof schema, (value as unknown[])[0], `${path}[]`);
  const forms = (schema.anyOf ?? [schema]) as (typeof schema)[];
  return forms.flatMap((form) =>
    Object.entries(form.properties ?? {}).flatMap(([name, member]) => {
      const place = `${path}.${name}`;
      const has = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
      return has ? missing(member as typeof schema, (value as Record<string, unknown>)[name], place) : [place];
    }),
  );
}
