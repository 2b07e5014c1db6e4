/** Whoever tampers with the table is found out, in whatever way it is done, and the number is named. */
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { numberClaims } from '../../lib/dynamo/evidence.ts';
import { fromPieces, toPieces } from '../../lib/dynamo/pieces.ts';
import { dynamoStore } from '../../lib/dynamo/store.ts';
import type { Anchor } from '../../lib/invoice/anchors.ts';
import { type AuditEntry, digestOf, entryHash } from '../../lib/invoice/audit.ts';
import { type ChainEntry, genesis, linked, seal } from '../../lib/invoice/chain.ts';
import type { Line } from '../../lib/invoice/document.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { Invoice, Payment } from '../../lib/invoice/model.ts';
import { verify } from '../../lib/invoice/verification.ts';
import type { Finding, Report } from '../../lib/invoice/verification-report.ts';
import { clientOf, createTable, type Engine, startEngine } from '../support/engine.ts';
import { caller, creditSeries, document, entity, series, tenant, undelivered } from '../support/fixtures.ts';

type Item = Record<string, AttributeValue>;

const table = 'evidence-test';
const scope = { tenant: tenant.id, mode: 'live' } as const;
const counter = { scope, name: 'INV', period: '2026' };
let engine: Engine;
let client: DynamoDBClient;
let invoices: ReturnType<typeof createInvoices>;
/** Everything as it was before anybody touched it. */
let original: Map<string, Item>;
let anchors: Anchor[];
/** Ids by number. */
const ids = new Map<string, string>();

const store = () => dynamoStore(connect(client, table));
const number = (ordinal: number) => `INV-2026-0000${ordinal}`;
const idOf = (ordinal: number) => ids.get(number(ordinal)) as string;
const render = (invoice: Invoice) => ({ status: 200, headers: {}, body: JSON.stringify(invoice) });
const rendered = ({ body }: { body: string }) => JSON.parse(body) as Invoice;

beforeAll(async () => {
  engine = await startEngine();
  await createTable(engine.endpoint, table);
  client = clientOf(engine.endpoint);
  const known = directory(connect(client, table));
  await known.putTenant(tenant);
  for (const one of [series, creditSeries]) await known.putSeries(scope, one);
  await store().insertReference({ scope, kind: 'business-entities', entry: entity });
  const lease = idLease();
  invoices = createInvoices({
    store: store(),
    deliver: undelivered,
    now: () => '2026-01-20T12:00:00.000Z',
    newId: (own) => lease(own, (count) => store().reserveIds(own, count)),
    pause: async () => {},
  });
  const make = async (more: object, as: 'issued' | 'draft') => {
    const [first] = document.lines;
    const lines = [{ ...(first as Line), price: String(100 + ids.size) }];
    const asked = { document: { ...document, lines }, ...more };
    const invoice = rendered(await invoices.create(caller, asked, { render }, { as }));
    ids.set(invoice.number ?? 'draft', invoice.id);
    return invoice.id;
  };
  // The series goes past the fifth number, which a caller chose; another chose one of no series.
  await make({ number: number(5) }, 'issued');
  await make({ number: 'X-1' }, 'issued');
  for (let ordinal = 1; ordinal <= 6; ordinal++) if (ordinal !== 5) await make({}, 'issued');
  await make({ externalReference: 'order-1' }, 'issued');
  await make({}, 'draft');
  const second = idOf(2);
  await invoices.send(caller, second, { render });
  const paid = { render: ({ invoice }: { invoice: Invoice }) => render(invoice) };
  for (const [amount, reference] of [
    [100, 'r-1'],
    [200, 'r-2'],
    [300, 'r-3'],
  ] as const) {
    await invoices.payments.pay(caller, second, { amount, paidOn: '2026-01-20', reference }, paid);
  }
  await invoices.payments.reverse(caller, second, 'pay_7', paid);
  await invoices.credit(caller, idOf(4), { amount: 50 }, { render });
  await invoices.cancel(caller, idOf(6), 'wrong', { render });
  const heads = [];
  for (const one of [series, creditSeries]) {
    const head = await seal(store(), { ...counter, name: one.name }, one);
    if (head) heads.push({ series: one.name, period: '2026', ordinal: head.ordinal, hash: head.hash });
  }
  anchors = heads;
  original = await everything();
});
afterAll(() => engine.stop());
afterEach(async () => {
  const now = await everything();
  for (const [key, item] of now) if (!original.has(key)) await remove(item);
  for (const [key, item] of original) if (JSON.stringify(now.get(key)) !== JSON.stringify(item)) await write(item);
});

