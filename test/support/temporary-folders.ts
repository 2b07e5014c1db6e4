/** All temporary folders of a run lie in one, which goes with it: also those of tests that failed, and of processes that were killed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'invoice-functions-'));
  process.env.TMPDIR = folder;
  // A process that was killed may need a moment to let go of its files.
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
