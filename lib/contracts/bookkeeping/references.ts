/** The entries of the reference data that a request names. */
import { type Fault, InvoiceError } from '../../invoice/failure.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller } from '../../invoice/model.ts';
import { type CounterPartyCopy, copyOf } from './counter-party.ts';
import type { UpdateInvoice } from './create-invoice.ts';

/** Finds what the request names; all that is missing or no longer in use is reported together. */
export async function referencesOf(
  { counterParty, payViaStripeAccountConnectionId: connection }: UpdateInvoice,
  caller: Caller,
  { reference }: Invoices,
): Promise<{ counterParty?: CounterPartyCopy }> {
  const faults: Fault[] = [];
  async function find<K extends 'counterparties' | 'stripe-connections'>(
    kind: K,
    member: string,
    what: string,
    id?: string | null,
  ) {
    if (id == null) return undefined;
    const entry = await reference.find(caller, kind, id);
    if (entry && !entry.archived) return entry;
    const message = entry ? `The ${what} "${id}" is archived.` : `There is no ${what} "${id}". Use one of your own.`;
    faults.push({ in: 'body', path: [member], code: 'unknown_reference', message, given: id });
    return undefined;
  }
  const [party] = await Promise.all([
    find('counterparties', 'counterParty', 'counterparty', counterParty),
    find('stripe-connections', 'payViaStripeAccountConnectionId', 'Stripe account connection', connection),
  ]);
  if (faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults });
  return party ? { counterParty: copyOf(party) } : {};
}
