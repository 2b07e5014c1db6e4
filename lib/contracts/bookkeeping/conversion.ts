/** Telling an invoice's amount in the company's own currency, by the reference rates of its day. */
import type { Invoices } from '../../invoice/invoices.ts';
import type { Draft, Tenant } from '../../invoice/model.ts';
import { Decimal } from '../../money/decimal.ts';
import { dayIn } from '../fields.ts';
import { extrasOf } from './extras.ts';

/** Units of both currencies for one euro, kept with the invoice so that its answer does not change from day to day. */
export interface Conversion {
  readonly currency: string;
  readonly rates: Readonly<Record<string, string>>;
}

/** The draft with its conversion, where its currency is not the company's; a warning where there are no rates. */
export async function converted(draft: Draft, company: Tenant, invoices: Invoices): Promise<Draft> {
  const { conversion: _, ...own } = extrasOf({ extras: draft.extras ?? {} });
  const withConversion = (conversion?: Conversion): Draft => ({
    ...draft,
    extras: { ...draft.extras, bookkeeping: { ...own, ...(conversion && { conversion }) } },
  });
  const { currency: from, issueDate } = draft.document;
  const { currency: to } = company;
  if (from === to) return withConversion();
  const today = dayIn(company.timeZone, invoices.now());
  // Nobody knows tomorrow's rates.
  const on = issueDate !== undefined && issueDate < today ? issueDate : today;
  const result = await invoices.exchangeRates.convert({ amount: Decimal.of(1), from, to, on, decimals: 0 });
  if (!('refused' in result)) return withConversion({ currency: to, rates: result.rates });
  const message = `There are no recent rates from ${from} to ${to} for ${on}; convertedAmount is left out.`;
  const warning = { code: 'not_converted', path: ['convertedAmount'], message };
  return { ...withConversion(), warnings: [...(draft.warnings ?? []), warning] };
}
