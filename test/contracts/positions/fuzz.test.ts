/** Whatever is sent, no caller's mistake is our failure. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PositionItem } from '../../../lib/contracts/positions/position-item.ts';
import { ids, newClient, smallest } from './client.ts';

const known = Object.values(ids);
const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    ...known,
    null,
    '',
    '0',
    '-1',
    '999999999999',
    '0.0000000001',
    999_999_999_999,
    'USD',
    'KWD',
    '__proto__',
  ),
);
const members = fc.dictionary(fc.constantFrom(...Object.keys(PositionItem.shape)), odd, { maxKeys: 6 });
const like = members.map((odds) => ({ ...smallest, ...odds }));
const body = fc.oneof(
  fc.jsonValue(),
  like,
  fc.tuple(like, fc.array(like, { maxLength: 3 })).map(([item, children]) => ({ ...item, children })),
);

it('any body gets an answer that says what became of it', async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 4 }), async (bodies) => {
      const client = newClient();
      const id = await client.draft();
      const position = `${id.slice(0, 14)}4000-9001${id.slice(23)}`;
      for (const one of bodies) {
        for (const answer of [await client.add(id, one), await client.put(position, one), await client.invoice(id)]) {
          expect(answer.status, answer.body).toBeLessThan(500);
          statuses.add(answer.status);
        }
      }
    }),
    { numRuns: 300 },
  );
  expect([...statuses].sort()).toEqual([200, 201, 422]);
});

it('figures at the end of the range are refused, or shown exactly', async () => {
  const amount = fc.constantFrom('999999999999', '-999999999999', '90071992547.4', '0.01', '-0.01');
  const item = fc.record({ unitPrice: amount, quantity: fc.constantFrom(1, -1, 90_071, 999, '0.0001') });
  await fc.assert(
    fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 6 }), async (items) => {
      const client = newClient();
      const id = await client.draft();
      for (const one of items) {
        const answer = await client.add(id, { ...smallest, ...one, discountAmount: '999999999998.99' });
        expect([201, 422], answer.body).toContain(answer.status);
        expect((await client.add(id, { ...smallest, ...one })).status).toBeLessThan(500);
      }
      expect((await client.invoice(id)).status).toBe(200);
    }),
    { numRuns: 100 },
  );
});
