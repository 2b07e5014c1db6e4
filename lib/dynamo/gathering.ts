/** A connection for work in bulk: what is asked of the table in the same moment goes out in few calls. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { OutcomeUnknown, StoreBusy } from '../invoice/store.ts';
import type { Connection } from './connection.ts';
import type { Item } from './table.ts';

/** What DynamoDB takes in one call: keys to read, items to write, items of a transaction. */
const mostReads = 100;
const mostWrites = 25;
const mostInTransaction = 100;

/** How long a call waits for others, in milliseconds. */
const moment = 2;

/**
 * Reads of the same item or list are asked once, other reads and unconditional writes go out in batches, and transactions in
 * larger ones. Each asker gets its own answer: where several transactions cannot be one, each is sent by itself.
 */
export function gathered(connection: Connection): Connection {
  const { table, attempts, send } = connection;

  const get = gathering<GetItemCommandInput, { Item?: Item }>(mostReads, one, async (asked) => {
    const keys = new Map(asked.map(({ Key }) => [nameOf(Key), Key as Item]));
    const found = new Map<string, Item>();
    for (let left = [...keys.values()]; left.length > 0; ) {
      const { Responses, UnprocessedKeys } = await send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[table] ?? []) found.set(nameOf(item), item);
      left = UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return asked.map(({ Key }) => {
      const Item = found.get(nameOf(Key));
      return Item ? { Item } : {};
    });
  });

  const put = gathering<PutItemCommandInput, object>(mostWrites, one, async (asked) => {
    const items = new Map(asked.map(({ Item }) => [nameOf(Item), { PutRequest: { Item } }]));
    for (let left = [...items.values()]; left.length > 0; ) {
      const { UnprocessedItems } = await send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
      left = (UnprocessedItems?.[table] ?? []) as typeof left;
    }
    return asked.map(() => ({}));
  });

  const query = gathering<QueryCommandInput, object>(Number.POSITIVE_INFINITY, one, (asked) => {
    const sent = new Map<string, Promise<object>>();
    return Promise.all(
      asked.map((input) => {
        const name = JSON.stringify(input);
        const answer = sent.get(name) ?? send(new QueryCommand(input));
        sent.set(name, answer);
        return answer;
      }),
    );
  });

  type Outcome = { readonly error?: unknown };
  const transact = gathering<TransactWriteItemsCommandInput, Outcome>(mostInTransaction, sizeOf, async (asked) => {
    const [only, ...others] = asked;
    const apart = (input: TransactWriteItemsCommandInput) =>
      send(new TransactWriteItemsCommand(input)).then(
        (): Outcome => ({}),
        (error): Outcome => ({ error }),
      );
    if (!only || others.length === 0) return Promise.all(asked.map(apart));
    try {
      const TransactItems = asked.flatMap((input) => input.TransactItems ?? []);
      await send(new TransactWriteItemsCommand({ TransactItems }));
      return asked.map(() => ({}));
    } catch (error) {
      if (error instanceof StoreBusy || error instanceof OutcomeUnknown) return asked.map(() => ({ error }));
      // A condition of one stood in the way of all, or together they are too much.
      return Promise.all(asked.map(apart));
    }
  });

  return {
    table,
    attempts,
    send: (async (command: { input: object }) => {
      if (command instanceof GetItemCommand && command.input.ConsistentRead) return get(command.input);
      if (command instanceof PutItemCommand && !command.input.ConditionExpression) return put(command.input);
      if (command instanceof QueryCommand) return query(command.input);
      if (command instanceof TransactWriteItemsCommand) {
        const { error } = await transact(command.input);
        if (error) throw error;
        return {};
      }
      return send(command as never);
    }) as Connection['send'],
  };
}

const one = () => 1;
const sizeOf = ({ TransactItems = [] }: TransactWriteItemsCommandInput) => TransactItems.length;

/** The key of an item, in one text. */
const nameOf = (item: Record<string, AttributeValue> | undefined): string => JSON.stringify([item?.pk?.S, item?.sk?.S]);

/** Collects what is asked within a moment, and does it in lots of at most so much. */
function gathering<Asked, Answer>(
  most: number,
  weightOf: (asked: Asked) => number,
  work: (lot: Asked[]) => Promise<Answer[]>,
): (asked: Asked) => Promise<Answer> {
  interface Waiting {
    asked: Asked;
    resolve(answer: Answer): void;
    reject(error: unknown): void;
  }
  let waiting: Waiting[] = [];

  async function settle(lot: Waiting[]): Promise<void> {
    try {
      const answers = await work(lot.map(({ asked }) => asked));
      for (const [index, { resolve }] of lot.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      for (const { reject } of lot) reject(error);
    }
  }

  function flush(): void {
    const all = waiting;
    waiting = [];
    let lot: Waiting[] = [];
    let weight = 0;
    for (const each of all) {
      const more = weightOf(each.asked);
      if (lot.length > 0 && weight + more > most) {
        void settle(lot);
        [lot, weight] = [[], 0];
      }
      lot.push(each);
      weight += more;
    }
    void settle(lot);
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ asked, resolve, reject }) === 1) setTimeout(flush, moment);
    });
}
