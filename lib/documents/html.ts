/** Markup that escapes by itself: text becomes markup only through the tag `html`. */

/** Markup that is finished. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | undefined | false | readonly Part[];

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] as string);

/** Puts values into markup: text is escaped, lists are joined, `undefined` and `false` leave nothing. */
export const html = (strings: TemplateStringsArray, ...values: Part[]): Html =>
  new Html(String.raw({ raw: strings }, ...values.map(markup)));

function markup(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(markup).join('');
  return escaped(String(part));
}

/** Names and values; what has no value is not named. */
export const definitions = (entries: readonly (readonly [string, string | undefined])[]): Html => html`<dl>${entries
  .filter(([, value]) => value !== undefined && value !== '')
  .map(([name, value]) => html`\n<dt>${name}</dt><dd>${value}</dd>`)}
</dl>`;
