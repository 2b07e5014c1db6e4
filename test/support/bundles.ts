/** What esbuild made of the functions. */
import type { Metafile } from 'esbuild';

type Outputs = Metafile['outputs'];
export type Output = Outputs[string];

/** The files of a function's folder that hold code. */
export const filesOf = (built: Outputs, name: string): [string, Output][] =>
  Object.entries(built).filter(([file]) => file.includes(`/${name}/`) && file.endsWith('.mjs'));

/** What a cold start reads: the handler's file and what it imports, and what that imports. */
export function startOf(built: Outputs, name: string): Output[] {
  const reached = new Set<string>();
  const reach = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { path, kind } of built[file]?.imports ?? []) if (kind === 'import-statement') reach(path);
  };
  for (const [file] of filesOf(built, name)) if (file.endsWith('/index.mjs')) reach(file);
  return [...reached].map((file) => built[file] as Output);
}
