/** Two companies to try things with. Their ids and keys are fixed and public: they exist in local tables only. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { hashOf, keyFor, putKey } from '../../lib/dynamo/keys.ts';
import type { Mode, Party, Series, Tenant } from '../../lib/invoice/model.ts';
import type { ApiKeys } from './api-keys.ts';
import type { UsagePlan } from './usage-plans.ts';

export interface DemoTenant {
  readonly tenant: Tenant;
  readonly seller: Party;
  readonly keys: Readonly<Record<KeyName, string>>;
}

type KeyName = 'full' | 'read_only' | 'test';

const reading = ['invoice:read', 'contact:read', 'participant:read'];
const writing = ['invoice:create', 'invoice:send', 'invoice:delete', 'contact:create', 'contact:delete'];

const grants: Record<KeyName, { mode: Mode; scopes: string[] }> = {
  full: { mode: 'live', scopes: [...reading, ...writing] },
  read_only: { mode: 'live', scopes: reading },
  test: { mode: 'test', scopes: [...reading, ...writing] },
};

const plan = 'premium';

const series: Series = { name: 'INV', pattern: 'INV-{year}-{number:5}', start: 1, reset: 'yearly' };

const creditSeries: Series = { ...series, name: 'CN', pattern: 'CN-{year}-{number:5}' };

export const demoTenants: readonly DemoTenant[] = [
  {
    tenant: {
      id: '6f1f64a5-0a4e-4a39-9c0e-2f1c6d9a1b01',
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
    keys: {
      full: 'sk_live_demo_spreebogen_full_0001',
      read_only: 'sk_live_demo_spreebogen_read_0001',
      test: 'sk_test_demo_spreebogen_full_0001',
    },
  },
  {
    tenant: {
      id: '0b7c2f0e-93a1-4f6d-b8a5-7e4d3c2b1a02',
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
    keys: {
      full: 'sk_live_demo_liffey_full_0001',
      read_only: 'sk_live_demo_liffey_read_0001',
      test: 'sk_test_demo_liffey_full_0001',
    },
  },
];

/** Stores what is missing; what is there stays as its user left it. Two servers may do this at once. */
export async function seedDemo(client: DynamoDBClient, table: string, keys: ApiKeys, plans: readonly UsagePlan[]) {
  const planId = plans.find(({ name }) => name === plan)?.id;
  if (!planId) throw new Error(`The template has no usage plan ${plan}.`);
  await Promise.all(
    demoTenants.map(async (demo) => {
      const connection = connect(client, table);
      await seedDirectory(connection, demo);
      for (const [name, secret] of Object.entries(demo.keys)) {
        const grant = { ...grants[name as KeyName], tenant: demo.tenant.id, plan, name };
        await putKey(connection, keyFor(secret, grant, new Date().toISOString()));
        await joinPlan(keys, hashOf(secret), `${demo.tenant.name} ${name}`, planId);
      }
    }),
  );
}

async function seedDirectory(connection: Connection, { tenant, seller }: DemoTenant): Promise<void> {
  const { tenant: find, putTenant, putBusinessEntity, putSeries } = directory(connection);
  if (await find(tenant.id)) return;
  for (const mode of ['live', 'test'] as const) {
    const scope = { tenant: tenant.id, mode };
    await putBusinessEntity(scope, { id: tenant.defaultBusinessEntityId, seller });
    await putSeries(scope, series);
    await putSeries(scope, creditSeries);
  }
  // Last, because it says that all of the company is there.
  await putTenant(tenant);
}

async function joinPlan(keys: ApiKeys, value: string, name: string, planId: string): Promise<void> {
  await keys.create({ value, name, enabled: true });
  const key = await keys.findByValue(value);
  if (key && key.plans.length === 0) await keys.join(key, planId);
}
