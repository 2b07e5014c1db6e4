/** The template's SQS queues, over a file of messages. */
import { createHash } from 'node:crypto';
import { openMessages, type Row } from './message-file.ts';
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

/** For how long a receiver sleeps that nobody wakes: another process may have sent, or a message become visible. */
const napMilliseconds = 250;

/** How often messages beyond their retention are looked for. */
const forgetMilliseconds = 60_000;

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
  const messages = openMessages(file);
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

  function forgetOld(now: number): void {
    if (now - forgotten < forgetMilliseconds) return;
    forgotten = now;
    for (const { arn, retention } of all) messages.removeSentBefore(arn, now - retention * 1_000);
  }

  /** What is visible now. Messages that were received too often go to the dead letters instead. */
  function take({ arn, redrive, ...queue }: Queue, { most, visibility = queue.visibility }: Receiving): Message[] {
    const now = Date.now();
    if (!messages.anyDue(arn, now)) return [];
    return messages.atomically(() => {
      forgetOld(now);
      const taken: Message[] = [];
      while (taken.length < most) {
        const rows = messages.due(arn, now, most - taken.length);
        if (rows.length === 0) break;
        for (const row of rows) {
          if (redrive && row.receives >= redrive.maxReceives) {
            messages.move(row, redrive.deadLetterArn, now, arn);
            continue;
          }
          // At once visible again, it would be taken twice by this very receive.
          const receipt = messages.hide(row, now, Math.max(now + 1, now + visibility * 1_000));
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
      const now = Date.now();
      const id = messages.add(queue.arn, body, attributes, now, now + delay * 1_000);
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

    remove: ({ arn }: Queue, receipt: string): void => messages.remove(arn, receipt),

    /** Shows a message again after so many seconds; says whether the receipt still stands for one. */
    changeVisibility({ arn }: Queue, receipt: string, seconds: number): boolean {
      const stands = messages.show(arn, receipt, Date.now() + seconds * 1_000);
      wake();
      return stands;
    },

    counts({ arn }: Queue): { visible: number; delayed: number; inFlight: number } {
      const { total, visible, delayed } = messages.counts(arn, Date.now());
      return { visible, delayed, inFlight: total - visible - delayed };
    },

    purge: ({ arn }: Queue): void => messages.removeAll(arn),

    /** Moves dead letters to a queue, or each to the one that gave it up; returns how many went. */
    move(deadLetters: Queue, to?: Queue): number {
      const fallback = all.find(({ redrive }) => redrive?.deadLetterArn === deadLetters.arn);
      const moved = messages.atomically(() => {
        const rows = messages.inQueue(deadLetters.arn);
        const now = Date.now();
        for (const row of rows) {
          const target = to?.arn ?? row.origin ?? fallback?.arn;
          if (target !== undefined) messages.move(row, target, now);
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

    close: messages.close,
  };
}

const toMessage = (row: Row, receipt: string, now: number): Message => ({
  id: row.message,
  body: row.body,
  attributes: row.attributes,
  sentAt: row.sent,
  firstReceivedAt: row.firstReceived ?? now,
  receives: row.receives + 1,
  receipt,
  ...(row.origin !== undefined && { origin: row.origin }),
});
