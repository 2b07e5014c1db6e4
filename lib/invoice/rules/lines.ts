import { Decimal } from '../../money/decimal.ts';
import type { Line } from '../document.ts';
import type { Fault } from '../failure.ts';
import { allowanceRules } from './allowances.ts';
import { countries, unitCodeForm } from './code-lists.ts';
import { periodRules } from './periods.ts';
import { broken, brokenInEach, type Candidate, given, type Rule } from './rule.ts';

const lineRules: readonly Rule<Line>[] = [
  {
    id: 'BR-21',
    term: 'BT-126',
    path: ['id'],
    message: 'The line needs an identifier, such as its position.',
    holds: ({ id }) => given(id),
  },
  {
    id: 'BR-23',
    term: 'BT-130',
    path: ['unitCode'],
    message: 'The unit of the quantity is missing; use C62 for pieces or HUR for hours.',
    holds: ({ unitCode }) => given(unitCode),
  },
  {
    id: 'BR-CL-23',
    term: 'BT-130',
    path: ['unitCode'],
    code: 'unknown_code',
    message: 'This is no unit of UN/ECE Recommendation 20 or 21; use C62 for pieces or HUR for hours.',
    holds: ({ unitCode }) => !given(unitCode) || unitCodeForm.test(unitCode),
  },
  {
    id: 'BR-25',
    term: 'BT-153',
    path: ['name'],
    message: 'The line needs the name of what was sold.',
    holds: ({ name }) => given(name),
  },
  {
    id: 'BR-27',
    term: 'BT-146',
    path: ['price'],
    code: 'out_of_range',
    message: 'A price cannot be negative; negate the quantity instead, or issue a credit note.',
    holds: ({ price }) => !Decimal.of(price).isNegative,
  },
  {
    id: 'BR-64',
    term: 'BT-157',
    path: ['standardId', 'scheme'],
    message: "The item's standard identifier needs the scheme that it belongs to, such as 0160 for a GTIN.",
    holds: ({ standardId }) => !given(standardId?.value) || given(standardId.scheme),
  },
  {
    id: 'BR-CL-15',
    term: 'BT-159',
    path: ['originCountry'],
    code: 'unknown_code',
    message: 'This is no country of ISO 3166-1; use its two-letter code, such as DE.',
    holds: ({ originCountry }) => !given(originCountry) || countries.has(originCountry),
  },
];

const linePeriodRules = periodRules('BR-30', 'BR-CO-20', 'BT-134', 'BT-135');

const classificationRules: readonly Rule<{ listId?: string; value?: string }>[] = [
  {
    id: 'BR-65',
    term: 'BT-158',
    path: ['listId'],
    message: 'A classification needs the list that it comes from, such as STI for CPV.',
    holds: ({ listId, value }) => !given(value) || given(listId),
  },
];

const attributeRules: readonly Rule<{ name?: string; value?: string }>[] = [
  {
    id: 'BR-54',
    term: 'BG-32',
    path: [],
    message: 'An attribute of an item needs both its name and its value.',
    holds: ({ name, value }) => given(name) && given(value),
  },
];

const lineAllowanceRules = allowanceRules('allowance', ['BR-41', 'BT-136'], ['BR-42', 'BT-139']);
const lineChargeRules = allowanceRules('charge', ['BR-43', 'BT-141'], ['BR-44', 'BT-144']);

/** BG-25 to BG-32, but for VAT. */
export function lineFaults(candidate: Candidate): Fault[] {
  return candidate.document.lines.flatMap((line, index) => {
    const at = ['lines', index];
    return [
      ...broken(lineRules, line, at, candidate),
      ...(line.period ? broken(linePeriodRules, line.period, [...at, 'period'], candidate) : []),
      ...brokenInEach(lineAllowanceRules, line.allowances, [...at, 'allowances'], candidate),
      ...brokenInEach(lineChargeRules, line.charges, [...at, 'charges'], candidate),
      ...brokenInEach(classificationRules, line.classifications, [...at, 'classifications'], candidate),
      ...brokenInEach(attributeRules, line.attributes, [...at, 'attributes'], candidate),
    ];
  });
}
