/** What an event is that asks for an invoice, and what makes two of them the same. */
import * as z from 'zod';
import { bodyAs } from '../contracts/faults.ts';
import { text } from '../contracts/fields.ts';
import { contracts } from '../contracts/index.ts';
import { canonicalJson } from '../invoice/canonical-json.ts';
import { type Failure, type Fault, InvoiceError } from '../invoice/failure.ts';
import type { Operation } from '../invoice/operation.ts';
import { hash } from './hash.ts';
import { parseJson } from './json.ts';

/** The detail type of requests. */
export const requestType = 'InvoiceRequested';

/** EventBridge's envelope. What has none was not sent by EventBridge. */
const Envelope = z.object({
  id: z.string().min(1).max(255),
  'detail-type': z.literal(requestType),
  source: z.string().min(1).max(256),
  account: z.string().min(1).max(32),
  time: z.iso.datetime({ offset: true }).optional(),
  detail: z.unknown(),
});

export type Envelope = z.output<typeof Envelope>;

const requested = contracts.filter(({ routes }) => routes.some(({ byEvent }) => byEvent)).map(({ name }) => name);

const Request = z.strictObject({
  contract: z.enum(requested),
  external_reference: text(255).min(1).nullish(),
  finalize: z.boolean().nullish(),
  send: z.boolean().nullish(),
  body: z.record(z.string(), z.unknown()),
});

/** The detail of an event, checked as far as all contracts have it in common. */
export type Request = z.output<typeof Request>;

/** The envelope of a message; `undefined` for poison, which nobody can be told about. */
export function envelopeOf(message: string): Envelope | undefined {
  try {
    return Envelope.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}

/** The request in a message, read as strictly as a body over HTTP. */
export function requestOf(message: string): Request {
  const parsed = parseJson(message);
  if ('faults' in parsed) throw new InvoiceError({ kind: 'malformed', faults: parsed.faults.map(inDetail) });
  return bodyAs(Request, (parsed.value as Envelope).detail);
}

const inDetail = ({ path, ...fault }: Fault): Fault => ({
  ...fault,
  path: path[0] === 'detail' ? path.slice(1) : path,
});

/**
 * Which order a detail is about, as far as it says so: whoever sent it looks for that. A member that is not JSON as it should be,
 * such as one that stands there twice, says nothing.
 */
export function namedIn(
  { detail }: Envelope,
  failure: Failure,
): Partial<Pick<Request, 'contract' | 'external_reference'>> {
  const { contract, external_reference: reference } = Request.shape;
  const faulty = new Set(failure.kind === 'malformed' ? failure.faults.map(({ path: [member] }) => member) : []);
  const said = (member: keyof Request): unknown => (faulty.has(member) ? undefined : Object(detail)[member]);
  return {
    contract: contract.safeParse(said('contract')).data,
    external_reference: reference.safeParse(said('external_reference')).data,
  };
}

/** Tells an event's content from another's. Only for what `requestOf` could read: anything else may be nested without end. */
const contentHash = ({ detail }: Envelope): string => hash(canonicalJson(detail));

/**
 * What an event asks for, named by the caller's own reference or else by the event itself. It is remembered for ever: events
 * come again after weeks, out of a queue of dead letters or an archive.
 */
export function operationOf(envelope: Envelope, { external_reference: reference }: Request): Operation {
  const name = reference == null ? ['event', envelope.id] : ['reference', reference];
  return { id: hash('InvoiceRequested', envelope.source, ...name), fingerprint: contentHash(envelope), lasting: true };
}

/** A step of what an event asks for that is answered for itself. */
export const stepOf = ({ id, ...operation }: Operation, step: string): Operation => ({
  ...operation,
  id: hash(id, step),
});
