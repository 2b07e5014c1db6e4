/** How figures and days look in print. Independent of the runtime's locale data, so that the same invoice gives the same bytes. */

import type { CalendarDate, DecimalText, MinorUnits } from '../invoice/document.ts';
import { minorUnitDigits } from '../money/currency.ts';
import type { Language } from './words.ts';

const marks: Record<Language, { group: string; point: string }> = {
  en: { group: ',', point: '.' },
  de: { group: '.', point: ',' },
};

export type Print = ReturnType<typeof printIn>;

export function printIn(language: Language, currency: string) {
  const { group, point } = marks[language];
  const digits = minorUnitDigits(currency) ?? 2;

  function decimal(text: DecimalText): string {
    const [, sign = '', whole = '', fraction] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
    return `${sign === '-' ? '\u2212' : ''}${grouped}${fraction === undefined ? '' : point + fraction}`;
  }

  /** With every digit of the currency: 12.50 in EUR, 1250 in JPY, 1.250 in KWD. */
  function figure(amount: MinorUnits): string {
    const text = String(Math.abs(amount)).padStart(digits + 1, '0');
    const cut = text.length - digits;
    const fraction = digits > 0 ? `.${text.slice(cut)}` : '';
    return decimal(`${amount < 0 ? '-' : ''}${text.slice(0, cut)}${fraction}`);
  }

  return {
    decimal,
    figure,
    amount: (value: MinorUnits): string => `${figure(value)} ${currency}`,
    /** A price has at least the currency's digits, and all that it was given. */
    price(text: DecimalText): string {
      const [whole = '', fraction = ''] = text.split('.');
      const padded = fraction.padEnd(digits, '0');
      return decimal(padded ? `${whole}.${padded}` : whole);
    },
    percent: (rate: DecimalText): string => `${decimal(rate)} %`,
    day: (date: CalendarDate): string => (language === 'de' ? date.split('-').reverse().join('.') : date),
  };
}
