/** Invoices of an ERP for associations, as page 000 publishes them: one call makes an invoice with its number, for good. */
import * as z from 'zod';
import { calculate } from '../../invoice/calculate.ts';
import { InvoiceError } from '../../invoice/failure.ts';
import { fromInteger } from '../../invoice/identity.ts';
import type { Invoice } from '../../invoice/model.ts';
import { answer, type Contract, route } from '../contract.ts';
import { dayIn, IdPath } from '../fields.ts';
import { CreateInvoice } from './create-invoice.ts';
import { FailureBody, fail } from './fail.ts';
import { InvoiceAnswer } from './invoice-answer.ts';
import { toAnswer } from './to-answer.ts';
import { toDraft } from './to-draft.ts';
import { valuesOf } from './values.ts';

/** Which client it is that calls; nothing depends on it. */
const Client = z.object({ 'iw-build-id': z.string().optional(), 'iw-package-id': z.string().optional() });

export const erp: Contract = {
  name: 'erp',
  title: 'ERP invoices',
  credentials: ['x-session-token', 'bearer'],
  routes: [
    route({
      method: 'POST',
      path: '/api/invoice/invoices',
      summary: 'Create an invoice',
      scope: 'invoice:create',
      query: Client,
      body: CreateInvoice,
      status: 200,
      answer: InvoiceAnswer,
      byEvent: { unchecked: true },
      async run({ body, caller, operation }, invoices) {
        const company = await invoices.tenant(caller);
        const draft = toDraft(body, company, dayIn(company.timeZone, invoices.now()));
        // What our answer cannot tell must be refused before it is numbered.
        valuesOf(draft.document, calculate(draft.document));
        const render = (invoice: Invoice) => answer(200, toAnswer(invoice, company));
        // The page has no way to change an invoice, and no room for all that the norm asks for.
        return invoices.create(caller, draft, { operation, render }, { as: 'issued', unchecked: true });
      },
    }),
    route({
      method: 'GET',
      path: '/api/invoice/invoices/{id}',
      summary: 'Read an invoice',
      scope: 'invoice:read',
      params: IdPath,
      query: Client,
      status: 200,
      answer: InvoiceAnswer,
      async run({ params, caller }, invoices) {
        const id = fromInteger(caller, params.id);
        if (id === undefined) throw new InvoiceError({ kind: 'not-found', what: 'invoice', id: params.id });
        const [company, invoice] = await Promise.all([invoices.tenant(caller), invoices.find(caller, id)]);
        return answer(200, toAnswer(invoice, company));
      },
    }),
  ],
  fail,
  failure: FailureBody,
};
