import * as z from 'zod';
import { answer, type Contract, route } from '../../lib/contracts/contract.ts';

/** A contract with one credential, and with words that mean something to whoever takes them for a template. */
export const plain: Contract = {
  name: 'plain-words',
  title: 'A contract for tests',
  credentials: ['bearer'],
  routes: [
    route({
      method: 'POST',
      path: '/plain/{id}/words',
      summary: 'Does nothing',
      scope: 'plain:write',
      status: 200,
      answer: z.unknown(),
      run: async () => answer(200, {}),
    }),
    route({
      method: 'GET',
      path: '/plain/{id}/words',
      summary: 'Reads nothing',
      scope: 'plain:read',
      status: 200,
      answer: z.unknown(),
      run: async () => answer(200, {}),
    }),
  ],
  failure: z.object({ error: z.string(), price: z.string() }),
  fail: (failure) =>
    answer(
      failure.kind === 'throttled' ? 429 : 418,
      { error: failure.kind, price: '$context.identity.sourceIp ## #set($a = 1) \\$5' },
      'retryAfter' in failure ? { 'Retry-After': String(failure.retryAfter) } : {},
    ),
};
