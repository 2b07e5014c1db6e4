/** API Gateway's management of API keys and usage plans, for unmodified SDK clients. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiKeys, GatewayKey } from './api-keys.ts';
import { readBody } from './request-body.ts';
import type { UsagePlan } from './usage-plans.ts';

interface ControlRequest {
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

/** An error in AWS's wire form. */
class ControlError extends Error {
  readonly status: number;

  constructor(status: number, name: string, message: string) {
    super(message);
    this.status = status;
    this.name = name;
  }
}

const notFound = (what: string) => new ControlError(404, 'NotFoundException', `Invalid ${what} identifier specified`);
const conflict = (message: string) => new ControlError(409, 'ConflictException', message);
const badRequest = (message: string) => new ControlError(400, 'BadRequestException', message);

type Action = (request: ControlRequest) => Promise<Reply>;

/**
 * The service that a request is signed for: AWS tells its services apart by host name, and here all share one port. The
 * scope of a Signature Version 4 names the service; the signature itself is not checked.
 */
export const signedService = ({ headers }: IncomingMessage): string | undefined =>
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '')?.[1];

export function controlPlane(keys: ApiKeys, plans: readonly UsagePlan[]) {
  const routes = apiGatewayRoutes(keys, plans);

  async function answer(request: IncomingMessage): Promise<Reply> {
    const url = new URL(`http://local${request.url}`);
    const text = (await readBody(request, 1024 * 1024))?.toString() || '{}';
    for (const [method, pattern, action] of routes) {
      const params = request.method === method && pattern.exec(url.pathname)?.slice(1).map(decodeURIComponent);
      if (params) return action({ params, query: url.searchParams, body: JSON.parse(text) });
    }
    throw new ControlError(404, 'NotFoundException', `${request.method} ${url.pathname} is not emulated.`);
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { status, body } = await answer(request);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    } catch (error) {
      const { status, name, message } =
        error instanceof ControlError ? error : new ControlError(500, 'InternalServerError', String(error));
      response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': name });
      response.end(JSON.stringify({ message }));
    }
  };
}

function apiGatewayRoutes(keys: ApiKeys, plans: readonly UsagePlan[]): [method: string, path: RegExp, Action][] {
  const keyOf = async (id = ''): Promise<GatewayKey> => {
    const key = await keys.find(id);
    if (!key) throw notFound('API Key');
    return key;
  };
  const planOf = (id = ''): UsagePlan => {
    const plan = plans.find((one) => one.id === id);
    if (!plan) throw notFound('Usage Plan');
    return plan;
  };
  const memberOf = async ([planId, keyId]: readonly string[]) => {
    const plan = planOf(planId);
    const key = await keyOf(keyId);
    if (!key.plans.includes(plan.id)) throw notFound('API Key');
    return { plan, key };
  };

  return [
    ['POST', /^\/apikeys$/, async ({ body }) => ({ status: 201, body: shown(await create(keys, body), true) })],
    [
      'GET',
      /^\/apikeys$/,
      async ({ query }) => {
        const found = (await keys.all()).filter(({ name }) => name.startsWith(query.get('name') ?? ''));
        return paged(found, query, (key) => shown(key, query.get('includeValues') === 'true'));
      },
    ],
    [
      'GET',
      /^\/apikeys\/([^/]+)$/,
      async ({ params, query }) => ({
        status: 200,
        body: shown(await keyOf(params[0]), query.get('includeValue') === 'true'),
      }),
    ],
    [
      'PATCH',
      /^\/apikeys\/([^/]+)$/,
      async ({ params, body }) => {
        await patch(keys, await keyOf(params[0]), body);
        return { status: 200, body: shown(await keyOf(params[0]), false) };
      },
    ],
    [
      'DELETE',
      /^\/apikeys\/([^/]+)$/,
      async ({ params }) => {
        await keys.remove(await keyOf(params[0]));
        return { status: 202 };
      },
    ],
    ['GET', /^\/usageplans$/, async ({ query }) => paged(plans, query, shownPlan)],
    ['GET', /^\/usageplans\/([^/]+)$/, async ({ params }) => ({ status: 200, body: shownPlan(planOf(params[0])) })],
    [
      'GET',
      /^\/usageplans\/([^/]+)\/keys$/,
      async ({ params, query }) => {
        const { id } = planOf(params[0]);
        return paged(
          (await keys.all()).filter((key) => key.plans.includes(id)),
          query,
          shownMember,
        );
      },
    ],
    [
      'POST',
      /^\/usageplans\/([^/]+)\/keys$/,
      async ({ params, body }) => {
        const plan = planOf(params[0]);
        const key = await keyOf(String(body.keyId));
        refuseSecondPlan(key, plan, plans);
        await keys.join(key, plan.id);
        return { status: 201, body: shownMember(key) };
      },
    ],
    [
      'GET',
      /^\/usageplans\/([^/]+)\/keys\/([^/]+)$/,
      async ({ params }) => ({ status: 200, body: shownMember((await memberOf(params)).key) }),
    ],
    [
      'DELETE',
      /^\/usageplans\/([^/]+)\/keys\/([^/]+)$/,
      async ({ params }) => {
        const { plan, key } = await memberOf(params);
        await keys.leave(key, plan.id);
        return { status: 202 };
      },
    ],
  ];
}

