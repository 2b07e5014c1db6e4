/** Walks the golden examples: each is a request, what the core makes of it, and what its client sees. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CreateInvoice } from '../../../lib/contracts/projects/create-invoice.ts';
import { InvoiceResource } from '../../../lib/contracts/projects/invoice-resource.ts';
import { newClient, resource } from './client.ts';

const folder = join(import.meta.dirname, '../examples/projects');
const examples = readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))]);

it.each(examples)('%s', async (_, { about, request, draft, answer }) => {
  expect(about).toMatch(/\.$/);
  const { create, find, memory } = newClient();
  const created = await create(request);
  expect([created.status, resource(created)]).toEqual([201, answer]);
  expect([...memory.invoices.values()]).toMatchObject([draft]);
  InvoiceResource.parse(resource(created));
  expect((await find(answer.id)).body).toBe(created.body);
});

it('every published field stands in an example, and every field of an answer with and without a value', () => {
  const requested = new Set(examples.flatMap(([, { request }]) => Object.keys(request)));
  expect([...requested].sort()).toEqual(Object.keys(CreateInvoice.shape).sort());
  for (const [name, field] of Object.entries(InvoiceResource.shape)) {
    const values = examples.map(([, { answer }]) => answer[name]);
    // A draft is never paid.
    if (name !== 'payment_date')
      expect(
        values.some((value) => value !== null),
        name,
      ).toBe(true);
    if (field.safeParse(null).success)
      expect(values.some((value) => value === null) || name === 'project_id' || name === 'issue_date', name).toBe(true);
  }
});
