/** What the parts of a page are printed from. */
import type { Invoice } from '../invoice/model.ts';
import { type Print, printIn } from './print.ts';
import { type Language, languageOf, type Words, wordsIn } from './words.ts';

export interface Printing {
  readonly invoice: Invoice;
  readonly words: Words;
  readonly print: Print;
}

export function printingOf(invoice: Invoice): Printing & { language: Language; title: string } {
  const { typeCode, currency, seller } = invoice.document;
  const language = languageOf(seller?.address?.country);
  const words = wordsIn[language];
  const title = `${words.titles[typeCode] ?? words.titles['380']} ${invoice.number ?? ''}`.trim();
  return { invoice, words, print: printIn(language, currency), language, title };
}
