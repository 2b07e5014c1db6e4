/**
 * The table's layout. One table, partition key `pk`, sort key `sk`, both strings. `S` is the scope, `tenant/mode`.
 *
 * | item             | pk                            | sk                  | holds                                            |
 * | ---------------- | ----------------------------- | ------------------- | ------------------------------------------------ |
 * | invoice          | `S#INVOICE#id`                | `HEAD`              | state and everything that lists or conditions use |
 * | its document     | `S#INVOICE#id`                | `BODY#nnn`          | the rest, deflated, in pieces below the item limit |
 * | audit entry      | `S#INVOICE#id`                | `AUDIT#version`     | one change of state, its events, `relayedAt`     |
 * | payment          | `S#INVOICE#id`                | `PAYMENT#time#id`   | money received, or reversed                      |
 * | line name        | `S#LINE#name`                 | `CLAIM`             | the invoice with the line that its caller named  |
 * | payment claim    | `S#PAYMENT#reference`         | `CLAIM`             | the payment that a provider's reference names    |
 * | number claim     | `S#NUMBER#entity#normalised`  | `CLAIM`             | the invoice that a number names                  |
 * | business key     | `S#KEY#external reference`    | `CLAIM`             | the invoice that it names, for ever              |
 * | word             | `S#WORDS#first letter`        | word, place         | one invoice that the word finds                  |
 * | currency         | `S#CURRENCY#code`             | place               | one invoice in that currency                     |
 * | counter          | `S#COUNTER#series#period`     | `COUNTER`           | next number, open tickets, spare numbers; frozen |
 * | line of the books | `S#LEDGER#series#period`      | padded ordinal      | whose a number is; nobody's once freed, or void  |
 * | chain entry      | `S#CHAIN#series#period`       | padded ordinal      | a sealed number and its hash                     |
 * | id counter       | `S#IDS`                       | `COUNTER`           | the last integer that an invoice id was made of  |
 * | operation        | `S#OPERATION#id`              | `HEAD`, `PIECE#nnn` | fingerprint and first answer; expires            |
 * | rate window      | `S#RATE#key id`               | counter, start      | requests of a key in each window; expires       |
 * | series           | `S#SERIES`                    | name                | pattern, start, reset                            |
 * | reference data   | `S#REFERENCE#kind`            | id                  | a project, a VAT rate … as JSON; version         |
 * | its id counter   | `S#IDS`                       | kind                | the last integer id of the kind                  |
 * | relayed          | `S#RELAYED`                   | `UNTIL`             | the position before which every event is relayed |
 * | webhook          | `S#WEBHOOKS`                  | `WEBHOOK#id`        | where to, which events, secrets; version         |
 * | its end          | `S#WEBHOOKS`                  | `EVENT#event`       | the event that tells that it was switched off    |
 * | delivery         | `S#WEBHOOK#id`                | the event's position | an event on its way to a webhook; expires       |
 * | secret           | `S#SECRET`                    | `CURSORS`           | what the scope's cursors are sealed with         |
 * | rejected event   | `S#REJECTIONS`, `REJECTIONS`   | id, by time         | why it got no invoice; nobody's when its source is unknown |
 * | exchange rates   | `RATES`                       | day                 | the ECB's rates of a day, for all tenants        |
 * | event source     | `SOURCES`                     | account, source     | the scope that a source's events belong to       |
 * | tenant           | `TENANTS`                     | tenant              | name, time zone, currency, defaults              |
 * | API key          | `KEY#sha256`                  | `KEY`               | tenant, mode, scopes, plan; never the secret     |
 * | key of a tenant  | `tenant#KEYS`                 | key id              | finds the hash for listing, rotation, disabling  |
 *
 * `listKey`/`listSort` feed the index `byTime`: `S#INVOICES` / `createdAt#id` on invoices, `S#EVENTS` / position on whatever
 * tells of events: audit entries, rejected events, the ends of webhooks. `statusKey`/`statusSort` feed the index `byStatus`:
 * `S#INVOICES#state#payment status` / place, which is `invoice date#createdAt#id`, and `S#DUE` / `dueAt#webhook#position` on
 * deliveries. `dunningKey`/`dunningSort` feed the index `byDunning` of what is to be paid: `S#DUNNING#stage` / `day#id`, the stage being
 * `due`, `paused` or the number of reminders, the day that of the last reminder or the due date. `expiresAt` (seconds) is the TTL
 * attribute.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Scope } from '../invoice/model.ts';

export type Item = Record<string, AttributeValue>;

/** The table's key schema, indexes and TTL attribute; the stack and the local engine build it from here. */
export const tableLayout = {
  partitionKey: 'pk',
  sortKey: 'sk',
  index: { name: 'byTime', partitionKey: 'listKey', sortKey: 'listSort', include: ['events'] },
  statusIndex: { name: 'byStatus', partitionKey: 'statusKey', sortKey: 'statusSort' },
  dunningIndex: { name: 'byDunning', partitionKey: 'dunningKey', sortKey: 'dunningSort' },
  timeToLive: 'expiresAt',
} as const;

/** What every key of a scope begins with, so that nothing crosses a tenant, nor test and live. */
export const scopeKey = ({ tenant, mode }: Scope): string => `${tenant}/${mode}`;

/** A primary key from its parts. */
export const primaryKey = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });

/** The primary key of an item. */
export const itemKey = ({ pk, sk }: Item): Item => ({ pk, sk }) as Item;

/** The primary key of an item in one text, to tell items apart. */
export const itemName = ({ pk, sk }: Item): string => JSON.stringify([pk?.S, sk?.S]);
