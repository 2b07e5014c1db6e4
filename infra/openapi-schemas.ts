/** JSON Schemas for OpenAPI documents, from the schemas that contracts have. */
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
