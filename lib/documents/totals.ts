/** What it comes to. */
import type { DocumentAllowanceCharge, MinorUnits, TaxGroup } from '../invoice/document.ts';
import { type Html, html } from './html.ts';
import { rateText } from './lines.ts';
import type { Printing } from './printing.ts';

/** BG-22; what is zero and need not be said is left out. */
export function totalsOf({ invoice: { document, figures }, words, print, isCreditNote }: Printing): Html {
  const { totals } = figures;
  const each = (label: string, entries: readonly DocumentAllowanceCharge[] = [], amounts: readonly MinorUnits[]) =>
    entries.map(({ reason }, index) => sum([label, reason].filter(Boolean).join(': '), amounts[index] ?? 0));
  const sum = (label: string, amount: MinorUnits, strong = false) => html`
<tr${strong && html` class="due"`}><th>${label}</th><td class="n">${print.amount(amount)}</td></tr>`;
  return html`<table class="totals">
<tbody>${sum(words.lineExtension, totals.lineExtension)}${each(words.allowance, document.allowances, figures.allowances)}${each(words.charge, document.charges, figures.charges)}${sum(words.taxExclusive, totals.taxExclusive)}${sum(words.tax, totals.tax)}${sum(words.taxInclusive, totals.taxInclusive)}${totals.prepaid !== 0 && sum(words.prepaid, totals.prepaid)}${totals.rounding !== 0 && sum(words.rounding, totals.rounding)}${sum(isCreditNote ? words.credited : words.payable, totals.payable, true)}
</tbody>
</table>`;
}

/** BG-23, with the reason wherever no tax is due (BT-120, BT-121). */
export function taxesOf(printing: Printing): Html {
  const { invoice, words, print } = printing;
  const row = (group: TaxGroup) => html`
<tr><td>${rateText(group, printing)}${reasonOf(group, printing).map((text) => html`<br><small>${text}</small>`)}</td><td class="n">${print.amount(group.taxable)}</td><td class="n">${print.amount(group.tax)}</td></tr>`;
  return html`<section><h2>${words.breakdown}</h2>
<table>
<thead><tr><th>${words.vat}</th><th class="n">${words.taxable}</th><th class="n">${words.tax}</th></tr></thead>
<tbody>${invoice.figures.taxBreakdown.map(row)}
</tbody>
</table></section>`;
}

/** The invoice's own reason and the words that the law asks for: reverse charge has to be called that (Directive 2006/112/EC, Article 226). */
function reasonOf({ taxCategory, exemptionReason, exemptionReasonCode }: TaxGroup, { words }: Printing): string[] {
  const code = exemptionReasonCode && `(${exemptionReasonCode})`;
  const own = [exemptionReason, code].filter(Boolean).join(' ');
  return [...new Set([words.categories[taxCategory] ?? '', own])].filter(Boolean);
}
