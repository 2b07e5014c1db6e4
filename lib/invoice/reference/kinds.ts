/**
 * The registry of reference data: what the ids in requests stand for. A kind is one entry here; its type, its native API and
 * its place in the table follow from it. Invoices copy what they need, so that a later change alters no invoice.
 */
import * as z from 'zod';
import type { Timestamp } from '../document.ts';
import { currency, day, email, exactNumber, text, timeZone } from '../fields.ts';
import { unitCodeForm } from '../rules/code-lists.ts';
import { type IdForm, integerForm, monthForm, objectIdForm, uidForm, uuidForm } from './ids.ts';
import { address, bankAccount, seller } from './parties.ts';
import { taxFindings, vat } from './taxes.ts';

/** What is wrong with an entry beyond the form of its members. */
export interface Finding {
  readonly path: string[];
  readonly code: string;
  readonly message: string;
}

export interface Kind {
  readonly id: IdForm;
  /** Flat or nested objects and lists of plain JSON, so that other spellings of the names can be derived from it. */
  readonly fields: z.ZodObject;
  /** Members that name an entry of another kind, which must be there. */
  readonly refersTo?: Readonly<Record<string, string>>;
  findings?(entry: never): Finding[];
}

const name = text(255).min(1);
/** Ids of API keys or persons; whoever calls with such a key is that person. */
const people = z.array(text(64).min(1)).max(50);

/** Every kind, by the name that paths and keys have for it. */
export const kinds = {
  'business-entities': {
    id: uuidForm,
    fields: z.strictObject({ seller, bankAccount: bankAccount.optional() }),
  },
  customers: {
    id: uuidForm,
    fields: z.strictObject({
      customerNumber: text(50).optional(),
      firstName: text(255).optional(),
      lastName: text(255).optional(),
      companyName: text(255).optional(),
      currencyCode: currency.optional(),
      timeZone: timeZone.optional(),
      datevId: text(50).optional(),
      status: z.enum(['active', 'inactive']).optional(),
      address: address.optional(),
      email: email(255).optional(),
      defaultTaxGroupId: uuidForm.field.optional(),
      dueDays: z.int().min(0).max(3650).optional(),
    }),
    refersTo: { defaultTaxGroupId: 'tax-groups' },
    findings: ({ companyName, lastName }: { companyName?: string; lastName?: string }) =>
      companyName || lastName
        ? []
        : [{ path: ['companyName'], code: 'required', message: 'Give the name of a company or a last name.' }],
  },
  counterparties: {
    id: objectIdForm,
    fields: z.strictObject({
      accountName: name,
      accountNumber: text(50).optional(),
      email: email(255).optional(),
      phone: text(50).optional(),
      type: z.enum(['customer', 'vendor', 'both']).optional(),
      otherEmails: z.array(email(255)).max(20).optional(),
      address: z
        .strictObject({
          city: text(255).optional(),
          country: text(255).optional(),
          state: text(255).optional(),
          cca2: address.shape.country,
          line1: text(255).optional(),
          line2: text(255).optional(),
          postalCode: text(20).optional(),
        })
        .optional(),
    }),
  },
  projects: {
    id: integerForm,
    fields: z.strictObject({
      name,
      projectManagers: people.optional(),
      accountManagers: people.optional(),
      clientId: uuidForm.field.optional(),
      hasJobOrder: z.boolean(),
      /** Its areas are the entries of `budget-areas` that name the project. */
      budget: z.strictObject({ currency, createdOn: day, exchangeRate: exactNumber.positive().optional() }).optional(),
      state: z.enum(['open', 'closed']),
      /** The project that is invoiced in place of this one. */
      billingGroupMasterId: integerForm.field.optional(),
    }),
    refersTo: { clientId: 'customers', billingGroupMasterId: 'projects' },
  },
  'budget-areas': {
    id: uidForm,
    fields: z.strictObject({ projectId: integerForm.field, name }),
    refersTo: { projectId: 'projects' },
  },
  'vat-rates': {
    id: integerForm,
    fields: z.strictObject({ name, ...vat }),
    findings: taxFindings,
  },
  'payment-terms': {
    id: integerForm,
    fields: z.strictObject({ name, netDays: z.int().min(0).max(3650), endOfMonth: z.boolean().optional() }),
  },
  'frozen-months': {
    id: monthForm,
    fields: z.strictObject({ state: z.enum(['paused', 'frozen']) }),
  },
  units: {
    id: uuidForm,
    fields: z.strictObject({
      name,
      code: z.string().regex(unitCodeForm, 'Must be a code of UN/ECE Recommendation 20 or 21, such as HUR.'),
    }),
  },
  'tax-groups': {
    id: uuidForm,
    fields: z.strictObject({ name, ...vat, isDefault: z.boolean().optional() }),
    findings: taxFindings,
  },
  products: {
    id: uuidForm,
    fields: z.strictObject({
      name,
      defaultTaxGroupId: uuidForm.field.optional(),
      unitId: uuidForm.field.optional(),
    }),
    refersTo: { defaultTaxGroupId: 'tax-groups', unitId: 'units' },
  },
  'stripe-connections': {
    id: objectIdForm,
    fields: z.strictObject({ name, accountId: text(64).min(1) }),
  },
} as const satisfies Record<string, Kind>;

type Kinds = typeof kinds;

export type ReferenceKind = keyof Kinds;

/** Whether a text names a kind. */
export const isReferenceKind = (text: string): text is ReferenceKind => Object.hasOwn(kinds, text);

/** The members of an entry that its owner writes. */
export type FieldsOf<K extends ReferenceKind> = z.output<Kinds[K]['fields']>;

/** What every entry has besides. */
export interface Entry<Id extends string | number = string | number> {
  readonly id: Id;
  /** Counts every change. */
  readonly version: number;
  /** An archived entry explains old invoices and is offered for no new ones. */
  readonly archived: boolean;
  readonly createdAt: Timestamp;
  readonly updatedAt: Timestamp;
}

/** An entry of a kind: `ReferenceOf<'projects'>` is a project. */
export type ReferenceOf<K extends ReferenceKind> = Entry<z.output<Kinds[K]['id']['field']>> & FieldsOf<K>;
