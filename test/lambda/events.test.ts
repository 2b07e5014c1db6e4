/** Events in, invoices out: whatever comes twice, late, broken, or while its consumer dies. */
import type { SQSBatchResponse } from 'aws-lambda';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { invoices as native } from '../../lib/contracts/invoices/index.ts';
import { eventSchema } from '../../lib/invoice/events.ts';
import { InvoiceError } from '../../lib/invoice/failure.ts';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import { type InvoiceStore, StoreBusy } from '../../lib/invoice/store.ts';
import { eventIntake } from '../../lib/lambda/events.ts';
import { issuable } from '../contracts/invoices/client.ts';
import { caller, creditSeries, entity, series, tenant, undelivered } from '../support/fixtures.ts';
import { entryKey } from '../support/memory-reference.ts';
import { emptyMemory, memoryStore } from '../support/memory-store.ts';

const account = '111122223333';
const source = 'shop.orders';
const request = { contract: 'invoices', external_reference: 'order-1', finalize: true, body: issuable };

// Each event has its line in the log.
beforeAll(() => {
  for (const level of ['info', 'error'] as const) vi.spyOn(console, level).mockReturnValue();
});

let message = 0;
let event = 0;

/** An event as EventBridge hands it over. */
const envelope = (detail: unknown, more: object = {}) => ({
  version: '0',
  id: `event-${++event}`,
  'detail-type': 'InvoiceRequested',
  source,
  account,
  time: '2026-01-20T11:59:00Z',
  region: 'eu-central-1',
  resources: [],
  detail,
  ...more,
});

/** A message as Lambda hands it over. */
const record = (body: unknown) => ({
  messageId: `message-${++message}`,
  receiptHandle: 'r',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: 's',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-central-1:111122223333:requests',
  awsRegion: 'eu-central-1',
});

function newIntake() {
  const memory = emptyMemory();
  memory.tenants.set(tenant.id, tenant);
  memory.entries.set(entryKey({ scope: caller, kind: 'business-entities' }, entity.id), entity);
  for (const one of [series, creditSeries]) memory.series.set(`${tenant.id}/live ${one.name}`, one);
  const store = memoryStore(memory);
  const sources = new Map([[`${account} ${source}`, { account, source, tenant: tenant.id, mode: 'live' as const }]]);
  let now = Date.parse('2026-01-20T12:00:00Z');

  const invoicesOver = (through: InvoiceStore) => {
    const lease = idLease();
    return createInvoices({
      store: through,
      deliver: undelivered,
      now: () => new Date(now).toISOString(),
      newId: (scope) => lease(scope, (count) => through.reserveIds(scope, count)),
      // Waiting for others takes as long as it takes.
      pause: async (milliseconds) => {
        now += milliseconds;
      },
    });
  };

  /** Hands messages to a consumer; `through` is its way to the store. */
  async function deliver(bodies: unknown[], through: InvoiceStore = store) {
    const Records = bodies.map(record);
    const find = async (name: { account: string; source: string }) => sources.get(`${name.account} ${name.source}`);
    const handler = eventIntake(() => ({ invoices: invoicesOver(through), source: find }));
    const { batchItemFailures } = await (handler({ Records }) as Promise<SQSBatchResponse>);
    return batchItemFailures.map(({ itemIdentifier }) =>
      Records.findIndex(({ messageId }) => messageId === itemIdentifier),
    );
  }

  async function http(body: object) {
    const route = native.routes.find(({ path, method }) => path === '/invoices' && method === 'POST');
    try {
      return await route?.handle({ params: {}, query: {}, headers: {}, body, caller }, invoicesOver(store));
    } catch (error) {
      if (error instanceof InvoiceError) return native.fail(error.failure);
      throw error;
    }
  }

  const invoices = () => [...memory.invoices.values()];
  const rejections = () => [...memory.rejections.values()];
  const numbers = () =>
    invoices()
      .flatMap(({ number }) => number ?? [])
      .sort();
  const listed = (limit = 20, cursor?: string) => invoicesOver(store).eventRejections.list(caller, { limit, cursor });
  return { memory, store, deliver, http, invoices, rejections, numbers, listed, pass: (by: number) => (now += by) };
}

