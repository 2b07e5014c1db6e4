/**
 * Runs before `npm start` and `npm test`, on whatever Node there is: installs the dependencies when they are missing or
 * older than the lock file. They include the Node that everything else runs on, first on the path of npm's scripts.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modified = (/** @type {string} */ path) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// npm writes the one right after the other, in no certain order.
const slack = 1_000;

if (modified('node_modules/.package-lock.json') + slack < modified('package-lock.json')) {
  console.log('Installing dependencies; this takes a moment, once.');
  const npm = process.env.npm_execpath;
  const [command, ...args] = npm ? [process.execPath, npm] : ['npm'];
  const { status } = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    console.error('The installation failed. Check the network and run `npm ci` to see more.');
    process.exit(1);
  }
}
