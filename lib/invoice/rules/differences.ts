/** Figures that a caller stated, held against ours. */
import { Decimal } from '../../money/decimal.ts';
import type { Figures, MinorUnits, StatedFigures, TaxGroup, Totals } from '../document.ts';
import type { Fault } from '../failure.ts';
import { categories } from './tax-categories.ts';

/** The totals that are results. Paid amount and rounding (BT-113, BT-114) are facts: they went into the calculation. */
const totals: readonly { member: keyof Totals; rule: string; term: string }[] = [
  { member: 'lineExtension', rule: 'BR-CO-10', term: 'BT-106' },
  { member: 'allowances', rule: 'BR-CO-11', term: 'BT-107' },
  { member: 'charges', rule: 'BR-CO-12', term: 'BT-108' },
  { member: 'taxExclusive', rule: 'BR-CO-13', term: 'BT-109' },
  { member: 'tax', rule: 'BR-CO-14', term: 'BT-110' },
  { member: 'taxInclusive', rule: 'BR-CO-15', term: 'BT-112' },
  { member: 'payable', rule: 'BR-CO-16', term: 'BT-115' },
];

/** A fault for each figure of the caller's that is not ours; figures that the caller left out are not compared. */
export function differences(stated: StatedFigures, figures: Figures): Fault[] {
  return [
    ...totals.flatMap(({ member, rule, term }) =>
      compared(['totals', member], rule, term, stated.totals?.[member], figures.totals[member]),
    ),
    ...breakdownDifferences(stated.taxBreakdown ?? [], figures.taxBreakdown),
  ];
}

/** A breakdown that was stated is meant to be complete: each of our groups must be among its own. */
function breakdownDifferences(stated: Partial<TaxGroup>[], groups: TaxGroup[]): Fault[] {
  if (stated.length === 0) return [];
  const missing = new Set(groups);
  const faults = stated.flatMap((group, index) => {
    const ours = [...missing].find((candidate) => isSameGroup(group, candidate));
    if (ours) missing.delete(ours);
    const at = ['taxBreakdown', index];
    return [
      ...compared([...at, 'taxable'], familyRule(group, '08'), 'BT-116', group.taxable, ours?.taxable ?? 0),
      ...compared([...at, 'tax'], 'BR-CO-17', 'BT-117', group.tax, ours?.tax ?? 0),
    ];
  });
  const unstated = [...missing].map(
    (group): Fault => ({
      in: 'body',
      path: ['taxBreakdown'],
      code: 'required',
      message: 'The stated VAT breakdown lacks a group that the invoice has; add it or leave the breakdown out.',
      rule: familyRule(group, '01'),
      term: 'BT-118',
      expected: [group.taxCategory, group.taxRate].filter((part) => part !== undefined).join(' '),
      given: null,
    }),
  );
  return [...faults, ...unstated];
}

function compared(
  path: Fault['path'],
  rule: string | undefined,
  term: string,
  given: MinorUnits | undefined,
  expected: MinorUnits,
): Fault[] {
  if (given === undefined || given === expected) return [];
  const message = 'The stated figure is not what the invoice comes to; state the expected one or leave it out.';
  return [{ in: 'body', path, code: 'differs', message, rule, term, expected, given }];
}

/** What was not stated fits; no rate and a rate of 0 are the same. */
function isSameGroup({ taxCategory, taxRate }: Partial<TaxGroup>, ours: TaxGroup): boolean {
  if (taxCategory !== undefined && taxCategory !== ours.taxCategory) return false;
  return taxRate === undefined || Decimal.of(taxRate).equals(Decimal.of(ours.taxRate ?? 0));
}

function familyRule({ taxCategory }: Partial<TaxGroup>, number: string): string | undefined {
  const family = categories.get(taxCategory ?? '');
  return family && `${family.prefix}-${number}`;
}
