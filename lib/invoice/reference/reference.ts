/** Finding, making and changing the entries that ids in requests stand for. */
import { openCursor, sealCursor } from '../cursor.ts';
import type { Timestamp } from '../document.ts';
import { type Fault, InvoiceError } from '../failure.ts';
import { type Caller, type Scope, scopeOf } from '../model.ts';
import { type Answer, answeredBefore, type Reply } from '../operation.ts';
import type { InvoiceStore } from '../store.ts';
import { readId } from './ids.ts';
import { type Entry, type FieldsOf, type Kind, kinds, type ReferenceKind, type ReferenceOf } from './kinds.ts';
import type { ReferenceChange, ReferenceStore } from './store.ts';

type Id = string | number;

/** What a list may be asked for. */
export interface ListOptions {
  readonly limit: number;
  readonly cursor?: string;
  /** Only those that are archived, or only those that are not. */
  readonly archived?: boolean;
}

export interface ChangeOptions {
  /** The version that the caller saw; any other one refuses the change. */
  readonly ifVersion?: number;
}

interface Dependencies {
  readonly store: ReferenceStore & Pick<InvoiceStore, 'operation'>;
  now(): Timestamp;
}

/** Entries of every kind alike; what tells kinds apart stands in `kinds.ts`. */
export function referenceData({ store, now }: Dependencies) {
  /** The entry of that id; `undefined` for one that is unknown, another tenant's or of no form that the kind has. */
  async function find<K extends ReferenceKind>(caller: Scope, kind: K, id: Id): Promise<ReferenceOf<K> | undefined> {
    const key = readId<Id>(kinds[kind].id, id) as ReferenceOf<K>['id'] | undefined;
    return key === undefined ? undefined : store.reference({ scope: scopeOf(caller), kind }, key);
  }

  /** The entries of those ids that there are, by id. */
  async function findMany<K extends ReferenceKind>(caller: Scope, kind: K, ids: readonly Id[]) {
    const entries = await Promise.all([...new Set(ids)].map((id) => find(caller, kind, id)));
    return new Map(entries.filter((entry) => entry !== undefined).map((entry) => [entry.id as Id, entry]));
  }

  /** Every fault of an entry that its schema cannot see. */
  async function check<K extends ReferenceKind>(scope: Scope, kind: K, fields: FieldsOf<K>): Promise<void> {
    const { refersTo = {}, findings }: Kind = kinds[kind];
    const faults: Omit<Fault, 'in'>[] = findings?.(fields as never) ?? [];
    await Promise.all(
      Object.entries(refersTo).map(async ([member, other]) => {
        const id = (fields as Record<string, Id | undefined>)[member];
        if (id === undefined || (await find(scope, other as ReferenceKind, id))) return;
        const message = `There is no entry "${id}" in ${other}. Use one of your own.`;
        faults.push({ path: [member], code: 'unknown_reference', message, given: id });
      }),
    );
    if (faults.length > 0) {
      throw new InvoiceError({ kind: 'invalid', faults: faults.map((fault) => ({ in: 'body', ...fault })) });
    }
  }

  /** The change with its answer, which is kept in the same transaction when it may be asked for again. */
  function answered<K extends ReferenceKind>(
    change: Omit<ReferenceChange<K>, 'operation'>,
    { operation, render }: Reply<ReferenceOf<K>>,
  ) {
    const answer = render(change.entry);
    return {
      answer,
      change: { ...change, ...(operation && { operation: { ...operation, answer } }) } as ReferenceChange,
    };
  }

  /** Makes an entry; the id is the caller's only where the kind has no other source for it. */
  async function create<K extends ReferenceKind>(
    caller: Caller,
    kind: K,
    { id: chosen, ...fields }: FieldsOf<K> & { id?: Id },
    reply: Reply<ReferenceOf<K>>,
  ): Promise<Answer> {
    const list = { scope: scopeOf(caller), kind };
    await check(list.scope, kind, fields as FieldsOf<K>);
    const { next } = kinds[kind].id;
    const id = next === undefined ? chosen : next === 'counter' ? await store.nextReferenceId(list) : next();
    const at = now();
    const meta = { id, version: 1, archived: false, createdAt: at, updatedAt: at } as Entry;
    const { answer, change } = answered({ ...list, entry: { ...fields, ...meta } as ReferenceOf<K> }, reply);
    const outcome = await store.insertReference(change);
    if (outcome === 'operation-exists') return answeredBefore(store, list.scope, reply);
    if (outcome === 'id-taken') throw idTaken(kind, id);
    return answer;
  }

  /** Changes an entry as it stands now, or only as the caller saw it. */
  async function update<K extends ReferenceKind>(
    caller: Caller,
    kind: K,
    id: Id,
    edit: (entry: ReferenceOf<K>) => Promise<ReferenceOf<K>>,
    reply: Reply<ReferenceOf<K>>,
    { ifVersion }: ChangeOptions,
  ): Promise<Answer> {
    const scope = scopeOf(caller);
    const { operation } = reply;
    const found = await existing(caller, kind, id);
    if (ifVersion !== undefined && ifVersion !== found.version) {
      // It may be our own request that went past this version a moment ago.
      if (operation && (await store.operation(scope, operation.id))) return answeredBefore(store, scope, reply);
      throw new InvoiceError({ kind: 'stale', expected: String(found.version), given: String(ifVersion) });
    }
    const entry = { ...(await edit(found)), version: found.version + 1, updatedAt: now() };
    const { answer, change } = answered({ scope, kind, entry }, reply);
    const outcome = await store.updateReference(change);
    if (outcome === 'operation-exists') return answeredBefore(store, scope, { operation });
    // Somebody else was quicker; what they made of it is what is changed now.
    if (outcome === 'stale') return update(caller, kind, id, edit, reply, { ifVersion });
    return answer;
  }

  async function existing<K extends ReferenceKind>(caller: Scope, kind: K, id: Id): Promise<ReferenceOf<K>> {
    const entry = await find(caller, kind, id);
    if (!entry) throw new InvoiceError({ kind: 'not-found', what: 'reference', id: String(id) });
    return entry;
  }

  return {
    find,
    findMany,
    /** The entry of that id, or a failure. */
    get: existing,
    create,

    /** Writes an entry's fields anew, as `edit` makes them from those that stand. */
    change<K extends ReferenceKind>(
      caller: Caller,
      kind: K,
      id: Id,
      edit: (entry: ReferenceOf<K>) => FieldsOf<K>,
      reply: Reply<ReferenceOf<K>>,
      options: ChangeOptions = {},
    ): Promise<Answer> {
      const edited = async (entry: ReferenceOf<K>): Promise<ReferenceOf<K>> => {
        const fields = edit(entry);
        await check(scopeOf(caller), kind, fields);
        const { id, version, archived, createdAt, updatedAt } = entry;
        return { ...fields, id, version, archived, createdAt, updatedAt } as ReferenceOf<K>;
      };
      return update(caller, kind, id, edited, reply, options);
    },

    /** Takes an entry out of use. It stays readable, because invoices name it. */
    archive<K extends ReferenceKind>(
      caller: Caller,
      kind: K,
      id: Id,
      reply: Reply<ReferenceOf<K>>,
      options: ChangeOptions = {},
    ): Promise<Answer> {
      return update(caller, kind, id, async (entry) => ({ ...entry, archived: true }), reply, options);
    },

    /** A page of a kind's entries in the order of their ids, and the cursor of the next one. */
    async list<K extends ReferenceKind>(
      caller: Scope,
      kind: K,
      { limit, cursor, archived }: ListOptions,
    ): Promise<{ entries: ReferenceOf<K>[]; nextCursor?: string }> {
      const list = { scope: scopeOf(caller), kind };
      const secret = await store.secret(list.scope);
      const name = `reference/${kind}?archived=${archived ?? ''}`;
      const after = cursor === undefined ? undefined : readId<Id>(kinds[kind].id, openCursor(secret, name, cursor));
      const { entries, more } = await store.referencePage(list, { limit, after, archived });
      const last = entries.at(-1);
      return { entries, ...(more && last && { nextCursor: sealCursor(secret, name, String(last.id)) }) };
    },
  };
}

const idTaken = (kind: ReferenceKind, id: Id | undefined) =>
  new InvoiceError({
    kind: 'precondition',
    code: 'id_taken',
    message: `There is an entry "${id}" in ${kind} already; change that one, or choose another id.`,
  });
