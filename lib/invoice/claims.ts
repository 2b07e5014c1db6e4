/** What an invoice would be named by, and another one is already. */
import { numberTaken } from './context.ts';
import { type Fault, InvoiceError } from './failure.ts';
import type { Invoice, Scope } from './model.ts';
import type { InvoiceStore } from './store.ts';

/** Asked where nothing is written; whoever writes is told by the write. */
export async function takenNames(store: InvoiceStore, invoice: Invoice): Promise<Fault[]> {
  const { scope, businessEntityId, number, externalReference } = invoice;
  const [numbered, named] = await Promise.all([
    number === undefined ? undefined : store.numberHolder(scope, businessEntityId, number),
    externalReference === undefined ? undefined : store.externalReferenceHolder(scope, externalReference),
  ]);
  const faults: Fault[] = [];
  if (numbered !== undefined) {
    const message = `The invoice ${numbered} has the number "${number}"; choose another or leave it out.`;
    faults.push({ in: 'body', path: ['number'], code: 'number_taken', message, given: number });
  }
  if (named !== undefined) {
    const message = namesAnother(externalReference, named);
    const path = ['externalReference'];
    faults.push({ in: 'body', path, code: 'external_reference_taken', message, given: externalReference });
  }
  return faults;
}

/** Why a new invoice was not stored: which of its claims somebody else holds. */
export async function claimTaken(
  store: InvoiceStore,
  invoice: Invoice,
  outcome: 'number-taken' | 'external-reference-taken',
): Promise<InvoiceError> {
  const { scope, externalReference = '' } = invoice;
  if (outcome === 'number-taken') return numberTaken(invoice);
  const message = namesAnother(externalReference, await store.externalReferenceHolder(scope, externalReference));
  return new InvoiceError({ kind: 'precondition', code: 'external_reference_taken', message });
}

/** Why a payment is not recorded: its reference names another one. */
export async function paymentReferenceTaken(
  store: InvoiceStore,
  scope: Scope,
  reference: string,
  path: (string | number)[],
): Promise<InvoiceError | undefined> {
  const holder = await store.paymentHolder(scope, reference);
  return holder && new InvoiceError({ kind: 'reference-taken', reference, ...holder, path });
}

const namesAnother = (reference: string | undefined, holder: string | undefined): string =>
  `The external reference "${reference}" names the invoice ${holder} already; it never names another.`;
