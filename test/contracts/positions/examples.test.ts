/** Walks the golden examples: each is a draft, a request, and what its client sees. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PositionItem } from '../../../lib/contracts/positions/position-item.ts';
import { InvoiceResource, PositionResource } from '../../../lib/contracts/positions/resources.ts';
import { invoiceIn, newClient } from './client.ts';

const folder = join(import.meta.dirname, '../examples/positions');
const examples = readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))]);

it.each(examples)('%s', async (_, { about, draft, route, request, answer }) => {
  expect(about).toMatch(/\.$/);
  const client = newClient();
  const id = await client.draft(draft);
  const [first] = invoiceIn(await client.invoice(id)).positions;
  const answered = route ? await client.put(first?.id ?? '', request) : await client.add(id, request);
  expect(answered.status).toBe(route ? 200 : 201);
  expect(JSON.parse(answered.body)).toEqual(answer);
  InvoiceResource.parse(JSON.parse(answered.body));
  expect(await client.invoice(id)).toMatchObject({ status: 200, body: answered.body });
});

it('names every published field, in the published order', () => {
  const requested = examples.flatMap(([, { request }]) => Object.keys(request));
  expect(new Set(requested)).toEqual(new Set(Object.keys(PositionItem.shape)));
  for (const [, { answer }] of examples) {
    expect(Object.keys(answer)).toEqual(Object.keys(InvoiceResource.shape));
    for (const position of answer.positions) {
      expect(Object.keys(position)).toEqual(Object.keys(PositionResource.shape));
    }
  }
});