async function create(keys: ApiKeys, { name, value, description, enabled }: Record<string, unknown>) {
  if (typeof value !== 'string' || value.length < 20 || value.length > 128) {
    throw badRequest('API Key value should be at least 20 characters and at most 128');
  }
  const key = await keys.create({
    value,
    name: typeof name === 'string' ? name : '',
    ...(typeof description === 'string' && { description }),
    enabled: enabled === true,
  });
  if (key === 'exists') throw conflict('API Key already exists');
  return key;
}

async function patch(keys: ApiKeys, key: GatewayKey, { patchOperations }: Record<string, unknown>): Promise<void> {
  for (const { op, path, value } of (patchOperations ?? []) as Record<string, string>[]) {
    if (op !== 'replace') throw badRequest(`Invalid patch operation specified: ${op}`);
    if (path === '/enabled') await keys.setEnabled(key, value === 'true');
    else if (path === '/name' || path === '/description')
      await keys.setText(key, path === '/name' ? 'name' : 'description', value ?? '');
    else throw badRequest(`Invalid patch path ${path}`);
  }
}

/** A key may stand in one usage plan for each stage. */
function refuseSecondPlan(key: GatewayKey, plan: UsagePlan, plans: readonly UsagePlan[]): void {
  const stages = new Set(
    plans.filter(({ id }) => key.plans.includes(id)).flatMap((one) => one.stages.map(({ apiId }) => apiId)),
  );
  if (plan.stages.some(({ apiId }) => stages.has(apiId))) {
    throw conflict('API Key cannot be added to more than one usage plan for the same API stage');
  }
}

/** One page of a list; `position` is where the next one begins. */
function paged<Value>(all: readonly Value[], query: URLSearchParams, show: (value: Value) => unknown): Reply {
  const start = Number(query.get('position') ?? 0);
  const end = start + Number(query.get('limit') ?? 25);
  return {
    status: 200,
    body: { item: all.slice(start, end).map(show), ...(end < all.length && { position: String(end) }) },
  };
}

const shown = ({ plans: _, value, ...key }: GatewayKey, withValue: boolean) => ({
  ...key,
  ...(withValue && { value }),
  lastUpdatedDate: key.createdDate,
  stageKeys: [],
});

const shownMember = ({ id, name, value }: GatewayKey) => ({ id, name, value, type: 'API_KEY' });

const shownPlan = ({ id, name, stages, throttle, quota }: UsagePlan) => ({
  id,
  name,
  apiStages: stages,
  ...(throttle && { throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst } }),
  ...(quota && { quota }),
});
