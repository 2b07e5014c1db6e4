/**
 * Group commit: changes that arrive together are written in few transactions, each as if it were alone. A change still commits
 * whole or not at all. When a condition of one fails, it is told which, and the others go again without it; when the outcome of
 * the transaction is unknown, each finds out for itself, as it would alone.
 */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { OutcomeUnknown, StoreBusy } from '../invoice/store.ts';
import type { Table } from './connection.ts';
import { gather, type Waiting } from './gather.ts';
import { type Item, itemName } from './table.ts';
import { type Commit, transactions, type Write } from './transaction.ts';

/** DynamoDB's limit for the items of a transaction, and half its limit for their bytes: they are estimated. */
const mostItems = 100;
const mostBytes = 2 * 1024 * 1024;

type Member = Waiting<readonly Write<string>[], ReadonlySet<string>>;

/** Commits what arrives together in as few transactions as it fits into. */
export function groupCommit(connection: Table): Commit {
  const { tryCommit } = transactions(connection);

  /** Commits a group, and again without those whose conditions fail. */
  async function settle(group: readonly Member[]): Promise<void> {
    const failed = await tryCommit(group.flatMap(({ input }) => input)).catch(async (error) => {
      const silent = error instanceof StoreBusy || error instanceof OutcomeUnknown;
      // What DynamoDB cannot take of one, such as an item that is too large, must not hinder the others.
      if (!silent && group.length > 1) await Promise.all(group.map((member) => settle([member])));
      else for (const { reject } of group) reject(error);
    });
    if (!failed) return;
    let position = 0;
    const others: Member[] = [];
    for (const member of group) {
      const roles = new Set(member.input.flatMap(([role]) => (failed[position++] ? [role] : [])));
      if (roles.size > 0 || failed.length === 0) member.resolve(roles);
      else others.push(member);
    }
    if (others.length > 0) await settle(others);
  }

  const commit = gather<readonly Write<string>[], ReadonlySet<string>>(async (all) => {
    let rest: readonly Member[] = all;
    // What touches an item of another change waits for that change.
    while (rest.length > 0) {
      const { groups, later } = grouped(rest);
      await Promise.all(groups.map(settle));
      rest = later;
    }
  });
  return commit as Commit;
}

/** Groups that fit into a transaction each, no item in two of them; what would touch one twice comes later. */
function grouped(members: readonly Member[]): { groups: Member[][]; later: Member[] } {
  const touched = new Set<string>();
  const groups: Member[][] = [];
  const later: Member[] = [];
  let room = { items: 0, bytes: 0 };
  for (const member of members) {
    const keys = member.input.map(([, write]) => nameOf(write));
    if (keys.some((key) => touched.has(key))) {
      later.push(member);
      continue;
    }
    for (const key of keys) touched.add(key);
    const bytes = member.input.reduce((sum, [, write]) => sum + bytesOf(write), 0);
    if (keys.length > room.items || bytes > room.bytes) {
      groups.push([]);
      room = { items: mostItems, bytes: mostBytes };
    }
    groups.at(-1)?.push(member);
    room = { items: room.items - keys.length, bytes: room.bytes - bytes };
  }
  return { groups, later };
}

const nameOf = ({ Put, Update, Delete, ConditionCheck }: TransactWriteItem): string =>
  itemName(Put?.Item ?? (Update ?? Delete ?? ConditionCheck)?.Key ?? {});

/** About as many bytes as DynamoDB counts. */
function bytesOf({ Put }: TransactWriteItem): number {
  const item: Item = Put?.Item ?? {};
  return Object.entries(item).reduce(
    (sum, [name, { S, B }]) => sum + name.length + (B?.length ?? (S === undefined ? 20 : 2 * S.length)),
    200,
  );
}
