/** Bundles every file of functions/ into dist/<name>/index.mjs and what it loads, and lays a contract's OpenAPI document beside its function. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle, type Metafile, type Plugin } from 'esbuild';
import { contracts } from '../lib/contracts/index.ts';
import { openApiOf } from './openapi.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where the bundles are, one folder a function. */
export const bundles = join(root, 'dist');

/**
 * An ESM import of a builtin makes Node list the module's exports, which for `node:http` loads all of undici: 12 ms of every
 * cold start. `process.getBuiltinModule` hands over the module as it is. `import()` of that would have a default and no names,
 * so for it they are written out.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z:_/0-9]+$/ }, ({ path, kind }) =>
      isBuiltin(path)
        ? { path: path.replace(/^node:/, ''), namespace: kind === 'dynamic-import' ? 'named-builtin' : 'builtin' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: `module.exports = ${builtin(path)}` }));
    onLoad({ filter: /.*/, namespace: 'named-builtin' }, ({ path }) => ({
      contents: `const all = ${builtin(path)}; export default all; export const { ${namesOf(path)} } = all`,
    }));
  },
};

const builtin = (name: string) => `process.getBuiltinModule('node:${name}')`;

const namesOf = (name: string): string =>
  Object.keys(process.getBuiltinModule(name) ?? {})
    .filter((key) => /^[A-Za-z_]\w*$/.test(key) && key !== 'default')
    .join(', ');

export const functionNames = async (): Promise<string[]> =>
  (await readdir(join(root, 'functions'))).filter((file) => file.endsWith('.ts')).map((file) => basename(file, '.ts'));

/**
 * What is imported later is split off (`lib/mail`), so that a cold start does not read it. One call a function: the parts that
 * a call splits off are shared by all of its entries, and a function has only its own folder.
 */
const bundled = (name: string, outdir: string) =>
  bundle({
    absWorkingDir: root,
    entryPoints: { index: `functions/${name}.ts` },
    outdir: join(outdir, name),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [builtins],
    // The SDK's default looks for credentials in files, SSO sessions and metadata servers as well; Lambda has them in its
    // environment. 130 kB and 7 ms less.
    alias: { '@aws-sdk/credential-provider-node': join(root, 'infra/environment-credentials.ts') },
  });

/** Bundles all functions. The result says which files there are and what went into each. */
export async function build(outdir = bundles): Promise<Metafile['outputs']> {
  await rm(outdir, { recursive: true, force: true });
  const results = await Promise.all((await functionNames()).map((name) => bundled(name, outdir)));
  for (const contract of contracts) {
    await writeFile(join(outdir, contract.name, 'openapi.json'), JSON.stringify(openApiOf(contract)));
  }
  return Object.assign({}, ...results.map(({ metafile }) => metafile.outputs));
}

if (import.meta.main) {
  const started = performance.now();
  for (const [file, { bytes }] of Object.entries(await build())) {
    if (file.endsWith('.mjs')) console.log(`${file} ${Math.round(bytes / 1000)} kB`);
  }
  console.log(`Bundled in ${Math.round(performance.now() - started)} ms.`);
}
