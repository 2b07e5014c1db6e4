/** What a draft says: what it refers to, and its figures. */
import { calculate } from './calculate.ts';
import { type Context, seriesName, unknownReference } from './context.ts';
import { type Fault, InvoiceError } from './failure.ts';
import type { BusinessEntity, Draft, Scope, Tenant, Warning } from './model.ts';
import { differences } from './rules.ts';

/** The issuer of a draft, and the series if one is named or a number is wanted; all that is missing is reported together. */
export async function references(
  { store }: Pick<Context, 'store'>,
  scope: Scope,
  draft: Draft,
  company: Tenant,
  wantsNumber = false,
) {
  const { relatedInvoiceId: related } = draft;
  const entityId = draft.businessEntityId ?? company.defaultBusinessEntityId;
  const name = seriesName(draft, company);
  const [entity, series, relatedInvoice] = await Promise.all([
    store.businessEntity(scope, entityId),
    name !== undefined && (wantsNumber || draft.series !== undefined) ? store.series(scope, name) : undefined,
    related === undefined ? undefined : store.invoice(scope, related),
  ]);
  const faults: Fault[] = [];
  if (!entity) faults.push(unknownReference(['businessEntityId'], 'business entity', entityId));
  if (name !== undefined && draft.series !== undefined && !series) {
    faults.push(unknownReference(['series'], 'number series', name));
  }
  if (related !== undefined && (!relatedInvoice || relatedInvoice.deletedAt)) {
    faults.push(unknownReference(['relatedInvoiceId'], 'invoice', related));
  }
  if (!entity || faults.length > 0) throw new InvoiceError({ kind: 'invalid', faults });
  return { entity, series };
}

/** What a draft says, with its figures. Absent members are there as `undefined`, so that they replace what stood before. */
export function content(draft: Draft, entity: BusinessEntity) {
  const { number, series, stated, relatedInvoiceId, warnings = [], extras = {} } = draft;
  const document = { ...draft.document, seller: draft.document.seller ?? entity.seller };
  const figures = calculate(document);
  return {
    series,
    number,
    relatedInvoiceId,
    document,
    figures,
    stated,
    warnings: stated ? [...warnings, ...differences(stated, figures).map(toWarning)] : warnings,
    extras,
  };
}

const toWarning = ({ code, path, message }: Fault): Warning => ({ code, path, message });
