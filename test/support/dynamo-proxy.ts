/**
 * Stands between a DynamoDB client and an engine, and behaves as AWS does where the embedded engine cannot: it takes
 * DynamoDB's time, lets transactions conflict, loses, delays, repeats and refuses calls, and counts what they cost.
 *
 * All of the network's time is put on the way back; a client cannot tell. A single write reaches the engine at once; a
 * transaction locks its items at once and reaches it at the end of its lock. Not modelled: conflicts of BatchWriteItem,
 * hot partitions, stale reads. Requests are changed (`ReturnConsumedCapacity`), so their signatures no longer hold: the
 * target must be an engine that does not verify them.
 */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuse, type WireAnswer } from './dynamo-proxy-answer.ts';
import { type Call, readCall } from './dynamo-proxy-call.ts';
import type { FaultPlan } from './dynamo-proxy-faults.ts';
import { type Clock, createLocks, durationOf, type Latency, machineClock } from './dynamo-proxy-latency.ts';

export interface ProxyOptions {
  /** The engine's address. */
  readonly target: string;
  /** Without it calls take the engine's own time and nothing is locked. */
  readonly latency?: Latency;
  readonly faults?: FaultPlan;
  /** The machine's own unless a test has another. */
  readonly clock?: Clock;
}

export interface Counts {
  /** Calls that touch items, by operation, as clients sent them. */
  readonly calls: Record<string, number>;
  readonly faults: number;
  /** Calls that met the lock of a running transaction. */
  readonly conflicts: number;
  /** As the engine reports them; refused conditions, which AWS bills too, are not reported. */
  readonly readUnits: number;
  readonly writeUnits: number;
  /** Answers more than 5 ms later than the latency says: the machine was too slow for the figures to mean anything. */
  readonly overdue: number;
}

export interface DynamoProxy {
  readonly endpoint: string;
  readonly counts: () => Counts;
  readonly resetCounts: () => void;
  /** Resolves once nothing is under way any more, late and repeated calls included. */
  readonly settled: () => Promise<void>;
  /** Settles, then closes. */
  readonly stop: () => Promise<void>;
}

const zero = () => ({
  calls: {} as Record<string, number>,
  faults: 0,
  conflicts: 0,
  readUnits: 0,
  writeUnits: 0,
  overdue: 0,
});

