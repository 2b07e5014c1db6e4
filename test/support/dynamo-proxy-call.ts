/** What a DynamoDB request asks, as far as latency, locks and faults need to know. */
import { tableLayout } from '../../lib/dynamo/table.ts';

type Kind = 'read' | 'write' | 'transaction-read' | 'transaction';

/** The calls that touch items; all others pass through unseen. */
const kinds: Record<string, Kind> = {
  GetItem: 'read',
  Query: 'read',
  Scan: 'read',
  BatchGetItem: 'read',
  PutItem: 'write',
  UpdateItem: 'write',
  DeleteItem: 'write',
  BatchWriteItem: 'write',
  TransactGetItems: 'transaction-read',
  TransactWriteItems: 'transaction',
};

export interface Key {
  readonly table: string;
  readonly pk: string;
  readonly sk: string;
}

export interface Call {
  /** Such as `PutItem`. */
  readonly operation: string;
  readonly kind: Kind;
  /** The items it names, in the order of the request; none for queries, scans and batches. */
  readonly keys: readonly Key[];
  /** Counts the calls of a proxy from 1. */
  readonly ordinal: number;
  /** `ClientRequestToken`: the same for every repetition of a transaction. */
  readonly token: string | undefined;
  /** The request as parsed from the wire. */
  readonly input: Readonly<Record<string, unknown>>;
}

type WireItem = Record<string, { S?: string }>;
interface Action {
  TableName: string;
  Key?: WireItem;
  Item?: WireItem;
}

/** Reads a request; undefined when it is none that touches items. */
export function readCall(operation: string, body: Buffer, ordinal: number): Call | undefined {
  const kind = kinds[operation];
  if (!kind) return undefined;
  const input = JSON.parse(body.toString());
  const actions: Action[] = input.TransactItems?.flatMap((item: Record<string, Action>) => Object.values(item)) ?? [
    input,
  ];
  return { operation, kind, keys: actions.flatMap(keyOf), ordinal, token: input.ClientRequestToken, input };
}

function keyOf({ TableName: table, Key, Item }: Action): Key[] {
  const item = Key ?? Item;
  if (!item) return [];
  return [{ table, pk: item[tableLayout.partitionKey]?.S ?? '', sk: item[tableLayout.sortKey]?.S ?? '' }];
}
