/** The stack's template, and a way around in it. */
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { expect } from 'vitest';
import { enforcePermissions } from '../../infra/local/permissions.ts';
import { readTemplate } from '../../infra/local/template.ts';
import { InvoiceStack, type InvoiceStackProps } from '../../infra/stack.ts';
import type { Contract } from '../../lib/contracts/contract.ts';
import { contracts as registry } from '../../lib/contracts/index.ts';
import { plain } from './contracts.ts';

export const contracts: readonly Contract[] = [...registry, plain];

export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON of many forms
  Properties: any;
  DeletionPolicy?: string;
}

export interface Template {
  Resources: Record<string, Resource>;
  Outputs: Record<string, unknown>;
}

/** A folder for an assembly. */
export const outdir = () => mkdtempSync(join(tmpdir(), 'assembly-'));

/** The stack needs bundles to exist, not to work. */
function emptyBundles(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
  for (const name of ['plain-words', ...readdirSync('functions').map((file) => basename(file, '.ts'))]) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'index.mjs'), `// ${name}`);
  }
  return folder;
}

export const props = { contracts, bundles: emptyBundles() };

/** Synthesizes without any check. */
export function synthesized(more: Partial<InvoiceStackProps> = {}): Template {
  const app = new App({ outdir: outdir(), builtinCloudFormationValidation: false });
  const stack = new InvoiceStack(app, 'Stack', { ...props, ...more });
  return app.synth().getStackByName(stack.stackName).template;
}

/** Stands before an engine with a table of the given name, and lets each function do what its role allows. */
export async function guarded(engine: string, tableName: string) {
  const folder = outdir();
  const app = new App({ outdir: folder, builtinCloudFormationValidation: false });
  new InvoiceStack(app, 'Stack', props);
  app.synth();
  const template = readTemplate(folder, { 'AWS::DynamoDB::Table': tableName });
  const names = template.resources('AWS::Lambda::Function').map(({ logicalId }) => logicalId);
  const { endpointOf, stop } = await enforcePermissions(template, engine);
  return {
    /** Where the one function finds the engine whose name begins so. */
    endpointOf(beginning: string): string {
      const [name, ...others] = names.filter((each) => each.startsWith(beginning));
      if (!name || others.length > 0) throw new Error(`${beginning} names no one function.`);
      return endpointOf(name);
    },
    stop,
  };
}

/** Finds resources by type, by API, by what they say. */
export function finder({ Resources }: Template) {
  const all = (type: string): [string, Resource][] =>
    Object.entries(Resources).filter(([, resource]) => resource.Type === type);
  const api = ({ name }: Contract): string => {
    const found = all('AWS::ApiGateway::RestApi').filter(([, { Properties }]) => Properties.Name === name);
    expect(found, name).toHaveLength(1);
    return found[0]?.[0] ?? '';
  };
  return {
    all,
    api,
    /** The resources of a type that belong to a contract's API. */
    ofApi: (type: string, contract: Contract) => {
      const id = api(contract);
      return all(type).filter(([, { Properties }]) => Properties.RestApiId?.Ref === id);
    },
    properties: (id: string) => Resources[id]?.Properties,
  };
}
