/** The core's store on DynamoDB. What must be true together is one transaction; what came of it is read by position. */
import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { eventsOf } from '../invoice/events.ts';
import type { Invoice, Payment, Scope } from '../invoice/model.ts';
import { normalizeNumber } from '../invoice/number.ts';
import { type Change, type InvoiceStore, OutcomeUnknown } from '../invoice/store.ts';
import { json, number, text, toItem } from './attributes.ts';
import { type Connection, isConditionFailure } from './connection.ts';
import { counterKey, counters } from './counters.ts';
import { directory } from './directory.ts';
import { claimsOf, evidence, padded } from './evidence.ts';
import { headKey, invoiceKey, listOf, toBody, toHead, toInvoice } from './invoice-items.ts';
import { listings } from './listings.ts';
import { isFree, nowInSeconds, operationHead, toOperationItems, toRecord } from './operations.ts';
import { eventStore, toOutbox } from './outbox.ts';
import { exchangeRateStore } from './rates.ts';
import { referenceStore } from './reference.ts';
import { type Item, primaryKey, scopeKey, tableLayout } from './table.ts';
import { type Write as RoleWrite, transactions } from './transaction.ts';
import { webhookStore } from './webhooks.ts';

type Role = 'head' | 'claim' | 'key' | 'operation' | 'reference' | 'other';
type Write = RoleWrite<Role>;

