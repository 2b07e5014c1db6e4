/** AWS's JSON protocols: one address, the action in a header, errors by name. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './request-body.ts';

/** What a service refuses, in AWS's own names. */
export class ServiceError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: each action knows its own input
export type Action = (input: any) => unknown | Promise<unknown>;

export interface Service {
  readonly version: '1.0' | '1.1';
  /** What stands before the action in `X-Amz-Target`. */
  readonly target: string;
  readonly actions: Readonly<Record<string, Action>>;
}

/** A batch of messages may have 1 MB; its JSON is longer. */
const largestBody = 4 * 1024 * 1024;

export function awsJson({ version, target, actions }: Service) {
  async function answer(request: IncomingMessage): Promise<unknown> {
    const [prefix, name = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const action = prefix === target && Object.hasOwn(actions, name) ? actions[name] : undefined;
    const body = await readBody(request, largestBody);
    if (!action) throw new ServiceError('UnknownOperationException', `${target}.${name} is not emulated.`);
    if (!body) throw new ServiceError('RequestEntityTooLargeException', 'The request is too large.');
    return action(body.length > 0 ? JSON.parse(body.toString()) : {});
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const type = { 'content-type': `application/x-amz-json-${version}` };
    try {
      const result = (await answer(request)) ?? {};
      response.writeHead(200, type).end(JSON.stringify(result));
    } catch (error) {
      const known = error instanceof ServiceError;
      const { name, message } = known ? error : new ServiceError('InternalFailure', String(error));
      response.writeHead(known ? 400 : 500, type).end(JSON.stringify({ __type: name, message }));
    }
  };
}