const keyOf = ({ pk, sk }: Item) => `${pk?.S} ${sk?.S}`;

async function everything(): Promise<Map<string, Item>> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
  return new Map(Items.map((item) => [keyOf(item), item]));
}

const write = (Item: Item) => client.send(new PutItemCommand({ TableName: table, Item }));
const remove = ({ pk, sk }: Item) =>
  client.send(new DeleteItemCommand({ TableName: table, Key: { pk, sk } as Record<string, AttributeValue> }));

/** The one item whose key ends so. */
function item(end: string): Item {
  const [found, ...others] = [...original].filter(([key]) => key.endsWith(end));
  if (!found || others.length > 0) throw new Error(`${others.length + Number(!!found)} items end with ${end}`);
  return structuredClone(found[1]);
}

const head = (ordinal: number) => item(`#INVOICE#${idOf(ordinal)} HEAD`);
const body = (ordinal: number) => item(`#INVOICE#${idOf(ordinal)} BODY#000`);
const audit = (ordinal: number, version: number) => item(`#INVOICE#${idOf(ordinal)} AUDIT#0000000${version}`);
const claim = (ordinal: number) => item(`#${number(ordinal)} CLAIM`);
const line = (ordinal: number) => item(`#LEDGER#INV#2026 00000000000${ordinal}`);
const link = (ordinal: number) => item(`#CHAIN#INV#2026 00000000000${ordinal}`);
const count = () => item('#COUNTER#INV#2026 COUNTER');
const S = (text: string) => ({ S: text });
const N = (value: number) => ({ N: String(value) });
const change = (found: Item, attributes: Item) => write({ ...found, ...attributes });

const contentOf = (found: Item) => JSON.parse(fromPieces([found.piece?.B as Uint8Array]));
async function rewrite(found: Item, edit: (content: Pick<Invoice, 'document' | 'figures' | 'extras'>) => void) {
  const content = contentOf(found);
  edit(content);
  const [piece] = toPieces(JSON.stringify(content));
  await change(found, { piece: { B: piece as Uint8Array } });
}

const without = ({ ...found }: Item, name: string): Item => {
  delete found[name];
  return found;
};

const linkOf = (ordinal: number) => JSON.parse(link(ordinal).value?.S ?? '') as ChainEntry;
const putLink = (at: number, value: ChainEntry) => change(link(at), { value: S(JSON.stringify(value)) });

const payment = (version: number) => item(`#INVOICE#${idOf(2)} PAYMENT#2026-01-20T12:00:00.000Z#pay_${version}`);
const repay = (version: number, edit: Partial<Payment>) =>
  change(payment(version), { value: S(JSON.stringify({ ...JSON.parse(payment(version).value?.S ?? ''), ...edit })) });

/** What a careful forger does: the entry of the issue tells of the invoice as it is now. */
async function forgeAudit(ordinal: number): Promise<AuditEntry> {
  const { invoice, history } = (await store().examine(scope, idOf(ordinal))) ?? {};
  const entry = history?.find(({ action }) => action === 'issued');
  if (!invoice || !entry) throw new Error('Nothing to forge.');
  const { hash: _, ...content } = { ...entry, digest: digestOf(invoice) };
  const forged = { ...content, hash: entryHash(invoice.id, content) };
  await change(audit(ordinal, entry.version), { digest: S(forged.digest), hash: S(forged.hash) });
  return forged;
}

