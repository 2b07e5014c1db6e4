/** Number series and their books. */
import * as z from 'zod';
import type { Series } from '../../invoice/model.ts';
import { mostGaps } from '../../invoice/series.ts';
import { answer, type Route, route } from '../contract.ts';
import { IdPath, text } from '../fields.ts';
import { limit, Page, page } from './page.ts';

const SeriesPath = z.object({ name: z.string() });

/** What an issue date before the last one of the series means: nothing, a warning, or a refusal. */
const chronology = z.enum(['off', 'warn', 'enforce']);

const SeriesResource = z.object({
  name: z.string(),
  pattern: z.string(),
  start: z.int(),
  reset: z.enum(['yearly', 'never']),
  chronology,
  next_number: z.string(),
});

const CreateSeries = z.strictObject({
  name: text(50),
  pattern: text(100),
  start: z.int().min(1).max(999_999_999).default(1),
  reset: z.enum(['yearly', 'never']).default('never'),
  chronology: chronology.default('off'),
});

const toResource = (series: Series, next: string) => ({ chronology: 'off', ...series, next_number: next });

const period = z
  .string()
  .regex(/^(all|\d{4})$/, 'Must be a year such as 2026, or all.')
  .optional();

const LedgerQuery = z.strictObject({
  period,
  limit,
  cursor: z.string().max(500).optional(),
});

const LedgerLine = z.object({
  ordinal: z.int(),
  number: z.string(),
  invoice_id: z.string().nullable(),
  state: z.string(),
  hash: z.string().nullable(),
  handed_on: z.boolean(),
  chosen: z.boolean(),
});

const HistoryEntry = z.object({
  action: z.string(),
  at: z.iso.datetime(),
  actor: z.string(),
  version: z.int(),
  number: z.string().nullable(),
  digest: z.string(),
  standing: z.string(),
  /** Of the payment that was recorded or reversed. */
  payment: z.string().nullable(),
  hash: z.string(),
});

export const seriesRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/number-series',
    summary: 'Open a number series; its pattern never changes',
    scope: 'series:write',
    body: CreateSeries,
    status: 201,
    answer: z.object({ data: SeriesResource }),
    async run({ body, caller, operation }, invoices) {
      const next = await invoices.series.next(caller, body);
      return invoices.series.create(caller, body, {
        operation,
        render: (series) => answer(201, { data: toResource(series, next) }),
      });
    },
  }),
  route({
    method: 'GET',
    path: '/number-series',
    summary: 'List the number series',
    scope: 'invoice:read',
    status: 200,
    answer: Page(SeriesResource),
    async run({ caller }, invoices) {
      const all = await invoices.series.all(caller);
      const data = all.map(async (series) => toResource(series, await invoices.series.next(caller, series)));
      return page(await Promise.all(data));
    },
  }),
  route({
    method: 'GET',
    path: '/number-series/{name}',
    summary: 'Read a number series and what its next number would be',
    scope: 'invoice:read',
    params: SeriesPath,
    status: 200,
    answer: z.object({ data: SeriesResource }),
    async run({ params, caller }, invoices) {
      const series = await invoices.series.find(caller, params.name);
      return answer(200, { data: toResource(series, await invoices.series.next(caller, series)) });
    },
  }),
  route({
    method: 'GET',
    path: '/number-series/{name}/ledger',
    summary: 'List the numbers of a series in order',
    scope: 'invoice:read',
    params: SeriesPath,
    query: LedgerQuery,
    status: 200,
    answer: Page(LedgerLine),
    async run({ params, query, caller }, invoices) {
      const { lines, nextCursor } = await invoices.series.ledger(caller, params.name, {
        limit: query.limit ?? 100,
        ...(query.period !== undefined && { period: query.period }),
        ...(query.cursor !== undefined && { cursor: query.cursor }),
      });
      const data = lines.map(({ ordinal, number, invoiceId, state, hash, handedOn, passed }) => ({
        ordinal,
        number,
        invoice_id: invoiceId ?? null,
        state,
        hash: hash ?? null,
        handed_on: handedOn,
        chosen: passed,
      }));
      return page(data, nextCursor);
    },
  }),
  route({
    method: 'GET',
    path: '/number-series/{name}/audit',
    summary: 'Tell first, last, count, gaps, duplicates and void numbers of a series, and the head of its chain',
    scope: 'invoice:read',
    params: SeriesPath,
    query: z.strictObject({ period }),
    status: 200,
    answer: z.object({
      data: z.object({
        period: z.string(),
        first: z.string().nullable(),
        last: z.string().nullable(),
        count: z.int(),
        voids: z.int(),
        gaps: z.array(z.int()).max(mostGaps),
        duplicates: z.array(z.string()),
        open_tickets: z.int(),
        chain_head: z.string().nullable(),
      }),
    }),
    async run({ params, query, caller }, invoices) {
      const { first, last, openTickets, chainHead, ...books } = await invoices.series.audit(
        caller,
        params.name,
        query.period,
      );
      return answer(200, {
        data: {
          ...books,
          first: first ?? null,
          last: last ?? null,
          open_tickets: openTickets,
          chain_head: chainHead ?? null,
        },
      });
    },
  }),
  route({
    method: 'GET',
    path: '/invoices/{id}/history',
    summary: 'Tell what happened to an invoice, in order',
    scope: 'invoice:read',
    params: IdPath,
    status: 200,
    answer: Page(HistoryEntry),
    async run({ params, caller }, invoices) {
      const entries = await invoices.history(caller, params.id);
      return page(entries.map((entry) => ({ ...entry, number: entry.number ?? null, payment: entry.payment ?? null })));
    },
  }),
];
