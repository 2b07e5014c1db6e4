/** What was sold. */
import type { AllowanceCharge, Line, MinorUnits, Tax } from '../invoice/document.ts';
import { type Html, html } from './html.ts';
import { periodText } from './parties.ts';
import type { Printing } from './printing.ts';

export function linesOf(printing: Printing): Html {
  const { invoice, words } = printing;
  const { currency, lines } = invoice.document;
  const net = (index: number) => invoice.figures.lines[index] ?? { net: 0, allowances: [], charges: [] };
  return html`<table class="lines">
<thead><tr><th>#</th><th>${words.item}</th><th class="n">${words.quantity}</th><th class="n">${words.price}</th><th class="n">${words.vat}</th><th class="n">${words.net} ${currency}</th></tr></thead>
<tbody>${lines.map((line, index) => row(line, net(index), printing))}
</tbody>
</table>`;
}

type LineFigures = Printing['invoice']['figures']['lines'][number];

function row(line: Line, figures: LineFigures, printing: Printing): Html {
  const { words, print } = printing;
  const unit = line.unitCode && (words.units[line.unitCode] ?? line.unitCode);
  const per = line.baseQuantity === undefined ? '' : ` ${words.per} ${print.decimal(line.baseQuantity)}`;
  const small = [
    line.description,
    line.note,
    periodText(line.period, print),
    ...(line.attributes ?? []).map(({ name, value }) => `${name ?? ''}: ${value ?? ''}`),
    ...reasons(words.allowance, line.allowances, figures.allowances, printing),
    ...reasons(words.charge, line.charges, figures.charges, printing),
  ].filter(Boolean);
  return html`
<tr><td>${line.id}</td><td>${line.name}${small.map((text) => html`<br><small>${text}</small>`)}</td><td class="n">${print.decimal(line.quantity)} ${unit}</td><td class="n">${print.price(line.price)}${per}${line.priceIncludesTax && html`<br><small>${words.taxIncluded}</small>`}</td><td class="n">${rateText(line, printing)}</td><td class="n">${print.figure(figures.net)}</td></tr>`;
}

/** Allowances or charges in words, each with the amount that was calculated for it. */
function reasons(
  label: string,
  entries: readonly AllowanceCharge[] = [],
  amounts: readonly MinorUnits[],
  { print }: Printing,
): string[] {
  return entries.map(({ reason, percentage }, index) => {
    const rate = percentage === undefined ? '' : ` (${print.percent(percentage)})`;
    return `${[label, reason].filter(Boolean).join(': ')}${rate} ${print.amount(amounts[index] ?? 0)}`;
  });
}

/** The rate; the category where there is none to name. */
export const rateText = ({ taxCategory, taxRate }: Tax, { print }: Pick<Printing, 'print'>): string =>
  taxRate === undefined ? taxCategory : print.percent(taxRate);