describe('an event', () => {
  it('makes a draft, an issued invoice or a sent one, as it asks', async () => {
    const { deliver, invoices, rejections } = newIntake();
    const { body } = request;
    const asked = [{}, { finalize: true }, { send: true }].map((more) =>
      envelope({ contract: 'invoices', body, ...more }),
    );
    expect(await deliver(asked)).toEqual([]);
    expect(invoices().map(({ state }) => state)).toEqual(['draft', 'issued', 'sent']);
    expect(invoices()[0]).toMatchObject({ createdBy: `event:${source}`, contract: 'invoices' });
    expect(rejections()).toEqual([]);
  });

  it('carries the reference of the order', async () => {
    const { deliver, invoices } = newIntake();
    await deliver([envelope(request)]);
    expect(invoices()).toMatchObject([{ externalReference: 'order-1', state: 'issued' }]);
  });

  it('belongs to the company of its source, whatever its detail claims', async () => {
    const { deliver, invoices, rejections, memory } = newIntake();
    expect(await deliver([envelope({ ...request, tenant: 'other' })])).toEqual([]);
    const named = { contract: 'invoices', externalReference: 'order-1' };
    expect(rejections()).toMatchObject([{ ...named, code: 'validation_failed', faults: [{ path: ['tenant'] }] }]);
    expect(rejections()[0]).not.toHaveProperty('answer');
    expect(
      await deliver([envelope(request, { account: '999999999999' }), envelope(request, { source: 'who' })]),
    ).toEqual([]);
    expect(invoices()).toEqual([]);
    const nobodys = [...memory.rejections].filter(([key]) => key.startsWith(' ')).map(([, { code }]) => code);
    expect(nobodys).toEqual(['unknown_source', 'unknown_source']);
  });

  it.each(['erp'])('speaks %s as well', async (contract) => {
    const { deliver, invoices } = newIntake();
    const body = { invoice: { accounting_type: { name: 'Rechnung', type: 'invoice' } } };
    expect(await deliver([envelope({ contract, external_reference: 'v-1', body })])).toEqual([]);
    expect(invoices()).toMatchObject([{ contract, state: 'issued', externalReference: 'v-1' }]);
  });
});

describe('one order', () => {
  it('gets one invoice, however often and under whatever ids its event comes', async () => {
    const { deliver, numbers, rejections } = newIntake();
    const again = envelope(request);
    const batch = [again, again, envelope(request), envelope({ ...request, external_reference: 'order-2' }), again];
    expect(await deliver(batch)).toEqual([]);
    expect(await deliver(batch.reverse())).toEqual([]);
    expect(numbers()).toEqual(['INV-2026-00001', 'INV-2026-00002']);
    expect(rejections()).toEqual([]);
  });

  it('is sent once, and no copy of its event is rejected because another was faster', async () => {
    const { deliver, invoices, rejections, memory } = newIntake();
    const again = envelope({ ...request, send: true });
    expect(await deliver([again, again, envelope({ ...request, send: true })])).toEqual([]);
    expect(invoices()).toMatchObject([{ state: 'sent' }]);
    expect(memory.events.filter(({ type }) => type === 'InvoiceSent')).toHaveLength(1);
    expect(rejections()).toEqual([]);
  });

  it('is recognised after the operations of HTTP are forgotten', async () => {
    const { deliver, memory } = newIntake();
    await deliver([envelope(request)]);
    expect([...memory.operations.values()]).toMatchObject([{ lasting: true }]);
  });

  it('without a reference is named by its event', async () => {
    const { deliver, invoices } = newIntake();
    const { external_reference: _, ...nameless } = request;
    const one = envelope(nameless);
    await deliver([one, one, envelope(nameless)]);
    expect(invoices()).toHaveLength(2);
  });

  it('is one over HTTP and events', async () => {
    const { deliver, http, invoices, rejections } = newIntake();
    await http({ ...issuable, external_reference: 'order-1' });
    expect(await deliver([envelope(request)])).toEqual([]);
    expect(rejections()).toMatchObject([{ code: 'external_reference_taken', externalReference: 'order-1' }]);
    await deliver([envelope({ ...request, external_reference: 'order-2' })]);
    expect(await http({ ...issuable, external_reference: 'order-2' })).toMatchObject({ status: 409 });
    expect(invoices()).toHaveLength(2);
  });

  it('asked for otherwise after it has its invoice is a rejection, once', async () => {
    const { deliver, invoices, rejections, memory } = newIntake();
    const first = envelope(request);
    const other = { ...first, detail: { ...request, send: true } };
    expect(await deliver([first])).toEqual([]);
    expect(await deliver([other, other])).toEqual([]);
    expect(invoices()).toHaveLength(1);
    expect(rejections()).toMatchObject([{ eventId: first.id, code: 'idempotency_key_reused' }]);
    const told = memory.events.filter(({ type }) => type === 'InvoiceRejected');
    expect(told).toMatchObject([{ data: { event_id: first.id, code: 'idempotency_key_reused' } }]);
    for (const event of told) expect(eventSchema(event.type).parse(event)).toEqual(event);
  });

  it('says so in words of events, which know no Idempotency-Key', async () => {
    const { deliver, rejections } = newIntake();
    const { external_reference: _, ...nameless } = request;
    const first = envelope(nameless);
    await deliver([first, envelope(request)]);
    await deliver([{ ...first, detail: { ...nameless, send: true } }, envelope({ ...request, finalize: false })]);
    const told = rejections().map(({ message, answer }) => [message, JSON.stringify(answer)].join(' '));
    expect(told.sort()).toEqual([
      expect.stringContaining('The external reference "order-1" of this source has been fulfilled with another detail'),
      expect.stringContaining('This event has been fulfilled with another detail'),
    ]);
    for (const text of told) expect(text).not.toContain('Idempotency-Key');
  });

  it('is mended by an event of the same name, whether it wanted a field or what the law asks', async () => {
    const { deliver, numbers, rejections } = newIntake();
    const id = envelope(request).id;
    const wrong = { ...request, body: { ...issuable, items: [] } };
    const unlawful = { ...request, body: { ...issuable, buyer: { name: 'Nowhere' } } };
    for (const detail of [wrong, unlawful, request]) expect(await deliver([envelope(detail, { id })])).toEqual([]);
    expect(rejections().map(({ code }) => code)).toEqual(['validation_failed', 'not_issuable']);
    expect(numbers()).toEqual(['INV-2026-00001']);
  });
});

