/**
 * An invoice's lines as positions in a tree of two levels, and back. What page 003 knows of a position beyond its line is kept
 * under the line's number in this contract's extras; a line without anything kept is a position all the same.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../invoice/canonical-json.ts';
import type { CalendarDate, DecimalText, Line, MinorUnits, Timestamp } from '../../invoice/document.ts';
import type { Invoice, Scope } from '../../invoice/model.ts';
import { nextNumber, numbersOf, positionId, readPositionId } from './position-id.ts';

/** Reference data as it was when it was used. */
export interface Named {
  id: string;
  name: string;
}

/** A published rate: units of a currency for one euro. */
export interface Rate {
  currency: string;
  rate: DecimalText;
  date: CalendarDate;
  source: string;
}

/** How a position came to its line, and what else was said of it. */
export interface Terms {
  /** The line as these terms made it; they say nothing of a line that another contract has changed since. */
  seal: string;
  quantity: DecimalText;
  unitPrice: DecimalText;
  currency: string;
  discountAmount?: DecimalText;
  discountPercentage?: DecimalText;
  /** Before the discount, in the invoice's currency. */
  net: MinorUnits;
  unit: Named;
  taxGroup: Named;
  rates?: Rate[];
  unitPriceInterval?: string;
  subscriptionItem?: string;
  product?: Named;
  /** The id of its group. */
  group?: string;
}

/** What is kept of a position beyond its line. */
export interface Kept {
  createdAt: Timestamp;
  /** The id that its caller chose. */
  id?: string;
  /** The sort key that was asked for, or came of that. */
  position: number;
  /** The number of the position that it is a child of. */
  parent?: number;
  terms?: Terms;
}

/** A customer of the reference data whom the buyer's identifier names, as it was. */
export interface Customer extends Pick<Named, 'id'> {
  customerNumber?: string;
  firstName?: string;
  lastName?: string;
  companyName?: string;
  currencyCode?: string;
  timeZone?: string;
  datevId?: string;
  status?: string;
}

/** What this contract keeps of an invoice. */
export interface Extras {
  positions: Record<number, Kept>;
  /** Names by group id. */
  groups: Record<string, string>;
  customer?: Customer;
}

export interface Position {
  readonly number: number;
  readonly id: string;
  readonly line: Line;
  readonly kept: Kept;
  readonly children: readonly Position[];
}

export const extrasOf = ({ extras }: Invoice): Extras =>
  (extras.positions as Extras | undefined) ?? { positions: {}, groups: {} };

/** What no other contract should have changed if terms are to hold. */
export function sealOf({ name, quantity, price, baseQuantity, unitCode, ...line }: Line): string {
  const { taxCategory, taxRate, priceIncludesTax, fixedTax, allowances, charges } = line;
  const tax = { taxCategory, taxRate, priceIncludesTax, fixedTax };
  const text = canonicalJson({ name, quantity, price, baseQuantity, unitCode, ...tax, allowances, charges });
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** The positions at the top, in order, with their children. */
export function positionsOf(invoice: Invoice): Position[] {
  const { positions } = extrasOf(invoice);
  const numbers = numbersOf(invoice.document.lines);
  // The positions of a correction are copies: what callers called the originals names only those.
  const areCopies = invoice.facts.corrects !== undefined;
  const found = new Map<number, Position & { children: Position[] }>();
  for (const [index, line] of invoice.document.lines.entries()) {
    const number = numbers[index] as number;
    const { terms, ...given } = positions[number] ?? { createdAt: invoice.createdAt, position: 0 };
    const kept = areCopies ? { ...given, createdAt: invoice.createdAt, id: undefined } : given;
    const id = kept.id ?? positionId(invoice.id, number);
    const holds = terms?.seal === sealOf(line) && { terms };
    found.set(number, { number, id, line, kept: { ...kept, ...holds }, children: [] });
  }
  const top: Position[] = [];
  for (const position of found.values()) {
    const parent = parentOf(position, found);
    if (parent) parent.children.push(position);
    else top.push(position);
  }
  return numbered(top).map((position) => ({ ...position, children: numbered(position.children) }));
}

/** A parent that is gone, or has become a child itself, is none. */
function parentOf<P extends Position>({ kept }: Position, found: ReadonlyMap<number, P>): P | undefined {
  const parent = kept.parent === undefined ? undefined : found.get(kept.parent);
  return parent && (parent.kept.parent === undefined || !found.has(parent.kept.parent)) ? parent : undefined;
}

/** Sort keys rise strictly: a key that is not above the one before it moves up, and what follows makes room. */
function numbered(positions: readonly Position[]): Position[] {
  let last = 0;
  return positions.map((position) => {
    last = Math.max(position.kept.position, last + 1);
    return { ...position, kept: { ...position.kept, position: last } };
  });
}

/** Every position once, each parent before its children. */
export const flattened = (positions: readonly Position[]): Position[] =>
  positions.flatMap((position) => [position, ...position.children]);

/** The position that an id means: one of ours by its number, one of the caller's by its name. */
export function positionIn(tree: readonly Position[], scope: Scope, id: string): Position | undefined {
  const number = readPositionId(scope, id)?.number;
  return flattened(tree).find((position) => (number === undefined ? position.id === id : position.number === number));
}

/** The position among those of one parent: before the first whose key is as high; at the end for 0. */
export function inserted(positions: readonly Position[], position: Position): Position[] {
  const key = position.kept.position;
  const place = key === 0 ? -1 : positions.findIndex(({ kept }) => kept.position >= key);
  const at = place === -1 ? positions.length : place;
  return numbered([...positions.slice(0, at), position, ...positions.slice(at)]);
}

/** The document's lines and this contract's extras as the tree has them. Groups without a position are forgotten. */
export function toLines(positions: readonly Position[], groups: Extras['groups']) {
  const all = positions.flatMap(({ number: parent, children, kept: { parent: _, ...kept }, ...position }) => [
    { ...position, number: parent, kept: kept as Kept },
    ...children.map((child) => ({ ...child, kept: { ...child.kept, parent } })),
  ]);
  const used = new Set(all.map(({ kept }) => kept.terms?.group));
  return {
    lines: all.map(({ line }) => line),
    positions: Object.fromEntries(all.map(({ number, kept }) => [number, kept])),
    groups: Object.fromEntries(Object.entries(groups).filter(([id]) => used.has(id))),
  };
}

/** Gives out numbers that no position has. */
export function freeNumbers(positions: readonly Position[]): () => number {
  const taken = new Set(flattened(positions).map(({ number }) => number));
  return () => {
    const number = nextNumber(taken);
    taken.add(number);
    return number;
  };
}
