import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CreateInvoice } from '../../lib/contracts/invoices/create-invoice.ts';
import { toDraft } from '../../lib/contracts/invoices/to-draft.ts';
import { calculate } from '../../lib/invoice/calculate.ts';
import type { Figures, TaxGroup } from '../../lib/invoice/document.ts';
import { findings } from '../../lib/invoice/rules.ts';
import { Decimal } from '../../lib/money/decimal.ts';
import { tenant } from '../support/fixtures.ts';

/** Published e-invoices with their own totals; a folder beside the project, because they are not ours to pass on. */
const folder = process.env.EN16931_CASES;

interface ExpectedGroup {
  category_code: string;
  rate?: number;
  taxable_amount: number;
  tax_amount: number;
  exemption_reason?: string;
}

describe.skipIf(!folder)(
  `published EN 16931 invoices${folder ? '' : ' (skipped: EN16931_CASES names no folder)'}`,
  () => {
    const files = folder ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

    it('are there', () => {
      expect(files.length).toBeGreaterThan(0);
    });

    it.each(files)('%s', (file) => {
      const { request, expected } = JSON.parse(readFileSync(join(folder ?? '', file), 'utf8'));
      const { document, number } = toDraft(CreateInvoice.parse(request), tenant);
      const figures = calculate(document);

      expect(publishedTotals(figures)).toEqual(expected.totals);
      expect(figures.lines.map(({ net }) => net)).toEqual(expected.line_amounts);
      expect(byGroup(figures.taxBreakdown.map(publishedGroup))).toEqual(byGroup(expected.tax_breakdown));
      expect(findings(document, figures, { number })).toEqual([]);
    });
  },
);

function publishedTotals({ totals }: Figures) {
  return {
    line_extension_amount: totals.lineExtension,
    allowance_total_amount: totals.allowances,
    charge_total_amount: totals.charges,
    tax_exclusive_amount: totals.taxExclusive,
    tax_amount: totals.tax,
    tax_inclusive_amount: totals.taxInclusive,
    paid_amount: totals.prepaid,
    payable_rounding_amount: totals.rounding,
    payable_amount: totals.payable,
  };
}

function publishedGroup({ taxCategory, taxRate, taxable, tax, exemptionReason }: TaxGroup): ExpectedGroup {
  return {
    category_code: taxCategory,
    rate: Number(taxRate ?? 0),
    taxable_amount: taxable,
    tax_amount: tax,
    exemption_reason: exemptionReason,
  };
}

/** In one order; where no rate was published it is 0, which the norm does not tell apart. */
function byGroup(groups: ExpectedGroup[]): ExpectedGroup[] {
  return groups
    .map((group) => ({ rate: 0, ...group }))
    .sort((a, b) => a.category_code.localeCompare(b.category_code) || Decimal.of(a.rate).compare(Decimal.of(b.rate)));
}