describe('what can never succeed', () => {
  it('is recorded with all its faults and what the contract would have answered', async () => {
    const { deliver, rejections } = newIntake();
    const body = { ...issuable, items: [{ name: 'Work', price: 'x', quantity: 1 }], buyer: {} };
    expect(await deliver([envelope({ contract: 'invoices', body })])).toEqual([]);
    const [rejection] = rejections();
    expect(rejection?.faults.map(({ path }) => path.join('.'))).toEqual(['buyer.name', 'items.0.price']);
    expect(rejection).toMatchObject({
      sentAt: '2026-01-20T11:59:00.000Z',
      answer: { status: 422, body: { success: false } },
    });
  });

  it.each([
    ['an unknown contract', { ...request, contract: 'other' }, ['contract']],
    ['a contract that adds to invoices only', { ...request, contract: 'positions' }, ['contract']],
    ['no body', { contract: 'invoices' }, ['body']],
    ['no detail', null, ['']],
    ['two references', { ...request, body: { ...issuable, external_reference: 'x' } }, ['external_reference']],
    [
      'nesting beyond any stack',
      `{"contract":"invoices","body":{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
      [`body.x${'.0'.repeat(29)}`],
    ],
    ['a number beyond doubles', '{"contract":"invoices","body":{"n":12345678901234567890}}', ['body.n']],
  ])('is recorded: %s', async (_, detail, paths) => {
    const { deliver, invoices, rejections } = newIntake();
    const text = JSON.stringify(envelope('?'));
    expect(await deliver([typeof detail === 'string' ? text.replace('"?"', detail) : envelope(detail)])).toEqual([]);
    expect(rejections()[0]?.faults.map(({ path }) => path.join('.'))).toEqual(paths);
    expect(invoices()).toEqual([]);
  });

  it('is recorded under the name that it says, and under none that is not sound', async () => {
    const { deliver, rejections } = newIntake();
    const details = [
      '"external_reference":"order-1","body":{"n":12345678901234567890}',
      '"external_reference":"order-1","external_reference":"order-2","body":{}',
      `"external_reference":"order-3","body":{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    ];
    const text = JSON.stringify(envelope('?'));
    await deliver(details.map((detail) => text.replace('"?"', `{"contract":"invoices",${detail}}`)));
    const named = rejections().map(({ contract, externalReference }) => [contract, externalReference]);
    expect(named.sort()).toEqual([
      ['invoices', undefined],
      ['invoices', 'order-1'],
      ['invoices', 'order-3'],
    ]);
  });

  it('is recorded in what an item holds, however much is wrong at whatever long path', async () => {
    const { deliver, rejections, memory } = newIntake();
    const wrong = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, '\u0000']));
    const deep = Array.from({ length: 28 }).reduce<object>((inner) => ({ ['ü'.repeat(250)]: inner }), wrong);
    expect(await deliver([envelope({ contract: 'invoices', body: deep })])).toEqual([]);
    const [rejection] = rejections();
    expect(rejection?.faults[0]).toMatchObject({ code: 'control_character' });
    const kept = [rejection, memory.events.find(({ type }) => type === 'InvoiceRejected')];
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(300_000);
  });

  it('is listed newest first, in pages, for its company alone', async () => {
    const { deliver, listed } = newIntake();
    const times = ['09:00:00', '11:00:00', '10:00:00'];
    await deliver(times.map((time) => envelope({}, { id: time, time: `2026-01-20T${time}Z` })));
    const first = await listed(2);
    expect(first.rejections.map(({ eventId }) => eventId)).toEqual(['11:00:00', '10:00:00']);
    const second = await listed(2, first.nextCursor);
    expect(second.rejections.map(({ eventId }) => eventId)).toEqual(['09:00:00']);
    expect(second.nextCursor).toBeUndefined();
    await expect(listed(2, `${first.nextCursor}x`)).rejects.toMatchObject({ failure: { kind: 'invalid' } });
  });
});

