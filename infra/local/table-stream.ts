/**
 * The table's stream, as far as anything reads it: the embedded engine's writes grow slower with every record that a stream
 * holds, so the new entries of the outbox are asked for instead, and handed to the function as the stream would.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from '../../lib/dynamo/connection.ts';
import { directory } from '../../lib/dynamo/directory.ts';
import { outbox } from '../../lib/dynamo/outbox.ts';
import { type Item, itemName } from '../../lib/dynamo/table.ts';
import { modes, type Scope } from '../../lib/invoice/model.ts';
import type { LambdaFunction, Outcome } from './functions.ts';
import { region, type Template } from './template.ts';

interface MappingProperties {
  EventSourceArn: string;
  FunctionName: string;
  BatchSize?: number;
  FilterCriteria?: { Filters: { Pattern: string }[] };
}

const pollMilliseconds = 500;
/** An event may be written so much later than the time it tells, in milliseconds: twice as long as any request is repeated, and more. */
const latest = 20_000;
const pageSize = 500;

/** Serves the template's mapping from the table's stream; what is returned ends it once the batch at hand is done. */
export function startTableStream(
  template: Template,
  functions: ReadonlyMap<string, LambdaFunction>,
  open: () => Connection,
): () => Promise<void> {
  const mappings = template
    .resources<MappingProperties>('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => properties.EventSourceArn.endsWith('/StreamArn'));
  const ending = new AbortController();
  const polling = mappings.map(({ properties }) => poll(mappingOf(properties, functions), open, ending.signal));
  return async () => {
    ending.abort();
    await Promise.all(polling);
  };
}

interface Mapping {
  readonly target: LambdaFunction;
  readonly size: number;
}

function mappingOf(
  { FunctionName, BatchSize = 100, FilterCriteria }: MappingProperties,
  functions: ReadonlyMap<string, LambdaFunction>,
): Mapping {
  const target = functions.get(FunctionName);
  if (!target) throw new Error(`There is no function ${FunctionName} for the table's stream.`);
  const patterns = FilterCriteria?.Filters.map(({ Pattern }) => JSON.parse(Pattern)) ?? [];
  if (!patterns.every(({ dynamodb }) => dynamodb?.NewImage?.events) || patterns.length === 0) {
    throw new Error('Of the stream, the local stack knows only new entries of the outbox.');
  }
  return { target, size: BatchSize };
}

/** How far a scope's entries have been handed over. */
interface Progress {
  /** Every entry before it was. */
  position: string;
  /** Entries after it that were. */
  readonly done: Set<string>;
}

async function poll(mapping: Mapping, open: () => Connection, ending: AbortSignal): Promise<void> {
  const progress = new Map<string, Progress>();
  while (!ending.aborted) {
    try {
      for (const { id: tenant } of await directory(open()).tenants()) {
        for (const mode of modes) {
          const scope = { tenant, mode };
          const name = `${tenant}/${mode}`;
          const one = progress.get(name) ?? { position: await outbox(open()).until(scope), done: new Set() };
          progress.set(name, one);
          await handOver(mapping, scope, one, open);
        }
      }
    } catch {
      // The engine is away; what it holds is still there when it comes back.
    }
    await wait(pollMilliseconds, undefined, { signal: ending }).catch(() => undefined);
  }
}

/** Hands a scope's new entries to the function, in order, until there is none or one fails. */
async function handOver({ target, size }: Mapping, scope: Scope, progress: Progress, open: () => Connection) {
  let from = progress.position;
  for (;;) {
    const { entries, unrelayed } = outbox(open());
    const page = await entries(scope, { from, limit: pageSize });
    const items = await unrelayed(page.filter((item) => !progress.done.has(itemName(item))));
    for (let at = 0; at < items.length; at += size) {
      const batch = items.slice(at, at + size);
      const failed = firstFailure(await target.invoke({ Records: batch.map(toRecord) }), batch.length);
      for (const item of batch.slice(0, failed)) progress.done.add(itemName(item));
      if (failed < batch.length) return;
    }
    for (const item of page) progress.done.add(itemName(item));
    from = page.at(-1)?.listSort?.S ?? from;
    if (page.length < pageSize) break;
  }
  // What is older than any entry to come is looked at no more.
  const settled = new Date(Date.now() - latest).toISOString();
  if (from < settled) progress.done.clear();
  if (settled > progress.position) progress.position = from < settled ? from : settled;
}

/** Where the function asks to go on; 0 when it failed as a whole. */
function firstFailure(outcome: Outcome, length: number): number {
  if ('error' in outcome) return 0;
  const { batchItemFailures = [] } = (JSON.parse(outcome.payload) ?? {}) as {
    batchItemFailures?: { itemIdentifier: string }[];
  };
  return Math.min(length, ...batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier)));
}

const toRecord = (NewImage: Item, index: number) => ({
  eventID: `${index}`,
  eventName: 'INSERT',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: region,
  dynamodb: { NewImage, SequenceNumber: String(index), StreamViewType: 'NEW_IMAGE' },
});
