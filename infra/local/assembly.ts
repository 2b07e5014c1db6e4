/** The cloud assembly that the local stack runs: bundled and synthesized anew only when its sources changed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { StartError } from './start-error.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules/.cache/invoice-functions');
const sources = ['functions', 'lib', 'infra', 'tsconfig.json', 'package-lock.json'];
/** An assembly that has not been made or started for a day belongs to nobody. */
const keepMilliseconds = 24 * 60 * 60 * 1000;

/** Returns the folder of an assembly that is made from the sources as they are. */
export async function currentAssembly(): Promise<string> {
  const assembly = join(cache, fingerprint());
  if (existsSync(assembly)) return assembly;
  mkdirSync(cache, { recursive: true });
  const unlock = await lock(join(cache, 'lock'));
  try {
    if (!existsSync(assembly)) await makeApart(assembly);
  } finally {
    unlock();
  }
  return assembly;
}

/** In a process of its own: synthesis blocks for a second or two, and leaves 100 MB and the bundler's service behind. */
async function makeApart(assembly: string): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), assembly], { stdio: 'inherit' });
  const end = () => child.kill();
  process.once('exit', end);
  const [code] = await once(child, 'exit');
  process.off('exit', end);
  if (code !== 0) throw new StartError('The stack could not be synthesized; the reason stands above.');
}

async function make(assembly: string): Promise<void> {
  const [{ build }, { synthesize }] = await Promise.all([import('../build.ts'), import('../app.ts')]);
  await build();
  const unfinished = `${assembly}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  synthesize(unfinished);
  renameSync(unfinished, assembly);
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name);
    if (Date.now() - statSync(folder).mtimeMs > keepMilliseconds) rmSync(folder, { recursive: true });
  }
}

/** A hash over names and contents of everything that the assembly is made from; the emulator itself is not part of it. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const add = (path: string) => {
    const full = join(root, path);
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) add(join(path, name));
    } else if (!path.startsWith(`infra${sep}local${sep}`)) {
      hash.update(`${path}\0`).update(readFileSync(full)).update('\0');
    }
  };
  for (const path of sources) add(path);
  return hash.digest('hex').slice(0, 16);
}

/** Bundles are written to one place: two servers that start at once take turns. Returns what unlocks. */
async function lock(file: string): Promise<() => void> {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!isHeld(file)) rmSync(file, { force: true });
    await wait(100);
  }
}

function isHeld(file: string): boolean {
  try {
    return process.kill(Number(readFileSync(file, 'utf8')), 0);
  } catch {
    return false;
  }
}

if (import.meta.main) await make(process.argv[2] as string);