/** A more careful one makes the chain anew. */
async function forgeChain(from: number): Promise<void> {
  let previous = from === 1 ? genesis(counter) : linkOf(from - 1).hash;
  for (let ordinal = from; ordinal <= 7; ordinal++) {
    const { previous: _, hash: __, ...content } = linkOf(ordinal);
    const { invoice, history } = (await store().examine(scope, content.invoiceId)) ?? {};
    if (!invoice) throw new Error('Nothing to seal.');
    const entry = history?.find(({ action }) => action === 'issued')?.hash ?? '';
    const issueDate = invoice.document.issueDate ?? '';
    const forged = linked(previous, { ...content, issueDate, digest: digestOf(invoice), entry });
    await putLink(ordinal, forged);
    previous = forged.hash;
  }
}

async function swap(a: Item, b: Item, attribute: string): Promise<void> {
  await change(a, { [attribute]: b[attribute] as AttributeValue });
  await change(b, { [attribute]: a[attribute] as AttributeValue });
}

const rename = (content: Pick<Invoice, 'document'>) => {
  content.document.buyer.name = 'Somebody Else AG';
};

/** Everything of an invoice, also in the books, as if it had never been. */
async function erase(ordinal: number): Promise<void> {
  for (const [key, found] of original) if (key.includes(`#INVOICE#${idOf(ordinal)}`)) await remove(found);
  for (const found of [claim(ordinal), line(ordinal), link(ordinal)]) await remove(found);
}

async function findings(known: readonly Anchor[] = []): Promise<Finding[]> {
  const found: Finding[] = [];
  const claims = new Map<string, string>();
  for await (const claim of numberClaims(connect(client, table))) claims.set(claim.invoiceId, claim.number);
  for await (const report of verify(store(), scope, { anchors: known, claims, year: 2026 })) {
    found.push(...report.findings);
  }
  return found;
}

it('verifies what nobody touched, with and without anchors', async () => {
  expect(await findings()).toEqual([]);
  expect(await findings(anchors)).toEqual([]);
  const reports: Report[] = [];
  for await (const report of verify(store(), scope, { anchors, year: 2026 })) reports.push(report);
  expect(reports.map(({ series: name, period, count: size }) => [name, period, size])).toEqual([
    ['CN', '2026', 2],
    ['INV', '2026', 7],
    ['', '', 2],
  ]);
  expect(anchors.map(({ ordinal }) => ordinal)).toEqual([7, 2]);
});

it('verifies series of one pattern, each of which goes past the numbers of the other', async () => {
  await directory(connect(client, table)).putSeries(scope, { ...series, name: 'SAME' });
  for (const name of ['SAME', 'INV', 'SAME']) {
    await invoices.create(caller, { document, series: name }, { render }, { as: 'issued' });
  }
  expect(await store().numbersOf({ ...counter, name: 'SAME' }, 1, 20)).toHaveLength(10);
  expect(await findings()).toEqual([]);
});

