/** Page 004: creating an invoice in a bookkeeping project, and what its vendor publishes beside it. */
import { InvoiceError } from '../../invoice/failure.ts';
import { fromHex } from '../../invoice/identity.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller, Invoice, Tenant } from '../../invoice/model.ts';
import type { Answer, Operation, Reply } from '../../invoice/operation.ts';
import { answer, type Contract, route } from '../contract.ts';
import { IdPath, NoBody } from '../fields.ts';
import { converted } from './conversion.ts';
import { CancelInvoice, CreateInvoice, incremental, MarkAsPaid, UpdateInvoice } from './create-invoice.ts';
import { fail } from './fail.ts';
import { InvoiceAnswer, InvoiceListAnswer } from './invoice-resource.ts';
import { limits } from './limits.ts';
import { ListQuery, longestPage } from './list-query.ts';
import { referencesOf } from './references.ts';
import { statusOf, toAnswer, type View } from './to-answer.ts';
import { toDraft } from './to-draft.ts';
import { warningsOf } from './warnings.ts';

/** The series behind `INCREMENTAL`, where a company has one of this name; otherwise it is the company's default. */
const ownSeries = 'bookkeeping';

const enveloped = (action: string, warnings: string[], data: unknown): Answer =>
  answer(200, { message: `${action} executed successfully`, metaData: { warnings }, data });

async function viewOf(caller: Caller, invoices: Invoices): Promise<View> {
  const { timeZone } = await invoices.tenant(caller);
  return { timeZone, today: await invoices.dunning.today(caller) };
}

const told = (action: string, invoice: Invoice, view: View, warnings: string[] = []): Answer =>
  enveloped(action, [...warnings, ...warningsOf(invoice)], toAnswer(invoice, view));

const replyOf = (action: string, view: View, operation: Operation | undefined): Reply<Invoice> => ({
  operation,
  render: (invoice) => told(action, invoice, view),
});

/** The core's spelling of an id. */
function idOf(caller: Caller, hex: string): string {
  const id = fromHex(caller, hex.toLowerCase());
  if (id === undefined) throw new InvoiceError({ kind: 'not-found', what: 'invoice', id: hex });
  return id;
}

/** Refuses what page 004 allows in fewer states than the core. */
function onlyIn(statuses: readonly string[], action: string, invoice: Invoice, view: View): void {
  const status = statusOf(invoice, view);
  if (!statuses.includes(status)) throw new InvoiceError({ kind: 'wrong-state', action, state: status });
}

/** The series that numbers the invoice when its caller leaves that to us; the company's default when `undefined`. */
async function seriesOf(
  { invoiceId }: UpdateInvoice,
  caller: Caller,
  { series }: Invoices,
): Promise<string | undefined> {
  if (invoiceId !== incremental) return undefined;
  return (await series.all(caller)).find(({ name }) => name === ownSeries)?.name;
}

/** What the payment's transaction is called. */
function transactionOf({ strategyData: { strategy, data } }: MarkAsPaid): string | undefined {
  return strategy === 'ATTACH_TRANSACTION' ? data.transactionId : (data.transactionRefNo ?? undefined);
}

/** Transactions have no books here: of a payment its reference is kept. */
function notKept({ strategyData: { strategy, data } }: MarkAsPaid): string[] {
  if (strategy === 'ATTACH_TRANSACTION') return [];
  const { transactionRefNo, ...rest } = data;
  const given = Object.entries(rest).filter(([, value]) => value != null);
  return given.map(([name]) => `strategyData.data.${name}: Is not kept.`);
}

/** A page of the list. Page 004 counts pages and the index knows positions, so what stands before is passed. */
async function pageOf({ page, limit }: ListQuery, caller: Caller, invoices: Invoices): Promise<Invoice[]> {
  const start = (page - 1) * limit;
  const passed: Invoice[] = [];
  let cursor: string | undefined;
  do {
    const next = await invoices.list(caller, {
      limit: Math.min(longestPage, start + limit - passed.length),
      ...(cursor !== undefined && { cursor }),
    });
    passed.push(...next.invoices);
    cursor = next.next;
  } while (cursor !== undefined && passed.length < start + limit);
  return passed.slice(start);
}

