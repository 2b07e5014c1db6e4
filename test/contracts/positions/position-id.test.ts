import { expect, it } from 'vitest';
import { nextNumber, numbersOf, positionId, readPositionId } from '../../../lib/contracts/positions/position-id.ts';
import { invoiceId } from '../../../lib/invoice/identity.ts';

const scope = { tenant: 't', mode: 'live' } as const;

it.each([1, 255, 2 ** 23, 2 ** 24 - 1])(
  'number %i goes into an id and comes out of it, in its own scope only',
  (number) => {
    const invoice = invoiceId(scope, 7);
    const id = positionId(invoice, number);
    expect(readPositionId(scope, id)).toEqual({ invoice, number });
    expect(readPositionId({ ...scope, mode: 'test' }, id)).toBeUndefined();
    expect(readPositionId(scope, invoice)).toBeUndefined();
  },
);

it('a new number is above all line ids that are numbers, or the first free one', () => {
  expect(nextNumber(new Set())).toBe(1);
  expect(nextNumber(new Set([3, 1, 2 ** 23 + 5]))).toBe(4);
  expect(nextNumber(new Set([1, 2 ** 23 - 1]))).toBe(2);
});

it('numbers stay when lines around theirs come and go', () => {
  const [one, two] = numbersOf([{ id: 'one' }, { id: 'two' }]);
  expect(numbersOf([{ id: '5' }, { id: 'two' }, { id: 'x' }, { id: 'one' }])).toEqual([
    5,
    two,
    expect.any(Number),
    one,
  ]);
});

it('many lines of one id get numbers in one pass: looking for each from the start would outlast any test', () => {
  const many = Array.from({ length: 100_000 }, () => ({ id: '1' }));
  expect(new Set(numbersOf(many)).size).toBe(100_000);
});