/** What is done, how, and what must be found first: a number and how it shows. */
const tamperings: [string, () => Promise<unknown>, string, Finding['code']][] = [
  ['a name in the body', () => rewrite(body(3), rename), number(3), 'changed'],
  [
    'an amount in the body',
    () => rewrite(body(3), ({ figures }) => Object.assign(figures.totals, { payable: 1 })),
    number(3),
    'changed',
  ],
  [
    'the issue date in the body',
    () => rewrite(body(3), ({ document }) => Object.assign(document, { issueDate: '2026-01-14' })),
    number(3),
    'changed',
  ],
  [
    'an extra of a vendor',
    () => rewrite(body(3), ({ extras }) => Object.assign(extras, { a: 1 })),
    number(3),
    'changed',
  ],
  ['compressed bytes', () => change(body(3), { piece: { B: Uint8Array.of(1, 2, 3) } }), number(3), 'removed'],
  ['the dictionary byte', () => change(body(3), { piece: { B: Uint8Array.of(99) } }), number(3), 'removed'],
  [
    'a body that is no invoice',
    () => change(body(3), { piece: { B: toPieces('{"document":{}}')[0] as Uint8Array } }),
    number(3),
    'removed',
  ],
  ['a body, deleted', () => remove(body(3)), number(3), 'removed'],
  ['a head, deleted', () => remove(head(3)), number(3), 'removed'],
  ['the number in the head', () => change(head(3), { number: S(number(9)) }), number(3), 'changed'],
  ['the amount in the head', () => change(head(3), { payable: N(1) }), number(3), 'changed'],
  ['the date in the head', () => change(head(3), { issueDate: S('2026-01-14') }), number(3), 'changed'],
  ['the time of issue', () => change(head(3), { issuedAt: S('2026-01-19T12:00:00.000Z') }), number(3), 'changed'],
  ['the issuer', () => change(head(3), { businessEntityId: S('other') }), number(3), 'changed'],
  [
    'the place in the series',
    () => change(head(3), { place: S(JSON.stringify({ name: 'INV', period: '2026', ordinal: 8 })) }),
    number(3),
    'changed',
  ],
  ['a place that is no JSON', () => change(head(3), { place: S('{') }), number(3), 'removed'],
  ['the state', () => change(head(3), { state: S('cancelled') }), number(3), 'changed'],
  ['what was paid', () => change(head(2), { paid: N(0) }), number(2), 'changed'],
  ['what was credited', () => change(head(4), { credited: N(0), facts: S('{}') }), number(4), 'changed'],
  ['a payment that is none', () => change(payment(5), { value: S('{"amount":1}') }), number(2), 'changed'],
  ['what a payment was worth', () => repay(5, { amount: 1 }), number(2), 'changed'],
  ['the day of a payment', () => repay(5, { paidOn: '2025-01-20' }), number(2), 'changed'],
  ['the reference of a payment', () => repay(5, { reference: 'r-9' }), number(2), 'changed'],
  ['who recorded a payment', () => repay(5, { recordedBy: 'key_other' }), number(2), 'changed'],
  ['the day of a reversal', () => repay(7, { reversedAt: '2026-01-21T12:00:00.000Z' }), number(2), 'changed'],
  [
    'two payments, their amounts swapped',
    async () => {
      await repay(5, { amount: 200 });
      await repay(6, { amount: 100 });
    },
    number(2),
    'changed',
  ],
  [
    'a payment, deleted, and another one raised',
    async () => {
      await remove(payment(5));
      await repay(6, { amount: 300 });
    },
    number(2),
    'changed',
  ],
  ['a payment that was reversed, deleted', () => remove(payment(7)), number(2), 'changed'],
  [
    'a payment that was reversed, added',
    () => write({ ...payment(7), sk: S('PAYMENT#2026-01-20T12:00:00.000Z#pay_9') }),
    number(2),
    'changed',
  ],
  ['the claim of a payment, deleted', () => remove(item('#PAYMENT#r-1 CLAIM')), number(2), 'changed'],
  [
    'the claim of a payment, pointed elsewhere',
    () => change(item('#PAYMENT#r-1 CLAIM'), { paymentId: S('pay_6') }),
    number(2),
    'changed',
  ],
  ['the claim of an external reference, deleted', () => remove(item('#KEY#order-1 CLAIM')), number(7), 'changed'],
  [
    'the claim of an external reference, pointed elsewhere',
    () => change(item('#KEY#order-1 CLAIM'), { invoiceId: S(idOf(3)) }),
    number(7),
    'changed',
  ],
  ['a claim, deleted', () => remove(claim(3)), number(3), 'wrong-number'],
  ['a claim, pointed elsewhere', () => change(claim(3), { invoiceId: S(idOf(4)) }), number(3), 'wrong-number'],
  ['a line of the books, deleted', () => remove(line(3)), number(3), 'removed'],
  [
    'a line of the books, pointed elsewhere',
    () => change(line(3), { invoiceId: S(idOf(4)) }),
    number(3),
    'wrong-number',
  ],
  ['a line of the books, called passed', () => change(line(3), { passed: { BOOL: true } }), number(3), 'wrong-number'],
  ['a line of the books, renumbered', () => change(line(3), { number: S(number(9)) }), number(9), 'wrong-number'],
  ['two bodies, swapped', () => swap(body(3), body(4), 'piece'), number(3), 'changed'],
  ['two numbers, swapped', () => swap(head(3), head(4), 'number'), number(3), 'changed'],
  [
    'two invoices, swapped in heads, claims and books',
    async () => {
      for (const name of ['number', 'place']) {
        const a = { ...head(3), ...(name === 'place' && { number: head(4).number as AttributeValue }) };
        const b = { ...head(4), ...(name === 'place' && { number: head(3).number as AttributeValue }) };
        await swap(a, b, name);
      }
      await swap(claim(3), claim(4), 'invoiceId');
      await swap(line(3), line(4), 'invoiceId');
      for (const ordinal of [3, 4]) await forgeAudit(ordinal);
    },
    number(3),
    'changed',
  ],
  ['who issued it', () => change(audit(3, 2), { actor: S('key_other') }), number(3), 'changed'],
  ['when it was issued', () => change(audit(3, 2), { at: S('2026-01-19T12:00:00.000Z') }), number(3), 'changed'],
  ['the digest in an audit entry', () => change(audit(3, 2), { digest: S('0') }), number(3), 'changed'],
  ['an audit entry, deleted', () => remove(audit(2, 4)), number(2), 'changed'],
  ['the last audit entry, deleted', () => remove(audit(2, 8)), number(2), 'changed'],
  ['the audit entry of the issue, deleted', () => remove(audit(3, 2)), number(3), 'changed'],
  [
    'an audit entry, added',
    () => write({ ...audit(3, 2), sk: S('AUDIT#00000003'), version: N(3), action: S('sent') }),
    number(3),
    'changed',
  ],
  [
    'the body, with its audit entry forged',
    async () => {
      await rewrite(body(3), rename);
      await change(head(3), { buyerName: S('Somebody Else AG') });
      await forgeAudit(3);
    },
    number(3),
    'changed',
  ],
  ['a link of the chain', () => putLink(3, { ...linkOf(3), issueDate: '2026-01-14' }), number(3), 'broken-chain'],
  [
    'a link, with its hash made anew',
    () => {
      const { previous, hash: _, ...content } = linkOf(3);
      return putLink(3, linked(previous, { ...content, issueDate: '2026-01-14' }));
    },
    number(3),
    'changed',
  ],
  ['a link that is no JSON', () => change(link(3), { value: S('{') }), '', 'broken-chain'],
  ['a link that is nothing', () => change(link(3), { value: S('null') }), '', 'broken-chain'],
  ['a link that says nothing', () => write(without(link(3), 'value')), '', 'broken-chain'],
  ['a link of no number', () => putLink(3, { ...linkOf(3), number: undefined as never }), '', 'broken-chain'],
  ['a line of the books without its number', () => write(without(line(3), 'number')), '', 'changed'],
  ['a line of the books that is no JSON', () => change(line(3), { voided: S('{') }), '', 'changed'],
  ['a link, removed', () => remove(link(3)), number(4), 'broken-chain'],
  ['two links, reordered', () => swap(link(3), link(4), 'value'), number(4), 'broken-chain'],
  ['the first link, removed', () => remove(link(1)), number(2), 'broken-chain'],
  ['the counter, set back', () => change(count(), { next: N(6) }), number(6), 'counter'],
  ['the counter, set forward', () => change(count(), { next: N(10) }), '#8', 'missing'],
  ['the counter, set very far', () => change(count(), { next: N(999_999_999_999) }), '#8', 'missing'],
  ['the counter, deleted', () => remove(count()), number(1), 'counter'],
  [
    'an invoice, erased, and its number called spare',
    async () => {
      await erase(3);
      await change(count(), { spare: { NS: ['3'] } });
    },
    number(4),
    'broken-chain',
  ],
  [
    'an invoice, erased but for its link',
    async () => {
      await erase(3);
      await write(link(3));
      await change(count(), { spare: { NS: ['3'] } });
    },
    number(3),
    'removed',
  ],
  [
    'the pattern of the series',
    () => change(item('#SERIES INV'), { value: S(JSON.stringify({ ...series, pattern: 'INV-{year}-{number:6}' })) }),
    number(1),
    'wrong-number',
  ],
  [
    'the start of the series',
    () => change(item('#SERIES INV'), { value: S(JSON.stringify({ ...series, start: 3 })) }),
    number(1),
    'wrong-number',
  ],
  ['the series, deleted', () => remove(item('#SERIES INV')), '', 'removed'],
  ['an invoice whose number its caller chose', () => rewrite(body(5), rename), number(5), 'changed'],
  ['an invoice of no series', () => rewrite(item(`#INVOICE#${ids.get('X-1')} BODY#000`), rename), 'X-1', 'changed'],
  [
    'an invoice of no series, erased but for its claim',
    async () => {
      for (const [key, found] of original) if (key.includes(`#INVOICE#${ids.get('X-1')}`)) await remove(found);
    },
    'X-1',
    'removed',
  ],
  ['the head of an invoice of no series', () => remove(item(`#INVOICE#${ids.get('X-1')} HEAD`)), 'X-1', 'removed'],
  [
    'an invoice of no series, taken off all lists',
    () => {
      const { listKey: _, ...hidden } = item(`#INVOICE#${ids.get('X-1')} HEAD`);
      return write({ ...hidden, payable: N(1) });
    },
    'X-1',
    'changed',
  ],
  ['the claim of a number of no series', () => remove(item('#X-1 CLAIM')), 'X-1', 'changed'],
  [
    'a credit note that names another invoice',
    () => {
      const note = [...original.values()].find(
        ({ relatedInvoiceId, sk }) => sk?.S === 'HEAD' && relatedInvoiceId?.S === idOf(4),
      );
      return change(note as Item, { relatedInvoiceId: S(idOf(3)) });
    },
    'CN-2026-00001',
    'changed',
  ],
];

