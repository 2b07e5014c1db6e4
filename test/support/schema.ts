import type * as z from 'zod';

type Schema = z.core.JSONSchema.BaseSchema;

/** The paths of all members in a JSON schema: `items[].name`. */
export function leaves(schema: Schema, path = ''): string[] {
  const forms = (schema.anyOf ?? [schema]) as Schema[];
  return forms.flatMap((form) => [
    ...Object.entries(form.properties ?? {}).flatMap(([name, member]) => {
      const place = path ? `${path}.${name}` : name;
      return [place, ...leaves(member as Schema, place)];
    }),
    ...(form.items ? leaves(form.items as Schema, `${path}[]`) : []),
  ]);
}

/** The paths of a value's members, as `leaves` writes them. */
export function membersOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => membersOf(entry, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const place = path ? `${path}.${name}` : name;
    return [place, ...membersOf(member, place)];
  });
}
