/**
 * Reference data over the native API: one set of routes for all kinds of `kinds.ts`. The names on the wire and the schemas
 * that check them are derived from the core's own, so that a new kind is here without a line.
 */
import * as z from 'zod';
import { InvoiceError } from '../../invoice/failure.ts';
import type { Answer } from '../../invoice/operation.ts';
import {
  type Entry,
  type FieldsOf,
  isReferenceKind,
  kinds,
  type ReferenceKind,
  type ReferenceOf,
} from '../../invoice/reference/kinds.ts';
import { answer, type Route, route } from '../contract.ts';
import { bodyAs } from '../faults.ts';
import { NoBody } from '../fields.ts';
import { camelCased, snake, snakeCased } from '../letter-case.ts';
import { IfMatch, seenBy } from './if-match.ts';
import { mergePatch } from './merge-patch.ts';
import { limit, Page, page } from './page.ts';

/** The same schema with every member's name as the wire has it; what stands in a list keeps its names. */
function onTheWire(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional) return onTheWire(schema.unwrap() as z.ZodType).optional();
  return schema instanceof z.ZodObject ? objectOnTheWire(schema) : schema;
}

const objectOnTheWire = ({ shape }: z.ZodObject): z.ZodObject =>
  z.strictObject(
    Object.fromEntries(Object.entries(shape).map(([name, member]) => [snake(name), onTheWire(member as z.ZodType)])),
  );

/** What a client writes of each kind. */
export const writtenFields = Object.fromEntries(
  Object.entries(kinds).map(([kind, { fields }]) => [kind, objectOnTheWire(fields)]),
) as Record<ReferenceKind, z.ZodObject>;

/** On creation there is an id as well where nothing but the client can choose one. */
const createdFields = (kind: ReferenceKind): z.ZodObject => {
  const { field, next } = kinds[kind].id;
  return next === undefined ? writtenFields[kind].extend({ id: field }) : writtenFields[kind];
};

/** Checked by the schema of the kind, which the path names. */
const AnyFields = z.record(z.string(), z.unknown());

const ListPath = z.object({ kind: z.string() });
const EntryPath = z.object({ kind: z.string(), id: z.string() });

const ListQuery = z.strictObject({
  limit,
  cursor: z.string().max(500).optional(),
  archived: z.enum(['true', 'false']).optional(),
});

const Resource = z.looseObject({
  id: z.union([z.string(), z.int()]),
  version: z.int(),
  archived: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});
const ResourceAnswer = z.object({ data: Resource });

function kindOf(text: string): ReferenceKind {
  if (isReferenceKind(text)) return text;
  throw new InvoiceError({ kind: 'not-found', what: 'route', id: text });
}

/** What was sent, in the core's names. */
const read = (schema: z.ZodObject, body: unknown) => camelCased(bodyAs(schema, body)) as FieldsOf<ReferenceKind>;

const resource = ({ id, version, archived, createdAt, updatedAt, ...fields }: Entry) =>
  snakeCased({ id, ...fields, version, archived, createdAt, updatedAt });

const answered =
  (status: number) =>
  (entry: Entry): Answer =>
    answer(status, { data: resource(entry) }, { ETag: `"${entry.version}"` });

/** The fields of an entry as they would be sent. */
function sent<K extends ReferenceKind>(entry: ReferenceOf<K>): unknown {
  const { id, version, archived, createdAt, updatedAt, ...fields } = entry;
  return snakeCased(fields);
}

export const referenceRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/reference/{kind}',
    summary: 'Create an entry of reference data',
    scope: 'reference:write',
    params: ListPath,
    body: AnyFields,
    status: 201,
    answer: ResourceAnswer,
    tells: ['ETag'],
    async run({ params, body, caller, operation }, { reference }) {
      const kind = kindOf(params.kind);
      return reference.create(caller, kind, read(createdFields(kind), body), { operation, render: answered(201) });
    },
  }),
  route({
    method: 'GET',
    path: '/reference/{kind}',
    summary: 'List entries of reference data in the order of their ids',
    scope: 'reference:read',
    params: ListPath,
    query: ListQuery,
    status: 200,
    answer: Page(Resource),
    async run({ params, query, caller }, { reference }) {
      const { limit = 50, cursor, archived } = query;
      const { entries, nextCursor } = await reference.list(caller, kindOf(params.kind), {
        limit,
        ...(cursor !== undefined && { cursor }),
        ...(archived !== undefined && { archived: archived === 'true' }),
      });
      return page(entries.map(resource), nextCursor);
    },
  }),
  route({
    method: 'GET',
    path: '/reference/{kind}/{id}',
    summary: 'Read an entry of reference data',
    scope: 'reference:read',
    params: EntryPath,
    status: 200,
    answer: ResourceAnswer,
    tells: ['ETag'],
    async run({ params, caller }, { reference }) {
      return answered(200)(await reference.get(caller, kindOf(params.kind), params.id));
    },
  }),
  route({
    method: 'PATCH',
    path: '/reference/{kind}/{id}',
    summary: 'Change members of an entry, or remove them with null',
    scope: 'reference:write',
    params: EntryPath,
    headers: IfMatch,
    body: AnyFields,
    status: 200,
    answer: ResourceAnswer,
    tells: ['ETag'],
    async run({ params, headers, body, caller, operation }, { reference }) {
      const kind = kindOf(params.kind);
      const edit = (entry: ReferenceOf<ReferenceKind>): FieldsOf<ReferenceKind> =>
        read(writtenFields[kind], mergePatch(sent(entry), body));
      const reply = { operation, render: answered(200) };
      return reference.change(caller, kind, params.id, edit, reply, seenBy(headers));
    },
  }),
  route({
    method: 'POST',
    path: '/reference/{kind}/{id}/archive',
    summary: 'Take an entry out of use; it stays readable',
    scope: 'reference:write',
    params: EntryPath,
    headers: IfMatch,
    body: NoBody,
    status: 200,
    answer: ResourceAnswer,
    tells: ['ETag'],
    async run({ params, headers, caller, operation }, { reference }) {
      const reply = { operation, render: answered(200) };
      return reference.archive(caller, kindOf(params.kind), params.id, reply, seenBy(headers));
    },
  }),
];
