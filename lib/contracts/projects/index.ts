/** Invoices of projects, as page 001 publishes them: an invoice is a value on a project. */
import * as z from 'zod';
import { InvoiceError } from '../../invoice/failure.ts';
import { fromInteger } from '../../invoice/identity.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller, Invoice, Scope } from '../../invoice/model.ts';
import type { Operation, Reply } from '../../invoice/operation.ts';
import { answer, type Contract, route } from '../contract.ts';
import { dayIn } from '../fields.ts';
import { companyOf, eitherScope, Headers, headersOf, mayActOn } from './access.ts';
import { act, actionScopes } from './actions.ts';
import { choose, mayChangeMonthsOf, projectOf } from './choices.ts';
import { ActOnInvoice, ChangeInvoice, CreateInvoice } from './create-invoice.ts';
import { extrasOf } from './extras.ts';
import { FailureBody, fail } from './fail.ts';
import { ListQuery, longestPage, matches } from './filters.ts';
import { InvoiceResource } from './invoice-resource.ts';
import { toAnswer } from './to-answer.ts';
import { toDraft } from './to-draft.ts';
import { toRequest } from './to-request.ts';

/** One name for all routes: API Gateway takes no second one at the same place of a path. */
const InvoicePath = z.object({
  id: z.string().meta({ description: 'The id; to act, followed by :send, :set-paid or :set-unpaid.' }),
});

/** The core's id behind the published integer. */
function idOf(scope: Scope, text: string): string {
  const id = fromInteger(scope, text);
  if (id === undefined) throw new InvoiceError({ kind: 'not-found', what: 'invoice', id: text });
  return id;
}

const replyWith = (status: number, operation: Operation | undefined): Reply<Invoice> => ({
  operation,
  render: (invoice) => answer(status, toAnswer(invoice)),
});

/** The page of a list. Filters ask for members that no index has, so everything newer than the page is looked at. */
async function pageOf(invoices: Invoices, caller: Caller, query: ListQuery): Promise<Invoice[]> {
  const found: Invoice[] = [];
  const end = query.offset + query.limit;
  let passed = 0;
  let cursor: string | undefined;
  do {
    const page = await invoices.list(caller, {
      limit: Math.min(longestPage, end - passed),
      ...(cursor !== undefined && { cursor }),
      matches: (invoice) => matches(query, invoice),
    });
    found.push(...page.invoices.slice(Math.max(0, query.offset - passed)));
    passed += page.invoices.length;
    cursor = page.next;
  } while (cursor !== undefined && passed < end);
  return found;
}

export const projects: Contract = {
  name: 'projects',
  title: 'Invoices of projects',
  delivers: true,
  credentials: ['bearer'],
  limits: {
    windows: { requests: { hour: 5_000 } },
    headers(of) {
      const { limit, used } = of('hour');
      return { 'x-ratelimit-limit': String(limit), 'x-ratelimit-remaining': String(Math.max(0, limit - used)) };
    },
  },
  routes: [
    route({
      method: 'POST',
      path: '/api/invoices',
      summary: 'Create an invoice',
      ...eitherScope('create'),
      headers: Headers,
      body: CreateInvoice,
      status: 201,
      answer: InvoiceResource,
      byEvent: { unchecked: true, headers: headersOf },
      async run(request, invoices) {
        const { body, caller, operation } = request;
        const { timeZone } = await companyOf(request, invoices);
        const choices = await choose(invoices, caller, body);
        mayActOn(choices.project, 'create', caller);
        const issueDate = dayIn(timeZone, body.issue_date);
        await mayChangeMonthsOf(invoices, caller, issueDate);
        return invoices.create(caller, toDraft(body, issueDate, choices), replyWith(201, operation));
      },
    }),
    route({
      method: 'GET',
      path: '/api/invoices',
      summary: 'List invoices, newest first',
      scope: 'invoices.read',
      headers: Headers,
      query: ListQuery,
      status: 200,
      answer: z.array(InvoiceResource),
      async run(request, invoices) {
        await companyOf(request, invoices);
        return answer(200, (await pageOf(invoices, request.caller, request.query)).map(toAnswer));
      },
    }),
    route({
      method: 'GET',
      path: '/api/invoices/{id}',
      summary: 'Read an invoice',
      scope: 'invoices.read',
      params: InvoicePath,
      headers: Headers,
      status: 200,
      answer: InvoiceResource,
      async run(request, invoices) {
        const { caller, params } = request;
        await companyOf(request, invoices);
        return answer(200, toAnswer(await invoices.find(caller, idOf(caller, params.id))));
      },
    }),
    route({
      method: 'PATCH',
      path: '/api/invoices/{id}',
      summary: 'Change a draft: members that are sent replace what stands, null empties them',
      ...eitherScope('edit'),
      params: InvoicePath,
      headers: Headers,
      body: ChangeInvoice,
      status: 200,
      answer: InvoiceResource,
      async run(request, invoices) {
        const { body, caller, params, operation } = request;
        const { timeZone } = await companyOf(request, invoices);
        const edit = async (seen: Invoice) => {
          mayActOn(await projectOf(invoices, caller, seen), 'edit', caller);
          const changed: CreateInvoice = { ...toRequest(seen), ...body };
          const choices = await choose(invoices, caller, changed, extrasOf(seen));
          mayActOn(choices.project, 'edit', caller);
          const issueDate = dayIn(timeZone, changed.issue_date);
          await mayChangeMonthsOf(invoices, caller, seen.document.issueDate, issueDate);
          return toDraft(changed, issueDate, choices, seen);
        };
        return invoices.change(caller, idOf(caller, params.id), edit, replyWith(200, operation));
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/invoices/{id}',
      summary: 'Delete a draft; a number that it chose is free again',
      ...eitherScope('delete'),
      params: InvoicePath,
      headers: Headers,
      status: 204,
      answer: z.never(),
      async run(request, invoices) {
        const { caller, params, operation } = request;
        await companyOf(request, invoices);
        const id = idOf(caller, params.id);
        const seen = await invoices.find(caller, id);
        mayActOn(await projectOf(invoices, caller, seen), 'delete', caller);
        await mayChangeMonthsOf(invoices, caller, seen.document.issueDate);
        return invoices.remove(caller, id, { operation, render: () => ({ status: 204, headers: {}, body: '' }) });
      },
    }),
    route({
      method: 'POST',
      path: '/api/invoices/{id}',
      summary: 'Send an invoice, set it paid or unpaid: the action follows the id after a colon',
      ...actionScopes,
      params: InvoicePath,
      headers: Headers,
      body: ActOnInvoice,
      status: 200,
      answer: InvoiceResource,
      async run(request, invoices) {
        const { body, caller, params, operation } = request;
        const company = await companyOf(request, invoices);
        const [, integer, action] = /^(.*):([a-z-]+)$/s.exec(params.id) ?? [];
        if (integer === undefined || action === undefined) {
          throw new InvoiceError({ kind: 'not-found', what: 'route', id: params.id });
        }
        const id = idOf(caller, integer);
        return act(action, { invoices, caller, company, id, body, reply: replyWith(200, operation) });
      },
    }),
  ],
  fail,
  failure: FailureBody,
};
