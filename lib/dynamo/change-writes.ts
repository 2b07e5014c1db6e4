/** What is written with a change of an invoice, and on which conditions: the parts that transactions are put together from. */
import { eventsOf } from '../invoice/events.ts';
import type { Invoice, Scope } from '../invoice/model.ts';
import type { Change } from '../invoice/store.ts';
import { toItem } from './attributes.ts';
import type { Table } from './connection.ts';
import { counterKey } from './counter-item.ts';
import { isOpenLine, lineKey, toLine } from './evidence.ts';
import { auditKey, claimKey, invoiceKey, toBody, toHead } from './invoice-items.ts';
import { operationWrites } from './operations.ts';
import { toOutbox } from './outbox.ts';
import { type Item, primaryKey, scopeKey } from './table.ts';
import { type Write as RoleWrite, transactions } from './transaction.ts';

/** What a failed condition means. */
export type Role = 'head' | 'claim' | 'key' | 'operation' | 'reference' | 'line' | 'other';
export type Write = RoleWrite<Role>;

/** The claim of an external reference. */
export const businessKeyOf = (scope: Scope, reference: string): Item =>
  primaryKey(`${scopeKey(scope)}#KEY#${reference}`, 'CLAIM');

/** The claim of a payment's reference. */
export const paymentKeyOf = (scope: Scope, reference: string): Item =>
  primaryKey(`${scopeKey(scope)}#PAYMENT#${reference}`, 'CLAIM');

/** The claim of a name that a caller gave to a line. */
export const lineNameKey = (scope: Scope, name: string): Item => primaryKey(`${scopeKey(scope)}#LINE#${name}`, 'CLAIM');

/** The parts of a transaction, each with the role that tells what a failed condition of it means. */
export function changeWrites(connection: Table) {
  const { table } = connection;
  const { put } = transactions(connection);

  /** The claim of an invoice's number; a repeated claim by the same invoice holds. */
  const claim = (invoice: Invoice): Write[] => {
    if (invoice.number === undefined) return [];
    const { scope, id, number } = invoice;
    const item = { ...claimKey(scope, invoice.businessEntityId, number), ...toItem({ invoiceId: id, number }) };
    // A freed claim names no invoice.
    return [['claim', put(item, 'attribute_not_exists(invoiceId) OR invoiceId = :id', toItem({ ':id': id }))]];
  };

  /** The line in the books of the series that the number came from. */
  const line = ({ scope, id, number, place }: Invoice): Write[] => {
    if (!place || number === undefined) return [];
    const item = toLine({ scope, ...place }, { ordinal: place.ordinal, number, invoiceId: id });
    return [['claim', put(item, isOpenLine, toItem({ ':id': id, ':true': true }))]];
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

  /** A freed number, and its place in the series that went past it; in the others it must not have got one meanwhile. */
  const freed = ({ invoice, frees }: Change): Write[] => {
    if (!frees) return [];
    const { scope, businessEntityId, updatedAt } = invoice;
    const item = { ...claimKey(scope, businessEntityId, frees.number), ...toItem({ freedAt: updatedAt }) };
    const id = toItem({ ':id': invoice.id });
    const places = frees.places.flatMap(({ counter, ordinal, passed }): Write[] => {
      if (!passed) {
        const check = {
          TableName: table,
          Key: lineKey(counter, ordinal),
          ConditionExpression: 'attribute_not_exists(invoiceId) OR invoiceId <> :id',
          ExpressionAttributeValues: id,
        };
        return [['other', { ConditionCheck: check }]];
      }
      const spare = {
        TableName: table,
        Key: counterKey(counter),
        UpdateExpression: 'ADD spare :spare',
        ExpressionAttributeValues: { ':spare': { NS: [String(ordinal)] } },
      };
      return [
        // Nobody's from now on. It is not deleted: no function may delete a line of the books.
        ['other', put({ ...lineKey(counter, ordinal), ...toItem({ passed: true }) }, 'invoiceId = :id', id)],
        ['other', { Update: spare }],
      ];
    });
    return [['other', put(item, 'invoiceId = :id', id)], ...places];
  };

  /** Names of lines, which find their invoice. */
  const lineNames = ({ invoice: { scope, id }, lineNames: names = [] }: Change): Write[] =>
    names.map((name) => {
      const item = { ...lineNameKey(scope, name), ...toItem({ invoiceId: id }) };
      return ['line', put(item, 'attribute_not_exists(pk) OR invoiceId = :id', toItem({ ':id': id }))];
    });

  /** A payment, and the claim on its reference, which stands for ever. */
  const payment = ({ invoice: { scope, id }, payment: entry }: Change): Write[] => {
    if (!entry) return [];
    const item = {
      ...primaryKey(invoiceKey(scope, id), `PAYMENT#${entry.recordedAt}#${entry.id}`),
      ...toItem({ value: JSON.stringify(entry) }),
    };
    if (entry.reversedAt || entry.reference === undefined) return [['other', put(item)]];
    const claimed = {
      ...paymentKeyOf(scope, entry.reference),
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
    const { scope, id } = invoice;
    const item = { ...auditKey(scope, id, entry.version), ...toItem({ ...entry }) };
    return [['other', put({ ...item, ...toOutbox(scope, eventsOf(change)) }, 'attribute_not_exists(pk)')]];
  };

  /** The operation's record: new, or what this invoice claimed before and now completes with the answer. */
  const operation = ({ invoice, operation: record }: Change): Write[] => {
    if (!record) return [];
    const subject = record.subject ?? invoice.id;
    return operationWrites(put, invoice.scope, { ...record, subject }, true);
  };

  return { inserted, claim, line, businessKey, freed, lineNames, payment, audit, operation };
}
