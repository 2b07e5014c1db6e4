/** What is done to an invoice by a colon behind its id, as in `/api/invoices/7:send`. */
import { InvoiceError } from '../../invoice/failure.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller, Invoice, Tenant } from '../../invoice/model.ts';
import type { Answer, Reply } from '../../invoice/operation.ts';
import { dayIn } from '../fields.ts';
import { mayActOn, mayOnlyWith } from './access.ts';
import { projectOf } from './choices.ts';
import type { ActOnInvoice } from './create-invoice.ts';

interface Asked {
  readonly invoices: Invoices;
  readonly caller: Caller;
  readonly company: Tenant;
  /** The invoice's id. */
  readonly id: string;
  readonly body: ActOnInvoice;
  readonly reply: Reply<Invoice>;
}

const editSent = 'invoices.edit_sent';

/** The scopes of which one opens the route; each action asks for its own. */
export const actionScopes = { scope: editSent, otherScopes: ['invoices.edit', 'invoices.edit_other'] };

const actions: Record<string, (asked: Asked) => Promise<Answer>> = {
  /** Numbers the invoice when it has no number yet. What EN 16931 misses in it is noted as a warning: this page asks for no more. */
  async send({ invoices, caller, id, reply }) {
    mayActOn(await projectOf(invoices, caller, await invoices.find(caller, id)), 'edit', caller);
    return invoices.send(caller, id, reply, { unchecked: true, mayHandOver: true });
  },

  async 'set-paid'({ invoices, caller, company, id, body, reply }) {
    mayOnlyWith(editSent, caller);
    const paidOn = dayIn(company.timeZone, body?.payment_date ?? invoices.now());
    return invoices.payments.pay(caller, id, { paidOn }, paidReply(reply));
  },

  /** Takes every payment back, one by one; cut off between two of them, the same request goes on where it ended. */
  async 'set-unpaid'({ invoices, caller, id, reply }) {
    mayOnlyWith(editSent, caller);
    const payments = await invoices.payments.list(caller, id);
    const [last, ...earlier] = payments.filter((payment) => payment.reversedAt === undefined).reverse();
    if (!last) {
      throw new InvoiceError({ kind: 'precondition', code: 'not_paid', message: 'Nothing was paid on this invoice.' });
    }
    for (const payment of earlier)
      await invoices.payments.reverse(caller, id, payment.id, paidReply({ render: reply.render }));
    return invoices.payments.reverse(caller, id, last.id, paidReply(reply));
  },
};

const paidReply = ({ operation, render }: Reply<Invoice>) => ({
  operation,
  render: ({ invoice }: { invoice: Invoice }) => render(invoice),
});

/** Does what stands behind the colon. */
export function act(action: string, asked: Asked): Promise<Answer> {
  const does = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (!does) throw new InvoiceError({ kind: 'not-found', what: 'route', id: action });
  return does(asked);
}
