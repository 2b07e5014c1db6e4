/** The books of the series in the table: numbers in order, audit entries, hash chains. */
import { QueryCommand, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import type { AuditEntry } from '../invoice/audit.ts';
import { type BookLine, isVoid, type Link, type VoidNumber } from '../invoice/chain.ts';
import type { Invoice, Payment, Scope } from '../invoice/model.ts';
import { lastOrdinal } from '../invoice/number.ts';
import { type InvoiceStore, type SeriesCounter, Unreadable } from '../invoice/store.ts';
import { json, number, optional, text, toItem } from './attributes.ts';
import type { Connection, Table } from './connection.ts';
import { seriesItem } from './directory.ts';
import { claimKey, differsFromHead, invoiceKey, toInvoice } from './invoice-items.ts';
import { operationWrites } from './operations.ts';
import { readPartition } from './reads.ts';
import { type Item, itemName, primaryKey, scopeKey } from './table.ts';
import { transactions, type Write } from './transaction.ts';

/** Ordinals in an order that is that of the keys. */
const padded = (ordinal: number): string => String(ordinal).padStart(String(lastOrdinal).length, '0');

const pkOf = (kind: 'LEDGER' | 'CHAIN', { scope, name, period }: SeriesCounter): string =>
  `${scopeKey(scope)}#${kind}#${name}#${period}`;

/** Where a line of a series' books stands. */
export const lineKey = (counter: SeriesCounter, ordinal: number): Item =>
  primaryKey(pkOf('LEDGER', counter), padded(ordinal));

/** A line of a series' books as an item. */
export const toLine = (counter: SeriesCounter, line: BookLine): Item => ({
  ...lineKey(counter, line.ordinal),
  ...toItem(
    isVoid(line)
      ? { number: line.number, voided: JSON.stringify(line.voided) }
      : { number: line.number, invoiceId: line.invoiceId, passed: line.passed },
  ),
});

/** Whose the number of a void line is: no invoice has this id, so nobody can claim it, and nobody finds anything by it. */
export const nobody = 'void';

/** One ordinal, one invoice; a number that the series went past may be given after all once it was freed. */
export const isOpenLine = 'attribute_not_exists(pk) OR passed = :true OR invoiceId = :id';

type Evidence = Pick<
  InvoiceStore,
  | 'numbersOf'
  | 'passNumber'
  | 'chain'
  | 'chainHead'
  | 'appendChain'
  | 'history'
  | 'payments'
  | 'examine'
  | 'insertSeries'
>;

/** Reads and appends; nothing here changes or deletes what is written, but for lines that were passed. */
export function evidence(connection: Connection): Evidence {
  const { table, send } = connection;
  const { put, commit } = transactions(connection);

  const read = readPartition(connection);

  // A range that ends before it begins, as that of a series without numbers, is an error to DynamoDB.
  const between = async (pk: string, from: number, to: number) =>
    from > to ? [] : read(pk, 'sk BETWEEN :from AND :to', { ':from': padded(from), ':to': padded(to) });

  const startingWith = (scope: Scope, id: string, prefix: string) =>
    read(invoiceKey(scope, id), 'begins_with(sk, :prefix)', { ':prefix': prefix });

  return {
    // A line whose number was freed says of whom no more.
    numbersOf: async (counter, from, to) =>
      (await between(pkOf('LEDGER', counter), from, to))
        .filter(({ invoiceId, voided }) => invoiceId ?? voided)
        .map(toBookLine),

    async passNumber(counter, businessEntityId, passed) {
      const { scope } = counter;
      const id = toItem({ ':id': passed.invoiceId });
      const failed = await commit([
        [
          'claim',
          {
            ConditionCheck: {
              TableName: table,
              Key: claimKey(scope, businessEntityId, passed.number),
              ConditionExpression: 'invoiceId = :id',
              ExpressionAttributeValues: id,
            },
          },
        ],
        // Never over a line that was given: since somebody looked, the invoice may have got this very number.
        ['line', put(toLine(counter, passed), 'attribute_not_exists(pk) OR passed = :true', toItem({ ':true': true }))],
      ]);
      return failed.size === 0 ? 'entered' : 'changed';
    },

    chain: async (counter, from, to) => (await between(pkOf('CHAIN', counter), from, to)).map(toLink),

    async chainHead(counter) {
      const { Items = [] } = await send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: toItem({ ':pk': pkOf('CHAIN', counter) }),
          ScanIndexForward: false,
          Limit: 1,
          ConsistentRead: true,
        }),
      );
      return Items[0] && toLink(Items[0]);
    },

    async appendChain(counter, links) {
      const toItemOf = (link: Link): Item => ({
        ...primaryKey(pkOf('CHAIN', counter), padded(link.ordinal)),
        ...toItem({ value: JSON.stringify(link) }),
      });
      await commit(links.map((link) => ['link', put(toItemOf(link), 'attribute_not_exists(pk)')] as const));
    },

    history: async (scope, id) => (await startingWith(scope, id, 'AUDIT#')).map(toAuditEntry),

    payments: async (scope, id) => (await startingWith(scope, id, 'PAYMENT#')).map(toPayment),

    async examine(scope, id) {
      const items = await read(invoiceKey(scope, id));
      if (items.length === 0) return undefined;
      const faults: string[] = [];
      const of = <Value>(prefix: string, read: (item: Item) => Value): Value[] =>
        items.flatMap((item) => {
          if (!text(item, 'sk')?.startsWith(prefix)) return [];
          return readable(faults, () => read(item)) ?? [];
        });
      const invoice = readable(faults, () => toInvoice(scope, items));
      const head = items.find((item) => text(item, 'sk') === 'HEAD');
      if (!head) faults.push('Its head is gone.');
      if (invoice && head) faults.push(...differences(invoice, head));
      return {
        ...(invoice && { invoice }),
        history: of('AUDIT#', toAuditEntry),
        payments: of('PAYMENT#', toPayment),
        faults,
      };
    },

    async insertSeries(scope, series, operation) {
      const subject = `number-series/${series.name}`;
      const writes: Write<'series' | 'operation'>[] = [
        ['series', put(seriesItem(scope, series), 'attribute_not_exists(pk)')],
        ...(operation ? operationWrites(put, scope, { ...operation, subject }) : []),
      ];
      return (await commit(writes)).size > 0 ? 'exists' : 'stored';
    },
  };
}

