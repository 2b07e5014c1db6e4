/** How to pay, where that is asked for. */
import type { PaymentMeans } from '../invoice/document.ts';
import { definitions, type Html, html } from './html.ts';
import type { Printing } from './printing.ts';
import type { Words } from './words.ts';

export function paymentOf({ invoice: { document }, words, isCreditNote }: Printing): Html {
  const { paymentTerms, paymentMeans = [] } = document;
  if (isCreditNote || (paymentTerms === undefined && paymentMeans.length === 0)) return html``;
  return html`<section><h2>${words.payment}</h2>
${paymentTerms !== undefined && html`<p>${paymentTerms}</p>`}
${paymentMeans.map((means) => definitions(entriesOf(means, words)))}
</section>`;
}

function entriesOf(means: PaymentMeans, words: Words): [string, string | undefined][] {
  const { meansCode = '', meansText, paymentId, bankAccounts = [], card, directDebit } = means;
  return [
    [words.payment, meansText ?? words.means[meansCode]],
    ...bankAccounts.flatMap(({ iban, bic, accountName }): [string, string | undefined][] => [
      ['IBAN', iban?.replace(/(.{4})(?=.)/g, '$1 ')],
      ['BIC', bic],
      [words.payee, accountName],
    ]),
    [words.means['48'] ?? '', [card?.network, card?.pan, card?.holderName].filter(Boolean).join(' ')],
    [words.mandate, directDebit?.mandateId],
    ['IBAN', directDebit?.debitedAccount],
    [words.remittance, paymentId],
  ];
}
