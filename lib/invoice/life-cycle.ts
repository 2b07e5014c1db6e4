/** The life of an invoice as one table: what may be done in which state, and where it leads. */
import { InvoiceError } from './failure.ts';
import type { Invoice, State } from './model.ts';

export type Action =
  | 'change'
  | 'delete'
  | 'approve'
  | 'finalize'
  | 'send'
  | 'cancel'
  | 'credit'
  | 'pay'
  | 'remind'
  | 'pause dunning';

/** From which states an action may start. `finalizing` allows nothing: it ends by itself. */
export const allowed: Readonly<Record<Action, readonly State[]>> = {
  change: ['draft', 'approved'],
  delete: ['draft', 'approved'],
  approve: ['draft'],
  finalize: ['draft', 'approved'],
  send: ['draft', 'approved', 'issued', 'sending', 'failed'],
  cancel: ['draft', 'approved', 'issued', 'sent', 'delivered', 'failed'],
  credit: ['issued', 'sent', 'delivered', 'failed'],
  pay: ['issued', 'sent', 'delivered', 'failed'],
  remind: ['issued', 'sent', 'delivered', 'failed'],
  'pause dunning': ['draft', 'approved', 'issued', 'sent', 'delivered', 'failed'],
};

/** Refuses an action that the invoice's state does not allow. */
export function mayOnly(action: Action, { state }: Invoice): void {
  if (!allowed[action].includes(state)) throw new InvoiceError({ kind: 'wrong-state', action, state });
}
