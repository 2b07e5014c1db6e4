/**
 * The lists that invoices stand on. Status changes, so its lists are an index over the heads, which DynamoDB keeps by itself.
 * Words and currency hardly do: their lists are small items of their own, written before the invoice, each once and without a
 * condition. What a crash or a change leaves behind there is passed over by whoever reads.
 */
import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { type DunningStage, dunningPlace, dunningStages } from '../invoice/dunning.ts';
import { type Listed, type Listing, placeOf, type Status, statusOf } from '../invoice/listing.ts';
import type { Invoice, Scope } from '../invoice/model.ts';
import type { InvoiceStore, ListedPage } from '../invoice/store.ts';
import { indexedWords } from '../invoice/words.ts';
import { text, toItem } from './attributes.ts';
import type { Connection } from './connection.ts';
import { type Item, primaryKey, scopeKey, tableLayout } from './table.ts';

const statusKey = (scope: Scope, { state, paymentStatus }: Status) =>
  `${scopeKey(scope)}#INVOICES#${state}#${paymentStatus}`;
const currencyKey = (scope: Scope, currency: string) => `${scopeKey(scope)}#CURRENCY#${currency}`;

/** Spread by first letters: a partition takes a thousand writes a second. */
const wordKey = (scope: Scope, word: string) => `${scopeKey(scope)}#WORDS#${[...word][0]}`;

/** The attributes of a head that put it on the list of its status. */
export const statusPlace = (invoice: Invoice): { statusKey: string; statusSort: string } => ({
  statusKey: statusKey(invoice.scope, statusOf(invoice)),
  statusSort: placeOf(invoice),
});

const dunningKey = (scope: Scope, stage: DunningStage) => `${scopeKey(scope)}#DUNNING#${stage}`;

/** The attributes of a head that let the invoice wait for its due date and its reminders; none when nothing is to be paid. */
export function dunningKeys(invoice: Invoice): { dunningKey?: string; dunningSort?: string } {
  const place = dunningPlace(invoice);
  if (!place) return {};
  return { dunningKey: dunningKey(invoice.scope, place.stage), dunningSort: place.position };
}

/** An invoice's entries, by their keys. */
function entriesOf(invoice: Invoice): Map<string, Item> {
  const { scope, document } = invoice;
  const place = placeOf(invoice);
  const keys = [
    [currencyKey(scope, document.currency), place] as const,
    ...indexedWords(invoice).map((word) => [wordKey(scope, word), `${word}#${place}`] as const),
  ];
  return new Map(keys.map(([pk, sk]) => [`${pk} ${sk}`, primaryKey(pk, sk)]));
}

/** Where to read a list, and what its first and its last positions begin with. */
function partitionsOf(scope: Scope, listing: Listing, { from = '0', to = '' }: Pick<ListedPage, 'from' | 'to'>) {
  const { statusIndex, dunningIndex } = tableLayout;
  switch (listing.by) {
    case 'status':
      return { index: statusIndex, keys: listing.statuses.map((status) => statusKey(scope, status)), from, to };
    case 'currency':
      return { keys: [currencyKey(scope, listing.currency)], from, to };
    case 'overdue':
      return {
        index: dunningIndex,
        keys: dunningStages.map((stage) => dunningKey(scope, stage)),
        from,
        to: listing.today,
      };
    case 'word':
      return { keys: [wordKey(scope, listing.prefix)], from: listing.prefix, to: listing.prefix };
  }
}

/** Sorts after everything that begins alike. */
const end = '\u{10ffff}';

/**
 * The entries that an invoice had not had as it was seen. One that begins its life waiting for a number gets them with it:
 * one call less for whoever creates and issues in one.
 */
export function newEntries(invoice: Invoice, seen?: Invoice): Item[] {
  if (!seen && invoice.state === 'finalizing') return [];
  const known = seen && entriesOf(seen);
  return [...entriesOf(invoice)].flatMap(([key, item]) => (known?.has(key) ? [] : [item]));
}

/** The invoice as it had entries before it got its number; one that began its life waiting had none. */
export function entered(invoice: Invoice): Invoice | undefined {
  const { number: _, ...unnumbered } = invoice;
  if (invoice.version === 2) return undefined;
  // A number that the caller chose was there with the draft.
  return invoice.place ? unnumbered : invoice;
}

/** Reads lists page by page; a list of several partitions is merged by position. */
export function listings({ table, send }: Connection): Pick<InvoiceStore, 'listed' | 'dunnable'> {
  return {
    async dunnable(scope, { stage, until, limit, after = '' }) {
      const { name, partitionKey, sortKey } = tableLayout.dunningIndex;
      const bounds = { ':from': after, ':to': `${until}${end}` };
      const { Items = [] } = await send(
        new QueryCommand({
          TableName: table,
          IndexName: name,
          KeyConditionExpression: `${partitionKey} = :pk AND ${sortKey} BETWEEN :from AND :to`,
          ExpressionAttributeValues: toItem({ ':pk': dunningKey(scope, stage), ...bounds }),
          // The position that a page begins with was the last of the one before, if it still stands.
          Limit: limit + 1,
        }),
      );
      const positions = Items.map((item) => text(item, sortKey) as string).filter((position) => position !== after);
      const page = positions.slice(0, limit);
      const last = Items.length > limit ? page.at(-1) : undefined;
      return {
        ids: page.map((position) => position.slice(position.indexOf('#') + 1)),
        ...(last !== undefined && { next: last }),
      };
    },

    async listed(scope, listing, { limit, after, ...range }) {
      const { index, keys, from, to } = partitionsOf(scope, listing, range);
      const { partitionKey: pk, sortKey: sk } = index ?? tableLayout;
      const input: Partial<QueryCommandInput> = {
        TableName: table,
        ...(index && { IndexName: index.name }),
        KeyConditionExpression: `${pk} = :pk AND ${sk} BETWEEN :from AND :to`,
        ScanIndexForward: false,
        // The position that a page begins with was the last of the one before.
        Limit: limit + 1,
      };
      const bounds = { ':from': from, ':to': after ?? `${to}${end}` };
      // A range that ends before it begins is an error to DynamoDB.
      if (bounds[':from'] > bounds[':to']) return [];
      const pages = await Promise.all(
        keys.map(async (key) => {
          const values = toItem({ ':pk': key, ...bounds });
          const { Items = [] } = await send(
            new QueryCommand({ ...input, TableName: table, ExpressionAttributeValues: values }),
          );
          return Items.map((item) => text(item, sk) as string);
        }),
      );
      return pages
        .flat()
        .filter((position) => position !== after)
        .sort()
        .reverse()
        .slice(0, limit)
        .map((position): Listed => ({ position, id: position.slice(position.lastIndexOf('#') + 1) }));
    },
  };
}
