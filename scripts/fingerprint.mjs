// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * What an installation depends on: the lock file, and the machine, because some packages are built for one kind only.
 *
 * @param {string} root
 */
export function installFingerprint(root) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  return hash.update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
}

/**
 * What a build depends on: the sources and settings of every project that the root `tsconfig.json` refers to, and the
 * versions of the tools.
 *
 * @param {string} root
 */
export function buildFingerprint(root) {
  const hash = createHash('sha256').update(installFingerprint(root));
  const files = [
    join(root, 'tsconfig.json'),
    join(root, 'tsconfig.base.json'),
    join(root, 'scripts', 'build-pages.mjs'),
    join(root, 'scripts', 'build-programs.mjs'),
  ];
  for (const project of projectsOf(root)) {
    files.push(
      join(project, 'tsconfig.json'),
      join(project, 'package.json'),
      join(project, 'build.mjs'),
      ...sourcesIn(join(project, 'src')),
    );
  }
  for (const file of files) {
    if (!existsSync(file)) continue;
    hash.update(`\n${relative(root, file)}\n`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * The folders that the root `tsconfig.json` refers to; the other references are checked and emit nothing.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function projectsOf(root) {
  const { references = [] } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  return references
    .map((/** @type {{ path: string }} */ reference) => join(root, reference.path))
    .filter((/** @type {string} */ path) => !path.endsWith('.json'));
}

/**
 * Every file below a folder, sorted; tests are left out, they are not built.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export function sourcesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
