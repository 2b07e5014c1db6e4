/** The positions of an invoice as page 003 publishes them: added to a draft and changed, one at a time. */
import * as z from 'zod';
import { InvoiceError } from '../../invoice/failure.ts';
import type { Caller } from '../../invoice/model.ts';
import { answer, type Contract, route } from '../contract.ts';
import { adding, replacing } from './change.ts';
import { fail } from './fail.ts';
import { toAnswer } from './invoice-answer.ts';
import { toPositions } from './position-answer.ts';
import { positionId, readPositionId } from './position-id.ts';
import { PositionItem } from './position-item.ts';
import { flattened, positionsOf } from './positions.ts';
import { InvoiceResource, PositionResource } from './resources.ts';

/** Any text: what is not an id of the caller's answers like an unknown one. */
const Path = z.object({ id: z.string() });

/** What a position's id carries. An id that its caller chose carries nothing; such a position is found by its location. */
function placeOf(caller: Caller, id: string): { invoice: string; number: number } {
  const found = readPositionId(caller, id);
  if (!found) throw new InvoiceError({ kind: 'not-found', what: 'position', id });
  return found;
}

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
      params: Path,
      body: PositionItem,
      status: 201,
      answer: InvoiceResource,
      async run({ params, body, caller, operation }, invoices) {
        const company = await invoices.tenant(caller);
        let number: number | undefined;
        const edit = adding(caller, invoices, body, (given) => {
          number = given;
        });
        return invoices.change(caller, params.id, edit, {
          operation,
          render: (invoice) =>
            answer(201, toAnswer(invoice, company), {
              ...(number !== undefined && { Location: locationOf(invoice.id, number) }),
            }),
        });
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
        const place = placeOf(caller, id);
        const invoice = await invoices.find(caller, place.invoice);
        const found = flattened(positionsOf(invoice)).find(({ number }) => number === place.number);
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
      params: Path,
      body: PositionItem,
      status: 200,
      answer: InvoiceResource,
      async run({ params: { id }, body, caller, operation }, invoices) {
        const company = await invoices.tenant(caller);
        return invoices.change(caller, placeOf(caller, id).invoice, replacing(caller, invoices, id, body), {
          operation,
          render: (invoice) => answer(200, toAnswer(invoice, company)),
        });
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
