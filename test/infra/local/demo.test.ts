/** The demo's reference data is what the native API would have let in, and all that `demo.json` promises. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoTenants } from '../../../infra/local/demo.ts';
import { demoReference, seedRates, seedReference } from '../../../infra/local/demo-reference.ts';
import { connect } from '../../../lib/dynamo/connection.ts';
import { exchangeRateStore } from '../../../lib/dynamo/rates.ts';
import { dynamoStore } from '../../../lib/dynamo/store.ts';
import { kinds, type ReferenceKind } from '../../../lib/invoice/reference/kinds.ts';
import { referenceData } from '../../../lib/invoice/reference/reference.ts';
import { clientOf, createTable, type Engine, startEngine } from '../../support/engine.ts';
import { caller } from '../../support/fixtures.ts';

const at = '2026-07-27T09:00:00.000Z';
let engine: Engine;
const open = () => connect(clientOf(engine.endpoint), 'demo');

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, 'demo');
  // Two servers may start at once.
  await Promise.all(demoTenants.flatMap((demo) => [1, 2].map(() => seedReference(open(), demo, at))));
  await seedRates(open(), '2026-07-27');
});
afterAll(() => engine.stop());

const tenants = demoTenants.flatMap((demo) =>
  (['live', 'test'] as const).map((mode) => [demo.tenant.slug, mode, demo] as const),
);

describe.each(tenants)('%s in mode %s', (_, mode, demo) => {
  const by = { ...caller, tenant: demo.tenant.id, mode };
  const reference = () => referenceData({ store: dynamoStore(open()), now: () => at });

  it.each(Object.keys(kinds) as ReferenceKind[])('has sound %s', async (kind) => {
    const { entries } = await reference().list(by, kind, { limit: 100 });
    expect(entries.length > 0).toBe(kind !== 'frozen-months');
    for (const entry of entries) {
      // A change to what stands already passes every check that a new entry passes.
      const { id, version, archived, createdAt, updatedAt, ...fields } = entry;
      expect(kinds[kind].id.field.parse(id)).toBe(id);
      expect(kinds[kind].fields.parse(fields)).toEqual(fields);
      const render = () => ({ status: 200, headers: {}, body: '' });
      await reference().change(by, kind, id, () => fields as never, { render });
    }
  });

  it('has what its ids say', async () => {
    const ids = demoReference(demo);
    const { find } = reference();
    const project = await find(by, 'projects', ids.project_id);
    expect(project).toMatchObject({ archived: false, hasJobOrder: true, budget: { currency: 'EUR' } });
    expect(project?.projectManagers).toEqual([expect.stringMatching(/^key_[0-9a-f]{16}$/)]);
    expect(await find(by, 'projects', ids.archived_project_id)).toMatchObject({ archived: true });
    const named = [
      find(by, 'business-entities', ids.business_entity_id),
      find(by, 'customers', ids.customer_id),
      find(by, 'units', ids.unit_id),
      find(by, 'tax-groups', ids.tax_group_id),
      find(by, 'products', ids.product_id),
      find(by, 'counterparties', ids.counterparty_id),
      find(by, 'stripe-connections', ids.stripe_connection_id),
      find(by, 'vat-rates', ids.vat_rate_id),
      find(by, 'payment-terms', ids.payment_term_id),
      find(by, 'budget-areas', ids.budget_area_uid),
    ];
    expect(await Promise.all(named)).not.toContain(undefined);
  });

  it('counts on from its own ids', async () => {
    const next = await dynamoStore(open()).nextReferenceId({ scope: by, kind: 'projects' });
    expect(next).toBeGreaterThan(2);
  });
});

it('has rates for every day of the last week', async () => {
  const { exchangeRates } = exchangeRateStore(open());
  for (const day of ['2026-07-27', '2026-07-26', '2026-07-20', '2026-07-14']) {
    expect(await exchangeRates(day)).toMatchObject({
      source: 'demo',
      rates: { USD: expect.stringMatching(/^1\.1\d+$/) },
    });
  }
  expect(await exchangeRates('2026-07-26')).toMatchObject({ date: '2026-07-24' });
});
