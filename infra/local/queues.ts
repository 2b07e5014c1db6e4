/**
 * The template's SQS queues. Their messages are kept in a file of SQLite beside the engine's data, not in a table of the engine:
 * each message is written three times on its way, and must not take that time from the invoices. Several processes may share
 * the file.
 */
import { createHash, randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Template } from './template.ts';

export interface Queue {
  readonly name: string;
  readonly arn: string;
  /** Seconds. */
  readonly delay: number;
  readonly visibility: number;
  readonly retention: number;
  /** Where a message goes that was received too often. */
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceives: number };
}

/** A message as one receive hands it out. Times in milliseconds. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly sentAt: number;
  readonly firstReceivedAt: number;
  readonly receives: number;
  readonly receipt: string;
  /** The queue that gave it up. */
  readonly origin?: string;
}

export interface Outgoing {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Seconds. */
  readonly delay?: number | undefined;
}

export interface Receiving {
  readonly most: number;
  /** Seconds. */
  readonly visibility?: number | undefined;
  readonly wait?: number | undefined;
}

export type Queues = ReturnType<typeof openQueues>;

interface QueueProperties {
  QueueName?: string;
  DelaySeconds?: number;
  VisibilityTimeout?: number;
  MessageRetentionPeriod?: number;
  FifoQueue?: boolean;
  RedrivePolicy?: { deadLetterTargetArn: string; maxReceiveCount: number };
}

interface Row {
  id: number;
  message: string;
  body: string;
  attributes: string;
  sent: number;
  first: number | null;
  receives: number;
  origin: string | null;
}

const layout = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, queue TEXT NOT NULL, message TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL,
    sent INTEGER NOT NULL, visible INTEGER NOT NULL, first INTEGER, receives INTEGER NOT NULL DEFAULT 0,
    receipt TEXT, origin TEXT
  );
  CREATE INDEX IF NOT EXISTS due ON messages (queue, visible);
