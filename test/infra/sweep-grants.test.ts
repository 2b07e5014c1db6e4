/** What the sweep writes at the real engine, held against the keys that its policy allows. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import { OutcomeUnknown } from '../../lib/invoice/store.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { caller, draft, entity, series, tenant, undelivered } from '../support/fixtures.ts';
import { finder, synthesized } from '../support/template.ts';

const scope = { tenant: tenant.id, mode: 'live' } as const;
let engine: Engine;
let connection: Connection;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, 'sweep');
  connection = connect(clientOf(engine.endpoint), 'sweep');
  await directory(connection).putTenant(tenant);
  await directory(connection).putSeries(scope, series);
  await dynamoStore(connection).insertReference({ scope, kind: 'business-entities', entry: entity });
});
afterAll(() => engine.stop());

type Keys = Partial<Record<'Item' | 'Key', { pk?: { S?: string } }>>;

/** The connection, and the partitions that were written over it. */
function watched(): { connection: Connection; written: Set<string> } {
  const written = new Set<string>();
  const note = ({ Item, Key }: Keys) => written.add((Item ?? Key)?.pk?.S ?? '');
  const send: Connection['send'] = (command) => {
    const { input } = command as unknown as { input: Keys & { TransactItems?: TransactWriteItem[] } };
    for (const item of input.TransactItems ?? []) for (const each of Object.values(item)) note(each as Keys);
    if (/^(Put|Update)/.test(command.constructor.name)) note(input);
    return connection.send(command);
  };
  return { connection: { ...connection, send }, written };
}

it('may write what it writes: numbers that were left open, numbers passed over, chains', async () => {
  const { connection: observed, written } = watched();
  const store = dynamoStore(observed);
  const lease = idLease();
  let time = Date.parse('2026-01-20T12:00:00.000Z');
  const over = (own: typeof store) =>
    createInvoices({
      store: own,
      deliver: undelivered,
      now: () => new Date(time).toISOString(),
      newId: (of) => lease(of, (count) => store.reserveIds(of, count)),
      pause: async () => {},
    });
  const reply = { operation: { id: 'op', fingerprint: 'f' }, render: () => ({ status: 200, headers: {}, body: '' }) };
  await over(store).create(caller, { ...draft, number: 'INV-2026-00001' }, { render: reply.render }, { as: 'issued' });
  const cut = { ...store, issue: () => Promise.reject(new OutcomeUnknown()) };
  await expect(over(cut).create(caller, draft, reply, { as: 'issued' })).rejects.toThrow(OutcomeUnknown);
  written.clear();
  time += 60_000;
  await over(store).sweep();

  const { all, properties } = finder(synthesized());
  const [[, sweep] = []] = all('AWS::Lambda::Function').filter(([id]) => id.startsWith('Sweep'));
  const [, , writes] = properties(sweep?.Properties.Role['Fn::GetAtt'][0]).Policies[0].PolicyDocument.Statement;
  const allowed = (writes.Condition['ForAllValues:StringLike']['dynamodb:LeadingKeys'] as string[]).map(
    (pattern) => new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`),
  );
  const kinds = [...written].map((pk) => pk.split('#')[1]);
  expect(kinds).toEqual(expect.arrayContaining(['COUNTER', 'INVOICE', 'NUMBER', 'LEDGER', 'CHAIN']));
  expect([...written].filter((pk) => !allowed.some((pattern) => pattern.test(pk)))).toEqual([]);
});