describe('finds', () => {
  it.each(tamperings)('%s', async (_, tamper, named, code) => {
    await tamper();
    const found = await findings();
    expect(found[0], JSON.stringify(found, null, 1)).toMatchObject({ number: named, code });
    expect(found[0]?.message).not.toMatch(/undefined|\[object/);
  });
});

describe('finds by the anchors alone', () => {
  it('a tail that was cut, with the counter set back', async () => {
    await erase(7);
    await change(count(), { next: N(7) });
    expect(await findings()).toEqual([]);
    expect(await findings(anchors)).toMatchObject([{ number: '#7', code: 'cut-tail' }]);
  });

  it('an invoice whose content, audit entry and chain were all made anew', async () => {
    await rewrite(body(3), rename);
    await change(head(3), { buyerName: S('Somebody Else AG') });
    await forgeAudit(3);
    await forgeChain(3);
    expect((await findings()).map(({ message }) => message)).toEqual([]);
    expect(await findings(anchors)).toMatchObject([{ number: number(7), code: 'broken-chain' }]);
  });

  it('a company that is gone with all it had', async () => {
    for (const found of original.values()) await remove(found);
    expect(await findings()).toEqual([]);
    expect((await findings(anchors)).map(({ code }) => code)).toEqual(['removed', 'removed']);
  });
});
