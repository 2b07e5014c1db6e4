/** How invoices are asked for by events: messages of a queue in, an invoice or a recorded rejection for each out. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { answer, type ByEvent, type Contract, type Route, scopesOf } from '../contracts/contract.ts';
import { contracts } from '../contracts/index.ts';
import { mostFaults } from '../contracts/wording.ts';
import type { EventSource, SourceName } from '../dynamo/event-sources.ts';
import { rejectionId } from '../invoice/event-rejections.ts';
import { type Failure, type Fault, InvoiceError } from '../invoice/failure.ts';
import type { Invoices } from '../invoice/invoices.ts';
import type { Caller, Invoice, Scope } from '../invoice/model.ts';
import type { Answer, Operation } from '../invoice/operation.ts';
import { type Envelope, envelopeOf, namedIn, operationOf, type Request, requestOf, stepOf } from './event-request.ts';
import { failureOf } from './failure.ts';
import { hash } from './hash.ts';
import { log } from './log.ts';

z.config({ jitless: true });

/** What a batch works with: what its events write together goes together. Opened anew for each, with a budget for retries. */
export interface EventSession {
  invoices: Invoices;
  /** Whose events a source's are; nobody's when it is not on the list. */
  source(name: SourceName): Promise<EventSource | undefined>;
}

/** What may go away by itself. Every other failure is a rejection: asked again, it would fail again. */
const transient: ReadonlySet<Failure['kind']> = new Set([
  'in-progress',
  'throttled',
  'quota-exceeded',
  'series-frozen',
  'busy',
  'outcome-unknown',
  'stale',
  'timeout',
  'internal',
]);

/**
 * What a rejection may keep, in bytes: it must fit into an item, and a single path can be long. Faults beyond are left out, and so is
 * an answer that says more: the faults say it too.
 */
const mostKept = 64 * 1024;

const native = contracts[0] as Contract;

/** An event may do what any key may. */
const scopes: ReadonlySet<string> = new Set(contracts.flatMap(({ routes }) => routes.flatMap(scopesOf)));

/** Makes the Lambda handler. Only messages that may still succeed, and poison, stay in the queue. */
export const eventIntake =
  (open: () => EventSession) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const session = open();
    const failed = await Promise.all(Records.map((record) => attempt(record, session)));
    return {
      batchItemFailures: Records.filter((_, index) => failed[index]).map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    };
  };

/** Works on one message; says whether it must come again. */
async function attempt(record: SQSRecord, session: EventSession): Promise<boolean> {
  const started = performance.now();
  const envelope = envelopeOf(record.body);
  let failure: Failure['kind'] | undefined;
  const outcome = await handle(record, envelope, session).catch((error: unknown) => {
    failure = failureOf(error).kind;
    if (failure === 'internal') log.error(error, envelope?.id);
    return 'retry' as const;
  });
  log.event({
    messageId: record.messageId,
    eventId: envelope?.id,
    source: envelope?.source,
    outcome,
    failure,
    receives: Number(record.attributes?.ApproximateReceiveCount ?? 1),
    milliseconds: Math.round(performance.now() - started),
  });
  return outcome === 'retry' || outcome === 'poison';
}

async function handle(
  record: SQSRecord,
  envelope: Envelope | undefined,
  { invoices, source: find }: EventSession,
): Promise<'done' | 'rejected' | 'retry' | 'poison'> {
  // Nothing says who sent it, so nobody can be told. A human looks at the dead letters.
  if (!envelope) return 'poison';
  const { account, source } = envelope;
  const scope = await find({ account, source });
  let request: Request | undefined;
  try {
    if (!scope) throw unknownSource(account, source);
    request = requestOf(record.body);
    await fulfil(envelope, request, scope, invoices);
    return 'done';
  } catch (error) {
    if (!(error instanceof InvoiceError) || transient.has(error.failure.kind)) throw error;
    const failure = error.failure.kind === 'key-reused' ? askedOtherwise(request) : error.failure;
    await reject(record, envelope, request, scope, invoices, failure);
    return 'rejected';
  }
}

/** Every step is remembered under a name of its own: cut off anywhere and asked again, it goes on where it ended. */
async function fulfil(envelope: Envelope, request: Request, scope: Scope, invoices: Invoices): Promise<void> {
  const contract = contracts.find(({ name }) => name === request.contract) as Contract;
  const route = contract.routes.find(({ byEvent }) => byEvent) as Route & { byEvent: ByEvent };
  const { tenant, mode } = scope;
  const keyId = `event:${envelope.source}`;
  const caller: Caller = { tenant, mode, keyId, scopes, plan: 'events', contract: contract.name };
  const operation = operationOf(envelope, request);
  const created =
    (await invoices.replay(caller, operation)) ??
    (await route.handle(
      {
        params: {},
        query: {},
        headers: route.byEvent.headers?.(await invoices.tenant(caller)) ?? {},
        body: request.body,
        caller,
        operation,
      },
      creatingAs(request, route.byEvent, operation, invoices),
    ));
  if (request.send) await send(idIn(created), caller, stepOf(operation, 'send'), route.byEvent, invoices);
}

