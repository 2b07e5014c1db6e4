/**
 * JSON read strictly (RFC 8259 within the limits of I-JSON, RFC 7493), because two readers of one invoice must not see two
 * invoices: no member twice, no number that a double cannot hold, no text that is not whole characters.
 */
import { mostFaults } from '../contracts/wording.ts';
import type { Fault } from '../invoice/failure.ts';

/** Deeper than any invoice; keeps hostile nesting off the stack. */
const deepest = 32;
/** Names come back in faults and warnings, so they stay short. */
const longestName = 256;
/** More than the longest invoice has; every value may be a fault, and costs memory long before bytes run out. */
const mostValues = 100_000;
/** Names with a meaning of their own to JavaScript. */
const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype']);

const whiteSpace = new Set([' ', '\t', '\n', '\r']);
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;
const words = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Parses a request's body; all faults that do not hinder reading on are reported together. */
export function parseJson(text: string): { value: unknown } | { faults: Fault[] } {
  const reader = new Reader(text);
  try {
    const value = reader.read();
    return reader.faults.length > 0 ? { faults: reader.faults } : { value };
  } catch (error) {
    if (error instanceof Stop) return { faults: reader.faults };
    throw error;
  }
}

/** Reading cannot go on; why stands among the faults. */
class Stop extends Error {}

class Reader {
  readonly faults: Fault[] = [];
  readonly #text: string;
  #at = 0;
  #values = 0;
  readonly #path: (string | number)[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    if (this.#text.startsWith('\ufeff')) {
      this.#stop('byte_order_mark', 'The body begins with a byte order mark; leave it out.');
    }
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) this.#unexpected();
    return value;
  }

  #value(): unknown {
    this.#values += 1;
    if (this.#values > mostValues) {
      this.#stop('too_many_values', `The body may hold at most ${mostValues} values; send fewer.`);
    }
    this.#skip();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string('text');
      case 't':
      case 'f':
      case 'n':
        return words.get(this.#match(word) || this.#unexpected());
      default:
        return this.#number();
    }
  }

  #object(): Record<string, unknown> {
    this.#enter();
    const members = new Map<string, unknown>();
    if (!this.#take('}')) {
      do this.#member(members);
      while (this.#take(','));
      if (!this.#take('}')) this.#unexpected();
    }
    return Object.fromEntries(members);
  }

  #member(members: Map<string, unknown>): void {
    this.#skip();
    if (this.#text[this.#at] !== '"') this.#unexpected();
    const name = this.#string('name');
    if (name.length > longestName) {
      this.#stop('name_too_long', `A name has ${name.length} characters; at most ${longestName} are allowed.`);
    }
    if (!this.#take(':')) this.#unexpected();
    this.#path.push(name);
    if (forbiddenNames.has(name)) this.#fault('forbidden_name', `Nothing may be called "${name}" here; rename it.`);
    if (members.has(name)) this.#fault('duplicate_member', `"${name}" stands here more than once; keep one.`);
    members.set(name, this.#value());
    this.#path.pop();
  }

  #array(): unknown[] {
    this.#enter();
    const values: unknown[] = [];
    if (this.#take(']')) return values;
    do {
      this.#path.push(values.length);
      values.push(this.#value());
      this.#path.pop();
    } while (this.#take(','));
    if (!this.#take(']')) this.#unexpected();
    return values;
  }

  #enter(): void {
    if (this.#path.length >= deepest) this.#stop('too_deep', `Nothing may be nested deeper than ${deepest} levels.`);
    this.#at += 1;
  }

  /** The syntax is left to the platform, which reads megabytes of Base64 in no time. */
  #string(kind: 'text' | 'name'): string {
    const literal = this.#literal();
    let value = parsed(literal);
    if (value === undefined) {
      // The platform also refuses control characters as such; without them the rest may be sound.
      value = parsed(literal.replace(/\p{Cc}/gu, ' '));
      if (value === undefined) this.#stop('invalid_json', `The text at ${this.#place()} holds an unknown escape.`);
      this.#fault('control_character', `The ${kind} holds a raw control character; escape or remove it.`);
    } else if (/[\p{Cc}\p{Cs}\ufffd]/u.test(value)) {
      this.#inspect(value, kind);
    }
    this.#at += literal.length;
    return value;
  }

  #literal(): string {
    let end = this.#at;
    let backslashes: number;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) this.#stop('invalid_json', `The text at ${this.#place()} does not end.`);
      backslashes = 0;
      while (this.#text[end - 1 - backslashes] === '\\') backslashes += 1;
    } while (backslashes % 2 === 1);
    return this.#text.slice(this.#at, end + 1);
  }

  #inspect(value: string, kind: 'text' | 'name'): void {
    const control = kind === 'name' ? /\p{Cc}/u : /[^\P{Cc}\t\n\r]/u;
    if (control.test(value)) this.#fault('control_character', `The ${kind} holds a control character; remove it.`);
    if (!value.isWellFormed()) {
      this.#fault('lone_surrogate', `The ${kind} holds half of a surrogate pair; send whole characters.`);
    }
    // API Gateway hands the body over as text: bytes that are no UTF-8 have become this character.
    if (value.includes('\ufffd')) {
      this.#fault('replacement_character', `The ${kind} holds U+FFFD, the trace of broken UTF-8; send valid UTF-8.`);
    }
  }

  #number(): number {
    const digits = this.#match(number) || this.#unexpected();
    const value = Number(digits);
    // Fifteen digits always survive. Beyond, `String` prints the fewest digits that name the double.
    if ((digits.length > 15 || /e/i.test(digits)) && significance(digits) !== significance(String(value))) {
      const shown = digits.length > 40 ? `${digits.slice(0, 40)}…` : digits;
      this.#fault('imprecise_number', `${shown} cannot be kept exactly; send at most 15 significant digits.`);
    }
    return value;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return '';
    const start = this.#at;
    this.#at = pattern.lastIndex;
    return this.#text.slice(start, this.#at);
  }

  #skip(): void {
    while (whiteSpace.has(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #take(character: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #fault(code: string, message: string): void {
    this.faults.push({ in: 'body', path: [...this.#path], code, message });
    if (this.faults.length === mostFaults) throw new Stop();
  }

  #stop(code: string, message: string): never {
    this.#fault(code, message);
    throw new Stop();
  }

  #unexpected(): never {
    const next = this.#text.codePointAt(this.#at);
    const found = next === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(next));
    this.#stop('invalid_json', `This is not JSON: ${found} was not expected at ${this.#place()}.`);
  }

  #place(): string {
    const before = this.#text.slice(0, this.#at);
    return `line ${before.split('\n').length}, column ${this.#at - before.lastIndexOf('\n')}`;
  }
}

function parsed(literal: string): string | undefined {
  try {
    return JSON.parse(literal);
  } catch {
    return undefined;
  }
}

/** A number without the zeros that change nothing, so that equal numbers have equal texts. */
function significance(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = whole + fraction;
  let start = 0;
  while (digits[start] === '0') start += 1;
  if (start === digits.length) return '0';
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return `${sign}${digits.slice(start, end)}e${Number(exponent) + whole.length - end}`;
}
