/** The positions of an invoice as page 003 publishes them: added to a draft and changed, one at a time. */
import * as z from 'zod';
import { InvoiceError } from '../../invoice/failure.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller } from '../../invoice/model.ts';
import type { Operation, Reply } from '../../invoice/operation.ts';
import { answer, type Contract, route } from '../contract.ts';
import { adding, replacing } from './change.ts';
import { fail } from './fail.ts';
import { toAnswer } from './invoice-answer.ts';
import { toPositions } from './position-answer.ts';
import { readPositionId } from './position-id.ts';
import { PositionItem } from './position-item.ts';
import { InvoiceResource, PositionResource } from './resources.ts';

/** Any text: what is not an id of the caller's answers like an unknown one. */
const Path = z.object({ id: z.string() });

/** The invoice that a position's id carries. */
function invoiceOf(caller: Caller, id: string): string {
  const found = readPositionId(caller, id);
  if (!found) throw new InvoiceError({ kind: 'not-found', what: 'position', id });
  return found.invoice;
}

async function invoiceReply(
  status: number,
  caller: Caller,
  invoices: Invoices,
  operation: Operation | undefined,
): Promise<Reply<Parameters<typeof toAnswer>[0]>> {
  const company = await invoices.tenant(caller);
  return { operation, render: (invoice) => answer(status, toAnswer(invoice, company)) };
}

export const positions: Contract = {
  name: 'positions',
  title: 'Invoice positions',
  credentials: ['bearer'],
  routes: [
    route({
      method: 'POST',
      path: '/invoices/{id}/position-items',
      summary: 'Add a position item to a draft',
      scope: 'invoice:create',
      params: Path,
      body: PositionItem,
      status: 201,
      answer: InvoiceResource,
      async run({ params, body, caller, operation }, invoices) {
        const reply = await invoiceReply(201, caller, invoices, operation);
        return invoices.change(caller, params.id, adding(caller, invoices, body), reply);
      },
    }),
    route({
      method: 'GET',
      path: '/invoice-position-items/{id}',
      summary: 'Read a position item',
      scope: 'invoice:read',
      params: Path,
      status: 200,
      answer: PositionResource,
      async run({ params: { id }, caller }, invoices) {
        const invoice = await invoices.find(caller, invoiceOf(caller, id));
        const position = toPositions(invoice).find((one) => one.id === id);
        if (!position) throw new InvoiceError({ kind: 'not-found', what: 'position', id });
        return answer(200, position);
      },
    }),
    route({
      method: 'PUT',
      path: '/invoice-position-items/{id}',
      summary: 'Write a position item of a draft anew',
      scope: 'invoice:create',
      params: Path,
      body: PositionItem,
      status: 200,
      answer: InvoiceResource,
      async run({ params: { id }, body, caller, operation }, invoices) {
        const reply = await invoiceReply(200, caller, invoices, operation);
        return invoices.change(caller, invoiceOf(caller, id), replacing(caller, invoices, id, body), reply);
      },
    }),
    route({
      method: 'GET',
      path: '/invoices/{id}',
      summary: 'Read an invoice with its positions',
      scope: 'invoice:read',
      params: Path,
      status: 200,
      answer: InvoiceResource,
      async run({ params, caller }, invoices) {
        const [invoice, company] = await Promise.all([invoices.find(caller, params.id), invoices.tenant(caller)]);
        return answer(200, toAnswer(invoice, company));
      },
    }),
  ],
  fail,
};