export const bookkeeping: Contract = {
  name: 'bookkeeping',
  title: 'Bookkeeping',
  delivers: true,
  credentials: ['bearer'],
  limits,
  routes: [
    route({
      method: 'POST',
      path: '/v1/invoices',
      summary: 'Create an Invoice',
      scope: 'invoice:create',
      body: CreateInvoice,
      status: 200,
      answer: InvoiceAnswer,
      byEvent: { unchecked: true },
      async run({ body, caller, operation }, invoices) {
        const [company, view, named, series] = await Promise.all([
          invoices.tenant(caller),
          viewOf(caller, invoices),
          referencesOf(body, caller, invoices),
          seriesOf(body, caller, invoices),
        ]);
        const draft = await converted(toDraft(body, { company, series, ...named }), company, invoices);
        return invoices.create(caller, draft, replyOf('Create an Invoice', view, operation), { as: 'numbered draft' });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/invoices',
      summary: 'Get All Invoices',
      scope: 'invoice:read',
      query: ListQuery,
      status: 200,
      answer: InvoiceListAnswer,
      async run({ query, caller }, invoices) {
        const [view, page, count] = await Promise.all([
          viewOf(caller, invoices),
          pageOf(query, caller, invoices),
          invoices.count(caller),
        ]);
        return enveloped('Get All Invoices', [], { invoices: page.map((each) => toAnswer(each, view)), count });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/invoices/{id}',
      summary: 'Get an Invoice',
      scope: 'invoice:read',
      params: IdPath,
      status: 200,
      answer: InvoiceAnswer,
      async run({ params, caller }, invoices) {
        const id = idOf(caller, params.id);
        const [view, invoice] = await Promise.all([viewOf(caller, invoices), invoices.find(caller, id)]);
        return told('Get an Invoice', invoice, view);
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/invoices/{id}',
      summary: 'Update an Invoice',
      scope: 'invoice:create',
      params: IdPath,
      body: UpdateInvoice,
      status: 200,
      answer: InvoiceAnswer,
      async run({ params, body, caller, operation }, invoices) {
        const id = idOf(caller, params.id);
        const [view, named, series] = await Promise.all([
          viewOf(caller, invoices),
          referencesOf(body, caller, invoices),
          seriesOf(body, caller, invoices),
        ]);
        const edit = (seen: Invoice, company: Tenant) =>
          converted(toDraft(body, { company, series, ...named }, seen), company, invoices);
        return invoices.change(caller, id, edit, replyOf('Update an Invoice', view, operation));
      },
    }),
    route({
      method: 'POST',
      path: '/v1/invoices/{id}/send',
      summary: 'Send an Invoice',
      scope: 'invoice:send',
      params: IdPath,
      body: NoBody,
      status: 200,
      answer: InvoiceAnswer,
      async run({ params, caller, operation }, invoices) {
        const id = idOf(caller, params.id);
        const reply = replyOf('Send an Invoice', await viewOf(caller, invoices), operation);
        return invoices.send(caller, id, reply, { unchecked: true, mayHandOver: true });
      },
    }),
    route({
      method: 'POST',
      path: '/v1/invoices/{id}/cancel',
      summary: 'Cancel an Invoice',
      scope: 'invoice:send',
      params: IdPath,
      body: CancelInvoice,
      status: 200,
      answer: InvoiceAnswer,
      async run({ params, body, caller, operation }, invoices) {
        const id = idOf(caller, params.id);
        const [view, invoice] = await Promise.all([viewOf(caller, invoices), invoices.find(caller, id)]);
        onlyIn(['SENT', 'OVERDUE'], 'cancel', invoice, view);
        return invoices.cancel(caller, id, body?.reason ?? undefined, replyOf('Cancel an Invoice', view, operation));
      },
    }),
    route({
      method: 'POST',
      path: '/v1/invoices/{id}/mark-as-paid',
      summary: 'Mark an Invoice as Paid',
      scope: 'invoice:send',
      params: IdPath,
      body: MarkAsPaid,
      status: 200,
      answer: InvoiceAnswer,
      async run({ params, body, caller, operation }, invoices) {
        const id = idOf(caller, params.id);
        const [view, invoice] = await Promise.all([viewOf(caller, invoices), invoices.find(caller, id)]);
        onlyIn(['SENT', 'OVERDUE'], 'pay', invoice, view);
        const reference = transactionOf(body);
        return invoices.payments.pay(
          caller,
          id,
          { paidOn: view.today, ...(reference !== undefined && { reference }) },
          { operation, render: (paid) => told('Mark an Invoice as Paid', paid.invoice, view, notKept(body)) },
        );
      },
    }),
  ],
  fail,
};
