/** The payments of an invoice. */
import * as z from 'zod';
import type { Invoice, Payment } from '../../invoice/model.ts';
import { openAmount, type Paid, paymentStatus } from '../../invoice/payments.ts';
import { answer, type Route, route } from '../contract.ts';
import { amount, date, dayIn, IdPath, NoBody, text } from '../fields.ts';
import { IfMatch, seenBy } from './if-match.ts';
import { Page, page } from './page.ts';

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

export const paymentRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/invoices/{id}/payments',
    summary: 'Record a payment',
    scope: 'invoice:send',
    params: IdPath,
    headers: IfMatch,
    body: z.strictObject({
      amount: amount.min(1),
      paid_on: date.nullish(),
      reference: text(255).nullish(),
      allow_overpayment: z.boolean().optional(),
    }),
    status: 201,
    answer: PaidAnswer,
    async run({ params, headers, body, caller, operation }, invoices) {
      const { timeZone } = await invoices.tenant(caller);
      const request = {
        amount: body.amount,
        paidOn: dayIn(timeZone, body.paid_on ?? invoices.now()),
        ...(body.reference != null && { reference: body.reference }),
        ...(body.allow_overpayment && { allowOverpayment: true }),
      };
      const reply = { operation, render: ({ invoice, payment }: Paid) => answer(201, toPaid(invoice, payment)) };
      return invoices.payments.pay(caller, params.id, request, reply, seenBy(headers));
    },
  }),
  route({
    method: 'GET',
    path: '/invoices/{id}/payments',
    summary: 'List the payments of an invoice',
    scope: 'invoice:read',
    params: IdPath,
    status: 200,
    answer: Page(PaymentResource),
    async run({ params, caller }, invoices) {
      const payments = await invoices.payments.list(caller, params.id);
      return page(payments.map(toPayment));
    },
  }),
  route({
    method: 'POST',
    path: '/invoices/{id}/payments/{payment}/reverse',
    summary: 'Take a payment back',
    scope: 'invoice:send',
    params: IdPath.extend({ payment: z.string() }),
    headers: IfMatch,
    body: NoBody,
    status: 200,
    answer: PaidAnswer,
    async run({ params, headers, caller, operation }, invoices) {
      const reply = { operation, render: ({ invoice, payment }: Paid) => answer(200, toPaid(invoice, payment)) };
      return invoices.payments.reverse(caller, params.id, params.payment, reply, seenBy(headers));
    },
  }),
];
