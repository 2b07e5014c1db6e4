/** Two companies to try things with. Their ids and keys are fixed and public: they exist in local tables only. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { contracts } from '../../lib/contracts/index.ts';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { eventSources } from '../../lib/dynamo/event-sources.ts';
import { hashOf, keyFor, putKey } from '../../lib/dynamo/keys.ts';
import { todayIn } from '../../lib/invoice/calendar.ts';
import type { Address, BankAccount } from '../../lib/invoice/document.ts';
import { type Mode, modes, type Series, type Tenant } from '../../lib/invoice/model.ts';
import type { FieldsOf } from '../../lib/invoice/reference/kinds.ts';
import { scopesOf } from '../scopes.ts';
import type { ApiKeys } from './api-keys.ts';
import { seedRates, seedReference } from './demo-reference.ts';
import { accountId } from './template.ts';
import type { UsagePlan } from './usage-plans.ts';

export interface DemoTenant {
  readonly tenant: Tenant;
  readonly seller: FieldsOf<'business-entities'>['seller'];
  readonly bankAccount: BankAccount;
  readonly buyer: { name: string; address: Address };
  /** The standard rate first. */
  readonly rates: readonly [FieldsOf<'vat-rates'>, ...FieldsOf<'vat-rates'>[]];
  readonly keys: Readonly<Record<KeyName, string>>;
  /** Events of that source, of the account that the local stack plays, ask for this company's invoices. */
  readonly eventSource: string;
}

type KeyName = 'full' | 'read_only' | 'test';

const scopes = scopesOf(contracts);

const grants: Record<KeyName, { mode: Mode; scopes: string[] }> = {
  full: { mode: 'live', scopes: scopes.full },
  read_only: { mode: 'live', scopes: scopes.read_only },
  test: { mode: 'test', scopes: scopes.full },
};

const plan = 'premium';

const series: Series = { name: 'INV', pattern: 'INV-{year}-{number:5}', start: 1, reset: 'yearly' };

const creditSeries: Series = { ...series, name: 'CN', pattern: 'CN-{year}-{number:5}' };

/** What the contract of that name counts on with. */
const bookkeepingSeries: Series = { name: 'bookkeeping', pattern: '{number:4}', start: 1, reset: 'never' };

/** The series that each demo company has in both modes. */
export const demoSeries: readonly Series[] = [series, creditSeries, bookkeepingSeries];

export const demoTenants: readonly DemoTenant[] = [
  {
    tenant: {
      id: '6f1f64a5-0a4e-4a39-9c0e-2f1c6d9a1b01',
      slug: 'spreebogen',
      name: 'Spreebogen Software GmbH',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      defaultSeries: series.name,
      creditSeries: creditSeries.name,
      defaultBusinessEntityId: 'a3b0f7de-58c4-4c43-8a4b-5d0c9e7f1b11',
      paymentDays: 14,
    },
    seller: {
      name: 'Spreebogen Software GmbH',
      companyId: { value: 'HRB 700001 B' },
      vatNumber: 'DE123456788',
      address: { street: 'Reichstagufer 14', city: 'Berlin', postalCode: '10117', country: 'DE' },
      contact: { name: 'Jonas Weber', phone: '+49 30 5550100', email: 'billing@spreebogen.example' },
    },
    bankAccount: { iban: 'DE89370400440532013000', accountName: 'Spreebogen Software GmbH' },
    buyer: {
      name: 'Havel Kontor AG',
      address: { street: 'Uferweg 3', city: 'Potsdam', postalCode: '14467', country: 'DE' },
    },
    rates: [
      { name: '19 %', percent: 19, category: 'S' },
      { name: '7 %', percent: 7, category: 'S' },
      { name: 'Exempt', percent: 0, category: 'E', exemptionReason: 'Exempt under section 4 UStG' },
    ],
    keys: {
      full: 'sk_live_demo_spreebogen_full_0001',
      read_only: 'sk_live_demo_spreebogen_read_0001',
      test: 'sk_test_demo_spreebogen_full_0001',
    },
    eventSource: 'demo.orders',
  },
  {
    tenant: {
      id: '0b7c2f0e-93a1-4f6d-b8a5-7e4d3c2b1a02',
      slug: 'liffey',
      name: 'Liffey Design Ltd',
      timeZone: 'Europe/Dublin',
      currency: 'EUR',
      defaultSeries: series.name,
      creditSeries: creditSeries.name,
      defaultBusinessEntityId: 'c9d8e7f6-1a2b-4c3d-8e4f-5a6b7c8d9e22',
      paymentDays: 14,
    },
    seller: {
      name: 'Liffey Design Ltd',
      companyId: { value: '700002' },
      vatNumber: 'IE1234567FA',
      address: { street: '12 Ormond Quay Lower', city: 'Dublin', postalCode: 'D01 R9Y5', country: 'IE' },
      contact: { name: 'Aoife Byrne', phone: '+353 1 555 0100', email: 'accounts@liffey.example' },
    },
    bankAccount: { iban: 'IE29AIBK93115212345678', accountName: 'Liffey Design Ltd' },
    buyer: {
      name: 'Corrib Foods Ltd',
      address: { street: '4 Quay Street', city: 'Galway', postalCode: 'H91 XY12', country: 'IE' },
    },
    rates: [
      { name: '23 %', percent: 23, category: 'S' },
      { name: '13.5 %', percent: 13.5, category: 'S' },
    ],
    keys: {
      full: 'sk_live_demo_liffey_full_0001',
      read_only: 'sk_live_demo_liffey_read_0001',
      test: 'sk_test_demo_liffey_full_0001',
    },
    eventSource: 'demo.studio',
  },
];

/** Stores what is missing; what is there stays as its user left it. Two servers may do this at once. */
export async function seedDemo(client: DynamoDBClient, table: string, keys: ApiKeys, plans: readonly UsagePlan[]) {
  const planId = plans.find(({ name }) => name === plan)?.id;
  if (!planId) throw new Error(`The template has no usage plan ${plan}.`);
  const today = todayIn('UTC', new Date().toISOString());
  await Promise.all([
    seedRates(connect(client, table), today),
    ...demoTenants.map(async (demo) => {
      const connection = connect(client, table);
      await seedDirectory(connection, demo);
      const scope = { tenant: demo.tenant.id, mode: 'live' } as const;
      await eventSources(connection).put({ account: accountId, source: demo.eventSource, ...scope });
      for (const [name, secret] of Object.entries(demo.keys)) {
        const grant = { ...grants[name as KeyName], tenant: demo.tenant.id, plan, name };
        await putKey(connection, keyFor(secret, grant, new Date().toISOString()));
        await joinPlan(keys, hashOf(secret), `${demo.tenant.name} ${name}`, planId);
      }
    }),
  ]);
}

async function seedDirectory(connection: Connection, demo: DemoTenant): Promise<void> {
  const { tenant } = demo;
  const { tenant: find, putTenant, putSeries } = directory(connection);
  if (await find(tenant.id)) return;
  for (const mode of modes) {
    const scope = { tenant: tenant.id, mode };
    for (const each of demoSeries) await putSeries(scope, each);
  }
  await seedReference(connection, demo, new Date().toISOString());
  // Last, because it says that all of the company is there.
  await putTenant(tenant);
}

async function joinPlan(keys: ApiKeys, value: string, name: string, planId: string): Promise<void> {
  await keys.create({ value, name, enabled: true });
  const key = await keys.findByValue(value);
  if (key && key.plans.length === 0) await keys.join(key, planId);
}
