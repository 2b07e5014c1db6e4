import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventSchemas, jsonSchemaOf } from '../../infra/event-schemas.ts';
import { eventTypes } from '../../lib/invoice/events.ts';

it.each(eventTypes)('%s has its schema in docs/events; `npm run events` writes it anew', (type) => {
  expect(JSON.parse(readFileSync(join(eventSchemas, `${type}.json`), 'utf8'))).toEqual(jsonSchemaOf(type));
});

it('there is no schema of what is no event', () => {
  expect(readdirSync(eventSchemas).sort()).toEqual(eventTypes.map((type) => `${type}.json`).sort());
});
