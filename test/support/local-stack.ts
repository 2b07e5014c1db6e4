/** The local stack as a user starts it, for tests that ask it over HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const launcher = fileURLToPath(new URL('../../infra/local/start.ts', import.meta.url));

export interface Demo {
  apis: Record<string, string>;
  tenants: {
    name: string;
    tenant_id: string;
    keys: Record<'full' | 'read_only' | 'test', string>;
    series: string[];
    reference: Record<string, string | number>;
  }[];
  dynamodb: { endpoint: string; table: string };
  events: { endpoint: string; bus: string; source: string; queue: string; dead_letters: string };
  webhooks: { queue: string; dead_letters: string };
}

export interface LocalStack {
  child: ChildProcess;
  demo: Demo;
  folder: string;
}

/** Starts it on a free port with data of its own; resolves once it serves. The caller ends the child. */
export async function startLocalStack(env: Record<string, string> = {}): Promise<LocalStack> {
  const folder = env.DATA_DIR ?? mkdtempSync(join(tmpdir(), 'invoice-stack-'));
  const child = spawn(process.execPath, [launcher], {
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  await vi.waitUntil(() => output.includes('Serving') || child.exitCode !== null, { timeout: 60_000, interval: 50 });
  if (!output.includes('Serving')) throw new Error(`The local stack did not start:\n${output}`);
  return { child, folder, demo: JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8')) };
}
