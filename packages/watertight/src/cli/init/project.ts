import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../parse-json.ts';
import { UsageError, usageErrorOf } from '../usage-error.ts';

export type PackageManager = 'npm' | 'pnpm' | 'yarn';

/** What `package.json` and the files beside it say. */
export interface Project {
  readonly folder: string;
  readonly scripts: ReadonlyMap<string, string>;
  /** Packages it names as dependencies of any kind, and in which versions. */
  readonly packages: ReadonlyMap<string, string>;
  readonly isModule: boolean;
  readonly isTyped: boolean;
  readonly manager: PackageManager;
  has(file: string): boolean;
  hasFolder(name: string): boolean;
}

/** @throws UsageError where there is no `package.json`, or none that can be read. */
export function lookAtProject(folder: string): Project {
  const manifest = readManifest(folder);
  const has = (file: string): boolean => existsSync(join(folder, file));
  const packages = new Map(
    ['peerDependencies', 'optionalDependencies', 'dependencies', 'devDependencies'].flatMap((key) =>
      Object.entries(textsIn(manifest[key])),
    ),
  );
  return {
    folder,
    scripts: new Map(Object.entries(textsIn(manifest['scripts']))),
    packages,
    isModule: manifest['type'] === 'module',
    isTyped: packages.has('typescript') || has('tsconfig.json'),
    manager: has('pnpm-lock.yaml') ? 'pnpm' : has('yarn.lock') ? 'yarn' : 'npm',
    has,
    hasFolder: (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true,
  };
}

function readManifest(folder: string): Readonly<Record<string, unknown>> {
  const path = join(folder, 'package.json');
  if (!existsSync(path))
    throw new UsageError(`there is no package.json in ${folder}: go to the folder of the project, or run npm init -y`);
  try {
    const manifest = parseJson(readFileSync(path, 'utf8'));
    if (isRecord(manifest)) return manifest;
  } catch (error) {
    throw usageErrorOf(error, `${path} cannot be read: `);
  }
  throw new UsageError(`${path} does not hold an object`);
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
