/** Who sells and who buys. */
import type { Address, Party, Period } from '../invoice/document.ts';
import { type Html, html } from './html.ts';
import type { Print } from './print.ts';
import type { Printing } from './printing.ts';
import type { Words } from './words.ts';

export function sellersOf({ invoice: { document }, words }: Printing): Html {
  const { seller = {}, buyer, payee, delivery } = document;
  const deliverTo = [delivery?.partyName, ...addressLines(delivery?.address)];
  return html`<div class="parties">
${block(words.seller, partyLines(seller, words))}
${block(words.buyer, partyLines(buyer, words))}
${block(words.deliverTo, deliverTo)}
${block(words.payee, [payee?.name, payee?.companyId?.value])}
</div>`;
}

export function periodText(period: Period | undefined, print: Print): string | undefined {
  if (!period) return undefined;
  const days = [period.startDate, period.endDate].map((day) => (day ? print.day(day) : ''));
  const span = days.some(Boolean) ? days.join(' – ').trim() : '';
  return [span, period.description].filter(Boolean).join(' · ');
}

function block(title: string, lines: readonly (string | undefined)[]): Html {
  const given = lines.filter(Boolean);
  if (given.length === 0) return html``;
  return html`<address><strong>${title}</strong>${given.map((line) => html`<br>${line}`)}</address>`;
}

function partyLines(party: Party, words: Words): (string | undefined)[] {
  const { name, legalName, tradingName, address, contact, vatNumber, taxRegistrationId, companyId } = party;
  const labelled = (label: string, value: string | undefined) => value && `${label}: ${value}`;
  return [
    ...new Set([legalName ?? name, name, tradingName]),
    ...addressLines(address),
    labelled(words.vatNumber, vatNumber),
    labelled(words.taxNumber, taxRegistrationId?.value),
    labelled(words.companyId, companyId?.value),
    contact?.name,
    contact?.phone,
    contact?.email,
  ];
}

const addressLines = (address: Address = {}): (string | undefined)[] => [
  address.street,
  address.additionalLine,
  [address.postalCode, address.city].filter(Boolean).join(' '),
  [address.subdivision, address.country].filter(Boolean).join(', '),
];
