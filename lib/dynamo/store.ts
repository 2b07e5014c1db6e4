/**
 * The core's store on DynamoDB. What must be true together is one transaction; what came of it is read by position. Entries
 * of lists are written before it: without condition, they count for nothing when it fails, and none is missing when it commits.
 */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Invoice, Scope } from '../invoice/model.ts';
import { type InvoiceStore, OutcomeUnknown } from '../invoice/store.ts';
import { text, toItem } from './attributes.ts';
import { batchPut, groupedPut, type PutAll } from './batch.ts';
import { businessKeyOf, changeWrites, lineNameKey, paymentKeyOf, type Role, type Write } from './change-writes.ts';
import { type Connection, isConditionFailure } from './connection.ts';
import { type Counters, counters } from './counters.ts';
import { directory } from './directory.ts';
import { eventRejectionStore } from './event-rejections.ts';
import { evidence } from './evidence.ts';
import { groupCommit } from './group-commit.ts';
import { groupedCounters } from './group-tickets.ts';
import { takeIntegers } from './ids.ts';
import { claimKey, hasOtherBody, invoiceKey, toBody, toHead, toInvoice } from './invoice-items.ts';
import { latest } from './latest.ts';
import { entered, listings, newEntries } from './listings.ts';
import { isFree, nowInSeconds, operationKey, toOperationItems, toRecord } from './operations.ts';
import { eventStore } from './outbox.ts';
import { exchangeRateStore } from './rates.ts';
import { readItem, readPartition } from './reads.ts';
import { referenceStore } from './reference.ts';
import type { Item } from './table.ts';
import { type Commit, transactions } from './transaction.ts';
import { webhookStore } from './webhooks.ts';

/** How changes are committed and tickets taken: each for itself, or many together. */
export interface Writers {
  readonly commit: Commit;
  readonly tickets: Counters;
  readonly putAll: PutAll;
}

const oneByOne = (connection: Connection): Writers => ({
  commit: transactions(connection).commit,
  tickets: counters(connection),
  putAll: batchPut(connection),
});

/** For many changes that arrive together on one connection. */
export const inGroups = (connection: Connection): Writers => ({
  commit: groupCommit(connection),
  tickets: groupedCounters(connection),
  putAll: groupedPut(connection),
});

/** The whole port on one connection, whose retries end together. `writers` says how it commits. */
export function dynamoStore(connection: Connection, writers: Writers = oneByOne(connection)): InvoiceStore {
  const { table, send } = connection;
  const { commit, tickets, putAll } = writers;
  const { put } = transactions(connection);
  const { inserted, claim, line, businessKey, freed, lineNames, payment, audit, operation } = changeWrites(connection);

  const one = readItem(connection);
  const read = readPartition(connection);

  /** The invoice that a claim names. */
  async function holder(key: Item): Promise<string | undefined> {
    const item = await one(key);
    return item && text(item, 'invoiceId');
  }

  const readInvoice = async (scope: Scope, id: string): Promise<Invoice | undefined> =>
    toInvoice(
      scope,
      await read(invoiceKey(scope, id), 'sk BETWEEN :from AND :to', { ':from': 'BODY#', ':to': 'HEAD' }),
    );

  const readOperation = async (scope: Scope, id: string) =>
    toRecord(id, await read(operationKey(scope, id), 'sk >= :from', { ':from': 'HEAD' }));

  const { tenant, tenants, series, allSeries } = directory(connection);
  const entries = referenceStore(connection);

  return {
    ...tickets,
    ...evidence(connection),
    ...entries,
    ...eventRejectionStore(connection),
    exchangeRates: exchangeRateStore(connection).exchangeRates,
    ...eventStore(connection),
    ...webhookStore(connection),
    tenant,
    tenants,
    businessEntity: (scope, id) => entries.reference({ scope, kind: 'business-entities' }, id),
    series,
    allSeries,
    ...latest(connection),
    ...listings(connection),
    invoice: readInvoice,
    operation: readOperation,

    numberHolder: (scope, businessEntityId, wanted) => holder(claimKey(scope, businessEntityId, wanted)),

    externalReferenceHolder: (scope, reference) => holder(businessKeyOf(scope, reference)),

    async paymentHolder(scope, reference) {
      const item = (await one(paymentKeyOf(scope, reference))) ?? {};
      const [invoiceId, paymentId] = [text(item, 'invoiceId'), text(item, 'paymentId')];
      return invoiceId !== undefined && paymentId !== undefined ? { invoiceId, paymentId } : undefined;
    },

    lineHolder: (scope, name) => holder(lineNameKey(scope, name)),

    reserveIds: async (scope, count) => ({
      first: (await takeIntegers(connection)(scope, 'COUNTER', count)) - count + 1,
    }),

    async insert(change) {
      const { invoice } = change;
      const writes: Write[] = [
        ...inserted(invoice),
        ...claim(invoice),
        ...line(invoice),
        ...businessKey(invoice),
        ...audit(change),
        ...operation(change),
      ];
      await putAll(newEntries(invoice));
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
      const rewritten = hasOtherBody(invoice, seen);
      await putAll([...newEntries(invoice, seen), ...(change.correction ? newEntries(change.correction) : [])]);
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
        ...lineNames(change),
        ...audit(change),
        ...operation(change),
      ]);
      if (failed.has('operation')) return 'operation-exists';
      if (failed.has('head') || failed.has('other')) return 'stale';
      if (failed.has('claim')) return 'number-taken';
      if (failed.has('line')) return 'line-name-taken';
      return failed.has('reference') ? 'reference-taken' : 'changed';
    },

    async issue(change) {
      const { invoice } = change;
      await putAll(newEntries(invoice, entered(invoice)));
      const failed = await commit([
        [
          'head',
          put(toHead(invoice), 'version = :version AND attribute_not_exists(issuedAt)', {
            ':version': { N: String(invoice.version - 1) },
          }),
        ],
        ...claim(invoice),
        ...line(invoice),
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
