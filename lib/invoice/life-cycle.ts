/** The life of an invoice as one table: from which states each step starts, where it leads, and what it leaves in the audit. */
import type { Action } from './audit.ts';
import { InvoiceError } from './failure.ts';
import type { Invoice, State } from './model.ts';

export interface Transition {
  readonly from: readonly State[];
  /** Absent when the state stays. */
  readonly to?: State;
  /** Absent for the step into `finalizing`, which only announces the next one. */
  readonly entry?: Action;
}

const open = ['draft', 'approved'] as const;
const standing = ['issued', 'sending', 'sent', 'delivered', 'failed'] as const;

/** Every step there is. The verification goes by the same table. */
export const lifeCycle = {
  change: { from: open, to: 'draft', entry: 'changed' },
  delete: { from: open, entry: 'deleted' },
  approve: { from: ['draft'], to: 'approved', entry: 'approved' },
  finalize: { from: open, to: 'finalizing' },
  /** The number of a draft whose contract numbers drafts. */
  number: { from: ['finalizing'], to: 'draft', entry: 'numbered' },
  issue: { from: ['finalizing'], to: 'issued', entry: 'issued' },
  /** The series had gone past the invoice's date when its turn came. */
  refuse: { from: ['finalizing'], to: 'draft', entry: 'refused' },
  send: { from: ['issued', 'sending', 'failed'], to: 'sending', entry: 'sending' },
  deliver: { from: ['sending'], to: 'sent', entry: 'sent' },
  fail: { from: ['sending'], to: 'failed', entry: 'failed' },
  cancel: { from: [...open, 'issued', 'sent', 'delivered', 'failed'], to: 'cancelled', entry: 'cancelled' },
  credit: { from: standing, entry: 'credited' },
  pay: { from: standing, entry: 'paid' },
  reverse: { from: [...standing, 'cancelled'], entry: 'payment-reversed' },
  fallOverdue: { from: standing, entry: 'overdue' },
  remind: { from: standing, entry: 'reminded' },
  pauseDunning: { from: [...open, ...standing], entry: 'dunning-paused' },
  resumeDunning: { from: [...open, ...standing], entry: 'dunning-resumed' },
} as const satisfies Record<string, Transition>;

export type Step = keyof typeof lifeCycle;

/** Whether a step starts from a state. */
export const mayStart = (step: Step, state: State): boolean => (lifeCycle[step] as Transition).from.includes(state);

/** Refuses a step that the invoice's state does not allow, under the name that the caller knows it by. */
export function mayOnly(step: Step, { state }: Invoice, action: string = step): void {
  if (!mayStart(step, state)) throw new InvoiceError({ kind: 'wrong-state', action, state });
}

/** The version that a caller saw. */
export interface Seen {
  /** Any other one refuses the step. */
  readonly ifVersion?: number;
}

/** Refuses a step of an invoice that is not what the caller saw any more. */
export function mustBeAsSeen({ version }: Invoice, { ifVersion }: Seen): void {
  if (ifVersion === undefined || ifVersion === version) return;
  throw new InvoiceError({ kind: 'stale', expected: String(version), given: String(ifVersion) });
}
