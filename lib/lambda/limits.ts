/** The limits that a contract publishes, counted in the table. */
import type { Contract, Counted, Route, Span, Usage } from '../contracts/contract.ts';
import type { CountRequest } from '../dynamo/rate-windows.ts';
import type { Caller } from '../invoice/model.ts';
import { plans } from './plans.ts';

const spans: Readonly<Record<Span, number>> = { second: 1, minute: 60, hour: 3_600, day: 86_400 };

/** What counting a request came to. */
export interface Admission {
  /** For the answer, whatever it will be. */
  readonly headers: Record<string, string>;
  /** Seconds until there is room again; absent when the request is let through. */
  readonly retryAfter?: number;
}

/**
 * Counts a request of a known caller; `undefined` where nothing limits it. What comes of the request does not matter:
 * whoever sends nonsense or what was sent before uses up the limit as well.
 */
export async function admit(
  { name, limits }: Contract,
  { method }: Route,
  caller: Caller,
  count: CountRequest,
  at: number,
): Promise<Admission | undefined> {
  const apart = method === 'GET' ? 'reads' : 'writes';
  const counted: Counted = limits?.windows[apart] ? apart : 'requests';
  const published = limits?.windows[counted];
  if (!limits || !published) return undefined;
  const windows = Object.entries(plans[caller.plan]?.windows?.[name] ?? published).map(([span, limit]) => {
    const seconds = spans[span as Span];
    return { span, limit, seconds, resetsAt: (Math.floor(at / 1_000 / seconds) + 1) * seconds };
  });
  if (windows.length === 0) return undefined;

  const { tenant, mode, keyId } = caller;
  const counter = { scope: { tenant, mode }, keyId, name: `${name}#${counted}` };
  const { admitted, used } = await count(counter, windows, at);
  const usage = new Map(
    windows.map(({ span, limit, resetsAt }, position): [string, Usage] => [
      span,
      // A plan may have become smaller meanwhile.
      { limit, used: Math.min(limit, used[position] ?? 0), resetsAt },
    ]),
  );
  const headers = limits.headers((span) => {
    const found = usage.get(span);
    if (!found) throw new Error(`The contract ${name} words its limit of each ${span} but has none.`);
    return found;
  }, counted);
  if (admitted) return { headers };
  const full = [...usage.values()].filter((one) => one.used >= one.limit).map(({ resetsAt }) => resetsAt);
  return { headers, retryAfter: Math.ceil(Math.max(...full) - at / 1_000) };
}
