/** The DynamoDB-compatible engine: the one at `DYNAMODB_ENDPOINT`, or the embedded one as a child process. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createConnection, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { logsIn, type Settings } from './settings.ts';
import { StartError } from './start-error.ts';

export interface Engine {
  readonly endpoint: string;
  /** Settles when the engine ends by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Who uses the data folder, for the next one that wants to. */
interface Usage {
  readonly pid: number;
  readonly endpoint: string;
}

const version = '1.2.1';

/** Ends the engine as soon as standard input closes, which it does when the launcher dies, whatever it dies of. */
const guard = `
  exec 3<&0
  "$0" "$@" 3<&- &
  engine=$!
  (cat <&3 >/dev/null; kill $engine 2>/dev/null) &
  wait $engine
`;

/** Uses or starts an engine. Everything that can be wrong with it is found out before anything slow begins. */
export async function openEngine(settings: Settings): Promise<Engine> {
  const endpoint = settings.dynamodbEndpoint;
  if (!endpoint) return startEngine(settings);
  if (!(await isReachable(endpoint))) {
    throw new StartError(
      `Nothing answers at DYNAMODB_ENDPOINT ${endpoint}. Start that engine, or unset DYNAMODB_ENDPOINT to use the embedded one.`,
    );
  }
  return { endpoint, ended: new Promise(() => {}), stop: async () => {} };
}

async function startEngine(settings: Settings): Promise<Engine> {
  const { dataDir } = settings;
  const logs = logsIn(settings);
  const usageFile = join(dataDir, 'engine.json');
  await refuseUsedData(usageFile, settings);
  const binary = engineBinary();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const log = openSync(join(logs, 'engine.log'), 'a');
  const database = join(dataDir, 'dynamodb.sqlite');
  // In a process group of its own: Ctrl-C is for the launcher, which still has requests to finish.
  const child = spawn('sh', ['-c', guard, binary, 'serve', '--port', String(port), '--db-path', database], {
    detached: true,
    stdio: ['pipe', log, log],
  });
  const ended = once(child, 'exit').then(() => {});
  writeFileSync(usageFile, JSON.stringify({ pid: process.pid, endpoint } satisfies Usage));
  while (!(await isReachable(endpoint))) {
    if (child.exitCode !== null) {
      throw new StartError(
        `The DynamoDB engine did not start; see ${logs}/engine.log. If its data are damaged, move ${database} away, or set DATA_DIR to another folder.`,
      );
    }
    await wait(10);
  }
  return {
    endpoint,
    ended,
    async stop() {
      child.stdin?.end();
      await ended;
      rmSync(usageFile, { force: true });
    },
  };
}

/** Two engines over one file would each miss what the other one writes. */
async function refuseUsedData(usageFile: string, { dataDir, port }: Settings): Promise<void> {
  const usage = readUsage(usageFile);
  if (!usage || !isAlive(usage.pid) || !(await isReachable(usage.endpoint))) return;
  throw new StartError(
    `${dataDir} is in use by process ${usage.pid}. Set DATA_DIR to another folder, or join its engine: DYNAMODB_ENDPOINT=${usage.endpoint} PORT=${port} npm start`,
  );
}

function readUsage(file: string): Usage | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The engine for this platform; npm installs it on Linux, and it is fetched once elsewhere. */
export function engineBinary(platform = `${process.platform}-${process.arch}`): string {
  const name = `@dynoxide/${platform}`;
  const installed = locate(name);
  if (installed) return installed;
  spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=silent', `${name}@${version}`]);
  const fetched = locate(name);
  if (fetched) return fetched;
  throw new StartError(
    `There is no embedded DynamoDB engine for ${platform}. Run DynamoDB Local or another engine, and start with DYNAMODB_ENDPOINT=http://127.0.0.1:8000.`,
  );
}

function locate(name: string): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'dynoxide');
  } catch {
    return undefined;
  }
}

/** Whether anything listens there. */
async function isReachable(endpoint: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(endpoint);
  const socket = createConnection({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    timeout: 2_000,
  });
  try {
    await Promise.race([once(socket, 'connect'), once(socket, 'timeout').then(() => Promise.reject())]);
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
