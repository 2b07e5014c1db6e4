/** For which company and on which projects a key may act. */
import * as z from 'zod';
import { InvoiceError } from '../../invoice/failure.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller, Tenant } from '../../invoice/model.ts';
import type { ReferenceOf } from '../../invoice/reference/kinds.ts';

/** Both headers are required. The company must be the key's own: it chooses nothing. */
export const Headers = z.object({ 'wethod-company': z.string(), 'wethod-version': z.enum(['2024-06-15']) });

export const headersOf = ({ slug }: Tenant): z.input<typeof Headers> => ({
  'wethod-company': slug,
  'wethod-version': '2024-06-15',
});

type Project = ReferenceOf<'projects'>;

export async function companyOf(
  { caller, headers }: { caller: Caller; headers: z.output<typeof Headers> },
  invoices: Invoices,
): Promise<Tenant> {
  const company = await invoices.tenant(caller);
  if (headers['wethod-company'] !== company.slug) throw new InvoiceError({ kind: 'forbidden' });
  return company;
}

/** The scope for projects that the caller is project or account manager of, and the one for all others. */
const scopes = {
  create: ['invoices.create', 'invoices.create_other'],
  edit: ['invoices.edit', 'invoices.edit_other'],
  delete: ['invoices.delete', 'invoices.delete_other'],
} as const;

type Act = keyof typeof scopes;

/** What a route declares so that either scope opens it; which one is due depends on the project. */
export const eitherScope = (act: Act) => {
  const [scope, ...otherScopes] = scopes[act];
  return { scope, otherScopes };
};

/** Refuses a caller without the scope that is due. An invoice without a project is nobody's own. */
export function mayActOn(project: Project | undefined, act: Act, caller: Caller): void {
  const managers = [...(project?.projectManagers ?? []), ...(project?.accountManagers ?? [])];
  const [own, other] = scopes[act];
  mayOnlyWith(managers.includes(caller.keyId) ? own : other, caller);
}

export function mayOnlyWith(scope: string, caller: Caller): void {
  if (!caller.scopes.has(scope)) throw new InvoiceError({ kind: 'forbidden', scope });
}
