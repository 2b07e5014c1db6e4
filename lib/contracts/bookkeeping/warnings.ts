/** What page 004 says beside an invoice: its own findings, and what the core noted. */
import type { Invoice, Warning } from '../../invoice/model.ts';
import { dotted } from '../pointer.ts';
import { published } from './names.ts';

export function warningsOf(invoice: Invoice): string[] {
  return [...invoice.warnings, ...oddities(invoice)].map((warning) => {
    const place = dotted(published(warning));
    return place ? `${place}: ${warning.message}` : warning.message;
  });
}

/** What is allowed and seldom meant. */
function oddities(invoice: Invoice): Warning[] {
  const { document, figures } = invoice;
  const warnings: Warning[] = [];
  const note = (path: Warning['path'], message: string) => warnings.push({ code: 'unusual', path, message });
  if (document.lines.length === 0) note(['lineItems'], 'There are none; the invoice comes to nothing.');
  const { issueDate, dueDate } = document;
  if (issueDate !== undefined && dueDate !== undefined && dueDate < issueDate) {
    note(['dueDate'], 'Is before invoiceDate.');
  }
  for (const [index, { net, allowances }] of figures.lines.entries()) {
    const taken = allowances.reduce((sum, amount) => sum + amount, 0);
    if (taken > 0 && net < 0 && net + taken >= 0) note(['lineItems', index, 'discount'], tooLarge);
  }
  const { allowances, lineExtension, taxInclusive } = figures.totals;
  if (allowances > Math.max(lineExtension, 0)) note(['discount'], tooLarge);
  if (taxInclusive < 0) note(['calculated', 'grandTotal'], 'Is below zero.');
  return warnings;
}

const tooLarge = 'Is larger than what it is taken from.';
