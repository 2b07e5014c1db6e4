import { expect, it } from 'vitest';
import { scopesOf } from '../../infra/scopes.ts';
import { plain } from '../support/contracts.ts';

it('a full key may do everything, a read-only one what changes nothing', () => {
  expect(scopesOf([plain])).toEqual({ full: ['plain:read', 'plain:write'], read_only: ['plain:read'] });
});

it('a scope that a changing route asks for as well is no reading scope', () => {
  const [write, read] = plain.routes;
  if (!write || !read) throw new Error('The plain contract has two routes.');
  const mixed = { ...plain, routes: [write, { ...read, scope: write.scope }, { ...read, scope: 'public' }] };
  expect(scopesOf([mixed])).toEqual({ full: ['plain:write'], read_only: [] });
});
