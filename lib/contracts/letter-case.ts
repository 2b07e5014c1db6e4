/** The core's camelCase members under the snake_case names of a wire format, and back. Only names change, never values. */

type Camel<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name;

type Snake<Name> = Name extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${Snake<Rest>}`
  : Name;

/** A value as it is once renamed; `null` counts as absent. */
export type CamelCased<T> = T extends readonly (infer Entry)[]
  ? CamelCased<Entry>[]
  : T extends object
    ? { [Name in keyof T as Camel<Name>]: CamelCased<Exclude<T[Name], null>> }
    : T;

export type SnakeCased<T> = T extends readonly (infer Entry)[]
  ? SnakeCased<Entry>[]
  : T extends object
    ? { [Name in keyof T as Snake<Name>]: SnakeCased<T[Name]> }
    : T;

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

export const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** In camelCase, without the members that say nothing: `null`, `undefined` and objects that are empty without these. */
export const camelCased = <T>(value: T): CamelCased<T> => renamed(value, camel) as CamelCased<T>;

/** In snake_case, without the members that say nothing. */
export const snakeCased = <T>(value: T): SnakeCased<T> => renamed(value, snake) as SnakeCased<T>;

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, rename));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .map(([name, member]) => [rename(name), renamed(member, rename)] as const)
    .filter(([, member]) => !isNothing(member));
  return Object.fromEntries(members);
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0);
