/** Adding a position to a draft, and writing one anew: what becomes of the whole invoice. */
import { todayIn } from '../../invoice/calendar.ts';
import { exchangeRates } from '../../invoice/exchange-rates.ts';
import { type Fault, InvoiceError } from '../../invoice/failure.ts';
import type { Invoices } from '../../invoice/invoices.ts';
import type { Caller, Draft, Invoice, Tenant } from '../../invoice/model.ts';
import { groupsIn } from './groups.ts';
import { positionId, readPositionId } from './position-id.ts';
import type { Child, PositionItem } from './position-item.ts';
import {
  type Customer,
  extrasOf,
  flattened,
  freeNumbers,
  inserted,
  type Position,
  positionIn,
  positionsOf,
  toLines,
} from './positions.ts';
import { readReferences } from './references.ts';
import { periodAfter } from './service-span.ts';
import { type Setting, toLine } from './to-line.ts';

type Path = Fault['path'];
type Edit = (seen: Invoice, company: Tenant) => Promise<Draft>;

/** Adds an item with its children; `tell` hears the number that the position gets. */
export const adding =
  (caller: Caller, invoices: Invoices, item: PositionItem, tell: (number: number) => void): Edit =>
  async (seen, company) => {
    const work = await begin(caller, invoices, item, seen, company);
    const added = await work.position(item, undefined, []);
    const children = await work.children(item, []);
    return work.end(() => {
      const position = { ...(added as Position), children };
      tell(position.number);
      return inserted(work.tree, position);
    });
  };

/** Writes the position of that id anew. Without a place it stays where it is; without children it keeps those it has. */
export const replacing =
  (caller: Caller, invoices: Invoices, id: string, item: PositionItem): Edit =>
  async (seen, company) => {
    const work = await begin(caller, invoices, item, seen, company);
    const target = positionIn(work.tree, caller, id);
    if (!target) throw new InvoiceError({ kind: 'not-found', what: 'position', id });
    const replaced = await work.position(item, target, []);
    const parent = work.tree.find(({ children }) => children.includes(target));
    if (parent && item.children?.length) {
      work.refuse(['children'], 'too_deep', 'A child has no children of its own: positions are at most two deep.');
    }
    const children = item.children && !parent ? await work.children(item, target.children) : target.children;
    return work.end(() => {
      const next = { ...(replaced as Position), children };
      const among = (siblings: readonly Position[]) =>
        item.position
          ? inserted(
              siblings.filter((position) => position !== target),
              next,
            )
          : siblings.map((position) =>
              position === target ? { ...next, kept: { ...next.kept, position: target.kept.position } } : position,
            );
      return parent
        ? work.tree.map((position) =>
            position === parent ? { ...parent, children: among(parent.children) } : position,
          )
        : among(work.tree);
    });
  };

/** What both need: the positions that stand, what the item refers to, and the way back to a draft. */
async function begin(caller: Caller, invoices: Invoices, item: PositionItem, seen: Invoice, company: Tenant) {
  const faults: Fault[] = [];
  const tree = positionsOf(seen);
  const used = new Set(flattened(tree).map(({ id }) => id));
  const nextNumber = freeNumbers(tree);
  const references = await readReferences(caller, invoices, item, seen, faults);
  const groups = groupsIn(extrasOf(seen).groups, faults);
  const setting: Setting = {
    company,
    currency: seen.document.currency,
    references,
    convert: converter(invoices, seen, company),
    groupOf: groups.groupOf,
    faults,
  };

  const refuse = (path: Path, code: string, message: string) => faults.push({ in: 'body', path, code, message });

  function claim(id: string, path: Path): void {
    if (used.has(id))
      refuse([...path, 'id'], 'id_taken', `The invoice has a position "${id}" already; choose another id.`);
    else if (readPositionId(caller, id)) {
      refuse(
        [...path, 'id'],
        'invalid_id',
        'Ids of this form are given out by us; choose another one, or leave it out.',
      );
    }
    used.add(id);
  }

  /** The item in the place of `before`, or as a new position; `undefined` when something is wrong. */
  async function position(given: PositionItem | Child, before: Position | undefined, path: Path) {
    if (!before && given.id !== undefined) claim(given.id, path);
    if (before && given.id !== undefined && given.id !== before.id) {
      refuse([...path, 'id'], 'id_differs', `This is the position "${before.id}"; leave the id out.`);
    }
    const number = before?.number ?? nextNumber();
    const made = await toLine(given, before?.line ?? { id: String(number) }, setting, path);
    if (!made) return undefined;
    const { createdAt, id } = before?.kept ?? { createdAt: invoices.now(), id: given.id };
    const kept = { createdAt, ...(id !== undefined && { id }), position: given.position ?? 0, terms: made.terms };
    return { number, id: given.id ?? before?.id ?? positionId(seen.id, number), line: made.line, kept, children: [] };
  }

  /** The children that an item lists, in its order; one that was there before stays itself. */
  async function children(given: PositionItem, before: readonly Position[]): Promise<Position[]> {
    let list: Position[] = [];
    for (const [index, child] of (given.children ?? []).entries()) {
      const stands = before.find(({ id }) => id === child.id);
      if (stands && list.some(({ number }) => number === stands.number)) {
        refuse(['children', index, 'id'], 'id_taken', `The position "${stands.id}" is listed twice.`);
      }
      const made = await position(child, stands, ['children', index]);
      if (made) list = inserted(list, made);
    }
    return list;
  }

  /** The draft that `arrange` makes, unless something was wrong. */
  function end(arrange: () => readonly Position[]): Draft {
    if (faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults });
    return toDraft(seen, arrange(), groups.all(), references.customer);
  }

  return { tree, refuse, position, children, end };
}

/** Conversion by the rates of the invoice's day, read once; a day to come has none yet. */
function converter(invoices: Invoices, { document }: Invoice, { timeZone }: Tenant): Setting['convert'] {
  const today = todayIn(timeZone, invoices.now());
  const on = document.issueDate !== undefined && document.issueDate < today ? document.issueDate : today;
  let reading: ReturnType<Invoices['exchangeRates']['rates']> | undefined;
  const latest = () => {
    reading ??= invoices.exchangeRates.rates(on);
    return reading;
  };
  const { convert } = exchangeRates({ exchangeRates: latest });
  return (amount, from, decimals) => convert({ amount, from, to: document.currency, on, decimals });
}

/** The invoice with other positions. Figures that its caller had stated are those of other lines and go. */
function toDraft(seen: Invoice, tree: readonly Position[], names: Record<string, string>, customer?: Customer): Draft {
  const { number, series, businessEntityId, relatedInvoiceId, document, warnings } = seen;
  const { lines, positions, groups } = toLines(tree, names);
  const period = periodAfter(document.period, document.lines, lines);
  return {
    document: { ...document, lines, ...(period || document.period ? { period } : {}) },
    number,
    series,
    businessEntityId,
    relatedInvoiceId,
    warnings: warnings.filter(({ path: [top] }) => top !== 'totals' && top !== 'taxBreakdown'),
    extras: { ...seen.extras, positions: { positions, groups, ...(customer && { customer }) } },
  };
}
