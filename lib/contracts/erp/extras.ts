/** What this contract keeps beyond the document, under its name. */
import { isDeepStrictEqual } from 'node:util';
import type { Invoice } from '../../invoice/model.ts';

export type Json = Record<string, unknown>;

export interface Extras {
  token: string;
  accounting_type: { name: string; cancelled_name?: string | null } & Json;
  payment_type?: Json;
  payment_goal?: Json;
  billing_payment_profile?: Json;
  /** Of each line, in the document's order. */
  items?: Json[];
  buyer?: Json;
}

/** What was kept when the invoice was made; nothing for one that came by another contract. */
export function extrasOf({ contract, document, extras }: Invoice): Partial<Extras> {
  // A credit note inherits the extras of what it takes back, but is another document with lines of its own.
  return contract === 'erp' && document.typeCode === typeCode ? ((extras.erp as Extras | undefined) ?? {}) : {};
}

/** UNTDID 1001: the page has kinds of its own, which are not documented. */
export const typeCode = '380';

/** The members of an object that the core's view of it lacks or tells otherwise; `null` stands for one that was not sent. */
export function beyond(sent: Json, view: Json): Json {
  const names = Object.keys({ ...view, ...sent });
  const kept = names.filter((name) => !isDeepStrictEqual(sent[name] ?? null, view[name] ?? null));
  return Object.fromEntries(kept.map((name) => [name, sent[name] ?? null]));
}