describe('a batch', () => {
  it('gives back poison and what may still succeed, and nothing else', async () => {
    const { deliver, store, numbers, rejections } = newIntake();
    const busy: InvoiceStore = {
      ...store,
      insert: async (change) => {
        if (change.invoice.externalReference === 'slow') throw new StoreBusy();
        return store.insert(change);
      },
    };
    const bodies = [
      'no JSON',
      envelope(request),
      { ...envelope(request), 'detail-type': 'Other' },
      envelope({ ...request, external_reference: 'slow' }),
      envelope({ ...request, contract: 'none' }),
      '{"id":"an envelope without a source"}',
      'null',
    ];
    vi.mocked(console.error).mockClear();
    expect(await deliver(bodies, busy)).toEqual([0, 2, 3, 5, 6]);
    // What passes by itself is told by its kind, and not as a mistake of ours.
    expect(console.info).toHaveBeenCalledWith(expect.objectContaining({ outcome: 'retry', failure: 'busy' }));
    expect(console.error).not.toHaveBeenCalled();
    expect(numbers()).toEqual(['INV-2026-00001']);
    expect(rejections()).toHaveLength(1);
    expect(await deliver(bodies.slice(3, 4))).toEqual([]);
    expect(numbers()).toHaveLength(2);
  });

  it('rejects nothing because a call of the store failed, whichever', async () => {
    const asked = new Set<string>();
    const failing = (store: InvoiceStore, name?: string) =>
      new Proxy(store, {
        get(target, member: keyof InvoiceStore) {
          asked.add(member);
          if (member !== name) return target[member];
          return async () => {
            throw new StoreBusy();
          };
        },
      });
    async function outageOf(name?: string) {
      const { deliver, store, invoices, rejections } = newIntake();
      await deliver([envelope({ ...request, external_reference: 'first' })]);
      const body = { ...issuable, related_invoice_id: invoices()[0]?.id };
      const event = envelope({ ...request, external_reference: 'second', body });
      await deliver([event], failing(store, name));
      await deliver([event]);
      expect(rejections(), name).toEqual([]);
      expect(
        invoices().map(({ state }) => state),
        name,
      ).toEqual(['issued', 'issued']);
    }
    await outageOf();
    for (const name of asked) await outageOf(name);
  });

  it('comes again after its consumer died anywhere, and every order has one invoice, sent once', async () => {
    for (let step = 1; ; step++) {
      const { deliver, store, invoices, numbers, rejections, memory, pass } = newIntake();
      const orders = ['a', 'b', 'c'].map((name) =>
        envelope({ ...request, external_reference: name, send: name === 'a' }),
      );
      let left = step;
      // From that step on nothing reaches the store: every other step is done and its answer is lost.
      const dying = Object.fromEntries(
        Object.entries(store).map(([name, operation]) => [
          name,
          async (...input: never[]) => {
            if (--left < 0) throw new Error('killed');
            const result = await (operation as (...input: never[]) => Promise<unknown>)(...input);
            if (left === 0 && step % 2 === 0) throw new Error('killed');
            return result;
          },
        ]),
      ) as unknown as InvoiceStore;
      const failed = await deliver(orders, dying);
      pass(30_000);
      expect(await deliver(orders)).toEqual([]);
      pass(30_000);
      expect(await deliver([envelope({ ...request, external_reference: 'last' })])).toEqual([]);
      expect(numbers(), `killed at ${step}`).toEqual([1, 2, 3, 4].map((n) => `INV-2026-0000${n}`));
      expect(
        invoices()
          .map(({ externalReference }) => externalReference)
          .sort(),
      ).toEqual(['a', 'b', 'c', 'last']);
      expect(invoices().find(({ externalReference }) => externalReference === 'a')?.state).toBe('sent');
      expect(memory.audit.filter(({ entry }) => entry.action === 'sent')).toHaveLength(1);
      expect(rejections()).toEqual([]);
      if (left > 0 && failed.length === 0) break;
    }
  });
});
