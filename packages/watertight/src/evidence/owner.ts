import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Owner } from '../verdict/finding.ts';

/** The innermost package of a path: `…/node_modules/a/node_modules/@b/c/lib/d.js` is a file of `@b/c`. */
const IN_PACKAGE = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/;

const versions = new Map<string, string | null>();

/** Whose code a script is, by its address. */
export function ownerOf(url: string): Owner {
  if (isOfNode(url)) return { is: 'node' };
  const path = pathOf(url);
  const [, folder, name] = IN_PACKAGE.exec(path) ?? [];
  if (folder === undefined || name === undefined) return { is: 'application' };
  return { is: 'package', name: name.replaceAll('\\', '/'), version: versionIn(folder) };
}

/** Node's own code, V8's, and code nobody gave a name. */
export function isOfNode(url: string): boolean {
  return url === '' || url.startsWith('node:') || url.startsWith('internal/') || url.startsWith('evalmachine.');
}

/** A path of a `file:` URL, anything else as it is. */
export function pathOf(url: string): string {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

/** `null` when the package's manifest cannot be read here: the target may live in another file system. */
function versionIn(folder: string): string | null {
  const known = versions.get(folder);
  if (known !== undefined) return known;
  const version = readVersion(folder);
  versions.set(folder, version);
  return version;
}

function readVersion(folder: string): string | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const isNamed = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
    return isNamed && typeof manifest.version === 'string' ? manifest.version : null;
  } catch {
    return null;
  }
}
