import type { Limits } from '../contract.ts';

/** What page 004's vendor publishes: changing calls and reading ones apart, both by the minute and by the day. */
export const limits: Limits = {
  windows: { reads: { minute: 100, day: 6_000 }, writes: { minute: 25, day: 1_500 } },
  headers(of, counted) {
    const [day, minute] = [of('day'), of('minute')];
    return {
      'x-rate-limiter-daily-limit': String(day.limit),
      'x-rate-limiter-minutely-limit': String(minute.limit),
      'x-rate-limiter-daily-usage': String(day.used),
      'x-rate-limiter-minutely-usage': String(minute.used),
      'x-rate-limiter-operation-type': counted === 'reads' ? 'read' : 'write',
    };
  },
};
