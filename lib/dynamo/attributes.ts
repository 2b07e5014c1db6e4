/** The few shapes of attributes that the table uses, written and read without a general marshaller. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Unreadable } from '../invoice/store.ts';
import type { Item } from './table.ts';

type Plain = string | number | boolean | Uint8Array | undefined;

function attribute(value: Exclude<Plain, undefined>): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  return { B: value };
}

/** Attributes of plain values; an undefined one is left out. */
export function toItem(values: Record<string, Plain>): Item {
  const item: Item = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) item[name] = attribute(value);
  return item;
}

/** What a text attribute holds; here and below `undefined` when there is none of that type. */
export const text = (item: Item, name: string): string | undefined => item[name]?.S;
/** A number attribute. */
export const number = (item: Item, name: string): number | undefined =>
  item[name]?.N === undefined ? undefined : Number(item[name].N);
/** A binary attribute. */
export const binary = (item: Item, name: string): Uint8Array | undefined => item[name]?.B;

/** An object with one member, a text attribute; without it when there is none. */
export function optional<Name extends string>(
  item: Item,
  name: Name,
  attribute: string = name,
): { readonly [Key in Name]?: string } {
  const value = text(item, attribute);
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: string };
}

/** A JSON value kept as one string attribute. */
export const json = <Value>(item: Item, name: string): Value | undefined => {
  const source = text(item, name);
  return source === undefined ? undefined : parsed<Value>(source, `${name} of ${text(item, 'pk')} ${text(item, 'sk')}`);
};

/** The value of a JSON text; `what` names it when it is none. */
export function parsed<Value>(source: string, what: string): Value {
  try {
    return JSON.parse(source) as Value;
  } catch (cause) {
    throw new Unreadable(`${what} is no JSON.`, { cause });
  }
}
