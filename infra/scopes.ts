import { type Contract, scopesOf as scopesOfRoute } from '../lib/contracts/contract.ts';

/** The scopes that the routes of some contracts ask for. `read_only` are those that only reading routes ask for. */
export function scopesOf(contracts: readonly Contract[]): { full: string[]; read_only: string[] } {
  const routes = contracts.flatMap((contract) => contract.routes).filter(({ scope }) => scope !== 'public');
  const full = [...new Set(routes.flatMap(scopesOfRoute))].sort();
  const changing = new Set(routes.filter(({ method }) => method !== 'GET').flatMap(scopesOfRoute));
  return { full, read_only: full.filter((scope) => !changing.has(scope)) };
}
