/** Which method answers a path: a literal part wins over `{parameter}`, that over `{proxy+}`, as in API Gateway. */
import type { Api, Method } from './apis.ts';
import { StartError } from './start-error.ts';

export interface Match {
  readonly method: Method;
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

/** A path that no method answers, with the API that comes nearest to it and so words the refusal. */
export interface Miss {
  readonly api: Api;
}

interface Node {
  readonly literals: Map<string, Node>;
  parameter?: Node;
  proxy?: Node;
  readonly methods: Method[];
}

const newNode = (): Node => ({ literals: new Map(), methods: [] });

/** Serves several APIs on one origin. Paths that two of them document alike are refused: only one could ever answer. */
export function router(methods: readonly Method[]): (httpMethod: string, path: string) => Match | Miss {
  refuseCollisions(methods);
  const root = newNode();
  for (const method of methods) insert(root, partsOf(method.resource), method);
  return (httpMethod, path) => {
    const parts = partsOf(path);
    const node = find(root, parts);
    const method =
      node?.methods.find((one) => one.httpMethod === httpMethod) ??
      node?.methods.find((one) => one.httpMethod === 'ANY');
    if (method) return { method, pathParameters: parametersOf(method.resource, parts) };
    return { api: nearest(root, parts) };
  };
}

const partsOf = (path: string): string[] => (path === '/' ? [] : path.split('/').slice(1));
const isParameter = (part: string): boolean => part.startsWith('{');
const isProxy = (part: string): boolean => part.endsWith('+}');

function insert(node: Node, [part, ...rest]: string[], method: Method): void {
  if (part === undefined) node.methods.push(method);
  else insert(child(node, part), rest, method);
}

function child(node: Node, part: string): Node {
  if (isProxy(part)) {
    node.proxy ??= newNode();
    return node.proxy;
  }
  if (isParameter(part)) {
    node.parameter ??= newNode();
    return node.parameter;
  }
  const literal = node.literals.get(part) ?? newNode();
  node.literals.set(part, literal);
  return literal;
}

function find(node: Node, [part, ...rest]: string[]): Node | undefined {
  if (part === undefined) return node.methods.length > 0 ? node : undefined;
  const literal = node.literals.get(part);
  return (
    (literal && find(literal, rest)) ??
    (node.parameter && part !== '' ? find(node.parameter, rest) : undefined) ??
    node.proxy
  );
}

/** The API of the longest documented path that `parts` begins with, by its first method. */
function nearest(node: Node, [part, ...rest]: string[]): Api {
  const next = part === undefined ? undefined : (node.literals.get(part) ?? node.parameter);
  return next ? nearest(next, rest) : firstMethod(node).api;
}

function firstMethod({ methods, literals, parameter, proxy }: Node): Method {
  const [child] = [...literals.values(), parameter, proxy];
  return methods[0] ?? firstMethod(child as Node);
}

function parametersOf(resource: string, parts: readonly string[]): Record<string, string> | null {
  const parameters = partsOf(resource).flatMap((part, index): [string, string][] => {
    if (!isParameter(part)) return [];
    if (isProxy(part)) return [[part.slice(1, -2), decodeURIComponent(parts.slice(index).join('/'))]];
    return [[part.slice(1, -1), decodeURIComponent(parts[index] ?? '')]];
  });
  return parameters.length > 0 ? Object.fromEntries(parameters) : null;
}

function refuseCollisions(methods: readonly Method[]): void {
  for (const [index, one] of methods.entries()) {
    for (const other of methods.slice(index + 1)) {
      if (one.api === other.api || one.httpMethod !== other.httpMethod) continue;
      if (!overlap(partsOf(one.resource), partsOf(other.resource))) continue;
      throw new StartError(
        `${one.httpMethod} ${one.resource} of "${one.api.name}" and ${other.resource} of "${other.api.name}" ` +
          'answer the same paths; they cannot share a port.',
      );
    }
  }
}

function overlap([one, ...ones]: string[], [other, ...others]: string[]): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (isProxy(one) || isProxy(other)) return true;
  return (one === other || isParameter(one) || isParameter(other)) && overlap(ones, others);
}