/** What the head says beside the content, held against the content. */
function differences(invoice: Invoice, head: Item): string[] {
  const names = differsFromHead(invoice, head);
  return names.length === 0 ? [] : [`Its head does not say what its content says: ${names.join(', ')}.`];
}

/** What cannot be read is a fault, not an end. */
function readable<Value>(faults: string[], read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    faults.push(error.message);
    return undefined;
  }
}

function toBookLine(item: Item): BookLine {
  const number = text(item, 'number');
  if (number === undefined) throw new Unreadable(`The line of the books at ${itemName(item)} has no number.`);
  const place = { ordinal: Number(text(item, 'sk')), number };
  const voided = json<VoidNumber['voided']>(item, 'voided');
  if (voided) return { ...place, voided };
  return {
    ...place,
    invoiceId: text(item, 'invoiceId') as string,
    ...(item.passed?.BOOL && { passed: true }),
  };
}

function toAuditEntry(item: Item): AuditEntry {
  return {
    action: text(item, 'action') as AuditEntry['action'],
    at: text(item, 'at') as string,
    actor: text(item, 'actor') as string,
    version: number(item, 'version') as number,
    ...optional(item, 'number'),
    digest: text(item, 'digest') as string,
    standing: text(item, 'standing') as string,
    ...optional(item, 'payment'),
    hash: text(item, 'hash') as string,
  };
}

const toPayment = (item: Item): Payment => json<Payment>(item, 'value') as Payment;

function toLink(item: Item): Link {
  const link = json<Partial<Link>>(item, 'value');
  // Whoever looks at the books must hear of the place, whatever was written there.
  if (typeof link?.number !== 'string' || typeof link.ordinal !== 'number')
    throw new Unreadable(`The link of the chain at ${itemName(item)} has no number.`);
  return link as Link;
}

/** A number, and the invoice of a scope that claims it. */
export interface NumberClaim {
  /** As keys begin: `tenant/mode`. */
  readonly scope: string;
  readonly number: string;
  readonly invoiceId: string;
}

/** Every claim of a number there is. Claims are on no list, so the whole table is read: for those who look after the books only. */
export async function* numberClaims({ table, send }: Table): AsyncGenerator<NumberClaim> {
  let ExclusiveStartKey: ScanCommandOutput['LastEvaluatedKey'];
  do {
    const page: ScanCommandOutput = await send(
      new ScanCommand({
        TableName: table,
        // A freed claim names no invoice, and that of a void number none that there could be.
        FilterExpression:
          'sk = :claim AND attribute_exists(#number) AND attribute_exists(invoiceId) AND invoiceId <> :void',
        ExpressionAttributeNames: { '#number': 'number' },
        ExpressionAttributeValues: toItem({ ':claim': 'CLAIM', ':void': nobody }),
        ExclusiveStartKey,
      }),
    );
    for (const item of page.Items ?? []) {
      const [, scope] = /^([^#]+)#NUMBER#/.exec(text(item, 'pk') ?? '') ?? [];
      if (scope) yield { scope, number: text(item, 'number') ?? '', invoiceId: text(item, 'invoiceId') ?? '' };
    }
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
