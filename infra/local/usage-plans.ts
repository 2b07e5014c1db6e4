/** Usage plans: who may call which API, how fast and how often. Counted in memory, each gateway for itself. */

import type { GatewayKey } from './api-keys.ts';
import type { Api, Throttle } from './apis.ts';
import type { Template } from './template.ts';

export interface UsagePlan {
  readonly id: string;
  readonly name: string;
  readonly stages: readonly { readonly apiId: string; readonly stage: string }[];
  readonly throttle?: Throttle;
  readonly quota?: { readonly limit: number; readonly period: 'DAY' | 'WEEK' | 'MONTH' };
}

interface UsagePlanProperties {
  UsagePlanName?: string;
  ApiStages?: { ApiId: string; Stage: string }[];
  Throttle?: { RateLimit?: number; BurstLimit?: number };
  Quota?: { Limit: number; Period: 'DAY' | 'WEEK' | 'MONTH' };
}

export const usagePlansOf = (template: Template): UsagePlan[] =>
  template.resources<UsagePlanProperties>('AWS::ApiGateway::UsagePlan').map(({ logicalId, properties }) => {
    const { UsagePlanName = logicalId, ApiStages = [], Throttle, Quota } = properties;
    return {
      id: logicalId,
      name: UsagePlanName,
      stages: ApiStages.map(({ ApiId, Stage }) => ({ apiId: ApiId, stage: Stage })),
      ...(Throttle?.RateLimit && {
        throttle: { rate: Throttle.RateLimit, burst: Throttle.BurstLimit ?? Throttle.RateLimit },
      }),
      ...(Quota && { quota: { limit: Quota.Limit, period: Quota.Period } }),
    };
  });

export const planFor = (plans: readonly UsagePlan[], key: GatewayKey, api: Api): UsagePlan | undefined =>
  plans.find(
    ({ id, stages }) =>
      key.plans.includes(id) && stages.some(({ apiId, stage }) => apiId === api.id && stage === api.stage),
  );

/** Counts requests against the plans. `now` gives milliseconds. */
export function usageMeter(now: () => number = Date.now) {
  const buckets = new Map<string, () => boolean>();
  const counters = new Map<string, { window: number; count: number }>();

  function take(name: string, throttle: Throttle): boolean {
    const bucket = buckets.get(name) ?? tokenBucket(throttle, now);
    buckets.set(name, bucket);
    return bucket();
  }

  /** Counts one request, unless the window is full. */
  function count(name: string, { limit, period }: NonNullable<UsagePlan['quota']>): boolean {
    const window = windowStart(period, now());
    const counter = counters.get(name);
    const used = counter?.window === window ? counter.count : 0;
    if (used >= limit) return false;
    counters.set(name, { window, count: used + 1 });
    return true;
  }

  return {
    /** What stands against the request, if anything. A throttled request does not count against the quota. */
    refusal(api: Api, key?: GatewayKey, plan?: UsagePlan): 'THROTTLED' | 'QUOTA_EXCEEDED' | undefined {
      const client = `${plan?.id}/${key?.id}`;
      if (plan?.throttle && !take(client, plan.throttle)) return 'THROTTLED';
      if (api.throttle && !take(api.id, api.throttle)) return 'THROTTLED';
      if (plan?.quota && !count(client, plan.quota)) return 'QUOTA_EXCEEDED';
      return undefined;
    },
  };
}

/** Fills with `rate` tokens a second up to `burst`; full at first. */
function tokenBucket({ rate, burst }: Throttle, now: () => number): () => boolean {
  let tokens = burst;
  let filled = now();
  return () => {
    tokens = Math.min(burst, tokens + ((now() - filled) * rate) / 1000);
    filled = now();
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}

/** When the period that holds `time` began, in UTC; weeks begin on Sunday. */
export function windowStart(period: 'DAY' | 'WEEK' | 'MONTH', time: number): number {
  const date = new Date(time);
  const day = { DAY: date.getUTCDate(), WEEK: date.getUTCDate() - date.getUTCDay(), MONTH: 1 }[period];
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day);
}