/** Starts a proxy on a free port of this machine. */
export async function startProxy({
  target,
  latency,
  faults,
  clock = machineClock(),
}: ProxyOptions): Promise<DynamoProxy> {
  const engine = connectEngine(target);
  const locks = createLocks();
  const underWay = new Set<Promise<void>>();
  let counts = zero();
  let ordinal = 0;

  async function forward(call: Call, message: Message): Promise<WireAnswer> {
    const answer = await engine.send(message.headers, withCapacity(message.body, call));
    const { read, write } = capacityOf(call, answer);
    counts.readUnits += read;
    counts.writeUnits += write;
    return answer;
  }

  /** The call as DynamoDB would carry it out, starting at `start`. */
  async function perform(call: Call, message: Message, start: number): Promise<WireAnswer> {
    if (!latency) return forward(call, message);
    const duration = durationOf(call, latency);
    const due = start + duration;
    const answer = refuseIfLocked(call) ?? (await carryOut(call, message, start + duration * latency.locked));
    await clock.until(due);
    if (clock.now() > due + 5) counts.overdue++;
    return answer;
  }

  function refuseIfLocked(call: Call): WireAnswer | undefined {
    const holders = locks.holders(call);
    if (!holders.some(Boolean)) return undefined;
    // A transaction that is sent again while it runs meets itself.
    if (call.token && holders.some((holder) => holder?.token === call.token)) {
      return refuse(call, 'TransactionInProgressException');
    }
    counts.conflicts++;
    return refuse(call, 'TransactionConflict', holders.map(Boolean));
  }

  async function carryOut(call: Call, message: Message, commit: number): Promise<WireAnswer> {
    if (call.kind !== 'transaction') return forward(call, message);
    const release = locks.take(call);
    try {
      await clock.until(commit);
      return await forward(call, message);
    } finally {
      release();
    }
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const start = clock.now();
    const message = { headers: incoming.headers, body: await bodyOf(incoming) };
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    const call = readCall(operation, message.body, ordinal + 1);
    if (!call) return reply(outgoing, await engine.send(message.headers, message.body));
    ordinal++;
    counts.calls[operation] = (counts.calls[operation] ?? 0) + 1;
    const fault = faults?.(call);
    if (fault) counts.faults++;
    switch (fault?.kind) {
      case undefined:
        return reply(outgoing, await perform(call, message, start));
      case 'request-lost':
        return reset(incoming);
      case 'answer-lost':
        await perform(call, message, start);
        return reset(incoming);
      case 'late':
        if (fault.hangUp) reset(incoming);
        await clock.until(start + fault.by);
        return reply(outgoing, await perform(call, message, start + fault.by));
      case 'twice':
        reply(outgoing, await perform(call, message, start));
        await clock.until(clock.now() + fault.after);
        await perform(call, message, clock.now());
        return;
      case 'refused':
        return reply(outgoing, refuse(call, fault.as));
    }
  }

  // Idle connections outlive those of the SDK: only a fault resets one.
  const server = createServer({ keepAliveTimeout: 600_000 }, (incoming, outgoing) => {
    const work = serve(incoming, outgoing)
      .catch((error) => {
        reset(incoming);
        if (!isNetworkError(error)) throw error;
      })
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const settled = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => structuredClone(counts),
    resetCounts: () => {
      counts = zero();
    },
    settled,
    async stop() {
      await settled();
      server.close();
      server.closeAllConnections();
      engine.close();
    },
  };
}

interface Message {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Kept-alive connections to the engine. */
function connectEngine(target: string) {
  const { hostname, port, host } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  return {
    send: (headers: Message['headers'], body: Buffer) =>
      new Promise<WireAnswer>((resolve, reject) => {
        request({ agent, hostname, port, method: 'POST', headers: { ...headers, host, 'content-length': body.length } })
          .on('response', (answer) => {
            const { statusCode: status = 500, headers } = answer;
            bodyOf(answer).then((body) => resolve({ status, headers, body }), reject);
          })
          .on('error', reject)
          .end(body);
      }),
    close: () => agent.destroy(),
  };
}

const bodyOf = (message: IncomingMessage) =>
  new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    message
      .on('data', (chunk) => chunks.push(chunk))
      .on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
      .on('error', reject);
  });

function reset(incoming: IncomingMessage): void {
  incoming.socket.resetAndDestroy();
}

/** Whether a peer went away, rather than a fault plan having thrown. */
const isNetworkError = ({ code = '' }: NodeJS.ErrnoException) => ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(code);

function reply(outgoing: ServerResponse, { status, headers, body }: WireAnswer): void {
  outgoing.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
}

/** Asks for the cost as well, unless the client has said what it wants to know of it. */
function withCapacity(body: Buffer, { input }: Call): Buffer {
  if ('ReturnConsumedCapacity' in input) return body;
  return Buffer.concat([Buffer.from('{"ReturnConsumedCapacity":"TOTAL",'), body.subarray(body.indexOf('{') + 1)]);
}

interface ConsumedCapacity {
  CapacityUnits?: number;
  ReadCapacityUnits?: number;
  WriteCapacityUnits?: number;
}

/** A transaction reports both kinds of units: a repetition with the same token costs reads. Other calls report a sum. */
function capacityOf({ kind }: Call, { status, body }: WireAnswer): { read: number; write: number } {
  const units = { read: 0, write: 0 };
  if (status !== 200) return units;
  const { ConsumedCapacity = [] } = JSON.parse(body.toString()) as {
    ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
  };
  for (const { CapacityUnits = 0, ReadCapacityUnits, WriteCapacityUnits } of [ConsumedCapacity].flat()) {
    if (ReadCapacityUnits === undefined && WriteCapacityUnits === undefined) {
      units[kind === 'read' ? 'read' : 'write'] += CapacityUnits;
    }
    units.read += ReadCapacityUnits ?? 0;
    units.write += WriteCapacityUnits ?? 0;
  }
  return units;
}
