/** The positions of an invoice as page 003 publishes them: added to a draft and changed, one at a time. */
import { InvoiceError } from '../../invoice/failure.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller, Invoice } from '../../invoice/model.ts';
import { answer, type Contract, route } from '../contract.ts';
import { IdPath } from '../fields.ts';
import { adding, replacing } from './change.ts';
import { FailureBody, fail } from './fail.ts';
import { toAnswer } from './invoice-answer.ts';
import { toPositions } from './position-answer.ts';
import { positionId, readPositionId } from './position-id.ts';
import { PositionItem } from './position-item.ts';
import { positionIn, positionsOf } from './positions.ts';
import { InvoiceResource, PositionResource } from './resources.ts';

/** An id of ours tells its invoice; one that the caller chose is looked up. */
async function invoiceOf(caller: Caller, invoices: Invoices, id: string): Promise<string> {
  const invoice = readPositionId(caller, id)?.invoice ?? (await invoices.lineHolder(caller, id));
  if (invoice === undefined) throw new InvoiceError({ kind: 'not-found', what: 'position', id });
  return invoice;
}

const namesIn = ({ id, children }: PositionItem): string[] =>
  [id, ...(children ?? []).map((child) => child.id)].filter((name) => name !== undefined);

/** Relative to where an item is posted, since the API may have a base path. */
const locationOf = (invoice: string, number: number) => `../../invoice-position-items/${positionId(invoice, number)}`;

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
      params: IdPath,
      body: PositionItem,
      status: 201,
      answer: InvoiceResource,
      tells: ['Location'],
      async run({ params, body, caller, operation }, invoices) {
        const company = await invoices.tenant(caller);
        let number: number | undefined;
        const edit = adding(caller, invoices, body, (given) => {
          number = given;
        });
        const reply = {
          operation,
          render: (invoice: Invoice) =>
            answer(201, toAnswer(invoice, company), {
              ...(number !== undefined && { Location: locationOf(invoice.id, number) }),
            }),
        };
        return invoices.change(caller, params.id, edit, reply, { lineNames: namesIn(body) });
      },
    }),
    route({
      method: 'GET',
      path: '/invoice-position-items/{id}',
      summary: 'Read a position item',
      scope: 'invoice:read',
      params: IdPath,
      status: 200,
      answer: PositionResource,
      async run({ params: { id }, caller }, invoices) {
        const invoice = await invoices.find(caller, await invoiceOf(caller, invoices, id));
        const found = positionIn(positionsOf(invoice), caller, id);
        if (!found) throw new InvoiceError({ kind: 'not-found', what: 'position', id });
        return answer(
          200,
          toPositions(invoice).find((position) => position.id === found.id),
        );
      },
    }),
    route({
      method: 'PUT',
      path: '/invoice-position-items/{id}',
      summary: 'Write a position item of a draft anew',
      scope: 'invoice:create',
      params: IdPath,
      body: PositionItem,
      status: 200,
      answer: InvoiceResource,
      async run({ params: { id }, body, caller, operation }, invoices) {
        const company = await invoices.tenant(caller);
        const reply = { operation, render: (invoice: Invoice) => answer(200, toAnswer(invoice, company)) };
        const invoice = await invoiceOf(caller, invoices, id);
        const options = { lineNames: namesIn(body) };
        return invoices.change(caller, invoice, replacing(caller, invoices, id, body), reply, options);
      },
    }),
    route({
      method: 'GET',
      path: '/invoices/{id}',
      summary: 'Read an invoice with its positions',
      scope: 'invoice:read',
      params: IdPath,
      status: 200,
      answer: InvoiceResource,
      async run({ params, caller }, invoices) {
        const [invoice, company] = await Promise.all([invoices.find(caller, params.id), invoices.tenant(caller)]);
        return answer(200, toAnswer(invoice, company));
      },
    }),
  ],
  fail,
  failure: FailureBody,
};
