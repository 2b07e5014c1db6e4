import { expect, it } from 'vitest';
import type { Series } from '../../lib/invoice/model.ts';
import { formatNumber, placeIn } from '../../lib/invoice/number.ts';

const seriesOf = (pattern: string, reset: Series['reset'] = 'yearly'): Series => ({
  name: 'INV',
  pattern,
  start: 1,
  reset,
});

it.each([
  'INV-{year}-{number:5}',
  '{number}',
  '{year}{month}/{number:3}',
  // A year or a month may come twice.
  '{year}-{number}-{year}',
  '{month}.{number}.{month}.{year}',
  // White space may stand beside what is filled in, and around the whole.
  'RE {year} {number}',
  ' Rechnung {number} / {year} ',
  // What a regular expression would read.
  '(a+) [{year}] {number}?',
])('finds the place of a number that the pattern %s wrote', (pattern) => {
  const series = seriesOf(pattern, pattern.includes('{year}') ? 'yearly' : 'never');
  const period = series.reset === 'yearly' ? '2026' : 'all';
  for (const ordinal of [1, 42, 99_999, 1_234_567]) {
    expect(placeIn(series, formatNumber(series, '2026-03-29', ordinal))).toEqual({ name: 'INV', period, ordinal });
  }
});

it.each([
  ['INV-{year}-{number:5}', 'INV-2026-42'],
  ['INV-{year}-{number:5}', 'XINV-2026-00042'],
  ['{year}-{number}-{year}', '2026-7-2025'],
  ['{number}', '007'],
])('finds none of %s in %s', (pattern, number) => {
  expect(placeIn(seriesOf(pattern), number)).toBeUndefined();
});

it('compares as numbers are compared: without white space around them and letter case', () => {
  expect(placeIn(seriesOf('Inv-{year}-{number}'), ' iNV-2026-7 ')).toEqual({ name: 'INV', period: '2026', ordinal: 7 });
});
