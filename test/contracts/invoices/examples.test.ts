/** Walks the golden examples: each is a request, what the core makes of it, and what its client sees. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CreateInvoice } from '../../../lib/contracts/invoices/create-invoice.ts';
import { InvoiceAnswer } from '../../../lib/contracts/invoices/invoice-resource.ts';
import { toDraft } from '../../../lib/contracts/invoices/to-draft.ts';
import { unknownMembers } from '../../../lib/contracts/unknown-members.ts';
import { tenant } from '../../support/fixtures.ts';
import { newClient, resource } from './client.ts';

const folder = join(import.meta.dirname, '../examples/invoices');
const examples = readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))]);

it.each(examples)('%s', async (_, { about, request, draft, answer }) => {
  expect(about).toMatch(/\.$/);
  const body = CreateInvoice.parse(request);
  expect(toDraft(body, tenant, unknownMembers(request, body))).toMatchObject(draft);
  const created = await newClient().create(request);
  expect(created.status).toBe(201);
  expect(resource(created)).toMatchObject(answer);
  InvoiceAnswer.parse(JSON.parse(created.body));
});
