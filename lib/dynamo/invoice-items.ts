/** An invoice as items of the table: a plain head for conditions and lists, and its document in compressed pieces. */
import type { Invoice, Scope } from '../invoice/model.ts';
import { normalizeNumber } from '../invoice/number.ts';
import { Unreadable } from '../invoice/store.ts';
import { binary, json, number, optional, parsed, text, toItem } from './attributes.ts';
import { dunningKeys, statusPlace } from './listings.ts';
import { fromPieces, toPieces } from './pieces.ts';
import { type Item, primaryKey, scopeKey } from './table.ts';

/** The partition of an invoice and all that belongs to it. */
export const invoiceKey = (scope: Scope, id: string): string => `${scopeKey(scope)}#INVOICE#${id}`;

/** Where its head stands: what conditions ask, and lists need. */
export const headKey = (scope: Scope, id: string): Item => primaryKey(invoiceKey(scope, id), 'HEAD');

/** Where the audit entry of a version stands. */
export const auditKey = (scope: Scope, id: string, version: number): Item =>
  primaryKey(invoiceKey(scope, id), `AUDIT#${String(version).padStart(8, '0')}`);

/** Who has a number. Numbers are compared after normalising, within one issuer. */
export const claimKey = (scope: Scope, businessEntityId: string, wanted: string): Item =>
  primaryKey(`${scopeKey(scope)}#NUMBER#${businessEntityId}#${normalizeNumber(wanted)}`, 'CLAIM');

/** The index partition of a scope's invoices. */
export const listOf = (scope: Scope): string => `${scopeKey(scope)}#INVOICES`;

/** What is compressed: everything that no condition and no list asks for. */
type Body = Pick<Invoice, (typeof bodyMembers)[number]>;
const bodyMembers = ['document', 'figures', 'stated', 'warnings', 'extras'] as const;

/** Whether an invoice has another body than the one that was seen. */
export const hasOtherBody = (invoice: Invoice, seen: Invoice): boolean =>
  bodyMembers.some((member) => invoice[member] !== seen[member]);

/** The head: every attribute plain. */
export function toHead(invoice: Invoice): Item {
  const { scope, id, document, figures, stated, warnings, extras, place, facts, ...plain } = invoice;
  return {
    ...headKey(scope, id),
    ...toItem({
      ...plain,
      id,
      place: place && JSON.stringify(place),
      facts: JSON.stringify(facts),
      // Copies of the document for lists and filters; the body is what counts.
      currency: document.currency,
      payable: figures.totals.payable,
      issueDate: document.issueDate,
      dueDate: document.dueDate,
      buyerName: document.buyer.name,
      // A deleted draft is on no list.
      ...(!invoice.deletedAt && {
        listKey: listOf(scope),
        listSort: `${invoice.createdAt}#${id}`,
        ...statusPlace(invoice),
        ...dunningKeys(invoice),
      }),
    }),
  };
}

/** The pieces of the document. */
export function toBody({ scope, id, document, figures, stated, warnings, extras }: Invoice): Item[] {
  const body: Body = { document, figures, ...(stated && { stated }), warnings, extras };
  return toPieces(JSON.stringify(body)).map((piece, index) => ({
    ...primaryKey(invoiceKey(scope, id), `BODY#${String(index).padStart(3, '0')}`),
    ...toItem({ piece, pieceOf: index }),
  }));
}

/** The invoice from its head and pieces in key order (`BODY#…` sorts before `HEAD`). */
export function toInvoice(scope: Scope, items: readonly Item[]): Invoice | undefined {
  const head = items.find((item) => text(item, 'sk') === 'HEAD');
  if (!head) return undefined;
  const pieces = items.flatMap((item) => binary(item, 'piece') ?? []);
  if (pieces.length === 0) throw new Unreadable('Its body is gone.');
  const body = parsed<Body>(fromPieces(pieces), 'Its body');
  if (!body?.document?.buyer || !body.figures?.totals) throw new Unreadable('Its body is no invoice.');
  const required = (name: string) => text(head, name) as string;
  const place = json<NonNullable<Invoice['place']>>(head, 'place');
  return {
    scope,
    id: required('id'),
    contract: required('contract'),
    createdAt: required('createdAt'),
    createdBy: required('createdBy'),
    businessEntityId: required('businessEntityId'),
    ...optional(head, 'relatedInvoiceId'),
    ...optional(head, 'externalReference'),
    version: number(head, 'version') as number,
    state: required('state') as Invoice['state'],
    updatedAt: required('updatedAt'),
    ...optional(head, 'series'),
    ...optional(head, 'number'),
    ...(place && { place }),
    ...optional(head, 'finalizingAt'),
    ...optional(head, 'issuedAt'),
    ...optional(head, 'deletedAt'),
    ...(text(head, 'becomes') === 'draft' && { becomes: 'draft' }),
    paid: number(head, 'paid') as number,
    credited: number(head, 'credited') as number,
    facts: json<Invoice['facts']>(head, 'facts') ?? {},
    ...body,
  };
}

/** The attributes in which a head is not the one that its invoice would have. */
export function differsFromHead(invoice: Invoice, head: Item): string[] {
  const due = toHead(invoice);
  const names = new Set([...Object.keys(due), ...Object.keys(head)]);
  return [...names].filter((name) => JSON.stringify(due[name]) !== JSON.stringify(head[name]));
}
