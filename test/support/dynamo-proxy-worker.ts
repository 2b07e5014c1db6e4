/** A proxy in a thread of its own, so that measuring does not share a processor with what is measured. */
import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { type Counts, startProxy } from './dynamo-proxy.ts';
import { publishedLatency } from './dynamo-proxy-latency.ts';

export interface ProxyThread {
  readonly endpoint: string;
  /** The counts since the last time they were taken. */
  takeCounts(): Promise<Counts>;
  stop(): Promise<void>;
}

/** Starts a proxy with DynamoDB's published latencies in front of an engine, all of them so many times as long. */
export async function startProxyThread(target: string, slowdown: number): Promise<ProxyThread> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { target, slowdown } });
  const [endpoint] = (await once(worker, 'message')) as [string];
  return {
    endpoint,
    async takeCounts() {
      worker.postMessage('counts');
      const [counts] = (await once(worker, 'message')) as [Counts];
      return counts;
    },
    async stop() {
      await worker.terminate();
    },
  };
}

const { target, slowdown } = (workerData ?? {}) as { target?: string; slowdown?: number };
if (parentPort && target && slowdown) {
  const port = parentPort;
  const { read, write, transaction, transactionItem, locked } = publishedLatency;
  const latency = {
    read: slowdown * read,
    write: slowdown * write,
    transaction: slowdown * transaction,
    transactionItem: slowdown * transactionItem,
    locked,
  };
  const proxy = await startProxy({ target, latency });
  port.on('message', () => {
    port.postMessage(proxy.counts());
    proxy.resetCounts();
  });
  port.postMessage(proxy.endpoint);
}
