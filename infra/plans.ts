/** What a key may ask for. Throttle and quota go into usage plans, which AWS keeps by best effort: a ceiling, not a bill. */
export interface Plan {
  /** Sustained requests a second. */
  readonly rate: number;
  /** Requests at once. */
  readonly burst: number;
  readonly quota?: { readonly limit: number; readonly period: 'DAY' | 'WEEK' | 'MONTH' };
}

export const plans: Readonly<Record<string, Plan>> = {
  free: { rate: 5, burst: 10, quota: { limit: 1_000, period: 'DAY' } },
  standard: { rate: 100, burst: 200, quota: { limit: 1_000_000, period: 'MONTH' } },
  premium: { rate: 1_000, burst: 2_000 },
};

/** What a whole API takes, whoever asks: twice the largest plan, and well below a region's 10,000 a second. */
export const stageThrottle = { rate: 2_000, burst: 4_000 };
