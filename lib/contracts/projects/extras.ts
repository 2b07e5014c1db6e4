import type { CalendarDate, Tax } from '../../invoice/document.ts';
import type { Invoice } from '../../invoice/model.ts';

/** What this contract keeps beyond the document: which entries of reference data its members came from. */
export interface Extras {
  readonly projectId: number;
  readonly budgetAreaUid?: string;
  readonly exchangeRate?: number;
  /** With what the document took from it, so that a change by another contract shows. */
  readonly vatRate: { readonly id?: number } & Pick<Tax, 'taxCategory' | 'taxRate'>;
  readonly paymentTerm?: { readonly id: number; readonly dueDate: CalendarDate };
}

/** Our part of an invoice's extras; absent when another contract made it. */
export const extrasOf = ({ extras }: Invoice): Extras | undefined => extras.projects as Extras | undefined;

/** Whether every line is still taxed as the VAT rate has it. */
export const keepsTax = ({ document }: Invoice, { vatRate }: Extras): boolean =>
  document.lines.every(
    ({ taxCategory, taxRate }) => taxCategory === vatRate.taxCategory && taxRate === vatRate.taxRate,
  );

/** Whether the due date is still the one that the payment term set. */
export const keepsTerm = ({ document }: Invoice, { paymentTerm }: Extras): boolean =>
  document.dueDate === paymentTerm?.dueDate;
