/**
 * The promises of numbering, against random histories: several processes, clients that try again elsewhere, and at every
 * operation the chance that it is lost, late, doubled, or the last thing its process does.
 *
 * MODEL_RUNS sets how many histories; a failing one is told by its seed, and MODEL_SEED plays it again.
 */
import { describe, expect, it } from 'vitest';
import { idLease } from '../../lib/invoice/identity.ts';
import { createInvoices } from '../../lib/invoice/invoices.ts';
import type { Invoice } from '../../lib/invoice/model.ts';
import { formatNumber } from '../../lib/invoice/number.ts';
import type { Answer } from '../../lib/invoice/operation.ts';
import { caller, document, entity, series, tenant, undelivered } from '../support/fixtures.ts';
import { entryKey } from '../support/memory-reference.ts';
import { emptyMemory, type Memory, memoryStore } from '../support/memory-store.ts';
import { Process, World } from '../support/world.ts';

const runs = Number(process.env.MODEL_RUNS ?? 400);
const onlySeed = process.env.MODEL_SEED;

const scope = { tenant: tenant.id, mode: 'live' } as const;
const counter = { scope, name: 'INV', period: '2026' };
/** What nothing in a history is later than. */
const lastDay = { ...document, issueDate: '2026-12-31' };

/** What a client saw: when it first asked, when it was answered, with what. */
interface Acknowledged {
  key: string;
  asked: number;
  answered: number;
  answers: Answer[];
}

/** Every other history is of a series that keeps the order of dates. */
const keepsOrder = (seed: number) => seed % 2 === 0;

function begin(seed: number): Memory {
  const memory = emptyMemory();
  memory.tenants.set(tenant.id, tenant);
  for (const mode of ['live', 'test'] as const) {
    memory.entries.set(entryKey({ scope: { tenant: tenant.id, mode }, kind: 'business-entities' }, entity.id), entity);
    const chronology = keepsOrder(seed) ? 'enforce' : 'off';
    memory.series.set(`${tenant.id}/${mode} INV`, { ...series, chronology });
  }
  return memory;
}

function invoicesOf(world: World, process: Process) {
  const lease = idLease();
  return createInvoices({
    store: process.store,
    deliver: undelivered,
    now: world.now,
    pause: world.pause,
    newId: (scope) => lease(scope, (count) => process.store.reserveIds(scope, count)),
  });
}

const render = ({ id, number }: Invoice): Answer => ({
  status: 200,
  headers: {},
  body: JSON.stringify({ id, number, tag: Math.random() }),
});
const reply = (key: string) => ({ operation: { id: key, fingerprint: key }, render });

const unfinished = ({ counters }: Memory) =>
  [...counters.values()].some(({ open, spare }) => open.size + spare.length > 0);

