/** What the routes of one invoice have in common. */
import type * as z from 'zod';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Seen } from '../../invoice/life-cycle.ts';
import type { Caller, Invoice } from '../../invoice/model.ts';
import type { Answer, Operation, Reply } from '../../invoice/operation.ts';
import { answer, type Checked, type Route, route } from '../contract.ts';
import { IdPath } from '../fields.ts';
import { IfMatch, seenBy } from './if-match.ts';
import { InvoiceAnswer } from './invoice-resource.ts';
import { toAnswer } from './to-answer.ts';

/** Answers with an invoice as it is today, and more that is made of it. */
export async function invoiceReply(
  status: number,
  { caller, operation }: { caller: Caller; operation?: Operation | undefined },
  { dunning }: Invoices,
  more: (invoice: Invoice) => object = () => ({}),
): Promise<Reply<Invoice>> {
  const today = await dunning.today(caller);
  const render = (invoice: Invoice) =>
    answer(status, { data: toAnswer(invoice, today), ...more(invoice) }, { ETag: `"${invoice.version}"` });
  return { operation, render };
}

type Spec = Pick<Route, 'method' | 'path' | 'summary' | 'scope'>;

interface Change<Body> {
  readonly caller: Caller;
  readonly id: string;
  readonly body: Body;
  readonly reply: Reply<Invoice>;
  readonly seen: Seen;
}

/** A route that changes the invoice of its path, or makes another of it, and answers with that. */
export function changing<Body extends z.ZodType | undefined = undefined>({
  status = 200,
  change,
  ...spec
}: Spec & {
  status?: number;
  body?: Body;
  change(asked: Change<Checked<Body>>, invoices: Invoices): Promise<Answer>;
}): Route {
  return route<typeof IdPath, undefined, typeof IfMatch, Body>({
    ...spec,
    params: IdPath,
    headers: IfMatch,
    status,
    answer: InvoiceAnswer,
    tells: ['ETag'],
    async run({ params, headers, body, caller, operation }, invoices) {
      const reply = await invoiceReply(status, { caller, operation }, invoices);
      return change({ caller, id: params.id, body, reply, seen: seenBy(headers) }, invoices);
    },
  });
}
