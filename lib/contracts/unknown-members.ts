import type { Fault } from '../invoice/failure.ts';
import type { Warning } from '../invoice/model.ts';

type Path = Fault['path'];

/** How many unknown members are named one by one. */
const mostNamed = 50;

/**
 * The members of a request that its schema does not know, at any depth. A schema drops what it does not know, so they are
 * what stands in the value as given and not in the value as read.
 */
export function unknownMembers(given: unknown, read: unknown, path: Path = []): Path[] {
  if (Array.isArray(given)) {
    return Array.isArray(read)
      ? given.flatMap((entry, index) => unknownMembers(entry, read[index], [...path, index]))
      : [];
  }
  if (!isObject(given) || !isObject(read)) return [];
  return Object.entries(given).flatMap(([name, member]) =>
    Object.hasOwn(read, name) ? unknownMembers(member, read[name], [...path, name]) : [[...path, name]],
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Unknown members as warnings, so that a typing error does not vanish. */
export function unknownMemberWarnings(paths: Path[]): Warning[] {
  const named = paths.slice(0, mostNamed).map((path) => ({
    code: 'unknown_field',
    path,
    message: 'There is no such field; it was ignored. Check its spelling.',
  }));
  const rest = paths.length - named.length;
  if (rest === 0) return named;
  return [...named, { code: 'unknown_field', path: [], message: `${rest} more unknown fields were ignored.` }];
}
