/** What became of events that asked for an invoice in vain. */
import * as z from 'zod';
import type { EventRejection } from '../../invoice/event-rejections.ts';
import { type Route, route } from '../contract.ts';
import { dotted, pointer } from '../pointer.ts';
import { FaultResource } from './fail.ts';
import { limit, Page, page } from './page.ts';

const ListQuery = z.strictObject({
  limit,
  cursor: z.string().max(1_000).optional(),
});

const RejectionResource = z.object({
  id: z.string(),
  event_id: z.string(),
  source: z.string(),
  sent_at: z.iso.datetime(),
  contract: z.string().nullable(),
  external_reference: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  faults: z.array(FaultResource.omit({ in: true })),
  answer: z.object({ status: z.int(), body: z.unknown() }).nullable(),
});

const toResource = (rejection: EventRejection): z.input<typeof RejectionResource> => ({
  id: rejection.id,
  event_id: rejection.eventId,
  source: rejection.source,
  sent_at: rejection.sentAt,
  contract: rejection.contract ?? null,
  external_reference: rejection.externalReference ?? null,
  code: rejection.code,
  message: rejection.message,
  faults: rejection.faults.map(({ path, in: place, ...fault }) => ({
    field: dotted(path) || place,
    pointer: pointer(path),
    ...fault,
  })),
  answer: rejection.answer ?? null,
});

export const eventRejectionsRoute: Route = route({
  method: 'GET',
  path: '/event-rejections',
  summary:
    'List events that asked for an invoice and can never get one, newest first; a page may be short of its limit and still have a next one',
  scope: 'invoice:read',
  query: ListQuery,
  status: 200,
  answer: Page(RejectionResource),
  async run({ query, caller }, invoices) {
    const { limit = 20, cursor } = query;
    const { rejections, nextCursor } = await invoices.eventRejections.list(caller, { limit, cursor });
    return page(rejections.map(toResource), nextCursor);
  },
});
