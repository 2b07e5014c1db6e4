/** What an invoice would be named by, and another one is already. */
import type { Fault } from './failure.ts';
import type { Invoice } from './model.ts';
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
    const message = `The external reference "${externalReference}" names the invoice ${named} already; it never names another.`;
    const path = ['externalReference'];
    faults.push({ in: 'body', path, code: 'external_reference_taken', message, given: externalReference });
  }
  return faults;
}