async function history(seed: number) {
  const world = new World(seed, 0.06);
  const memory = begin(seed);
  const store = memoryStore(memory, 8);
  const start = () => new Process(world, store);
  const processes = [start(), start(), start()];
  const acknowledged: Acknowledged[] = [];
  const refused = new Set<string>();

  /** Any process that lives; a dead one is replaced, as Lambda does. */
  const anyProcess = () => {
    const index = Math.floor(world.random() * processes.length);
    if (!processes[index]?.alive) processes[index] = start();
    return processes[index] as Process;
  };

  /** Asks until it is answered, each time somewhere else, always with the same key. */
  async function ask(key: string, call: (invoices: ReturnType<typeof invoicesOf>) => Promise<Answer>): Promise<Answer> {
    const asked = world.time;
    for (;;) {
      const invoices = invoicesOf(world, anyProcess());
      const answered = (async () => {
        const first = await invoices.replay(caller, { id: key, fingerprint: key });
        return first ?? (await call(invoices));
      })().catch((error: unknown) => (error as { failure?: unknown }).failure ?? undefined);
      const outcome = await Promise.race([answered, world.pause(10_000)]);
      if (outcome && 'status' in (outcome as object)) {
        const answer = outcome as Answer;
        const again = acknowledged.find((one) => one.key === key);
        if (again) again.answers.push(answer);
        else acknowledged.push({ key, asked, answered: world.time, answers: [answer] });
        return answer;
      }
      const { kind = '' } = (outcome ?? {}) as { kind?: string };
      if (kind === 'number-taken') return { status: 409, headers: {}, body: '{}' };
      if (kind === 'not-issuable') {
        refused.add(key);
        return { status: 422, headers: {}, body: '{}' };
      }
      await world.pause(world.random() * 1_000);
    }
  }

  /** The day moves on with the history; some are a little late. */
  const today = () => `2026-01-${11 + Math.min(16, Math.floor(world.time / 700)) - Math.floor(world.random() * 2)}`;

  async function client(name: string): Promise<void> {
    await world.pause(world.random() * 3_000);
    const tagged = { document: { ...document, issueDate: today() }, extras: { key: `create ${name}` } };
    const kind = world.random();
    if (kind < 0.4) {
      await ask(`create ${name}`, (invoices) =>
        invoices.create(caller, tagged, reply(`create ${name}`), { as: 'issued' }),
      );
      return;
    }
    // Some choose a number that the series will come to.
    const chosen =
      kind > 0.9 ? { number: formatNumber(series, '2026-01-15', 1 + Math.floor(world.random() * 12)) } : {};
    const created = await ask(`create ${name}`, (invoices) =>
      invoices.create(caller, { ...tagged, ...chosen }, reply(`create ${name}`)),
    );
    if (created.status === 409) return;
    const { id } = JSON.parse(created.body) as { id: string };
    if (kind > 0.95) {
      // Some think better of it: the number must not be lost to the series.
      await world.pause(world.random() * 20_000);
      await ask(`delete ${name}`, (invoices) => invoices.remove(caller, id, reply(`delete ${name}`)));
      return;
    }
    const finalize = () =>
      ask(`finalize ${name}`, (invoices) => invoices.finalize(caller, id, reply(`finalize ${name}`)));
    // An impatient client asks twice at once.
    await (world.random() < 0.3 ? Promise.all([finalize(), finalize()]) : finalize());
  }

  const clients = Promise.all(Array.from({ length: 12 }, (_, index) => client(String(index))));
  await world.run();
  await clients;

  // Quiet: nothing fails any more, late copies have arrived, guards have run out. The next invoices take up what is left.
  world.faults = 0;
  for (let round = 0; round < 8; round++) {
    world.time += 61_000;
    const sweeper = invoicesOf(world, start());
    const settled = sweeper
      .sweep()
      .then(() =>
        unfinished(memory) ? sweeper.create(caller, { document: lastDay }, { render }, { as: 'issued' }) : undefined,
      );
    await world.run();
    await settled;
  }
  // A write that came after its client was refused leaves an invoice waiting; whoever asks next ends that.
  for (const { id, state } of [...memory.invoices.values()]) {
    if (state !== 'finalizing') continue;
    const settled = invoicesOf(world, start())
      .finalize(caller, id, { render })
      .catch(() => undefined);
    await world.run();
    await settled;
  }
  return { world, memory, acknowledged, refused, state: await store.counter(counter) };
}

