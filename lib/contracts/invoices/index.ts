/** The native API: creating an invoice as page 002 publishes it, and in its style all that the page leaves open. */
import * as z from 'zod';
import { answer, type Contract, route } from '../contract.ts';
import { Calculation, calculationOf, Explain } from './calculation.ts';
import { CreateInvoice } from './create-invoice.ts';
import { eventRejectionsRoute } from './event-rejections.ts';
import { fail } from './fail.ts';
import { InvoiceAnswer } from './invoice-resource.ts';
import { InvoicePath, invoiceReply, lifeCycleRoutes, NoBody } from './life-cycle.ts';
import { limits } from './limits.ts';
import { listRoute } from './list.ts';
import { referenceRoutes } from './reference.ts';
import { seriesRoutes } from './series.ts';
import { toDraft } from './to-draft.ts';

export const invoices: Contract = {
  name: 'invoices',
  title: 'Invoices',
  credentials: ['x-api-key', 'bearer'],
  routes: [
    route({
      method: 'POST',
      path: '/invoices',
      summary: 'Create an invoice',
      scope: 'invoice:create',
      body: CreateInvoice,
      status: 201,
      answer: InvoiceAnswer,
      byEvent: {},
      async run({ body, unknown, caller, operation }, invoices) {
        const draft = toDraft(body, await invoices.tenant(caller), unknown);
        return invoices.create(caller, draft, invoiceReply(201, operation));
      },
    }),
    listRoute,
    route({
      method: 'GET',
      path: '/invoices/{id}',
      summary: 'Read an invoice',
      scope: 'invoice:read',
      params: InvoicePath,
      query: Explain,
      status: 200,
      answer: InvoiceAnswer.extend({ calculation: Calculation }),
      async run({ params, query, caller }, invoices) {
        const { render } = invoiceReply(200, undefined, (invoice) => calculationOf(invoice, query));
        return render(await invoices.find(caller, params.id));
      },
    }),
    route({
      method: 'POST',
      path: '/invoices/{id}/finalize',
      summary: 'Number an invoice and make it final',
      scope: 'invoice:send',
      params: InvoicePath,
      body: NoBody,
      status: 200,
      answer: InvoiceAnswer,
      async run({ params, caller, operation }, invoices) {
        return invoices.finalize(caller, params.id, invoiceReply(200, operation));
      },
    }),
    ...lifeCycleRoutes,
    ...seriesRoutes,
    ...referenceRoutes,
    eventRejectionsRoute,
    route({
      method: 'GET',
      path: '/health',
      summary: 'Tell whether the service can serve',
      scope: 'public',
      status: 200,
      answer: z.object({ status: z.literal('ok') }),
      async run() {
        return answer(200, { status: 'ok' });
      },
    }),
  ],
  limits,
  fail,
};
