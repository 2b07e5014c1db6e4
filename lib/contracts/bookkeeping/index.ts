/** Page 004: creating an invoice in a bookkeeping project, and what its vendor publishes beside it. */
import type * as z from 'zod';
import { InvoiceError } from '../../invoice/failure.ts';
import { fromHex } from '../../invoice/identity.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller, Invoice, Tenant } from '../../invoice/model.ts';
import type { Answer, Operation } from '../../invoice/operation.ts';
import { answer, type Checked, type Contract, type Route, route } from '../contract.ts';
import { IdPath, NoBody } from '../fields.ts';
import { converted } from './conversion.ts';
import { CancelInvoice, CreateInvoice, incremental, MarkAsPaid, UpdateInvoice } from './create-invoice.ts';
import { FailureBody, fail } from './fail.ts';
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

interface Asked<Body> {
  readonly caller: Caller;
  readonly id: string;
  readonly body: Body;
  readonly view: View;
  readonly operation?: Operation | undefined;
  render(invoice: Invoice, warnings?: string[]): Answer;
}

/** A route of one invoice. What page 004 calls it stands in its answer again. */
const onInvoice = <Body extends z.ZodType | undefined = undefined>({
  run,
  ...spec
}: Pick<Route, 'method' | 'path' | 'summary' | 'scope'> & {
  body?: Body;
  run(asked: Asked<Checked<Body>>, invoices: Invoices): Promise<Answer>;
}): Route =>
  route<typeof IdPath, undefined, undefined, Body>({
    ...spec,
    params: IdPath,
    status: 200,
    answer: InvoiceAnswer,
    async run({ params, body, caller, operation }, invoices) {
      const id = idOf(caller, params.id);
      const view = await viewOf(caller, invoices);
      const render: Asked<unknown>['render'] = (invoice, warnings) => told(spec.summary, invoice, view, warnings);
      return run({ caller, id, body, view, operation, render }, invoices);
    },
  });

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
        const render = (invoice: Invoice) => told('Create an Invoice', invoice, view);
        return invoices.create(caller, draft, { operation, render }, { as: 'numbered draft' });
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
    onInvoice({
      method: 'GET',
      path: '/v1/invoices/{id}',
      summary: 'Get an Invoice',
      scope: 'invoice:read',
      run: async ({ caller, id, render }, invoices) => render(await invoices.find(caller, id)),
    }),
    onInvoice({
      method: 'PATCH',
      path: '/v1/invoices/{id}',
      summary: 'Update an Invoice',
      scope: 'invoice:create',
      body: UpdateInvoice,
      async run({ caller, id, body, operation, render }, invoices) {
        const [named, series] = await Promise.all([
          referencesOf(body, caller, invoices),
          seriesOf(body, caller, invoices),
        ]);
        const edit = (seen: Invoice, company: Tenant) =>
          converted(toDraft(body, { company, series, ...named }, seen), company, invoices);
        return invoices.change(caller, id, edit, { operation, render });
      },
    }),
    onInvoice({
      method: 'POST',
      path: '/v1/invoices/{id}/send',
      summary: 'Send an Invoice',
      scope: 'invoice:send',
      body: NoBody,
      run: ({ caller, id, operation, render }, invoices) =>
        invoices.send(caller, id, { operation, render }, { unchecked: true, mayHandOver: true }),
    }),
    onInvoice({
      method: 'POST',
      path: '/v1/invoices/{id}/cancel',
      summary: 'Cancel an Invoice',
      scope: 'invoice:send',
      body: CancelInvoice,
      async run({ caller, id, body, view, operation, render }, invoices) {
        onlyIn(['SENT', 'OVERDUE'], 'cancel', await invoices.find(caller, id), view);
        return invoices.cancel(caller, id, body?.reason ?? undefined, { operation, render });
      },
    }),
    onInvoice({
      method: 'POST',
      path: '/v1/invoices/{id}/mark-as-paid',
      summary: 'Mark an Invoice as Paid',
      scope: 'invoice:send',
      body: MarkAsPaid,
      async run({ caller, id, body, view, operation, render }, invoices) {
        onlyIn(['SENT', 'OVERDUE'], 'pay', await invoices.find(caller, id), view);
        const reference = transactionOf(body);
        return invoices.payments.pay(
          caller,
          id,
          { paidOn: view.today, ...(reference !== undefined && { reference }) },
          { operation, render: ({ invoice }) => render(invoice, notKept(body)) },
        );
      },
    }),
  ],
  fail,
  failure: FailureBody,
};
