/**
 * The catalogue of events: what other systems hear of. An event is written with the change that it tells of, in one
 * transaction, and published as it was written. It names no person: who may know more reads the invoice.
 *
 * Delivered at least once: possibly repeated, told apart by `id`. `sequence` is the invoice's version, so it grows with every
 * event of an invoice; numbers are left out where a version has nothing to tell.
 */
import * as z from 'zod';
import type { Action } from './audit.ts';
import type { Timestamp } from './document.ts';
import { type Invoice, type Mode, modes, type Payment, type Scope } from './model.ts';
import { openAmount, paymentStatus } from './payments.ts';
import { creditNote } from './rules/code-lists.ts';
import type { Change } from './store.ts';

const minorUnits = z.int().describe("An amount in the currency's minor unit.");

/** The invoice as the change left it. */
const InvoiceStanding = z.object({
  invoice_id: z.string(),
  number: z.string().nullable(),
  state: z.string(),
  payment_status: z.enum(['unpaid', 'partially_paid', 'paid', 'overpaid']),
  currency: z.string().describe('ISO 4217'),
  payable: minorUnits,
  open_amount: minorUnits,
  issue_date: z.iso.date().nullable(),
  due_date: z.iso.date().nullable(),
  external_reference: z.string().nullable().describe("The caller's own name for it, such as an order number."),
});

const PaymentStanding = InvoiceStanding.extend({
  payment: z.object({
    id: z.string(),
    amount: minorUnits,
    paid_on: z.iso.date(),
    reference: z.string().nullable(),
  }),
});

/** What each type of event carries. */
export const eventData = {
  InvoiceCreated: InvoiceStanding,
  InvoiceChanged: InvoiceStanding,
  InvoiceDeleted: InvoiceStanding,
  InvoiceApproved: InvoiceStanding,
  InvoiceFinalized: InvoiceStanding,
  InvoiceSending: InvoiceStanding,
  InvoiceSent: InvoiceStanding,
  InvoiceDeliveryFailed: InvoiceStanding.extend({ reason: z.string() }),
  InvoiceCancelled: InvoiceStanding.extend({
    reason: z.string().nullable(),
    credit_note_id: z.string().nullable().describe('The document that takes it back; none when a draft just ended.'),
  }),
  InvoiceCredited: InvoiceStanding.extend({ credit_note_id: z.string() }),
  CreditNoteIssued: InvoiceStanding.extend({ corrects_invoice_id: z.string() }),
  InvoiceOverdue: InvoiceStanding.describe(
    'The day on which it was due is over at its company. Told once, whatever is paid and reversed.',
  ),
  InvoiceReminded: InvoiceStanding.extend({
    reminder: z.object({
      level: z.int().min(1),
      name: z.string(),
      fee: minorUnits,
      fee_currency: z.string().describe("ISO 4217; the company's own."),
      reminded_on: z.iso.date(),
    }),
  }),
  PaymentRecorded: PaymentStanding,
  PaymentReversed: PaymentStanding,
  WebhookDisabled: z.object({
    webhook_id: z.string(),
    url: z.string(),
    failing_since: z.iso.datetime(),
    reason: z.string(),
  }),
  InvoiceRejected: z.object({
    rejection_id: z.string(),
    source: z.string().describe('Who asked for the invoice.'),
    event_id: z.string().describe('The event that asked for it.'),
    external_reference: z.string().nullable(),
    code: z.string(),
    message: z.string(),
    faults: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
  }),
} satisfies Record<string, z.ZodType>;

export type EventType = keyof typeof eventData;

/** The names of all types. */
export const eventTypes = Object.keys(eventData) as EventType[];

/** An event as it is read, relayed and posted. */
export interface InvoiceEvent<Type extends EventType = EventType> {
  /** Unique for ever, and the same however often the event comes. */
  readonly id: string;
  readonly type: Type;
  readonly tenant_id: string;
  readonly mode: Mode;
  /** What the event is about: the id of an invoice, or of whatever else its type tells of. */
  readonly subject: string;
  readonly sequence: number;
  readonly occurred_at: Timestamp;
  readonly data: z.output<(typeof eventData)[Type]>;
}

/** The schema of one type of event, from which its JSON Schema is written. */
export const eventSchema = (type: EventType) =>
  z.object({
    id: z.string().describe('The same however often the event is delivered.'),
    type: z.literal(type),
    tenant_id: z.uuid(),
    mode: z.enum(modes),
    subject: z.string().describe("The invoice's id, or that of what else the type tells of."),
    sequence: z.int().min(1).describe('Grows with every event of a subject; not every number occurs.'),
    occurred_at: z.iso.datetime(),
    data: eventData[type],
  });

