/** What a search finds an invoice by: the words of its number, its buyer and its references. */
import type { Invoice } from './model.ts';

/** More words than this of one invoice are not searched for: each costs a write. */
const mostWords = 24;

/** Longer words are cut, so that a key stays one. Characters. */
const longestWord = 40;

/** The words of a text without accents and case: `Müller & Söhne` makes `MULLER` and `SOHNE`. */
export const words = (text: string): string[] =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => [...word].slice(0, longestWord).join(''));

/** Every word of an invoice, once. */
export function wordsOf({ number, externalReference, document }: Invoice): string[] {
  const { buyer, buyerReference, projectReference, contractReference, purchaseOrder, salesOrder } = document;
  const texts = [
    number,
    externalReference,
    buyer.name,
    buyer.legalName,
    buyer.tradingName,
    purchaseOrder,
    salesOrder,
    buyerReference,
    contractReference,
    projectReference,
  ];
  return [...new Set(texts.flatMap((text) => (text === undefined ? [] : words(text))))].slice(0, mostWords);
}

/** Short words such as AG, KG or de tell nothing, unless they are numbers. */
export const tells = (word: string): boolean => Buffer.byteLength(word) > 2 || /\p{N}/u.test(word);

/** The words that lists are kept for: those that tell something, and the first of a buyer's name in any case, such as EY or BP. */
export function indexedWords(invoice: Invoice): string[] {
  const { name, legalName, tradingName } = invoice.document.buyer;
  const first = new Set([name, legalName, tradingName].flatMap((each) => words(each ?? '').slice(0, 1)));
  return wordsOf(invoice).filter((word) => tells(word) || first.has(word));
}
