/** JSON Schemas for OpenAPI documents: of what contracts validate, and of what is only known by example. */
import * as z from 'zod';

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
export type JsonObject = { [member: string]: Json };

export type Schemas = ReturnType<typeof schemas>;

/**
 * The schemas of one document. Those that are named go to its components: by the `id` of their metadata, or as whoever used
 * them first called them.
 */
export function schemas() {
  const names = new Map<z.ZodType, string>();
  const components: JsonObject = {};

  /**
   * What a schema takes. This is right for answers too: their code is checked against the input side, and what comes out
   * on the other is for the core.
   */
  function inline(schema: z.ZodType): JsonObject {
    const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    for (const [name, definition] of Object.entries(moved($defs))) components[name] = definition;
    return moved(rest);
  }

  function named(schema: z.ZodType, otherwise: string): JsonObject {
    const name = names.get(schema) ?? schema.meta()?.id ?? otherwise;
    if (!names.has(schema)) {
      names.set(schema, name);
      components[name] = inline(schema);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  return { inline, named, components };
}

/** The same with its references pointing into the document's components. */
const moved = (value: object): JsonObject =>
  JSON.parse(JSON.stringify(value).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'));

/** The narrowest schema that all of the values satisfy. */
export function schemaOfExamples(values: readonly Json[]): JsonObject {
  const types = [...new Set(values.map(typeOf))].sort();
  const objects = values.filter((value) => typeOf(value) === 'object') as JsonObject[];
  const entries = values.filter(Array.isArray).flat();
  const members = [...new Set(objects.flatMap((value) => Object.keys(value)))];
  const always = members.filter((name) => objects.every((value) => Object.hasOwn(value, name)));
  return {
    type: types.length === 1 ? (types[0] as string) : types,
    ...(members.length > 0 && {
      properties: Object.fromEntries(
        members.map((name) => [
          name,
          schemaOfExamples(objects.flatMap((value) => (Object.hasOwn(value, name) ? [value[name] as Json] : []))),
        ]),
      ),
    }),
    ...(always.length > 0 && { required: always }),
    ...(entries.length > 0 && { items: schemaOfExamples(entries) }),
  };
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}