/** An event of a subject; its id and its place follow from what it is about. */
export const eventOf = <Type extends EventType>(
  { tenant, mode }: Scope,
  about: Pick<InvoiceEvent<Type>, 'type' | 'subject' | 'sequence' | 'occurred_at' | 'data'>,
): InvoiceEvent<Type> => ({ id: `${about.subject}_${about.sequence}`, tenant_id: tenant, mode, ...about });

/** Where an event stands among its tenant's: by time, and those of one subject in their order. */
export const positionOf = ({ occurred_at, subject, sequence }: Omit<InvoiceEvent, 'data'>): string =>
  `${occurred_at}#${subject}#${String(sequence).padStart(8, '0')}`;

/** The event that an action makes. An invoice that was refused its number is what it was before: nothing to tell. */
const typeOf: Record<Action, EventType | undefined> = {
  refused: undefined,
  // Whom to remind no more is the seller's own business.
  'dunning-paused': undefined,
  'dunning-resumed': undefined,
  created: 'InvoiceCreated',
  // A draft that got its number from the series as it was created.
  numbered: 'InvoiceCreated',
  changed: 'InvoiceChanged',
  deleted: 'InvoiceDeleted',
  approved: 'InvoiceApproved',
  issued: 'InvoiceFinalized',
  sending: 'InvoiceSending',
  sent: 'InvoiceSent',
  failed: 'InvoiceDeliveryFailed',
  cancelled: 'InvoiceCancelled',
  credited: 'InvoiceCredited',
  overdue: 'InvoiceOverdue',
  reminded: 'InvoiceReminded',
  paid: 'PaymentRecorded',
  'payment-reversed': 'PaymentReversed',
};

/** What a change is to tell: one event, or two when an invoice was created and issued in one call. */
export function eventsOf({ invoice, audit, payment }: Pick<Change, 'invoice' | 'audit' | 'payment'>): InvoiceEvent[] {
  const type =
    audit && (isCreditNote(invoice) && audit.action === 'issued' ? 'CreditNoteIssued' : typeOf[audit.action]);
  if (!type) return [];
  const { id: subject, scope, version, updatedAt: occurred_at } = invoice;
  const standing = standingOf(invoice);
  const event = (type: EventType, more: object = {}, sequence = version) =>
    eventOf(scope, { type, subject, sequence, occurred_at, data: { ...standing, ...more } as InvoiceEvent['data'] });
  const told = event(type, details(type, invoice, payment));
  // Stored waiting as version 1 and issued as version 2: nobody has heard of it yet.
  if (type !== 'InvoiceFinalized' || version > 2) return [told];
  return [event('InvoiceCreated', { number: null, state: 'draft' }, 1), told];
}

const isCreditNote = ({ relatedInvoiceId, document }: Invoice) =>
  relatedInvoiceId !== undefined && document.typeCode === creditNote;

function standingOf(invoice: Invoice): z.output<typeof InvoiceStanding> {
  const { id, number = null, state, document, figures, externalReference } = invoice;
  return {
    invoice_id: id,
    number,
    state,
    payment_status: paymentStatus(invoice),
    currency: document.currency,
    payable: figures.totals.payable,
    open_amount: openAmount(invoice),
    issue_date: document.issueDate ?? null,
    due_date: document.dueDate ?? null,
    external_reference: externalReference ?? null,
  };
}

/** What a type tells beyond how the invoice stands. */
function details(type: EventType, { facts, relatedInvoiceId }: Invoice, payment: Payment | undefined): object {
  const creditNoteId = facts.corrections?.at(-1)?.id ?? null;
  switch (type) {
    case 'InvoiceDeliveryFailed':
      return { reason: facts.deliveryError };
    case 'InvoiceCancelled':
      return { reason: facts.cancellation?.reason ?? null, credit_note_id: creditNoteId };
    case 'InvoiceCredited':
      return { credit_note_id: creditNoteId };
    case 'CreditNoteIssued':
      return { corrects_invoice_id: relatedInvoiceId };
    case 'InvoiceReminded': {
      const reminder = facts.dunning?.reminders?.at(-1);
      return {
        reminder: reminder && {
          level: reminder.level,
          name: reminder.name,
          fee: reminder.fee,
          fee_currency: reminder.currency,
          reminded_on: reminder.on,
        },
      };
    }
    case 'PaymentRecorded':
    case 'PaymentReversed':
      return {
        payment: payment && {
          id: payment.id,
          amount: payment.amount,
          paid_on: payment.paidOn,
          reference: payment.reference ?? null,
        },
      };
    default:
      return {};
  }
}
