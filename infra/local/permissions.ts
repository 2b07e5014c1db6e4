/**
 * Stands between functions and the embedded engine as IAM does between functions and DynamoDB: what a function's role does not
 * allow is refused. A permission that is missing is found on this machine, not after the deployment.
 */
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { type Access, accessesOf } from './dynamodb-access.ts';
import { allows, type PolicyDocument } from './policy.ts';
import { accountId, type Template } from './template.ts';

const host = '127.0.0.1';

export interface Permissions {
  /** Where a function finds its table. */
  endpointOf(functionName: string): string;
  stop(): Promise<void>;
}

interface RoleProperties {
  Policies?: { PolicyDocument: PolicyDocument }[];
}

/** Checks what comes to `endpointOf`, and hands on what is allowed to the engine. */
export async function enforcePermissions(template: Template, engine: string): Promise<Permissions> {
  const policies = policiesOf(template);
  const [table] = template.resources('AWS::DynamoDB::Table');
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(engine);

  function refused(name: string, access: Access): boolean {
    const resource = `${table?.arn}${access.index === undefined ? '' : `/index/${access.index}`}`;
    return !allows(policies.get(name) ?? {}, access.action, resource, {
      'dynamodb:LeadingKeys': access.leadingKeys,
      'dynamodb:Attributes': access.attributes,
    });
  }

  const server = createServer({ keepAliveTimeout: 600_000 }, async (incoming, outgoing) => {
    const name = incoming.url?.split('/')[1] ?? '';
    const body = await bodyOf(incoming);
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    const denied = accessesOf(operation, JSON.parse(body.toString())).find((access) => refused(name, access));
    if (denied) {
      outgoing
        .writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify(denial(name, denied)));
      return;
    }
    const headers: IncomingHttpHeaders = { ...incoming.headers, host: `${hostname}:${port}` };
    request({ agent, hostname, port, method: 'POST', headers })
      .on('response', (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      })
      // The engine is away: to the function, so is DynamoDB.
      .on('error', () => outgoing.destroy())
      .end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address() as { port: number };
  return {
    endpointOf: (functionName) => `http://${host}:${address.port}/${functionName}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

/** What each function's role allows. */
function policiesOf(template: Template): Map<string, PolicyDocument> {
  const roles = new Map(
    template.resources<RoleProperties>('AWS::IAM::Role').map((role) => [role.arn, role.properties]),
  );
  return new Map(
    template.resources<{ Role: string }>('AWS::Lambda::Function').map(({ logicalId, properties }) => {
      const { Policies = [] } = roles.get(properties.Role) ?? {};
      return [logicalId, { Statement: Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement ?? []) }];
    }),
  );
}

const denial = (name: string, { action, leadingKeys }: Access) => ({
  __type: 'com.amazon.coral.service#AccessDeniedException',
  Message: `User: arn:aws:sts::${accountId}:assumed-role/${name} is not authorized to perform: ${action} on items of ${leadingKeys.join(', ')}.`,
});

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}
