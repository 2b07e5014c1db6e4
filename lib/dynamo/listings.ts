/**
 * The lists that invoices stand on. Status changes, so its lists are an index over the heads, which DynamoDB keeps by itself.
 * Words and currency hardly do: their lists are small items of their own, written before the invoice, each once and without a
 * condition. What a crash or a change leaves behind there is passed over by whoever reads.
 */
import { PutItemCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { type Listed, type Listing, placeOf, type Status, statusOf } from '../invoice/listing.ts';
import type { Invoice, Scope } from '../invoice/model.ts';
import type { InvoiceStore } from '../invoice/store.ts';
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

/** Where to read a list, and what its positions begin with. */
function partitionsOf(scope: Scope, listing: Listing): { index?: true; keys: string[]; prefix: string } {
  switch (listing.by) {
    case 'status':
      return { index: true, keys: listing.statuses.map((status) => statusKey(scope, status)), prefix: '' };
    case 'currency':
      return { keys: [currencyKey(scope, listing.currency)], prefix: '' };
    case 'word':
      return { keys: [wordKey(scope, listing.prefix)], prefix: listing.prefix };
  }
}

/** Sorts after everything that begins alike. */
const end = '\u{10ffff}';

export function listings({ table, send }: Connection): Pick<InvoiceStore, 'listed'> & {
  enter(invoice: Invoice, seen?: Invoice): Promise<void>;
} {
  return {
    /** Writes the entries that the invoice had not had as it was seen. */
    async enter(invoice, seen) {
      const known = seen && entriesOf(seen);
      const fresh = [...entriesOf(invoice)].filter(([key]) => !known?.has(key));
      await Promise.all(fresh.map(([, Item]) => send(new PutItemCommand({ TableName: table, Item }))));
    },

    async listed(scope, listing, { limit, after, from, to }) {
      const { index, keys, prefix } = partitionsOf(scope, listing);
      const { name, partitionKey, sortKey } = tableLayout.statusIndex;
      const [pk, sk] = index ? [partitionKey, sortKey] : [tableLayout.partitionKey, tableLayout.sortKey];
      const upTo = to === undefined ? `${prefix}${end}` : `${to}${end}`;
      const input: Partial<QueryCommandInput> = {
        TableName: table,
        ...(index && { IndexName: name }),
        KeyConditionExpression: `${pk} = :pk AND ${sk} BETWEEN :from AND :to`,
        ScanIndexForward: false,
        // The position that a page begins with was the last of the one before.
        Limit: limit + 1,
      };
      const bounds = { ':from': prefix || (from ?? '0'), ':to': after ?? upTo };
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
