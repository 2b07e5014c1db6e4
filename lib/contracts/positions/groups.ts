import { randomUUID } from 'node:crypto';
import type { Fault } from '../../invoice/failure.ts';
import type { PositionItem } from './position-item.ts';
import type { Extras } from './positions.ts';

/** The groups of an invoice: positions under a common headline. An id or a name that is new makes a new group. */
export function groupsIn(given: Extras['groups'], faults: Fault[]) {
  const names = new Map(Object.entries(given));

  return {
    /** The id of the group that an item asks for; a name that is sent along with an id is the group's from now on. */
    groupOf({ group }: Pick<PositionItem, 'group'>, path: Fault['path']): string | undefined {
      if (!group) return undefined;
      const named = group.name ? [...names].find(([, name]) => name === group.name)?.[0] : undefined;
      const id = group.id || (named ?? randomUUID());
      const name = group.name || names.get(id);
      if (name === undefined) {
        const message = 'Give the name of the group, or the id of one that the invoice has.';
        faults.push({ in: 'body', path: [...path, 'name'], code: 'required', message });
        return undefined;
      }
      names.set(id, name);
      return id;
    },
    all: (): Extras['groups'] => Object.fromEntries(names),
  };
}
