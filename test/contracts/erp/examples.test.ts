/** Walks the golden examples: each is a request, what the core makes of it, and what its client sees. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { CreateInvoice } from '../../../lib/contracts/erp/create-invoice.ts';
import { InvoiceAnswer } from '../../../lib/contracts/erp/invoice-answer.ts';
import { toDraft } from '../../../lib/contracts/erp/to-draft.ts';
import { tenant } from '../../support/fixtures.ts';
import { leaves, membersOf } from '../../support/schema.ts';
import { newClient, told } from './client.ts';

/** In the order of the page. */
const published = [
  ...['id', 'token', 'number', 'manual_number_prefix', 'manual_number', 'number_string', 'generation_date'],
  ...['number_date', 'message', 'currency', 'name', 'due_date', 'netto_value', 'brutto_value', 'tax_value', 'tax'],
  ...['linked_number_title', 'linked_number', 'status', 'previous_status', 'status_updated', 'archived'],
  ...['last_pdf_export', 'last_status_export', 'base_booking_group', 'search_string', 'accounting_type'],
  ...['payment_type', 'payment_goal', 'items', 'buyer', 'payment_date', 'is_payment_date_from_ext_service'],
  ...['direct_debit_exported', 'offer', 'time_reports', 'payment_provider_status', 'payment_provider_reference'],
  ...['payment_provider_transaction_reference', 'cancel_date', 'cancel_text', 'base_event_sign_up', 'base_booking'],
  ...['base_event_sign_up_group', 'person_log_book_entry', 'billing_payment_profile'],
];

const folder = join(import.meta.dirname, '../examples/erp');
const examples = readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))]);

it.each(examples)('%s', async (_, { about, request, draft, answer }) => {
  expect(about).toMatch(/\.$/);
  expect(toDraft(CreateInvoice.parse(request), tenant, '2026-01-20')).toMatchObject(draft);
  const { create, find } = newClient();
  const created = await create(request);
  expect(created.status).toBe(200);
  const { token, ...rest } = told(created);
  expect(rest).toEqual(answer);
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(Object.keys(told(created))).toEqual(published);
  InvoiceAnswer.parse(told(created));
  expect(await find(rest.id)).toEqual(created);
});

it('every published field of the request is in one of them', () => {
  const sent = new Set(examples.flatMap(([, { request }]) => membersOf(request)));
  expect(leaves(z.toJSONSchema(CreateInvoice, { io: 'input' })).filter((path) => !sent.has(path))).toEqual([]);
  expect(published).toHaveLength(46);
});
