/** What the parts of a page are printed from. */
import type { Invoice } from '../invoice/model.ts';
import { creditNoteCodes } from '../invoice/rules/code-lists.ts';
import { type Print, printIn } from './print.ts';
import { type Language, languageOf, type Words, wordsIn } from './words.ts';

export interface Printing {
  readonly invoice: Invoice;
  readonly words: Words;
  readonly print: Print;
  /** Its buyer is to pay nothing. */
  readonly isCreditNote: boolean;
}

export function printingOf(invoice: Invoice): Printing & { language: Language; title: string } {
  const { typeCode, currency, seller } = invoice.document;
  const language = languageOf(seller?.address?.country);
  const words = wordsIn[language];
  const isCreditNote = creditNoteCodes.has(typeCode);
  const kind = words.titles[typeCode] ?? words.titles[isCreditNote ? '381' : '380'];
  const title = `${kind} ${invoice.number ?? ''}`.trim();
  return { invoice, words, print: printIn(language, currency), isCreditNote, language, title };
}
