/** What happens to an invoice after it was created, in the style of page 002. */
import * as z from 'zod';
import { creditContent } from '../../invoice/credit-content.ts';
import { type Fault, InvoiceError } from '../../invoice/failure.ts';
import type { Invoice, Payment, Tenant } from '../../invoice/model.ts';
import type { Reply } from '../../invoice/operation.ts';
import { openAmount, paymentStatus } from '../../invoice/payments.ts';
import { findings } from '../../invoice/rules.ts';
import { answer, type Route, route } from '../contract.ts';
import { check } from '../faults.ts';
import { amount, date, dayIn, decimal, text } from '../fields.ts';
import { dotted, pointer } from '../pointer.ts';
import { unknownMembers } from '../unknown-members.ts';
import { Calculation, calculationOf, Explain } from './calculation.ts';
import { CreateInvoice } from './create-invoice.ts';
import { IfMatch, versionOf } from './if-match.ts';
import { InvoiceAnswer, InvoiceResource } from './invoice-resource.ts';
import { mergePatch } from './merge-patch.ts';
import { published } from './names.ts';
import { toAnswer } from './to-answer.ts';
import { toDraft } from './to-draft.ts';
import { toRequest } from './to-request.ts';

/** Any text: what is not an id of the caller's answers like an unknown one. */
export const InvoicePath = z.object({ id: z.string() });

export const NoBody = z.strictObject({}).optional();

export const invoiceReply = (
  status: number,
  operation: Reply<Invoice>['operation'],
  more: (invoice: Invoice) => object = () => ({}),
): Reply<Invoice> => ({
  operation,
  render: (invoice) => answer(status, { data: toAnswer(invoice), ...more(invoice) }, { ETag: `"${invoice.version}"` }),
});

const named: Fault = {
  in: 'body',
  path: ['external_reference'],
  code: 'not_changeable',
  message: 'The external reference names this invoice for ever; leave it out.',
};

/** The request that would make the invoice again, changed as RFC 7396 says, read like any other. */
function merged(invoice: Invoice, patch: unknown, company: Tenant) {
  const given = mergePatch(toRequest(invoice, patch), patch);
  const faults: Parameters<typeof check>[3] = [];
  const body = check(CreateInvoice, 'body', given, faults) as CreateInvoice;
  if (faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults });
  const draft = toDraft(body, company, unknownMembers(given, body));
  if (draft.externalReference !== invoice.externalReference)
    throw new InvoiceError({ kind: 'invalid', faults: [named] });
  return { ...draft, extras: { ...invoice.extras, ...draft.extras } };
}

const Finding = z.object({
  rule: z.string().optional(),
  term: z.string().optional(),
  code: z.string(),
  field: z.string(),
  pointer: z.string(),
  message: z.string(),
});

const PaymentResource = z.object({
  id: z.string(),
  amount,
  paid_on: z.string(),
  reference: z.string().nullable(),
  recorded_at: z.iso.datetime(),
  reversed_at: z.iso.datetime().nullable(),
});

const toPayment = ({ id, amount, paidOn, reference, recordedAt, reversedAt }: Payment) => ({
  id,
  amount,
  paid_on: paidOn,
  reference: reference ?? null,
  recorded_at: recordedAt,
  reversed_at: reversedAt ?? null,
});

const PaidAnswer = z.object({
  data: PaymentResource,
  invoice: z.object({
    id: z.string(),
    payment_status: z.string(),
    total_paid_cents: amount,
    open_amount: amount,
  }),
});

const toPaid = (invoice: Invoice, payment: Payment) => ({
  data: toPayment(payment),
  invoice: {
    id: invoice.id,
    payment_status: paymentStatus(invoice),
    total_paid_cents: invoice.paid,
    open_amount: openAmount(invoice),
  },
});

const drafting: Route[] = [
  route({
    method: 'POST',
    path: '/invoices/preview',
    summary: 'Show what an invoice would be, and what keeps it from being issued; nothing is stored',
    scope: 'invoice:create',
    query: Explain,
    body: CreateInvoice,
    status: 200,
    answer: z.object({ data: InvoiceResource, findings: z.array(Finding), calculation: Calculation }),
    async run({ query, body, unknown, caller }, invoices) {
      const { invoice } = await invoices.preview(caller, toDraft(body, await invoices.tenant(caller), unknown));
      const faults = findings(invoice.document, invoice.figures, {
        ...(invoice.number !== undefined && { number: invoice.number }),
        ...(invoice.stated && { stated: invoice.stated }),
      });
      const list = faults.map((fault) => {
        const { rule, term, code, message } = fault;
        const place = published(fault);
        return { rule, term, code, field: dotted(place), pointer: pointer(place), message };
      });
      return answer(200, { data: toAnswer(invoice), findings: list, ...calculationOf(invoice, query) });
    },
  }),
  route({
    method: 'PATCH',
    path: '/invoices/{id}',
    summary: 'Change a draft: members that are sent replace what stands, null removes (RFC 7396)',
    scope: 'invoice:create',
    params: InvoicePath,
    headers: IfMatch,
    body: z.looseObject({}),
    status: 200,
    answer: InvoiceAnswer,
    async run({ params, headers, body, caller, operation }, invoices) {
      const edit = (invoice: Invoice, company: Tenant) => merged(invoice, body, company);
      return invoices.change(caller, params.id, edit, invoiceReply(200, operation), versionOf(headers));
    },
  }),
  route({
    method: 'DELETE',
    path: '/invoices/{id}',
    summary: 'Delete a draft; a number that it chose is free again',
    scope: 'invoice:delete',
    params: InvoicePath,
    headers: IfMatch,
    status: 200,
    answer: InvoiceAnswer,
    async run({ params, headers, caller, operation }, invoices) {
      return invoices.remove(caller, params.id, invoiceReply(200, operation), versionOf(headers));
    },
  }),
  route({
    method: 'POST',
    path: '/invoices/{id}/approve',
    summary: 'Approve a draft',
    scope: 'invoice:create',
    params: InvoicePath,
    headers: IfMatch,
    body: NoBody,
    status: 200,
    answer: InvoiceAnswer,
    async run({ params, headers, caller, operation }, invoices) {
      return invoices.approve(caller, params.id, invoiceReply(200, operation), versionOf(headers));
    },
  }),
];

