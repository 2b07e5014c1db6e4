import type { Invoice } from '../../invoice/model.ts';

export interface NumberParts {
  number: number | null;
  manual_number_prefix: string | null;
  manual_number: number | null;
  number_string: string | null;
}

/** A text and the integer at its end. Zeros before the integer belong to the text, so that both together are the number. */
const form = /^(?<prefix>.*?)(?<integer>0|[1-9]\d*)$/s;

/** The invoice number as the page tells it: an integer, the text before it, and both as they are printed. */
export function numberParts({ number, place }: Pick<Invoice, 'number' | 'place'>): NumberParts {
  if (number === undefined) return parts(null, null, null);
  const { integer, prefix = null } = place ? placed(number, place.ordinal) : split(number);
  return parts(number, integer ?? null, prefix, place === undefined);
}

/** A series' number; its ordinal need not stand at the end. */
function placed(number: string, ordinal: number): { integer: number; prefix?: string } {
  const text = String(ordinal);
  return { integer: ordinal, ...(number.endsWith(text) && { prefix: number.slice(0, -text.length) }) };
}

function split(number: string): { integer?: number; prefix?: string } {
  const { prefix, integer } = form.exec(number)?.groups ?? {};
  return Number.isSafeInteger(Number(integer)) ? { integer: Number(integer), prefix: prefix ?? '' } : {};
}

/** Only a number that a caller chose is a manual one. */
const parts = (text: string | null, integer: number | null, prefix: string | null, manual = false): NumberParts => ({
  number: integer,
  manual_number_prefix: prefix,
  manual_number: manual ? integer : null,
  number_string: text,
});
