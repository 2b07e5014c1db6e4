/** The native API: creating an invoice as page 002 publishes it, and in its style all that the page leaves open. */
import * as z from 'zod';
import type { Invoice } from '../../invoice/model.ts';
import { answer, type Contract, route } from '../contract.ts';
import { IdPath, NoBody } from '../fields.ts';
import { Calculation, calculationOf, Explain } from './calculation.ts';
import { CreateInvoice } from './create-invoice.ts';
import { eventRejectionsRoute } from './event-rejections.ts';
import { eventRoutes } from './events.ts';
import { FailureBody, fail } from './fail.ts';
import { InvoiceAnswer } from './invoice-resource.ts';
import { changing, invoiceReply } from './invoice-route.ts';
import { lifeCycleRoutes } from './life-cycle.ts';
import { limits } from './limits.ts';
import { listRoute } from './list.ts';
import { referenceRoutes } from './reference.ts';
import { seriesRoutes } from './series.ts';
import { toDraft } from './to-draft.ts';
import { webhookRoutes } from './webhooks.ts';

export const invoices: Contract = {
  name: 'invoices',
  title: 'Invoices',
  delivers: true,
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
      tells: ['ETag'],
      byEvent: {},
      async run({ body, unknown, caller, operation }, invoices) {
        const draft = toDraft(body, await invoices.tenant(caller), unknown);
        return invoices.create(caller, draft, await invoiceReply(201, { caller, operation }, invoices));
      },
    }),
    listRoute,
    route({
      method: 'GET',
      path: '/invoices/{id}',
      summary: 'Read an invoice',
      scope: 'invoice:read',
      params: IdPath,
      query: Explain,
      status: 200,
      answer: InvoiceAnswer.extend({ calculation: Calculation }),
      tells: ['ETag'],
      async run({ params, query, caller }, invoices) {
        const explained = (invoice: Invoice) => calculationOf(invoice, query);
        const { render } = await invoiceReply(200, { caller }, invoices, explained);
        return render(await invoices.find(caller, params.id));
      },
    }),
    changing({
      method: 'POST',
      path: '/invoices/{id}/finalize',
      summary: 'Number an invoice and make it final',
      scope: 'invoice:send',
      body: NoBody,
      change: ({ caller, id, reply, seen }, invoices) => invoices.finalize(caller, id, reply, seen),
    }),
    ...lifeCycleRoutes,
    ...seriesRoutes,
    ...eventRoutes,
    ...webhookRoutes,
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
  failure: FailureBody,
};
