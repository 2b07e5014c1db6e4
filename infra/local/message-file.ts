/**
 * The messages of the local queues, in a file of SQLite beside the engine's data, not in a table of the engine: each message
 * is written three times on its way, and must not take that time from the invoices. Several processes may share the file.
 * Knows rows and moments; what they mean is the business of `queues.ts`. Queues by their ARN, times in milliseconds.
 */
import { randomUUID } from 'node:crypto';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { StartError } from './start-error.ts';

export interface Row {
  readonly id: number;
  readonly message: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly sent: number;
  readonly firstReceived?: number;
  readonly receives: number;
  /** The queue that gave it up. */
  readonly origin?: string;
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

/** A receipt begins with its row, so that nothing has to be searched for. */
const rowOf = (receipt: string): number => Number.parseInt(receipt, 10) || 0;

const toRow = (columns: Record<string, SQLOutputValue>): Row => ({
  id: Number(columns.id),
  message: String(columns.message),
  body: String(columns.body),
  attributes: JSON.parse(String(columns.attributes)),
  sent: Number(columns.sent),
  ...(columns.first !== null && { firstReceived: Number(columns.first) }),
  receives: Number(columns.receives),
  ...(columns.origin !== null && { origin: String(columns.origin) }),
});

function opened(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file);
    database.exec(layout);
    return database;
  } catch (error) {
    throw new StartError(
      `${file} holds no messages (${(error as Error).message}). Move it away to start without those that it held.`,
    );
  }
}

/** @param file `:memory:` for messages that nobody needs after a restart. */
export function openMessages(file: string) {
  const database = opened(file);
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

  return {
    /** All or nothing, and no other process in between. */
    atomically<Value>(work: () => Value): Value {
      database.exec('BEGIN IMMEDIATE');
      try {
        const value = work();
        database.exec('COMMIT');
        return value;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },

    add(queue: string, body: string, attributes: object, sent: number, visible: number): string {
      const message = randomUUID();
      inserting.run(queue, message, body, JSON.stringify(attributes), sent, visible);
      return message;
    },

    anyDue: (queue: string, now: number): boolean => due.get(queue, now, 1) !== undefined,

    due: (queue: string, now: number, most: number): Row[] => due.all(queue, now, most).map(toRow),

    inQueue: (queue: string): Row[] => inQueue.all(queue).map(toRow),

    /** Hands a message out: until then only its receipt reaches it. */
    hide({ id }: Row, now: number, until: number): string {
      const receipt = `${id}.${randomUUID()}`;
      hiding.run(until, receipt, now, id);
      return receipt;
    },

    move({ id }: Row, queue: string, now: number, origin?: string): void {
      moving.run(queue, now, origin ?? null, id);
    },

    remove(queue: string, receipt: string): void {
      deleting.run(rowOf(receipt), queue, receipt);
    },

    /** Says whether the receipt still stands for a message. */
    show: (queue: string, receipt: string, at: number): boolean =>
      Number(showing.run(at, rowOf(receipt), queue, receipt).changes) > 0,

    removeSentBefore(queue: string, sent: number): void {
      expiring.run(queue, sent);
    },

    removeAll(queue: string): void {
      purging.run(queue);
    },

    /** Delayed are those that nobody has received yet. */
    counts(queue: string, now: number): { total: number; visible: number; delayed: number } {
      const { total, visible, delayed } = counting.get(now, now, queue) ?? {};
      return { total: Number(total), visible: Number(visible), delayed: Number(delayed) };
    },

    close: (): void => database.close(),
  };
}
