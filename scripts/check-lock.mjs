// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, isMain } from './root.mjs';

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[],
 *   optionalDependencies?: Record<string, string> }} Entry
 * @typedef {{ packages: Record<string, Entry> }} LockFile
 */

/**
 * npm leaves an optional package out of the lock file if the registry in use does not offer it, as happens with binaries
 * for other platforms; `npm ci` then refuses the lock file, and on those platforms the binary would be missing.
 *
 * @param {LockFile} lock
 * @returns {Map<string, Entry>} path in `node_modules` to the entry that is missing
 */
export function missingFrom(lock) {
  /** @type {Map<string, Entry>} */
  const missing = new Map();
  for (const [holder, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (placesOf(holder, name).some((path) => lock.packages[path] !== undefined)) continue;
      missing.set(`node_modules/${name}`, { version, ...(entry.dev ? { dev: true } : {}), ...platformOf(name) });
    }
  }
  return missing;
}

/**
 * Where a package looks for another one, from its own folder up.
 *
 * @param {string} holder @param {string} name
 * @returns {string[]}
 */
function placesOf(holder, name) {
  const places = [`${holder}/node_modules/${name}`, `node_modules/${name}`];
  const above = holder.lastIndexOf('/node_modules/');
  return above === -1 ? places : [...places, ...placesOf(holder.slice(0, above), name)];
}

/**
 * Packages of binaries carry their platform in their name: `…/binding-linux-arm64-musl`.
 *
 * @param {string} name
 * @returns {Entry}
 */
function platformOf(name) {
  const [, os, cpu, rest] =
    /(aix|android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(?:-(\w+))?$/.exec(name) ?? [];
  if (os === undefined || cpu === undefined)
    throw new Error(`${name}: for which platform it is cannot be read from its name`);
  const libc = os !== 'linux' ? undefined : { gnu: ['glibc'], musl: ['musl'] }[rest ?? ''];
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc }), optional: true };
}

/**
 * @param {string} root
 * @returns {number} how many entries were added
 */
export function completeLock(root) {
  const file = join(root, 'package-lock.json');
  /** @type {LockFile} */
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingFrom(lock);
  if (missing.size === 0) return 0;
  const entries = [...Object.entries(lock.packages), ...missing].toSorted(([one], [other]) =>
    one.localeCompare(other, 'en'),
  );
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(entries) }, undefined, 2)}\n`);
  return missing.size;
}

if (isMain(import.meta.url)) {
  if (process.argv.includes('--complete')) {
    process.stdout.write(`${completeLock(ROOT)} entries added\n`);
  } else {
    const missing = missingFrom(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
    for (const [path, { version }] of missing) process.stdout.write(`package-lock.json lacks ${path} ${version}\n`);
    if (missing.size > 0) process.stdout.write('npm ci will refuse it; to add them: npm run lock\n');
    process.exitCode = missing.size === 0 ? 0 : 1;
  }
}
