/** The synthesized stack as this machine sees it: intrinsics resolved, resources found by type, assets found on disk. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './start-error.ts';

/** The region that functions sign for. An engine on this machine does not care; AWS does. */
export const region = process.env.AWS_REGION ?? 'eu-central-1';
export const accountId = '000000000000';

/** A resource of the template with its intrinsics resolved. What its properties are is CloudFormation's business. */
export interface Resource<Properties> {
  readonly logicalId: string;
  readonly arn: string;
  readonly properties: Properties;
}

export interface Template {
  /** In the template's order. */
  resources<Properties>(type: string): Resource<Properties>[];
  /** The value of one of the stack's outputs. */
  output(name: string): string;
  /** The folder that holds a function's code. */
  asset(s3Key: string): string;
}

interface RawResource {
  Type: string;
  Condition?: string;
  Properties?: Record<string, unknown>;
}

interface RawTemplate {
  Resources: Record<string, RawResource>;
  Parameters?: Record<string, { Default?: unknown }>;
  Conditions?: Record<string, unknown>;
  Outputs?: Record<string, { Value: unknown }>;
}

interface AssetsManifest {
  files: Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>;
}

const pseudoParameters: Record<string, unknown> = {
  'AWS::Region': region,
  'AWS::AccountId': accountId,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'local',
  'AWS::NoValue': undefined,
};

/**
 * Reads the one stack of a cloud assembly (`cdk.out`).
 * @param names physical names by resource type, for what the template leaves to CloudFormation.
 */
export function readTemplate(assembly: string, names: Record<string, string> = {}): Template {
  const file = readdirSync(assembly).find((name) => name.endsWith('.template.json'));
  if (!file) throw new StartError(`There is no template in ${assembly}. Remove that folder and start again.`);
  const raw = readJson<RawTemplate>(join(assembly, file));
  const manifest = readJson<AssetsManifest>(join(assembly, file.replace('.template.json', '.assets.json')));
  const folders = new Map(
    Object.values(manifest.files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }) => [objectKey, join(assembly, source.path)] as const),
    ),
  );
  const { resolve, holds, arnOf } = resolver(raw, names);
  return {
    resources: <Properties>(type: string) =>
      Object.entries(raw.Resources)
        .filter(([, { Type, Condition }]) => Type === type && (!Condition || holds(Condition)))
        .map(([logicalId, { Properties }]) => ({
          logicalId,
          arn: arnOf(logicalId),
          properties: resolve(Properties ?? {}) as Properties,
        })),
    output(name) {
      const output = raw.Outputs?.[name];
      if (!output) throw new Error(`The stack has no output ${name}.`);
      return String(resolve(output.Value));
    },
    asset(s3Key) {
      const folder = folders.get(s3Key);
      if (!folder) throw new Error(`No asset of ${assembly} has the key ${s3Key}.`);
      return folder;
    },
  };
}

/** Resolves intrinsic functions; one that is not known here is an error, never a guess. */
function resolver(raw: RawTemplate, names: Record<string, string>) {
  const intrinsics: Record<string, (argument: never) => unknown> = {
    Ref: reference,
    'Fn::GetAtt': attribute,
    'Fn::Join': ([separator, parts]: [string, unknown]) => (resolve(parts) as unknown[]).join(separator),
    'Fn::Select': ([index, list]: [unknown, unknown]) => (resolve(list) as unknown[])[Number(resolve(index))],
    'Fn::Split': ([separator, text]: [string, unknown]) => String(resolve(text)).split(separator),
    'Fn::Sub': substitute,
    'Fn::If': ([condition, then, otherwise]: [string, unknown, unknown]) =>
      resolve(holds(condition) ? then : otherwise),
    'Fn::Equals': ([left, right]: [unknown, unknown]) => resolve(left) === resolve(right),
    'Fn::Not': ([condition]: [unknown]) => !resolve(condition),
    'Fn::And': (conditions: unknown[]) => conditions.every(resolve),
    'Fn::Or': (conditions: unknown[]) => conditions.some(resolve),
    Condition: holds,
  };

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? ['', undefined];
    if (entries.length === 1 && Object.hasOwn(intrinsics, name)) return intrinsics[name]?.(argument as never);
    if (name.startsWith('Fn::')) throw new Error(`The local stack does not know ${name}.`);
    return Object.fromEntries(entries.map(([key, member]) => [key, resolve(member)]));
  }

  function holds(condition: string): boolean {
    return resolve(raw.Conditions?.[condition]) === true;
  }

  function reference(name: string): unknown {
    if (Object.hasOwn(pseudoParameters, name)) return pseudoParameters[name];
    if (raw.Parameters && Object.hasOwn(raw.Parameters, name)) return raw.Parameters[name]?.Default;
    const resource = raw.Resources[name];
    if (!resource) throw new Error(`The template refers to ${name}, which it does not hold.`);
    if (resource.Type === 'AWS::ApiGateway::Stage') return resolve(resource.Properties?.StageName);
    if (resource.Type === 'AWS::Events::EventBus') return resolve(resource.Properties?.Name);
    return names[resource.Type] ?? name;
  }

  function attribute(argument: [string, string] | string): string {
    const [name = '', member = ''] = typeof argument === 'string' ? argument.split('.') : argument;
    return member === 'Arn' ? arnOf(name) : `${name}/${member}`;
  }

  function arnOf(name: string): string {
    const type = raw.Resources[name]?.Type ?? '';
    const service = type.split('::')[1]?.toLowerCase();
    const kind = type === 'AWS::Lambda::Function' ? 'function:' : '';
    return `arn:aws:${service}:${region}:${accountId}:${kind}${reference(name)}`;
  }

  function substitute(argument: string | [string, Record<string, unknown>]): string {
    const [text, own] = typeof argument === 'string' ? [argument, {}] : argument;
    return text.replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      if (Object.hasOwn(own, name)) return String(resolve(own[name]));
      return String(name.includes('.') ? attribute(name) : reference(name));
    });
  }

  return { resolve, holds, arnOf };
}

const readJson = <Value>(path: string): Value => JSON.parse(readFileSync(path, 'utf8')) as Value;
