import type { Limits } from '../contract.ts';

/** Page 002: 100 requests a second with each key, and three headers on every answer. The reset is a Unix time. */
export const limits: Limits = {
  windows: { requests: { second: 100 } },
  headers(of) {
    const { limit, used, resetsAt } = of('second');
    return {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(limit - used),
      'X-RateLimit-Reset': String(resetsAt),
    };
  },
};
