/**
 * Virtual time for several processes over one store: every operation takes a while, and some are lost, late, doubled, or the
 * last thing their process does. One seed gives one history, so that a failure can be looked at again.
 */
import { type InvoiceStore, OutcomeUnknown, StoreBusy } from '../../lib/invoice/store.ts';

/** Small, fast, good enough: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class World {
  readonly random: () => number;
  /** Milliseconds since the beginning of 2026. */
  time = 0;
  /** Share of operations that something happens to. */
  faults: number;
  readonly happened = new Map<string, number>();
  readonly #queue: { at: number; run: () => void }[] = [];

  constructor(seed: number, faults: number) {
    this.random = randomFrom(seed);
    this.faults = faults;
  }

  now = (): string => new Date(Date.UTC(2026, 0, 1) + this.time).toISOString();

  later(after: number, run: () => void): void {
    this.#queue.push({ at: this.time + after, run });
  }

  pause = (milliseconds: number): Promise<void> => new Promise((resolve) => this.later(milliseconds, resolve));

  /** Mostly a few milliseconds, sometimes seconds. */
  delay = (): number => (this.random() < 0.05 ? this.random() * 5_000 : 1 + this.random() * 15);

  /** Runs until nothing is left to happen. */
  async run(): Promise<void> {
    for (;;) {
      // Continuations of what just happened may schedule more.
      await new Promise<void>((resolve) => setImmediate(resolve));
      let first = 0;
      for (let index = 1; index < this.#queue.length; index++) {
        if ((this.#queue[index]?.at ?? 0) < (this.#queue[first]?.at ?? 0)) first = index;
      }
      const [event] = this.#queue.splice(first, 1);
      if (!event) return;
      this.time = Math.max(this.time, event.at);
      event.run();
    }
  }

  count(what: string): void {
    this.happened.set(what, (this.happened.get(what) ?? 0) + 1);
  }
}

/** A process: it has its own way to the store, and may die. */
export class Process {
  alive = true;
  readonly store: InvoiceStore;

  constructor(world: World, store: InvoiceStore) {
    this.store = Object.fromEntries(
      Object.entries(store).map(([name, operation]) => [name, this.#faulty(world, name, operation)]),
    ) as unknown as InvoiceStore;
  }

  #faulty(world: World, name: string, operation: (...input: never[]) => Promise<unknown>) {
    const reads =
      /^(tenants?|businessEntity|series|allSeries|invoice|operation|numberHolder|externalReferenceHolder|listed|counter)$/.test(
        name,
      );
    return (...input: never[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const run = () => operation(...input);
        const settle = (outcome: Promise<unknown>) =>
          outcome.then(
            (value) => this.alive && resolve(value),
            (error) => this.alive && reject(error),
          );
        const fault = world.random() < world.faults ? this.#fault(world, reads) : 'none';
        if (fault !== 'none') world.count(fault);
        world.later(world.delay(), () => {
          if (!this.alive) return;
          const late = () => world.later(world.random() * 30_000, () => void run());
          if (fault === 'none') settle(run());
          else if (fault === 'refused') reject(new StoreBusy());
          else if (fault === 'crash before') this.alive = false;
          else if (fault === 'crash after') run().finally(() => (this.alive = false));
          else if (fault === 'answer lost') settle(run().then(run).then(repeated));
          else if (fault === 'copy late') {
            late();
            settle(run().then(repeated));
          } else {
            const effect = world.random();
            if (effect < 0.33) void run();
            else if (effect < 0.66) late();
            reject(new OutcomeUnknown());
          }
        });
      });
  }

  #fault(world: World, reads: boolean): string {
    const kinds = reads
      ? ['refused', 'crash before']
      : ['refused', 'crash before', 'crash after', 'answer lost', 'copy late', 'unknown'];
    return kinds[Math.floor(world.random() * kinds.length)] as string;
  }
}

/** What the adapter knows after sending a write twice. */
const repeated = (value: unknown) =>
  typeof value === 'object' && value !== null && 'next' in value ? { ...value, repeated: true } : value;