export function dynamoStore(connection: Connection): InvoiceStore {
  const { table, send } = connection;
  const { put, commit } = transactions(connection);
  const { enter, listed } = listings(connection);

  /** The claim of an invoice's number; a repeated claim by the same invoice holds. */
  const claim = (invoice: Invoice): Write[] => {
    if (invoice.number === undefined) return [];
    const { scope, id, place } = invoice;
    const item = {
      ...claimKey(scope, invoice.businessEntityId, invoice.number),
      ...toItem({
        invoiceId: id,
        number: invoice.number,
        ...(place && {
          place: JSON.stringify(place),
          listKey: claimsOf({ scope, ...place }),
          listSort: padded(place.ordinal),
        }),
      }),
    };
    // A freed claim names no invoice.
    return [['claim', put(item, 'attribute_not_exists(invoiceId) OR invoiceId = :id', { ':id': { S: id } })]];
  };

  /** The claim of an external reference, which stands for ever. */
  const businessKey = ({ scope, id, externalReference }: Invoice): Write[] => {
    if (externalReference === undefined) return [];
    const item = { ...businessKeyOf(scope, externalReference), ...toItem({ invoiceId: id }) };
    return [['key', put(item, 'attribute_not_exists(pk) OR invoiceId = :id', { ':id': { S: id } })]];
  };

  const inserted = (invoice: Invoice): Write[] => [
    ['head', put(toHead(invoice), 'attribute_not_exists(pk)')],
    ...toBody(invoice).map((item): Write => ['other', put(item)]),
  ];

  /** A freed number, and its place in the series that went past it or have not come to it. */
  const freed = ({ invoice, frees }: Change): Write[] => {
    if (!frees) return [];
    const { scope, businessEntityId, updatedAt } = invoice;
    const item = { ...claimKey(scope, businessEntityId, frees.number), ...toItem({ freedAt: updatedAt }) };
    const places = frees.places.map(({ counter, ordinal, passed }): Write => {
      const at = { TableName: table, Key: counterKey(counter), ExpressionAttributeNames: { '#next': 'next' } };
      const values = toItem({ ':ordinal': ordinal });
      if (!passed) {
        const ConditionExpression = 'attribute_not_exists(pk) OR #next <= :ordinal';
        return ['other', { ConditionCheck: { ...at, ConditionExpression, ExpressionAttributeValues: values } }];
      }
      return [
        'other',
        {
          Update: {
            ...at,
            UpdateExpression: 'ADD spare :spare',
            ConditionExpression: '#next > :ordinal',
            ExpressionAttributeValues: { ...values, ':spare': { NS: [String(ordinal)] } },
          },
        },
      ];
    });
    return [['other', put(item, 'invoiceId = :id', toItem({ ':id': invoice.id }))], ...places];
  };

  /** A payment, and the claim on its reference, which stands for ever. */
  const payment = ({ invoice: { scope, id }, payment: entry }: Change): Write[] => {
    if (!entry) return [];
    const item = {
      ...primaryKey(invoiceKey(scope, id), `PAYMENT#${entry.recordedAt}#${entry.id}`),
      ...toItem({ value: JSON.stringify(entry) }),
    };
    if (entry.reversedAt || entry.reference === undefined) return [['other', put(item)]];
    const claimed = {
      ...primaryKey(`${scopeKey(scope)}#PAYMENT#${entry.reference}`, 'CLAIM'),
      ...toItem({ invoiceId: id, paymentId: entry.id }),
    };
    return [
      ['other', put(item)],
      ['reference', put(claimed, 'attribute_not_exists(pk)')],
    ];
  };

  const audit = (change: Change): Write[] => {
    const { invoice, audit: entry } = change;
    if (!entry) return [];
    const sk = `AUDIT#${String(entry.version).padStart(8, '0')}`;
    const item = { ...primaryKey(invoiceKey(invoice.scope, invoice.id), sk), ...toItem({ ...entry }) };
    return [['other', put({ ...item, ...toOutbox(invoice.scope, eventsOf(change)) }, 'attribute_not_exists(pk)')]];
  };

  /** The operation's record: new, or what this invoice claimed before and now completes with the answer. */
  const operation = ({ invoice, operation: record }: Change): Write[] => {
    if (!record) return [];
    const subject = record.subject ?? invoice.id;
    const values = toItem({ ':now': nowInSeconds(), ':subject': subject, ':fingerprint': record.fingerprint });
    const isOurs = 'subject = :subject AND fingerprint = :fingerprint';
    return toOperationItems(invoice.scope, { ...record, subject }).map((item, index) =>
      index === 0 ? ['operation', put(item, `${isFree} OR (${isOurs})`, values)] : ['other', put(item)],
    );
  };

  async function query(pk: string, range: string, values: Record<string, string>): Promise<Item[]> {
    const items: Item[] = [];
    let ExclusiveStartKey: QueryCommandOutput['LastEvaluatedKey'];
    do {
      const page: QueryCommandOutput = await send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `pk = :pk AND ${range}`,
          ExpressionAttributeValues: toItem({ ':pk': pk, ...values }),
          ConsistentRead: true,
          ExclusiveStartKey,
        }),
      );
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return items;
  }

  const readInvoice = async (scope: Scope, id: string): Promise<Invoice | undefined> =>
    toInvoice(
      scope,
      await query(invoiceKey(scope, id), 'sk BETWEEN :from AND :to', { ':from': 'BODY#', ':to': 'HEAD' }),
    );

  const readOperation = async (scope: Scope, id: string) =>
    toRecord(id, await query(operationHead(scope, id).pk?.S as string, 'sk >= :from', { ':from': 'HEAD' }));

  const { tenant, tenants, series, allSeries } = directory(connection);
  const entries = referenceStore(connection);

  return {
    ...counters(connection),
    ...evidence(connection),
    ...entries,
    exchangeRates: exchangeRateStore(connection).exchangeRates,
    ...eventStore(connection),
    ...webhookStore(connection),
    tenant,
    tenants,
    businessEntity: (scope, id) => entries.reference({ scope, kind: 'business-entities' }, id),
    series,
    allSeries,
    invoice: readInvoice,
    operation: readOperation,

    async newest(scope, limit, after) {
      const { index } = tableLayout;
      const listKey = listOf(scope);
      const [, id] = after?.split('#') ?? [];
      const start = id !== undefined && after !== undefined;
      const { Items = [], LastEvaluatedKey } = await send(
        new QueryCommand({
          TableName: table,
          IndexName: index.name,
          KeyConditionExpression: `${index.partitionKey} = :list`,
          ExpressionAttributeValues: toItem({ ':list': listKey }),
          ScanIndexForward: false,
          Limit: limit,
          ...(start && { ExclusiveStartKey: { ...headKey(scope, id), ...toItem({ listKey, listSort: after }) } }),
        }),
      );
      const last = LastEvaluatedKey && text(LastEvaluatedKey, 'listSort');
      return {
        ids: Items.map((item) => text(item, 'listSort')?.split('#')[1] as string),
        ...(last !== undefined && { next: last }),
      };
    },

    async countInvoices(scope) {
      const { index } = tableLayout;
      let count = 0;
      let from: QueryCommandOutput['LastEvaluatedKey'];
      do {
        const page: QueryCommandOutput = await send(
          new QueryCommand({
            TableName: table,
            IndexName: index.name,
            KeyConditionExpression: `${index.partitionKey} = :list`,
            ExpressionAttributeValues: toItem({ ':list': listOf(scope) }),
            Select: 'COUNT',
            ExclusiveStartKey: from,
          }),
        );
        count += page.Count ?? 0;
        from = page.LastEvaluatedKey;
      } while (from);
      return count;
    },

    async numberHolder(scope, businessEntityId, wanted) {
      const { Item } = await send(
        new GetItemCommand({ TableName: table, Key: claimKey(scope, businessEntityId, wanted), ConsistentRead: true }),
      );
      return Item && text(Item, 'invoiceId');
    },

    listed,

    async externalReferenceHolder(scope, reference) {
      const { Item } = await send(
        new GetItemCommand({ TableName: table, Key: businessKeyOf(scope, reference), ConsistentRead: true }),
      );
      return Item && text(Item, 'invoiceId');
    },

    async reserveIds(scope, count) {
      // The one counter without a condition: counted twice after a lost answer, it skips ids, and nobody counts ids.
      const { Attributes } = await send(
        new UpdateItemCommand({
          TableName: table,
          Key: primaryKey(`${scopeKey(scope)}#IDS`, 'COUNTER'),
          UpdateExpression: 'ADD #last :count',
          ExpressionAttributeNames: { '#last': 'last' },
          ExpressionAttributeValues: { ':count': { N: String(count) } },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return { first: (number(Attributes ?? {}, 'last') as number) - count + 1 };
    },

    async insert(change) {
      const { invoice } = change;
      const writes: Write[] = [
        ...inserted(invoice),
        ...claim(invoice),
        ...businessKey(invoice),
        ...audit(change),
        ...operation(change),
      ];
      await enter(invoice);
      const failed = await commit(writes).catch(async (error) => {
        // The id is ours alone: when it is there, the transaction committed.
        if (error instanceof OutcomeUnknown && (await readInvoice(invoice.scope, invoice.id))) return new Set<Role>();
        throw error;
      });
      if (failed.has('head')) return 'stored';
      if (failed.has('operation')) return 'operation-exists';
      if (failed.has('key')) return 'external-reference-taken';
      return failed.has('claim') ? 'number-taken' : 'stored';
    },

    async update(change, seen) {
      const { invoice } = change;
      const rewritten = invoice.document !== seen.document || invoice.extras !== seen.extras;
      await Promise.all([enter(invoice, seen), change.correction && enter(change.correction)]);
      const failed = await commit([
        // Immutability is the write's own condition, whatever the code before it thought.
        [
          'head',
          put(
            toHead(invoice),
            `version = :version AND attribute_not_exists(deletedAt)${rewritten ? ' AND attribute_not_exists(issuedAt)' : ''}`,
            toItem({ ':version': seen.version }),
          ),
        ],
        ...(rewritten ? toBody(invoice).map((item): Write => ['other', put(item)]) : []),
        ...(invoice.number === seen.number ? [] : claim(invoice)),
        ...freed(change),
        ...(change.correction ? inserted(change.correction) : []),
        ...payment(change),
        ...audit(change),
        ...operation(change),
      ]);
      if (failed.has('operation')) return 'operation-exists';
      if (failed.has('head') || failed.has('other')) return 'stale';
      if (failed.has('claim')) return 'number-taken';
      return failed.has('reference') ? 'reference-taken' : 'changed';
    },

    async payments(scope, invoiceId) {
      const items = await query(invoiceKey(scope, invoiceId), 'begins_with(sk, :payment)', { ':payment': 'PAYMENT#' });
      return items.map((item) => json<Payment>(item, 'value') as Payment);
    },

    async issue(change) {
      const { invoice } = change;
      const { number: _, ...before } = invoice;
      if (invoice.place) await enter(invoice, before);
      const failed = await commit([
        [
          'head',
          put(toHead(invoice), 'version = :version AND attribute_not_exists(issuedAt)', {
            ':version': { N: String(invoice.version - 1) },
          }),
        ],
        ...claim(invoice),
        ...audit(change),
        ...operation(change),
      ]).catch(async (error) => {
        const now = error instanceof OutcomeUnknown ? await readInvoice(invoice.scope, invoice.id) : undefined;
        if (now && now.version >= invoice.version) return new Set<Role>(['head']);
        throw error;
      });
      if (failed.has('head')) return 'not-waiting';
      if (failed.has('operation')) return 'operation-exists';
      return failed.has('claim') ? 'number-taken' : 'issued';
    },

    async settleAnswer(scope, record, answer) {
      const [head, ...pieces] = toOperationItems(scope, { ...record, answer });
      for (const Item of pieces) await send(new PutItemCommand({ TableName: table, Item }));
      try {
        await send(
          new PutItemCommand({
            TableName: table,
            Item: head,
            ConditionExpression: `${isFree} OR attribute_not_exists(#status)`,
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':now': { N: String(nowInSeconds()) } },
          }),
        );
        return answer;
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        return (await readOperation(scope, record.id))?.answer ?? answer;
      }
    },
  };
}

const businessKeyOf = (scope: Scope, reference: string): Item =>
  primaryKey(`${scopeKey(scope)}#KEY#${reference}`, 'CLAIM');

/** Numbers are compared after normalising, within one issuer. */
const claimKey = (scope: Scope, businessEntityId: string, wanted: string): Item =>
  primaryKey(`${scopeKey(scope)}#NUMBER#${businessEntityId}#${normalizeNumber(wanted)}`, 'CLAIM');
