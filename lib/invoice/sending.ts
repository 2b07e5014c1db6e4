/** Handing an invoice to its buyer. */
import { type Action, auditEntry } from './audit.ts';
import type { Context } from './context.ts';
import type { Delivery, DeliveryOptions } from './delivery.ts';
import { InvoiceError } from './failure.ts';
import type { Finalization, IssueOptions } from './finalization.ts';
import { mayOnly, mustBeAsSeen, type Seen } from './life-cycle.ts';
import type { Caller, Facts, Invoice, State } from './model.ts';
import type { Answer, Reply } from './operation.ts';

/** A delivery that has not come back after this long is taken for lost, in milliseconds. */
const deliveryTime = 20_000;

export interface SendOptions extends IssueOptions, DeliveryOptions, Seen {}

/** Sending, under the invoice's version: of several at once, one delivers. */
export function sending({ store, now, find, deliver }: Context, { issue, resume }: Finalization) {
  /** Finalises when needed, then delivers. A delivery that failed may be sent again under the same number. */
  async function send(caller: Caller, id: string, reply: Reply<Invoice>, options: SendOptions = {}): Promise<Answer> {
    const found = await find(caller, id);
    mustBeAsSeen(found, options);
    // What has no number yet is finalised first.
    if (found.state === 'finalizing') throw new InvoiceError({ kind: 'in-progress', retryAfter: 1 });
    if (!found.issuedAt) mayOnly('finalize', found, 'send');
    const issued = found.issuedAt ? found : await issue(caller, found, options);
    // Whoever else sent the draft may have come further meanwhile.
    mayOnly('send', issued);
    const { sendingAt } = issued.facts;
    if (issued.state === 'sending' && Date.parse(now()) - Date.parse(sendingAt ?? '') < deliveryTime) {
      throw new InvoiceError({ kind: 'in-progress', retryAfter: 5 });
    }
    const going = await step(caller, issued, 'sending', { ...issued.facts, sendingAt: now() });
    // It was what the caller saw, before it got its number.
    const { ifVersion: _, ...numbered } = options;
    if (going === 'stale') return send(caller, id, reply, found.issuedAt ? options : numbered);

    return record(caller, going, await deliver(going, options), reply);
  }

  /** Writes down what came of a delivery. */
  async function record(caller: Caller, going: Invoice, delivery: Delivery, reply: Reply<Invoice>): Promise<Answer> {
    // What an earlier delivery left is no longer true.
    const { deliveryError: _, network: __, ...facts } = going.facts;
    const network = delivery.network === undefined ? {} : { network: delivery.network };
    const next: Facts = delivery.sent
      ? { ...facts, ...network, ...(delivery.to && { sentTo: delivery.to }), sentAt: now(), sentBy: caller.keyId }
      : { ...facts, ...network, deliveryError: delivery.reason };
    const after = await step(caller, going, delivery.sent ? 'sent' : 'failed', next, reply);
    if (after === 'operation-exists') return resume(caller, reply);
    if (after !== 'stale') return reply.render(after);
    const stands = await find(caller, going.id);
    // A payment or a credit came in between.
    const isOurs = stands.state === 'sending' && stands.facts.sendingAt === going.facts.sendingAt;
    // Else somebody took the delivery for lost and sent it again: what they recorded stands.
    return isOurs ? record(caller, stands, delivery, reply) : reply.render(stands);
  }

  function step(caller: Caller, seen: Invoice, to: State & Action, facts: Facts): Promise<Invoice | 'stale'>;
  function step(
    caller: Caller,
    seen: Invoice,
    to: State & Action,
    facts: Facts,
    reply: Reply<Invoice>,
  ): Promise<Invoice | 'stale' | 'operation-exists'>;
  async function step(
    caller: Caller,
    seen: Invoice,
    to: State & Action,
    facts: Facts,
    reply?: Reply<Invoice>,
  ): Promise<Invoice | 'stale' | 'operation-exists'> {
    const invoice: Invoice = { ...seen, state: to, facts, version: seen.version + 1, updatedAt: now() };
    const operation = reply?.operation && { ...reply.operation, answer: reply.render(invoice) };
    const outcome = await store.update(
      { invoice, audit: auditEntry(to, caller.keyId, invoice), ...(operation && { operation }) },
      seen,
    );
    return outcome === 'stale' || outcome === 'operation-exists' ? outcome : invoice;
  }

  return { send };
}
