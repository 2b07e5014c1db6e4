import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCursor, sealCursor } from '../../lib/invoice/cursor.ts';

const [secret, list] = ['secret', 'reference/units?archived='];

describe('a cursor', () => {
  it('opens to the position that it was made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (position) => {
        expect(openCursor(secret, list, sealCursor(secret, list, position))).toBe(position);
      }),
    );
  });

  it('can stand in a query as it is', () => {
    expect(sealCursor(secret, list, 'ä/?&#% ')).toMatch(/^[\w-]+$/);
  });

  it.each([
    ['another scope', 'other', list],
    ['another kind', secret, 'reference/products?archived='],
    ['another filter', secret, 'reference/units?archived=true'],
  ])('of %s is refused', (_, otherSecret, otherList) => {
    expect(() => openCursor(otherSecret, otherList, sealCursor(secret, list, '7'))).toThrow('invalid');
  });

  it('that was changed anywhere is refused', () => {
    const cursor = sealCursor(secret, list, 'position');
    for (let at = 0; at < cursor.length; at++) {
      const changed = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1);
      expect(() => openCursor(secret, list, changed)).toThrow('invalid');
      expect(() => openCursor(secret, list, cursor.slice(0, at))).toThrow('invalid');
    }
    for (const more of ['=', ' ', 'A', '\n']) expect(() => openCursor(secret, list, cursor + more)).toThrow('invalid');
  });

  it('is never made up', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => openCursor(secret, list, text)).toThrow('invalid');
      }),
    );
  });
});
