/** Finding invoices: the list of the native API, with its filters. */
import * as z from 'zod';
import { day } from '../../invoice/fields.ts';
import type { InvoiceFilter } from '../../invoice/finding.ts';
import type { State } from '../../invoice/model.ts';
import { type Route, route } from '../contract.ts';
import { currency, text } from '../fields.ts';
import { InvoiceResource } from './invoice-resource.ts';
import { limit, Page, page } from './page.ts';
import { states, toAnswer } from './to-answer.ts';

const ListQuery = z.strictObject({
  limit,
  cursor: z.string().max(1_000).optional(),
  state: InvoiceResource.shape.state.optional(),
  payment_status: z.enum([...InvoiceResource.shape.payment_status.options, 'overdue']).optional(),
  currency: currency.optional(),
  invoice_number: text(255).optional(),
  external_reference: text(255).optional(),
  from_date: day.optional(),
  to_date: day.optional(),
  q: text(255).optional(),
});

/** The filter in the core's words; several of its states may look the same from here. */
function filterOf(query: z.output<typeof ListQuery>): InvoiceFilter {
  const { state, payment_status, currency, invoice_number, external_reference, from_date, to_date, q } = query;
  const filter = {
    states: state && (Object.keys(states) as State[]).filter((each) => states[each] === state),
    paymentStatus: payment_status,
    currency,
    number: invoice_number,
    externalReference: external_reference,
    from: from_date,
    to: to_date,
    text: q,
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as InvoiceFilter;
}

export const listRoute: Route = route({
  method: 'GET',
  path: '/invoices',
  summary: 'Find invoices, newest invoice date first; a page may be short of its limit and still have a next one',
  scope: 'invoice:read',
  query: ListQuery,
  status: 200,
  answer: Page(InvoiceResource),
  async run({ query, caller }, invoices) {
    const { limit = 20, cursor } = query;
    const [today, { invoices: found, nextCursor }] = await Promise.all([
      invoices.dunning.today(caller),
      invoices.search(caller, {
        filter: filterOf(query),
        limit,
        ...(cursor !== undefined && { cursor }),
      }),
    ]);
    return page(
      found.map((each) => toAnswer(each, today)),
      nextCursor,
    );
  },
});
