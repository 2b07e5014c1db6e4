/** Walks the golden examples of calls: each is what was made before, what is asked, and what its client sees. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Contract, Route } from '../../lib/contracts/contract.ts';
import { contracts } from '../../lib/contracts/index.ts';
import { ask } from '../support/ask.ts';
import { caller as plainCaller } from '../support/fixtures.ts';
import { membersOf } from '../support/schema.ts';
import * as bookkeeping from './bookkeeping/client.ts';
import * as invoices from './invoices/client.ts';
import * as projects from './projects/client.ts';

const root = join(import.meta.dirname, 'examples/calls');
const clients = { bookkeeping, invoices, projects };

/** The route that a path leads to, and the parameters that it has for it; like API Gateway, a part that is named wins. */
function routed({ routes }: Contract, method: string, path: string): { route: Route; params: Record<string, string> } {
  const parts = path.split('/');
  const [found] = routes
    .filter((route) => route.method === method)
    .map((route) => ({ route, named: route.path.split('/') }))
    .filter(({ named }) => named.length === parts.length)
    .filter(({ named }) => named.every((part, index) => part.startsWith('{') || part === parts[index]))
    .sort((one, other) => one.route.path.split('{').length - other.route.path.split('{').length);
  if (!found) throw new Error(`No route ${method} ${path}`);
  const params = found.named.flatMap((part, index) =>
    part.startsWith('{') ? [[part.slice(1, -1), parts[index] ?? '']] : [],
  );
  return { route: found.route, params: Object.fromEntries(params) };
}

describe.each(readdirSync(root))('%s', (name) => {
  const contract = contracts.find((each) => each.name === name) as Contract;
  const client = clients[name as keyof typeof clients];
  const folder = join(root, name);
  const read = (file: string) =>
    JSON.parse(readFileSync(join(folder, file), 'utf8'), (_, value) =>
      value === '<random>' ? expect.any(String) : value,
    );
  const examples = readdirSync(folder).map((file) => [file, read(file)]);

  it.each(examples)('%s', async (_, { about, given, asked, answer }) => {
    expect(about).toMatch(/\.$/);
    const { invoices: core } = client.newClient();
    const caller = 'caller' in client ? client.caller : { ...plainCaller, contract: name };
    const headers = 'headers' in client ? client.headers : {};
    // What was made last, where its id is not known beforehand.
    let id = '';
    const request = (line: string, body?: unknown) => {
      const [method = '', target = ''] = line.replace('{id}', id).split(' ');
      const { pathname, searchParams } = new URL(target, 'http://here');
      const { route, params } = routed(contract, method, pathname);
      const query = Object.fromEntries(searchParams);
      return { route, answered: ask(contract, core, method, route.path, { params, query, headers, body, caller }) };
    };
    for (const [line, body] of given) {
      const { status, body: text } = await request(line, body).answered;
      expect(status, `${line}: ${text}`).toBeLessThan(300);
      id = JSON.parse(text).data?.id;
    }
    const [line, content] = [asked].flat();
    const { route, answered } = request(line, content);
    const { status, headers: told, body } = await answered;
    expect(Object.keys(told)).toEqual(route.tells ?? []);
    expect([status, JSON.parse(body)]).toEqual([route.status, answer]);
    // Neither less nor more than what is documented.
    expect(new Set(membersOf(JSON.parse(body)))).toEqual(new Set(membersOf(route.answer.parse(JSON.parse(body)))));
  });
});

it('every call of the native API has an example of its answer', () => {
  const native = contracts.find(({ name }) => name === 'invoices') as Contract;
  const folder = join(root, native.name);
  const shown = readdirSync(folder).map((file) => {
    const [line] = [JSON.parse(readFileSync(join(folder, file), 'utf8')).asked].flat();
    const [method = '', target = ''] = line.split(' ');
    return routed(native, method, new URL(target, 'http://here').pathname).route;
  });
  // Creating an invoice has examples of its own.
  const missing = native.routes
    .filter((route) => !shown.includes(route))
    .map(({ method, path }) => `${method} ${path}`);
  expect(missing).toEqual(['POST /invoices']);
});
