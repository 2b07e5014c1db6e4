/** Which method answers a path: a literal part wins over `{parameter}`, that over `{proxy+}`, as in API Gateway. */
import type { Api, Method } from './apis.ts';

export interface Match {
  readonly method: Method;
  /** Without the base path. */
  readonly path: string;
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

/** Where an API can be called alone, like the base path mapping of a custom domain. */
export const basePathOf = (apiName: string): string => `/apis/${apiName}`;

/**
 * Serves several APIs on one origin. Below its base path each is alone; without one, the first API that documents a path
 * answers it, in the template's order.
 */
export function router(methods: readonly Method[]): (httpMethod: string, path: string) => Match | Miss {
  const trees = [...Map.groupBy(methods, ({ api }) => api)].map(([api, own]) => ({ api, root: treeOf(own) }));
  return (httpMethod, given) => {
    const alone = trees.find(({ api }) => given.startsWith(`${basePathOf(api.name)}/`));
    const path = alone ? given.slice(basePathOf(alone.api.name).length) : given;
    const parts = partsOf(path);
    const asked = alone ? [alone] : trees;
    for (const { root } of asked) {
      const methodsThere = find(root, parts)?.methods ?? [];
      const method =
        methodsThere.find((one) => one.httpMethod === httpMethod) ??
        methodsThere.find((one) => one.httpMethod === 'ANY');
      if (method) return { method, path, pathParameters: parametersOf(method.resource, parts) };
    }
    const [nearest] = asked
      .map(({ api, root }) => ({ api, depth: depthOf(root, parts) }))
      .sort((one, other) => other.depth - one.depth);
    if (!nearest) throw new Error('The template has no APIs.');
    return { api: nearest.api };
  };
}

function treeOf(methods: readonly Method[]): Node {
  const root = newNode();
  for (const method of methods) insert(root, partsOf(method.resource), method);
  return root;
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

/** How many of the parts a documented path begins with. */
function depthOf(node: Node, [part, ...rest]: string[]): number {
  const next = part === undefined ? undefined : (node.literals.get(part) ?? node.parameter);
  return next ? 1 + depthOf(next, rest) : 0;
}

function parametersOf(resource: string, parts: readonly string[]): Record<string, string> | null {
  const parameters = partsOf(resource).flatMap((part, index): [string, string][] => {
    if (!isParameter(part)) return [];
    if (isProxy(part)) return [[part.slice(1, -2), decodeURIComponent(parts.slice(index).join('/'))]];
    return [[part.slice(1, -1), decodeURIComponent(parts[index] ?? '')]];
  });
  return parameters.length > 0 ? Object.fromEntries(parameters) : null;
}
