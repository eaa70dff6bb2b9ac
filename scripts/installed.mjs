// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, resolved?: string, optional?: boolean,
 *   os?: string[], cpu?: string[] }} Entry
 */

/**
 * Whether `node_modules` holds what `package-lock.json` says, judged by the list that npm leaves in `node_modules` at
 * the end of every installation.
 *
 * @param {string} root
 */
export function fitsLockFile(root) {
  const wanted = installable(join(root, 'package-lock.json'));
  const present = installable(join(root, 'node_modules', '.package-lock.json'));
  for (const [path, entry] of wanted) {
    const found = present.get(path);
    if (found === undefined) {
      if (entry.optional && !isForThisMachine(entry)) continue;
      return false;
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity || found.link !== entry.link)
      return false;
    if (!existsSync(join(root, path))) return false;
  }
  return [...present.keys()].every((path) => wanted.has(path));
}

/**
 * @param {string} lockFile
 * @returns {Map<string, Entry>}
 */
function installable(lockFile) {
  if (!existsSync(lockFile)) return new Map();
  /** @type {{ packages: Record<string, Entry> }} */
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'));
  return new Map(Object.entries(packages).filter(([path]) => path.includes('node_modules/')));
}

/**
 * An optional package that names no machine may be missing for reasons of its own; so may one that asks for a C library,
 * which only npm looks up.
 *
 * @param {Entry & { libc?: string[] }} entry
 */
function isForThisMachine({ os, cpu, libc }) {
  if (libc !== undefined || (os === undefined && cpu === undefined)) return false;
  return (os?.includes(process.platform) ?? true) && (cpu?.includes(process.arch) ?? true);
}