async function check(seed: number): Promise<Map<string, number>> {
  const { world, memory, acknowledged, refused, state } = await history(seed);
  const invoices = [...memory.invoices.values()];
  const issued = invoices.filter(({ state }) => state === 'issued');
  const at = `seed ${seed}`;

  // Unique: one number, one invoice.
  expect(new Set(issued.map(({ number }) => number)).size, at).toBe(issued.length);
  // Gapless: every number that was given out exists, none is open.
  const next = state?.next ?? 1;
  const numbers = new Set(issued.map(({ number }) => number));
  const chosen = new Map(invoices.filter(({ place }) => !place).map(({ id, number }) => [number, id]));
  const lines = memory.lines.get(`${tenant.id}/live INV 2026`);
  for (let ordinal = 1; ordinal < next; ordinal++) {
    const number = formatNumber(series, '2026-01-15', ordinal);
    expect(numbers.has(number) || chosen.has(number), `${at}: ${number} is missing`).toBe(true);
    // And the books say who has it.
    const holder = issued.find(({ place }) => place?.ordinal === ordinal)?.id ?? chosen.get(number);
    expect(lines?.get(ordinal), `${at}: ${number} in the books`).toMatchObject({ number, invoiceId: holder });
  }
  expect({ open: state?.open ?? [], spare: state?.spare ?? [] }, at).toEqual({ open: [], spare: [] });
  for (const { place } of issued) if (place) expect(place.ordinal, at).toBeLessThan(next);
  // Once: a key made one invoice, and every answer to it is the same.
  const keys = invoices.map(({ extras }) => extras.key).filter((key) => key !== undefined);
  expect(new Set(keys).size, at).toBe(keys.length);
  for (const { answers } of acknowledged) {
    expect(new Set(answers.map(({ body }) => body)).size, at).toBe(1);
  }
  // Never lost: what was acknowledged is there, with the number that was told.
  for (const { key, answers } of acknowledged) {
    const told = JSON.parse(answers[0]?.body ?? '{}') as { id: string; number?: string };
    const kept = memory.invoices.get(`${tenant.id}/live ${told.id}`);
    expect(kept, `${at}: ${key}`).toBeDefined();
    if (told.number !== undefined && !kept?.deletedAt) expect(kept?.number, at).toBe(told.number);
  }
  // Refused is refused: nothing was answered to the same key, nothing is left waiting, and nothing new is left at all.
  for (const key of refused) {
    expect(
      acknowledged.some((one) => one.key === key),
      `${at}: ${key}`,
    ).toBe(false);
    const made = invoices.find(({ extras }) => `create ${key.split(' ')[1]}` === extras.key);
    if (key.startsWith('create') && made)
      expect(made, at).toMatchObject({ state: 'draft', deletedAt: expect.any(String) });
    if (key.startsWith('finalize')) expect(made, at).toMatchObject({ state: 'draft' });
  }
  if (memory.audit.some(({ entry }) => entry.action === 'refused')) world.count('put back');
  // In the order of dates, where the series asks for it.
  const inSeries = issued.filter(({ place }) => place && !state?.handedOn.includes(place.ordinal));
  inSeries.sort((a, b) => (a.place?.ordinal ?? 0) - (b.place?.ordinal ?? 0));
  const dates = inSeries.map(({ document }) => document.issueDate);
  if (keepsOrder(seed)) expect(dates, at).toEqual([...dates].sort());
  else expect(refused.size, at).toBe(0);
  if (refused.size > 0) world.count('refused for its date');
  // Every issue has its one audit entry.
  const entries = memory.audit.filter(({ entry }) => entry.action === 'issued').map(({ invoiceId }) => invoiceId);
  expect(entries.sort(), at).toEqual(issued.map(({ id }) => id).sort());
  // In order: asked after the other was answered means a higher number, unless it was handed on after a crash.
  const ordinals = acknowledged.flatMap((one) => {
    const { id } = JSON.parse(one.answers[0]?.body ?? '{}') as { id: string };
    const place = memory.invoices.get(`${tenant.id}/live ${id}`)?.place;
    const numbered = one.key.startsWith('finalize') || (place && one.answers[0]?.body.includes('"number"'));
    return place && numbered && !state?.handedOn.includes(place.ordinal) ? [{ ...one, ordinal: place.ordinal }] : [];
  });
  for (const a of ordinals) {
    for (const b of ordinals) if (b.asked > a.answered) expect(b.ordinal, `${at}: order`).toBeGreaterThan(a.ordinal);
  }
  if ((state?.handedOn.length ?? 0) > 0) world.count('handed on');
  return world.happened;
}

describe('numbers, under crashes, losses, delays and doubles at every step', () => {
  it('are unique, contiguous, given once and in order', { timeout: 600_000 }, async () => {
    const happened = new Map<string, number>();
    const seeds = onlySeed === undefined ? Array.from({ length: runs }, (_, index) => index + 1) : [Number(onlySeed)];
    for (const seed of seeds) {
      for (const [what, times] of await check(seed)) happened.set(what, (happened.get(what) ?? 0) + times);
    }
    if (onlySeed !== undefined) return;
    // A model in which nothing goes wrong proves nothing.
    for (const what of ['refused', 'crash before', 'crash after', 'answer lost', 'copy late', 'unknown']) {
      expect(happened.get(what) ?? 0, what).toBeGreaterThan(runs / 4);
    }
    for (const what of ['handed on', 'refused for its date', 'put back']) {
      expect(happened.get(what) ?? 0, what).toBeGreaterThan(0);
    }
  });
});
