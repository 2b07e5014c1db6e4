/** What the ids of a request stand for, and what keeps a project from being invoiced. */

import type { CalendarDate } from '../../invoice/document.ts';
import { type Fault, InvoiceError } from '../../invoice/failure.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller, Invoice } from '../../invoice/model.ts';
import type { ReferenceOf } from '../../invoice/reference/kinds.ts';
import type { CreateInvoice } from './create-invoice.ts';
import { type Extras, extrasOf } from './extras.ts';

type Project = ReferenceOf<'projects'>;
type Budget = NonNullable<Project['budget']>;

export interface Choices {
  readonly project: Project;
  readonly client?: ReferenceOf<'customers'> | undefined;
  readonly area?: ReferenceOf<'budget-areas'> | undefined;
  readonly vatRate?: ReferenceOf<'vat-rates'> | undefined;
  readonly paymentTerm?: ReferenceOf<'payment-terms'> | undefined;
}

/** Finds all that a request refers to. What an invoice `has` already may be archived since. */
export async function choose(
  { reference }: Invoices,
  caller: Caller,
  { project_id, budget_area_uid, vat_rate_id, payment_term_id }: CreateInvoice,
  has?: Extras,
): Promise<Choices> {
  const [project, area, vatRate, paymentTerm] = await Promise.all([
    reference.find(caller, 'projects', project_id),
    budget_area_uid == null ? undefined : reference.find(caller, 'budget-areas', budget_area_uid),
    vat_rate_id == null ? undefined : reference.find(caller, 'vat-rates', vat_rate_id),
    payment_term_id == null ? undefined : reference.find(caller, 'payment-terms', payment_term_id),
  ]);
  const areaOfProject = area?.projectId === project_id ? area : undefined;
  const faults = [
    project ? [] : unknown('project_id', 'project', project_id),
    usable('budget_area_uid', 'budget area of this project', budget_area_uid, areaOfProject, has?.budgetAreaUid),
    usable('vat_rate_id', 'VAT rate', vat_rate_id, vatRate, has?.vatRate?.id),
    usable('payment_term_id', 'payment term', payment_term_id, paymentTerm, has?.paymentTerm?.id),
  ].flat();
  if (!project || faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults });
  const client = project.clientId && (await reference.find(caller, 'customers', project.clientId));
  return { project, client: client || undefined, area, vatRate, paymentTerm };
}

type Id = string | number | null | undefined;

function usable(field: string, what: string, id: Id, entry: { archived: boolean } | undefined, has: Id): Fault[] {
  if (id == null) return [];
  if (!entry) return unknown(field, what, id);
  if (!entry.archived || id === has) return [];
  return [{ in: 'body', path: [field], code: 'archived', message: `The ${what} "${id}" is archived; choose another.` }];
}

const unknown = (field: string, what: string, given: string | number): Fault[] => [
  { in: 'body', path: [field], code: 'unknown_reference', message: `There is no ${what} "${given}".`, given },
];

/** The project's budget, if the project may be invoiced. */
export function budgetOf({ id, name, archived, billingGroupMasterId, hasJobOrder, budget }: Project): Budget {
  const refuse = (code: string, message: string) => new InvoiceError({ kind: 'precondition', code, message });
  const project = `Project ${id} (${name})`;
  if (archived) throw refuse('project_archived', `${project} is archived; choose another.`);
  if (billingGroupMasterId !== undefined) {
    throw refuse('project_grouped', `${project} belongs to a billing group; invoice project ${billingGroupMasterId}.`);
  }
  if (!hasJobOrder) throw refuse('no_job_order', `${project} has no job order; add one first.`);
  if (!budget) throw refuse('no_budget', `${project} has no budget; add one first.`);
  return budget;
}

/** Refuses days of a month that is closed to changes, for a while or for good. */
export async function mayChangeMonthsOf(
  { reference }: Invoices,
  caller: Caller,
  ...days: (CalendarDate | undefined)[]
): Promise<void> {
  for (const month of new Set(days.flatMap((day) => day?.slice(0, 7) ?? []))) {
    const closed = await reference.find(caller, 'frozen-months', month);
    if (!closed || closed.archived) continue;
    const message = `The month ${month} is ${closed.state}; choose an issue_date in another one, or have it opened.`;
    throw new InvoiceError({ kind: 'precondition', code: `month_${closed.state}`, message });
  }
}

/** The project that an invoice was made for, whatever became of it since. */
export async function projectOf(
  { reference }: Invoices,
  caller: Caller,
  invoice: Invoice,
): Promise<Project | undefined> {
  const id = extrasOf(invoice)?.projectId;
  return id === undefined ? undefined : reference.find(caller, 'projects', id);
}
