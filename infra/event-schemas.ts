/** `npm run events`: a JSON Schema (2020-12) for each type of event, from the schemas of the catalogue. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type EventType, eventSchema, eventTypes } from '../lib/invoice/events.ts';

/** Where the schemas are kept, to be read and compared. */
export const eventSchemas = fileURLToPath(new URL('../docs/events', import.meta.url));

/** Open for members to come: who reads events ignores what it does not know. */
export const jsonSchemaOf = (type: EventType): object => ({
  title: type,
  ...z.toJSONSchema(eventSchema(type), { io: 'input' }),
});

if (import.meta.main) {
  rmSync(eventSchemas, { recursive: true, force: true });
  mkdirSync(eventSchemas, { recursive: true });
  for (const type of eventTypes) {
    writeFileSync(join(eventSchemas, `${type}.json`), `${JSON.stringify(jsonSchemaOf(type), null, 2)}\n`);
  }
}