/**
 * The core as the contract's own create call finds it when an event calls: the invoice gets the event's reference, is issued in
 * the same operation when the event asks, and what is remembered is no more than its id.
 */
const creatingAs = (request: Request, { unchecked = false }: ByEvent, operation: Operation, invoices: Invoices) => ({
  ...invoices,
  create: ((caller, draft, _reply, options = {}) => {
    const externalReference = request.external_reference ?? draft.externalReference;
    if (draft.externalReference !== undefined && draft.externalReference !== externalReference) throw twoReferences();
    const issue = request.finalize || request.send;
    return invoices.create(
      caller,
      { ...draft, ...(externalReference !== undefined && { externalReference }) },
      { operation, render: toRecord },
      issue ? { unchecked, ...options, as: 'issued' } : options,
    );
  }) satisfies Invoices['create'],
});

const toRecord = ({ id, number }: Invoice): Answer => answer(201, { id, number });
const idIn = ({ body }: Answer): string => (JSON.parse(body) as { id: string }).id;

async function send(
  id: string,
  caller: Caller,
  operation: Operation,
  { unchecked = false }: ByEvent,
  invoices: Invoices,
): Promise<void> {
  // Whoever sent it, another copy of the event or a person: that is what was asked for.
  const isSent = async () => (await invoices.find(caller, id)).facts.sentAt !== undefined;
  if ((await invoices.replay(caller, operation)) || (await isSent())) return;
  try {
    // Nobody waits for the answer who could name another address.
    await invoices.send(caller, id, { operation, render: toRecord }, { unchecked, mayHandOver: true });
  } catch (error) {
    if (!(await isSent())) throw error;
  }
}

async function reject(
  { attributes, body }: SQSRecord,
  envelope: Envelope,
  request: Request | undefined,
  scope: Scope | undefined,
  invoices: Invoices,
  failure: Failure,
): Promise<void> {
  const { code, message } = JSON.parse(native.fail(failure).body) as { code: string; message: string };
  const named = namedIn(envelope, failure);
  // Only what came as far as the contract's own call has an answer of that contract.
  const answered = contracts.find(({ name }) => name === request?.contract)?.fail(failure);
  const time = envelope.time ?? (attributes?.SentTimestamp ? Number(attributes.SentTimestamp) : invoices.now());
  const sentAt = new Date(time).toISOString();
  await invoices.eventRejections.keep(scope, {
    id: rejectionId(sentAt, hash(body)),
    eventId: envelope.id,
    source: envelope.source,
    sentAt,
    ...(named.contract && { contract: named.contract }),
    ...(named.external_reference != null && { externalReference: named.external_reference }),
    code,
    message,
    faults: 'faults' in failure ? thatFit(failure.faults.slice(0, mostFaults)) : [],
    ...(answered &&
      Buffer.byteLength(answered.body) <= mostKept && {
        answer: { status: answered.status, body: JSON.parse(answered.body) as unknown },
      }),
  });
}

function thatFit(faults: readonly Fault[]): Fault[] {
  let left = mostKept;
  return faults.filter((fault) => {
    left -= Buffer.byteLength(JSON.stringify(fault));
    return left >= 0;
  });
}

/** What names an invoice already, in the terms of who publishes events: there is no Idempotency-Key. */
const askedOtherwise = (request: Request | undefined): Failure => ({
  kind: 'precondition',
  code: 'idempotency_key_reused',
  message:
    request?.external_reference == null
      ? 'This event has been fulfilled with another detail; publish a new event.'
      : `The external reference "${request.external_reference}" of this source has been fulfilled with another detail; publish another reference.`,
});

const unknownSource = (account: string, source: string) =>
  new InvoiceError({
    kind: 'precondition',
    code: 'unknown_source',
    message: `The source ${source} of account ${account} is not on the list of those that may ask for invoices.`,
  });

const twoReferences = () =>
  new InvoiceError({
    kind: 'invalid',
    faults: [
      {
        in: 'body',
        path: ['external_reference'],
        code: 'mismatch',
        message: 'The event and the body name different external references; send one.',
      },
    ],
  });
