/** Money received for an invoice. */
import { auditEntry } from './audit.ts';
import { paymentReferenceTaken } from './claims.ts';
import type { Context } from './context.ts';
import type { CalendarDate, MinorUnits } from './document.ts';
import { InvoiceError } from './failure.ts';
import type { Finalization } from './finalization.ts';
import { mayOnly, mustBeAsSeen, type Seen } from './life-cycle.ts';
import type { Caller, Facts, Invoice, Payment } from './model.ts';
import type { Answer, Reply } from './operation.ts';

export interface PaymentRequest {
  /** All that is open when absent. */
  amount?: MinorUnits;
  paidOn: CalendarDate;
  reference?: string;
  /** More than is open is refused unless the caller says that it is meant. */
  allowOverpayment?: boolean;
}

/** What a payment call answers from. */
export interface Paid {
  invoice: Invoice;
  payment: Payment;
}

/** What is still to be paid; negative when too much came in. */
export const openAmount = ({ figures, paid, credited }: Invoice): MinorUnits =>
  figures.totals.payable - paid - credited;

export type PaymentStatus = 'unpaid' | 'partially_paid' | 'paid' | 'overpaid';

/** What came in for an invoice, told in a word; what was paid before its issue (BT-113) counts. */
export function paymentStatus(invoice: Invoice): PaymentStatus {
  const open = openAmount(invoice);
  const { paid, credited } = invoice;
  const { prepaid } = invoice.figures.totals;
  if (open > 0) return paid > 0 ? 'partially_paid' : 'unpaid';
  if (open < 0 && (paid > 0 || prepaid > 0)) return 'overpaid';
  // What never asked for money is not paid by that.
  return paid > 0 || prepaid > 0 || credited !== 0 ? 'paid' : 'unpaid';
}

/** Whether nothing is left to be paid of what it asked for. */
export const isPaid = (invoice: Invoice): boolean => ['paid', 'overpaid'].includes(paymentStatus(invoice));

/** The payment that came last of those that stand; what was taken back paid nothing. */
export const standingPayment = ({ paid, facts }: Invoice): Facts['lastPayment'] =>
  paid > 0 ? facts.lastPayment : undefined;

const lastPaymentOf = ({ paidOn, recordedAt: at, recordedBy: by, reference }: Payment): Facts['lastPayment'] => ({
  paidOn,
  at,
  by,
  ...(reference !== undefined && { reference }),
});

/** Recording, reversing and listing payments. */
export function payments({ store, now, find }: Context, { resume }: Finalization) {
  /** Records a payment. One that was recorded at the same time counts first. */
  async function pay(
    caller: Caller,
    id: string,
    request: PaymentRequest,
    reply: Reply<Paid>,
    options: Seen = {},
  ): Promise<Answer> {
    const seen = await find(caller, id);
    mustBeAsSeen(seen, options);
    mayOnly('pay', seen);
    const open = openAmount(seen);
    const amount = request.amount ?? open;
    if (amount <= 0 || (amount > open && !request.allowOverpayment)) {
      const path = ['amount'];
      throw new InvoiceError({ kind: 'exceeds-open', action: 'pay', open: Math.max(open, 0), given: amount, path });
    }
    const at = now();
    const { paidOn } = request;
    // A blank one names no payment.
    const reference = request.reference?.trim() ? request.reference : undefined;
    const payment: Payment = {
      id: `pay_${seen.version + 1}`,
      amount,
      paidOn,
      ...(reference !== undefined && { reference }),
      recordedAt: at,
      recordedBy: caller.keyId,
    };
    const facts = { ...seen.facts, lastPayment: lastPaymentOf(payment) };
    const answer = await write(caller, seen, { ...seen, paid: seen.paid + amount, facts }, payment, 'paid', reply);
    return answer ?? pay(caller, id, request, reply, options);
  }

  /** Takes a payment back: it bounced, or was never meant for this invoice. */
  async function reverse(
    caller: Caller,
    id: string,
    paymentId: string,
    reply: Reply<Paid>,
    options: Seen = {},
  ): Promise<Answer> {
    const seen = await find(caller, id);
    mustBeAsSeen(seen, options);
    const all = await store.payments(seen.scope, seen.id);
    const stands = all.find((payment) => payment.id === paymentId);
    if (!stands) throw new InvoiceError({ kind: 'not-found', what: 'payment', id: paymentId });
    if (stands.reversedAt) {
      const message = 'This payment was taken back already.';
      throw new InvoiceError({ kind: 'precondition', code: 'payment_reversed', message });
    }
    mayOnly('reverse', seen);
    const reversedAt = now();
    const payment: Payment = { ...stands, reversedAt };
    const last = all.findLast(({ id, reversedAt }) => id !== paymentId && !reversedAt);
    const left = { ...seen, paid: seen.paid - stands.amount };
    const facts = {
      ...seen.facts,
      ...(last && { lastPayment: lastPaymentOf(last) }),
      ...(isPaid(seen) && !isPaid(left) && { reopenedAt: reversedAt }),
    };
    const next = { ...left, facts };
    const answer = await write(caller, seen, next, payment, 'payment-reversed', reply);
    return answer ?? reverse(caller, id, paymentId, reply, options);
  }

  /** `undefined` when it is to be tried again: somebody else changed the invoice first. */
  async function write(
    caller: Caller,
    seen: Invoice,
    next: Invoice,
    payment: Payment,
    action: 'paid' | 'payment-reversed',
    { operation, render }: Reply<Paid>,
  ): Promise<Answer | undefined> {
    const invoice: Invoice = { ...next, version: seen.version + 1, updatedAt: now() };
    const answer = render({ invoice, payment });
    const outcome = await store.update(
      {
        invoice,
        payment,
        audit: auditEntry(action, caller.keyId, invoice, payment),
        ...(operation && { operation: { ...operation, answer } }),
      },
      seen,
    );
    if (outcome === 'reference-taken') {
      const taken = await paymentReferenceTaken(store, seen.scope, payment.reference ?? '', ['reference']);
      if (taken) throw taken;
      return undefined;
    }
    if (outcome === 'operation-exists') return resume(caller, { operation, render: () => answer });
    return outcome === 'stale' ? undefined : answer;
  }

  return {
    pay,
    reverse,
    /** Every payment of an invoice, reversed ones too. */
    async list(caller: Caller, id: string): Promise<Payment[]> {
      const { scope } = await find(caller, id);
      return store.payments(scope, id);
    },
  };
}
