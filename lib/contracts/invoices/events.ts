/** What happened, for whoever would rather ask than be told. */
import * as z from 'zod';
import { type EventType, eventSchema, eventTypes } from '../../invoice/events.ts';
import { answer, type Route, route } from '../contract.ts';
import { limit, Page } from './page.ts';

const EventQuery = z.strictObject({
  after: z.string().max(500).optional(),
  limit,
});

const [first, ...others] = eventTypes.map(eventSchema) as [ReturnType<typeof eventSchema>];

/** Any event of the catalogue. */
export const Event = z.discriminatedUnion('type', [first, ...others]);

export const EventTypeName = z.enum(eventTypes as [EventType]);

export const eventRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/events',
    summary:
      'List what happened to invoices, oldest first; next_cursor leads to the next page, checkpoint to what comes later',
    scope: 'invoice:read',
    query: EventQuery,
    status: 200,
    answer: Page(Event).extend({ checkpoint: z.string().nullable() }),
    async run({ query, caller }, invoices) {
      const { events, nextCursor, checkpoint } = await invoices.events(caller, {
        limit: query.limit ?? 50,
        ...(query.after !== undefined && { after: query.after }),
      });
      return answer(200, { data: events, next_cursor: nextCursor ?? null, checkpoint: checkpoint ?? null });
    },
  }),
];
