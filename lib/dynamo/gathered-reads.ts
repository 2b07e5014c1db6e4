/** A connection for work in bulk: what is read in the same moment is read in few calls. */
import {
  GetItemCommand,
  type GetItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Connection } from './connection.ts';
import { gather, type Waiting } from './gather.ts';
import { readItems } from './reads.ts';
import { type Item, itemName } from './table.ts';

/** Consistent reads of items go out in batches, and the same item or list is asked for once; all else goes its own way. */
export function gatheredReads(connection: Connection): Connection {
  const { send } = connection;
  const items = readItems(connection);

  const get = gather<GetItemCommandInput, { Item?: Item }>(async (all) => {
    const keys = [...new Map(all.map(({ input: { Key = {} } }) => [itemName(Key), Key])).values()];
    const found = new Map((await items(keys)).map((item) => [itemName(item), item]));
    for (const { input, resolve } of all) {
      const Item = found.get(itemName(input.Key ?? {}));
      resolve(Item ? { Item } : {});
    }
  });

  const query = gather<QueryCommandInput, object>(async (all) => {
    const texts = all.map(({ input }) => JSON.stringify(input));
    const same = [...new Set(texts)].map((text) => all.filter((_, index) => texts[index] === text));
    const ask = ([first, ...others]: Waiting<QueryCommandInput, object>[]) =>
      first &&
      send(new QueryCommand(first.input)).then(
        (answer) => {
          for (const { resolve } of [first, ...others]) resolve(answer);
        },
        (error) => {
          for (const { reject } of [first, ...others]) reject(error);
        },
      );
    await Promise.all(same.map(ask));
  });

  return {
    ...connection,
    send: ((command: object) => {
      if (command instanceof GetItemCommand && command.input.ConsistentRead) return get(command.input);
      if (command instanceof QueryCommand) return query(command.input);
      return send(command as never);
    }) as Connection['send'],
  };
}
