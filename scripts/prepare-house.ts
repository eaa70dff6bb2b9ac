import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { prepare } from './prepare.mjs';
import { ROOT } from './root.mjs';
import { plant } from './tree.ts';

export const PACKAGE = { name: 'house', version: '1.0.0', private: true, type: 'module', engines: { node: '>=20.19' } };

/** A repository that needs a local package from npm, so that no registry is asked, and builds nothing. */
export const INSTALLABLE: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ ...PACKAGE, dependencies: { part: 'file:part' } }),
  'package-lock.json': JSON.stringify({
    name: 'house',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'house', version: '1.0.0', dependencies: { part: 'file:part' } },
      'node_modules/part': { resolved: 'part', link: true },
      part: { version: '1.0.0' },
    },
  }),
  'part/package.json': JSON.stringify({ name: 'part', version: '1.0.0' }),
  'part/index.js': 'export const one = 1;',
  'tsconfig.json': '{ "files": [] }',
};

/** A repository with one project to build, whose compiler is this one's. */
export function plantBuildable(atEnd?: (remove: () => void) => void): string {
  const files = {
    'package.json': JSON.stringify(PACKAGE),
    'package-lock.json': JSON.stringify({ name: 'house', lockfileVersion: 3, packages: { '': PACKAGE } }),
    'node_modules/.package-lock.json': JSON.stringify({ name: 'house', lockfileVersion: 3, packages: {} }),
    'tsconfig.base.json': JSON.stringify({
      compilerOptions: { composite: true, module: 'nodenext', target: 'es2022', types: [] },
    }),
    'tsconfig.json': JSON.stringify({ files: [], references: [{ path: 'packages/one' }] }),
    'packages/one/package.json': JSON.stringify({ name: 'one', type: 'module' }),
    'packages/one/tsconfig.json': JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
      include: ['src'],
    }),
    'packages/one/src/a.ts': 'export const a: number = 1;\n',
    'packages/one/src/b.ts': 'export const b: number = 2;\n',
  };
  const root = plant(files, atEnd);
  for (const name of ['typescript', '@typescript']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(root, 'node_modules', name), 'junction');
  }
  return root;
}

export async function saidBy(root: string): Promise<string[]> {
  const lines: string[] = [];
  await prepare({ root, say: (line) => lines.push(line.replace(/\d+\.\d s/, 'n s')) });
  return lines;
}

export const installing = ['Installing the dependencies of package-lock.json …', 'Installed in n s.'];

/** A repository that is prepared, once for all who change something in a copy of it. */
export class Prepared {
  #root = '';
  #remove = (): void => undefined;
  said: readonly string[] = [];

  constructor(plantIt: (atEnd: (remove: () => void) => void) => string) {
    beforeAll(async () => {
      this.#root = plantIt((remove) => (this.#remove = remove));
      this.said = await saidBy(this.#root);
    });
    afterAll(() => this.#remove());
  }

  copy(): string {
    const root = plant({});
    cpSync(this.#root, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    return root;
  }
}
