/** What the ids in requests to the demo companies stand for: the same in both modes, so that a test key finds it too. */
import type { Connection } from '../../lib/dynamo/connection.ts';
import { keyFor } from '../../lib/dynamo/keys.ts';
import { exchangeRateStore } from '../../lib/dynamo/rates.ts';
import { referenceStore } from '../../lib/dynamo/reference.ts';
import { addDays } from '../../lib/invoice/calendar.ts';
import type { CalendarDate } from '../../lib/invoice/document.ts';
import { type Mode, modes } from '../../lib/invoice/model.ts';
import { type FieldsOf, kinds, type ReferenceKind, type ReferenceOf } from '../../lib/invoice/reference/kinds.ts';
import type { DemoTenant } from './demo.ts';

type Fields = { [K in ReferenceKind]?: Record<string, FieldsOf<K>> };

/** Ids that nobody else has: the tenant's own with another end. */
const uuid = ({ tenant }: DemoTenant, last: number) => tenant.id.slice(0, 24) + String(last).padStart(12, '0');
const objectId = (demo: DemoTenant, last: number) => uuid(demo, last).replaceAll('-', '').slice(8);

/** The ids of what the demo companies have, for `demo.json`. */
export const demoReference = (demo: DemoTenant) => ({
  company: demo.tenant.slug,
  business_entity_id: demo.tenant.defaultBusinessEntityId,
  customer_id: uuid(demo, 1),
  unit_id: uuid(demo, 2),
  tax_group_id: uuid(demo, 3),
  product_id: uuid(demo, 4),
  counterparty_id: objectId(demo, 1),
  stripe_connection_id: objectId(demo, 2),
  project_id: 1,
  archived_project_id: 2,
  vat_rate_id: 1,
  payment_term_id: 1,
  budget_area_uid: 'design',
});

function entriesOf(demo: DemoTenant, manager: string): Fields {
  const { seller, bankAccount, buyer, rates } = demo;
  const ids = demoReference(demo);
  const { name, address } = buyer;
  const [standard] = rates;
  const budget = { currency: demo.tenant.currency, createdOn: '2026-01-05' };
  const project = { projectManagers: [manager], clientId: ids.customer_id, hasJobOrder: true, budget };
  return {
    'business-entities': { [ids.business_entity_id]: { seller, bankAccount } },
    'tax-groups': {
      [ids.tax_group_id]: { ...standard, isDefault: true },
      ...Object.fromEntries(rates.slice(1).map((rate, index) => [uuid(demo, 10 + index), rate])),
    },
    units: {
      [ids.unit_id]: { name: 'Hour', code: 'HUR' },
      [uuid(demo, 20)]: { name: 'Piece', code: 'C62' },
    },
    customers: {
      [ids.customer_id]: {
        customerNumber: 'C-1001',
        companyName: name,
        currencyCode: demo.tenant.currency,
        timeZone: demo.tenant.timeZone,
        status: 'active',
        address,
        email: 'accounts@buyer.example',
        defaultTaxGroupId: ids.tax_group_id,
        dueDays: 30,
      },
    },
    products: {
      [ids.product_id]: { name: 'Consulting', defaultTaxGroupId: ids.tax_group_id, unitId: ids.unit_id },
    },
    counterparties: {
      [ids.counterparty_id]: {
        accountName: name,
        accountNumber: '10001',
        email: 'accounts@buyer.example',
        type: 'customer',
        address: { city: address.city, cca2: address.country, line1: address.street, postalCode: address.postalCode },
      },
    },
    'stripe-connections': { [ids.stripe_connection_id]: { name: 'Stripe', accountId: 'acct_demo' } },
    projects: {
      [ids.project_id]: { ...project, name: 'Website', state: 'open' },
      [ids.archived_project_id]: { ...project, name: 'Old website', state: 'closed' },
    },
    'budget-areas': {
      [ids.budget_area_uid]: { projectId: ids.project_id, name: 'Design' },
      development: { projectId: ids.project_id, name: 'Development' },
    },
    'vat-rates': Object.fromEntries(rates.map((rate, index) => [index + 1, rate])),
    'payment-terms': {
      1: { name: '30 days net', netDays: 30 },
      2: { name: '30 days, end of month', netDays: 30, endOfMonth: true },
    },
  };
}

/** Stores what is missing, in both modes. */
export async function seedReference(connection: Connection, demo: DemoTenant, at: string): Promise<void> {
  const { insertReference, nextReferenceId } = referenceStore(connection);
  const { archived_project_id } = demoReference(demo);
  for (const mode of modes) {
    const scope = { tenant: demo.tenant.id, mode };
    for (const [name, entries] of Object.entries(entriesOf(demo, keyId(demo, mode)))) {
      const kind = name as ReferenceKind;
      const counted = kinds[kind].id.next === 'counter';
      for (const [key, fields] of Object.entries(entries)) {
        const id = counted ? Number(key) : key;
        const archived = kind === 'projects' && id === archived_project_id;
        const entry = {
          id,
          version: 1,
          archived,
          createdAt: at,
          updatedAt: at,
          ...fields,
        } as ReferenceOf<ReferenceKind>;
        await insertReference({ scope, kind, entry });
        // The counter goes past what it did not give out.
        if (counted) await nextReferenceId({ scope, kind });
      }
    }
  }
}

/** The key that manages the demo project: ids of keys follow from their secrets. */
const keyId = ({ keys, tenant }: DemoTenant, mode: Mode): string =>
  keyFor(mode === 'live' ? keys.full : keys.test, { tenant: tenant.id, mode, scopes: [], plan: '', name: '' }, '').id;

/** Plausible, and made up. */
const demoRates = {
  USD: 1.1412,
  GBP: 0.8613,
  CHF: 0.9386,
  JPY: 163.27,
  SEK: 10.982,
  NOK: 11.415,
  DKK: 7.4604,
  PLN: 4.2345,
};

/** Rates for the last two weeks' working days, so that every conversion finds some. */
export async function seedRates(connection: Connection, today: CalendarDate): Promise<void> {
  const { putExchangeRates } = exchangeRateStore(connection);
  const days = Array.from({ length: 14 }, (_, back) => addDays(today, -back));
  const working = days.filter((date) => ![0, 6].includes(new Date(date).getUTCDay()));
  await Promise.all(
    working.map((date) => {
      // A little up and down from day to day, the same at every start.
      const drift = 1 + ((Number(date.slice(-2)) % 7) - 3) / 1000;
      const rates = Object.entries(demoRates).map(([code, rate]) => [code, String(Number((rate * drift).toFixed(4)))]);
      return putExchangeRates({ date, source: 'demo', rates: Object.fromEntries(rates) });
    }),
  );
}
