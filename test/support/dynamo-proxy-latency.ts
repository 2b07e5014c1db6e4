/** How long DynamoDB takes and what it locks meanwhile. */
import type { Call, Key } from './dynamo-proxy-call.ts';

/** Milliseconds. Outcome makes no difference: a transaction that fails was measured as slow as one that commits. */
export interface Latency {
  readonly read: number;
  readonly write: number;
  readonly transaction: number;
  /** On top, for each item of a transaction. */
  readonly transactionItem: number;
  /** The part of its time for which a transaction holds its items. */
  readonly locked: number;
}

/**
 * Medians from a Lambda function in the table's region: PutItem 7.55 ms, TransactWriteItems 25.3 ms with 5 items, 32.1 ms
 * with 25 (A. DeBrie, "DynamoDB Transactions Performance Testing", 2020). Assumed, since nobody published them: 4.5 ms for
 * a read; 60 % of a transaction between its first lock and its last release.
 */
export const publishedLatency: Latency = {
  read: 4.5,
  write: 7.5,
  transaction: 24,
  transactionItem: 0.35,
  locked: 0.6,
};

export function durationOf({ kind, keys }: Call, latency: Latency): number {
  switch (kind) {
    case 'read':
      return latency.read;
    case 'transaction-read': // two rounds of reads
      return 2 * latency.read;
    case 'write':
      return latency.write;
    case 'transaction':
      return latency.transaction + latency.transactionItem * keys.length;
  }
}

/** The items of running transactions. */
export function createLocks() {
  const held = new Map<string, Call>();
  const nameOf = ({ table, pk, sk }: Key) => JSON.stringify([table, pk, sk]);

  return {
    /** For each item of a call the transaction that holds it; plain reads meet no lock. */
    holders: ({ kind, keys }: Call): (Call | undefined)[] =>
      kind === 'read' ? [] : keys.map((key) => held.get(nameOf(key))),
    /** Holds a transaction's items until the returned function is called. */
    take(call: Call): () => void {
      const names = call.keys.map(nameOf);
      for (const name of names) held.set(name, call);
      return () => {
        for (const name of names) held.delete(name);
      };
    },
  };
}

/** Time as the proxy knows it, in milliseconds. */
export interface Clock {
  now(): number;
  until(moment: number): Promise<void>;
}

/**
 * The time of this machine. A timer knows whole milliseconds and fires late; so the fraction is rounded at random in its
 * proportion, and the mean lateness is taken off. Single waits miss by about a millisecond, their mean does not, and nothing
 * spins.
 */
export function machineClock(): Clock {
  let lateness = 0;
  const now = () => performance.now();
  return {
    now,
    until(moment) {
      const left = Math.floor(moment - now() - lateness + Math.random());
      if (left <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        setTimeout(() => {
          // A busy processor is not the timer's lateness: what exceeds 2 ms does not count.
          const miss = Math.max(-2, Math.min(2, now() - moment));
          lateness = Math.max(-1, Math.min(1, lateness + 0.02 * miss));
          resolve();
        }, left);
      });
    },
  };
}
