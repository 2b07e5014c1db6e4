import { describe, expect, it } from 'vitest';
import { PositionItem } from '../../../lib/contracts/positions/position-item.ts';
import { ids, smallest } from './client.ts';

const faultsOf = (body: unknown): string[] => {
  const result = PositionItem.safeParse(body);
  return result.success ? [] : result.error.issues.map(({ path }) => path.join('.'));
};
const child = (member: object) => ({ ...smallest, children: [{ ...smallest, ...member }] });

describe.each([
  ['an item', '', (member: object) => ({ ...smallest, ...member })],
  ['a child', 'children.0.', child],
])('%s', (_, prefix, bodyWith) => {
  it.each([
    ['id', 'a', 'x'.repeat(64), '5b0f1d2c-3e4a-4f5b-8c6d-7e8f9a0b1c2d'],
    ['position', null, 0, 1, 999_999_999, '7', '0'],
    ['name', 'x', 'ä'.repeat(255), '😀'.repeat(255)],
    ['description', null, 'x', 'x'.repeat(10_000)],
    ['quantity', 1, 0, -1.5, '1', '-2.50', 999_999_999_999, '0.0000000001', 1e-10],
    ['unitId', ids.hour, ''],
    ['unitPrice', '0', '0.00', '-1', '999999999999.999', '1.0123456789', '007.10'],
    ['currencyCode', null, 'EUR', 'usd'],
    ['taxGroupId', null, ids.standard],
    ['serviceDateFrom', null, '2024-02-29', '2026-03-29T12:00:00+02:00'],
    ['serviceDateTo', null, '2024-02-29'],
    ['discountAmount', null, '0.00', '0', '12.5'],
    ['discountPercentage', null, 0.01, 99.99, '50', '12.50'],
    ['unitPriceInterval', null, 'monthly', ''],
    ['subscriptionItem', null, 'si_1'],
    ['product', null, ids.book],
    ['group', null, {}, { id: null, name: null }, { id: 'g', name: 'G' }],
    ['children', null, []],
    ['unknown', 1, {}, null],
  ])('takes %s', (name, ...values) => {
    for (const value of values) expect(faultsOf(bodyWith({ [name]: value })), String(value)).toEqual([]);
  });

  it.each([
    ['id', null, '', 'x'.repeat(65), 'a/b', 'a b', 'ä', 1],
    ['position', -1, 1.5, 1_000_000_000, 'x', '', true, {}],
    ['name', undefined, null, '', 'x'.repeat(256), 1],
    ['description', '', 'x'.repeat(10_001), 1],
    ['quantity', null, '', '1,5', 'x', 1e12, 1e-11, 0.1234567890123456, '1'.repeat(16), '1e400', [], true],
    ['unitId', undefined, null, 1, 'x'.repeat(65)],
    ['unitPrice', undefined, null, 1, '', '1,00', '1.', '.5', '1e3', '+1', ' 1', '1000000000000', '1.01234567891'],
    ['currencyCode', '', 'EURO', 'XXX', 1],
    ['taxGroupId', undefined, 1],
    ['serviceDateFrom', '', '2026-02-29', '01.02.2026', 1],
    ['serviceDateTo', '2026-13-01'],
    ['discountAmount', '-1', '1,5', 1],
    ['discountPercentage', 0, 100, -1, '0', '100', 'x'],
    ['unitPriceInterval', 'x'.repeat(256)],
    ['subscriptionItem', 'x'.repeat(256), {}],
    ['product', 'x'.repeat(65), {}],
    ['group', 'G', [], { name: 1 }],
    ['children', {}, 'x'],
  ])('refuses %s', (name, ...values) => {
    for (const value of values) {
      const [fault, ...rest] = faultsOf(bodyWith({ [name]: value }));
      expect([fault?.startsWith(prefix + name), rest], String(value)).toEqual([true, []]);
    }
  });

  it('takes one discount, not two', () => {
    const both = { discountAmount: '1.00', discountPercentage: 5 };
    expect(faultsOf(bodyWith(both))).toEqual([`${prefix}discountPercentage`]);
    expect(faultsOf(bodyWith({ ...both, discountAmount: '0.00' }))).toEqual([]);
    expect(faultsOf(bodyWith({ ...both, discountPercentage: null }))).toEqual([]);
  });
});

it('takes fifty children and not one more, and one item at a time', () => {
  const children = (count: number) => ({ ...smallest, children: Array.from({ length: count }, () => smallest) });
  expect(faultsOf(children(50))).toEqual([]);
  expect(faultsOf(children(51))).toEqual(['children']);
  expect(faultsOf([smallest])).toEqual(['']);
});

it('spells one value in one way', () => {
  const { quantity, unitPrice, currencyCode, position } = PositionItem.parse({
    ...smallest,
    quantity: '1.50',
    unitPrice: '010.00',
    currencyCode: 'eur',
    position: '2',
  });
  expect([quantity, unitPrice, currencyCode, position]).toEqual(['1.5', '10', 'EUR', 2]);
  expect(PositionItem.parse(smallest).quantity).toBe('1');
});
