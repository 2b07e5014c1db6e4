/** The plan of the house, checked: who may know whom, and a few habits that a reviewer would otherwise have to watch. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contracts } from '../lib/contracts/index.ts';

const root = resolve(import.meta.dirname, '..');

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

const sources = ['lib', 'functions', 'infra'].flatMap(filesIn);
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

/** Every module that a file asks for: `import … from`, bare `import '…'`, `export … from`, `import('…')`. */
function importsOf(file: string): string[] {
  const found = textOf(file).matchAll(
    /^(?:import|export)\s(?:[^'";]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].map(([, statement, call]) => statement ?? call ?? '');
}

/** The room a file of ours stands in: `lib/money`, `functions`, `lib/live.ts` … */
const roomOf = (file: string): string => {
  const [top = '', second = ''] = file.split('/');
  return top === 'lib' ? `${top}/${second}` : top;
};

/** Which rooms each room may use, besides itself. */
const mayUse: Record<string, string[]> = {
  'lib/money': [],
  'lib/invoice': ['lib/money'],
  'lib/contracts': ['lib/money', 'lib/invoice'],
  'lib/documents': ['lib/money', 'lib/invoice'],
  'lib/mail': ['lib/invoice', 'lib/documents'],
  'lib/dynamo': ['lib/money', 'lib/invoice'],
  'lib/lambda': ['lib/money', 'lib/invoice', 'lib/contracts', 'lib/dynamo'],
  'lib/live.ts': ['lib/money', 'lib/invoice', 'lib/dynamo'],
  functions: ['lib/money', 'lib/invoice', 'lib/contracts', 'lib/lambda', 'lib/live.ts', 'lib/dynamo', 'lib/mail'],
  infra: ['lib/money', 'lib/invoice', 'lib/contracts', 'lib/lambda', 'lib/live.ts', 'lib/dynamo', 'functions'],
};

const isOurs = (specifier: string) => specifier.startsWith('.');
const packageFree = ['lib/money', 'lib/invoice', 'lib/contracts', 'lib/documents'];

describe('the house', () => {
  it('sees every form of import', () => {
    expect(importsOf('lib/lambda/http.ts')).toContain('@middy/core');
    expect(sources.flatMap(importsOf).filter(isOurs).length).toBeGreaterThan(50);
  });

  it.each(sources)('%s uses only rooms below its own', (file) => {
    const room = roomOf(file);
    for (const specifier of importsOf(file).filter(isOurs)) {
      const target = roomOf(relative(root, resolve(root, file, '..', specifier)));
      if (target !== room) expect(mayUse[room], `${file} imports ${specifier}`).toContain(target);
    }
  });

  it('keeps money, the core, the contracts and the documents free of AWS and of everything but zod', () => {
    for (const file of sources.filter((name) => packageFree.includes(roomOf(name)))) {
      const packages = importsOf(file).filter((specifier) => !isOurs(specifier) && !specifier.startsWith('node:'));
      expect(
        packages.filter((name) => name !== 'zod'),
        file,
      ).toEqual([]);
    }
  });

  it('imports zod as a namespace, or the bundle carries every language it speaks', () => {
    for (const file of [...sources, ...filesIn('test')]) {
      expect(textOf(file), file).not.toMatch(/import (type )?\{[^}]*\} from 'zod'/);
    }
  });

  it('reads the environment of the functions in one place', () => {
    const readers = sources.filter((file) => file.startsWith('lib/') && /process\.env/.test(textOf(file)));
    expect(readers).toEqual(['lib/live.ts']);
  });

  it('has a function for each contract', () => {
    for (const { name } of contracts) expect(sources).toContain(`functions/${name}.ts`);
  });
});
