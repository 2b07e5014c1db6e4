/** What happens to an invoice after it was created, in the style of page 002. */
import * as z from 'zod';
import type { Line } from '../../invoice/document.ts';
import { type Fault, InvoiceError } from '../../invoice/failure.ts';
import { candidateOf } from '../../invoice/finalization.ts';
import type { Invoice, Tenant } from '../../invoice/model.ts';
import { answer, type Route, route } from '../contract.ts';
import { bodyAs } from '../faults.ts';
import { amount, decimal, email, NoBody, text } from '../fields.ts';
import { dotted, pointer } from '../pointer.ts';
import { unknownMembers } from '../unknown-members.ts';
import { Calculation, calculationOf, Explain } from './calculation.ts';
import { CreateInvoice } from './create-invoice.ts';
import { InvoiceResource } from './invoice-resource.ts';
import { changing } from './invoice-route.ts';
import { mergePatch } from './merge-patch.ts';
import { published } from './names.ts';
import { paymentRoutes } from './payments.ts';
import { toAnswer } from './to-answer.ts';
import { toDraft } from './to-draft.ts';
import { sends, toRequest } from './to-request.ts';

const named: Fault = {
  in: 'body',
  path: ['external_reference'],
  code: 'not_changeable',
  message: 'The external reference names this invoice for ever; leave it out.',
};

/** The request that would make the invoice again, changed as RFC 7396 says, read like any other. */
function merged(invoice: Invoice, patch: unknown, company: Tenant) {
  const given = mergePatch(toRequest(invoice, patch), patch);
  const body = bodyAs(CreateInvoice, given);
  const draft = toDraft(body, company, unknownMembers(given, body));
  if (draft.externalReference !== invoice.externalReference)
    throw new InvoiceError({ kind: 'invalid', faults: [named] });
  const { document } = draft;
  return {
    ...draft,
    document: { ...document, lines: sends(patch, 'items') ? document.lines : unsaid(document.lines, invoice) },
    extras: { ...invoice.extras, ...draft.extras },
  };
}

/** The lines with what other contracts put into them and page 002 has no words for. */
const unsaid = (lines: readonly Line[], { document }: Invoice): Line[] =>
  lines.map((line, index) => {
    const { priceIncludesTax, fixedTax } = document.lines[index] ?? {};
    return { ...line, ...(priceIncludesTax && { priceIncludesTax }), ...(fixedTax !== undefined && { fixedTax }) };
  });

const Finding = z.object({
  rule: z.string().optional(),
  term: z.string().optional(),
  code: z.string(),
  field: z.string(),
  pointer: z.string(),
  message: z.string(),
});

const drafting: Route[] = [
  route({
    method: 'POST',
    path: '/invoices/preview',
    summary: 'Show what an invoice would be, and what keeps it from being issued; nothing is stored',
    scope: 'invoice:create',
    query: Explain,
    body: CreateInvoice,
    status: 200,
    answer: z.object({ data: InvoiceResource, findings: z.array(Finding), calculation: Calculation }),
    async run({ query, body, unknown, caller }, invoices) {
      const { invoice, company } = await invoices.preview(
        caller,
        toDraft(body, await invoices.tenant(caller), unknown),
      );
      const { faults } = candidateOf(invoice, company, invoices.now());
      const list = [...faults, ...(await invoices.takenNames(invoice))].map((fault) => {
        const { rule, term, code, message } = fault;
        const place = published(fault);
        return { rule, term, code, field: dotted(place), pointer: pointer(place), message };
      });
      const shown = toAnswer(invoice, await invoices.dunning.today(caller));
      return answer(200, { data: shown, findings: list, ...calculationOf(invoice, query) });
    },
  }),
  changing({
    method: 'PATCH',
    path: '/invoices/{id}',
    summary: 'Change a draft: members that are sent replace what stands, null removes (RFC 7396)',
    scope: 'invoice:create',
    body: z.looseObject({}),
    change({ caller, id, body, reply, seen }, invoices) {
      const edit = (invoice: Invoice, company: Tenant) => merged(invoice, body, company);
      return invoices.change(caller, id, edit, reply, seen);
    },
  }),
  changing({
    method: 'DELETE',
    path: '/invoices/{id}',
    summary: 'Delete a draft; a number that it chose is free again',
    scope: 'invoice:delete',
    change: ({ caller, id, reply, seen }, invoices) => invoices.remove(caller, id, reply, seen),
  }),
  changing({
    method: 'POST',
    path: '/invoices/{id}/approve',
    summary: 'Approve a draft',
    scope: 'invoice:create',
    body: NoBody,
    change: ({ caller, id, reply, seen }, invoices) => invoices.approve(caller, id, reply, seen),
  }),
];

const sending = changing({
  method: 'POST',
  path: '/invoices/{id}/send',
  summary: 'Finalise when needed, then deliver',
  scope: 'invoice:send',
  body: z
    .strictObject({ network: z.enum(['email', 'peppol', 'ksef']).nullish(), to: email(255).nullish() })
    .refine(({ network }) => network !== 'peppol' && network !== 'ksef', {
      error: 'Is not offered yet; send by email, or leave it out.',
      path: ['network'],
      params: { code: 'not_supported' },
    })
    .optional(),
  change({ caller, id, body, reply, seen }, invoices) {
    const options = body?.to != null ? { to: body.to } : {};
    return invoices.send(caller, id, reply, { ...options, ...seen });
  },
});

const correcting: Route[] = [
  changing({
    method: 'POST',
    path: '/invoices/{id}/cancel',
    summary: 'Cancel an invoice; an issued one is taken back by a credit note of its own',
    scope: 'invoice:send',
    body: z.strictObject({ reason: text(1_000).nullish() }).optional(),
    change: ({ caller, id, body, reply, seen }, invoices) =>
      invoices.cancel(caller, id, body?.reason ?? undefined, reply, seen),
  }),
  changing({
    method: 'POST',
    path: '/invoices/{id}/credit-notes',
    summary: 'Credit an invoice: whole, by lines, or by an amount with tax',
    scope: 'invoice:send',
    body: z
      .strictObject({
        lines: z
          .array(z.strictObject({ id: z.string(), quantity: decimal.optional() }))
          .min(1)
          .optional(),
        amount: amount.min(1).optional(),
        reason: text(1_000).nullish(),
      })
      .refine(({ lines, amount }) => lines === undefined || amount === undefined, {
        error: 'Send either lines or an amount.',
        params: { code: 'ambiguous' },
      })
      .optional(),
    status: 201,
    change: ({ caller, id, body, reply, seen }, invoices) =>
      invoices.credit(caller, id, { ...body, reason: body?.reason ?? undefined }, reply, seen),
  }),
];

const reminding = changing({
  method: 'PATCH',
  path: '/invoices/{id}/dunning',
  summary: 'Stop or resume the reminders of an invoice',
  scope: 'invoice:send',
  body: z.strictObject({ paused: z.boolean() }),
  change: ({ caller, id, body, reply, seen }, invoices) => invoices.dunning.pause(caller, id, body.paused, reply, seen),
});

export const lifeCycleRoutes: readonly Route[] = [...drafting, sending, ...correcting, ...paymentRoutes, reminding];
