// @ts-check
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { importsOf } from './imports.mjs';
import { ROOT, isMain } from './root.mjs';

/**
 * The public API of every package, as the compiler emitted it: what its entry points export, and every declaration
 * they reach.
 *
 * @param {string} root
 * @returns {Map<string, string>} path below `etc/api` to text
 */
export function publicApi(root) {
  /** @type {Map<string, string>} */
  const api = new Map();
  for (const folder of readdirSync(join(root, 'packages')).toSorted()) {
    const home = join(root, 'packages', folder);
    if (!existsSync(join(home, 'package.json'))) continue;
    const { exports = {} } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    const entries = Object.values(exports).flatMap((/** @type {any} */ target) => target.types ?? []);
    for (const file of reachable(entries.map((entry) => resolve(home, entry)))) {
      const name = relative(join(home, 'dist'), file).split(sep).join('/');
      api.set(`${folder}/${name}`, readFileSync(file, 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\n?$/, '\n'));
    }
  }
  return api;
}

/**
 * @param {string[]} entries
 * @returns {string[]} sorted
 */
function reachable(entries) {
  /** @type {Set<string>} */
  const seen = new Set();
  const queue = [...entries];
  for (const file of queue) {
    if (seen.has(file)) continue;
    if (!existsSync(file)) throw new Error(`${relative(ROOT, file)} is a public entry point and was not built`);
    seen.add(file);
    for (const { specifier } of importsOf(file)) {
      if (specifier?.startsWith('.')) queue.push(declarationOf(resolve(dirname(file), specifier)));
    }
  }
  return [...seen].toSorted();
}

/** @param {string} target */
const declarationOf = (target) => target.replace(/\.(?:js|ts)$/, '.d.ts').replace(/\.d\.d\.ts$/, '.d.ts');

/**
 * What differs between the API that was built and the one that is written down in `etc/api`.
 *
 * @param {string} root
 * @returns {string[]} one patch a file
 */
export function changesOfApi(root) {
  const built = publicApi(root);
  const written = writtenApi(root);
  return [...new Set([...written.keys(), ...built.keys()])].toSorted().flatMap((name) => {
    const before = written.get(name) ?? '';
    const after = built.get(name) ?? '';
    return before === after ? [] : [createTwoFilesPatch(`etc/api/${name}`, `built/${name}`, before, after)];
  });
}

/** @param {string} root */
export function updateApi(root) {
  const built = publicApi(root);
  rmSync(join(root, 'etc', 'api'), { recursive: true, force: true });
  for (const [name, text] of built) {
    const file = join(root, 'etc', 'api', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** @param {string} root @returns {Map<string, string>} */
function writtenApi(root) {
  const home = join(root, 'etc', 'api');
  if (!existsSync(home)) return new Map();
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'));
  return new Map(files.map((name) => [name.split(sep).join('/'), readFileSync(join(home, name), 'utf8')]));
}

if (isMain(import.meta.url)) {
  if (process.argv.includes('--update')) {
    updateApi(ROOT);
  } else {
    const changes = changesOfApi(ROOT);
    for (const change of changes) process.stdout.write(`${change}\n`);
    if (changes.length > 0) {
      process.stdout.write(
        'The public API changed. If that is meant: npm run api, and commit etc/api with the change.\n',
      );
      process.exitCode = 1;
    }
  }
}