const correcting: Route[] = [
  route({
    method: 'POST',
    path: '/invoices/{id}/cancel',
    summary: 'Cancel an invoice; an issued one is taken back by a credit note of its own',
    scope: 'invoice:send',
    params: InvoicePath,
    body: z.strictObject({ reason: text(1_000).nullish() }).optional(),
    status: 200,
    answer: InvoiceAnswer,
    async run({ params, body, caller, operation }, invoices) {
      return invoices.cancel(caller, params.id, body?.reason ?? undefined, invoiceReply(200, operation));
    },
  }),
  route({
    method: 'POST',
    path: '/invoices/{id}/credit-notes',
    summary: 'Credit an invoice: whole, by lines, or by an amount with tax',
    scope: 'invoice:send',
    params: InvoicePath,
    body: z
      .strictObject({
        lines: z
          .array(z.strictObject({ id: z.string(), quantity: decimal.optional() }))
          .min(1)
          .optional(),
        amount: amount.min(1).optional(),
        reason: text(1_000).nullish(),
      })
      .refine(({ lines, amount }) => lines === undefined || amount === undefined, {
        error: 'Send either lines or an amount.',
        params: { code: 'ambiguous' },
      })
      .optional(),
    status: 201,
    answer: InvoiceAnswer,
    async run({ params, body, caller, operation }, invoices) {
      const content = creditContent(body ?? {});
      const reason = body?.reason;
      const noted = (invoice: Invoice) => {
        const document = content(invoice);
        return reason ? { ...document, notes: [reason] } : document;
      };
      return invoices.credit(caller, params.id, noted, invoiceReply(201, operation));
    },
  }),
];

const paying: Route[] = [
  route({
    method: 'POST',
    path: '/invoices/{id}/payments',
    summary: 'Record a payment',
    scope: 'invoice:send',
    params: InvoicePath,
    body: z.strictObject({
      amount: amount.min(1),
      paid_on: date.nullish(),
      reference: text(255).nullish(),
      allow_overpayment: z.boolean().optional(),
    }),
    status: 201,
    answer: PaidAnswer,
    async run({ params, body, caller, operation }, invoices) {
      const { timeZone } = await invoices.tenant(caller);
      const request = {
        amount: body.amount,
        paidOn: dayIn(timeZone, body.paid_on ?? invoices.now()),
        ...(body.reference != null && { reference: body.reference }),
        ...(body.allow_overpayment && { allowOverpayment: true }),
      };
      return invoices.payments.pay(caller, params.id, request, {
        operation,
        render: ({ invoice, payment }) => answer(201, toPaid(invoice, payment)),
      });
    },
  }),
  route({
    method: 'GET',
    path: '/invoices/{id}/payments',
    summary: 'List the payments of an invoice',
    scope: 'invoice:read',
    params: InvoicePath,
    status: 200,
    answer: z.object({ data: z.array(PaymentResource), next_cursor: z.string().nullable() }),
    async run({ params, caller }, invoices) {
      const payments = await invoices.payments.list(caller, params.id);
      return answer(200, { data: payments.map(toPayment), next_cursor: null });
    },
  }),
  route({
    method: 'POST',
    path: '/invoices/{id}/payments/{payment}/reverse',
    summary: 'Take a payment back',
    scope: 'invoice:send',
    params: z.object({ id: z.string(), payment: z.string() }),
    body: NoBody,
    status: 200,
    answer: PaidAnswer,
    async run({ params, caller, operation }, invoices) {
      return invoices.payments.reverse(caller, params.id, params.payment, {
        operation,
        render: ({ invoice, payment }) => answer(200, toPaid(invoice, payment)),
      });
    },
  }),
];

const sending: Route[] = [
  route({
    method: 'POST',
    path: '/invoices/{id}/send',
    summary: 'Finalise when needed, then deliver',
    scope: 'invoice:send',
    params: InvoicePath,
    body: z
      .strictObject({ network: z.enum(['email', 'peppol', 'ksef']).nullish() })
      .refine(({ network }) => network !== 'peppol' && network !== 'ksef', {
        error: 'Is not offered yet; send by email, or leave it out.',
        path: ['network'],
        params: { code: 'not_supported' },
      })
      .optional(),
    status: 200,
    answer: InvoiceAnswer,
    async run({ params, caller, operation }, invoices) {
      return invoices.send(caller, params.id, invoiceReply(200, operation));
    },
  }),
];

export const lifeCycleRoutes: readonly Route[] = [...drafting, ...sending, ...correcting, ...paying];