`;

/** For how long a receiver sleeps that nobody wakes: another process may have sent, or a message become visible. */
const napMilliseconds = 250;

/** How often messages beyond their retention are looked for. */
const forgetMilliseconds = 60_000;

/** A receipt begins with its row, so that nothing has to be searched for. */
const rowOf = (receipt: string): number => Number.parseInt(receipt, 10) || 0;

export const md5Of = (text: string): string => createHash('md5').update(text).digest('hex');

export function queuesOf(template: Template): Queue[] {
  return template.resources<QueueProperties>('AWS::SQS::Queue').map(({ logicalId, arn, properties }) => {
    const { RedrivePolicy: redrive } = properties;
    if (properties.FifoQueue) throw new Error('The local stack does not know FIFO queues.');
    return {
      name: properties.QueueName ?? logicalId,
      arn,
      delay: properties.DelaySeconds ?? 0,
      visibility: properties.VisibilityTimeout ?? 30,
      retention: properties.MessageRetentionPeriod ?? 345_600,
      ...(redrive && {
        redrive: { deadLetterArn: redrive.deadLetterTargetArn, maxReceives: Number(redrive.maxReceiveCount) },
      }),
    };
  });
}

/** @param file `:memory:` for messages that nobody needs after a restart. */
export function openQueues(all: readonly Queue[], file: string) {
  const database = new DatabaseSync(file);
  database.exec(layout);
  const statement = (sql: string) => database.prepare(sql);
  const inserting = statement(
    'INSERT INTO messages (queue, message, body, attributes, sent, visible) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const due = statement('SELECT * FROM messages WHERE queue = ? AND visible <= ? ORDER BY visible, id LIMIT ?');
  const hiding = statement(
    'UPDATE messages SET visible = ?, receives = receives + 1, receipt = ?, first = coalesce(first, ?) WHERE id = ?',
  );
  const moving = statement(
    'UPDATE messages SET queue = ?, visible = ?, receives = 0, first = NULL, receipt = NULL, origin = ? WHERE id = ?',
  );
  const deleting = statement('DELETE FROM messages WHERE id = ? AND queue = ? AND receipt = ?');
  const showing = statement('UPDATE messages SET visible = ? WHERE id = ? AND queue = ? AND receipt = ?');
  const expiring = statement('DELETE FROM messages WHERE queue = ? AND sent < ?');
  const purging = statement('DELETE FROM messages WHERE queue = ?');
  const counting = statement(
    'SELECT count(*) AS total, sum(visible <= ?) AS visible, sum(receives = 0 AND visible > ?) AS delayed FROM messages WHERE queue = ?',
  );
  const inQueue = statement('SELECT * FROM messages WHERE queue = ? ORDER BY id');
  const sleeping = new Set<() => void>();
  let open = true;
  let forgotten = 0;

  const byArn = (arn: string): Queue | undefined => all.find((queue) => queue.arn === arn);

  function nap(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        sleeping.delete(end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      sleeping.add(end);
    });
  }

  const wake = () => {
    for (const end of sleeping) end();
  };

  /** All or nothing, and no other process in between. */
  function atomically<Value>(work: () => Value): Value {
    database.exec('BEGIN IMMEDIATE');
    try {
      const value = work();
      database.exec('COMMIT');
      return value;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  function forgetOld(now: number): void {
    if (now - forgotten < forgetMilliseconds) return;
    forgotten = now;
    for (const { arn, retention } of all) expiring.run(arn, now - retention * 1_000);
  }

  /** What is visible now. Messages that were received too often go to the dead letters instead. */
  function take(queue: Queue, { most, visibility = queue.visibility }: Receiving): Message[] {
    const now = Date.now();
    if (due.get(queue.arn, now, 1) === undefined) return [];
    return atomically(() => {
      forgetOld(now);
      const taken: Message[] = [];
      while (taken.length < most) {
        const rows = due.all(queue.arn, now, most - taken.length) as unknown as Row[];
        if (rows.length === 0) break;
        for (const row of rows) {
          if (queue.redrive && row.receives >= queue.redrive.maxReceives) {
            moving.run(queue.redrive.deadLetterArn, now, queue.arn, row.id);
            continue;
          }
          const receipt = `${row.id}.${randomUUID()}`;
          // At once visible again, it would be taken twice by this very receive.
          hiding.run(Math.max(now + 1, now + visibility * 1_000), receipt, now, row.id);
          taken.push(toMessage(row, receipt, now));
        }
      }
      return taken;
    });
  }

  return {
    all,
    byArn,
    /** By name, as it stands at the end of a queue's URL. */
    byName: (name: string): Queue | undefined => all.find((queue) => queue.name === name),

    send(queue: Queue, { body, attributes = {}, delay = queue.delay }: Outgoing): { id: string } {
      const id = randomUUID();
      const now = Date.now();
      inserting.run(queue.arn, id, body, JSON.stringify(attributes), now, now + delay * 1_000);
      wake();
      return { id };
    },

    /** Waits for the first message, if it may. */
    async receive(queue: Queue, receiving: Receiving): Promise<Message[]> {
      const until = Date.now() + (receiving.wait ?? 0) * 1_000;
      while (open) {
        const taken = take(queue, receiving);
        const left = until - Date.now();
        if (taken.length > 0 || left <= 0) return taken;
        await nap(Math.min(left, napMilliseconds));
      }
      return [];
    },

    remove: ({ arn }: Queue, receipt: string): void => {
      deleting.run(rowOf(receipt), arn, receipt);
    },

    /** Shows a message again after so many seconds; says whether the receipt still stands for one. */
    changeVisibility({ arn }: Queue, receipt: string, seconds: number): boolean {
      const { changes } = showing.run(Date.now() + seconds * 1_000, rowOf(receipt), arn, receipt);
      wake();
      return Number(changes) > 0;
    },

    counts({ arn }: Queue): { visible: number; delayed: number; inFlight: number } {
      const now = Date.now();
      const row = counting.get(now, now, arn) as Record<string, number | null>;
      const [total, visible, delayed] = [row.total ?? 0, row.visible ?? 0, row.delayed ?? 0];
      return { visible, delayed, inFlight: total - visible - delayed };
    },

    purge({ arn }: Queue): void {
      purging.run(arn);
    },

    /** Moves dead letters to a queue, or each to the one that gave it up; returns how many went. */
    move(deadLetters: Queue, to?: Queue): number {
      const fallback = all.find(({ redrive }) => redrive?.deadLetterArn === deadLetters.arn);
      const moved = atomically(() => {
        const rows = inQueue.all(deadLetters.arn) as unknown as Row[];
        const now = Date.now();
        for (const { id, origin } of rows) {
          const target = to?.arn ?? origin ?? fallback?.arn;
          if (target !== undefined) moving.run(target, now, null, id);
        }
        return rows.length;
      });
      wake();
      return moved;
    },

    /** Ends all waiting; nothing is received any more. */
    drain(): void {
      open = false;
      wake();
    },

    close(): void {
      database.close();
    },
  };
}

const toMessage = (row: Row, receipt: string, now: number): Message => ({
  id: row.message,
  body: row.body,
  attributes: JSON.parse(row.attributes),
  sentAt: row.sent,
  firstReceivedAt: row.first ?? now,
  receives: row.receives + 1,
  receipt,
  ...(row.origin !== null && { origin: row.origin }),
});
