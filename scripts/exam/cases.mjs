// @ts-check
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '../root.mjs';

/** Where the cases are. */
export const CORPUS = join(ROOT, 'corpus');

/**
 * A place in the source that counts as naming the leak: where what is left behind is allocated, or what holds it.
 * @typedef {object} Place
 * @property {string} file path as it ends, such as `node_modules/ws/lib/WebSocketServer.js` or `server.mjs`
 * @property {string[]} [functions] names as V8 gives them; left out: any function of the file
 * @property {string} [why] what this place has to do with it
 */

/**
 * @typedef {object} Variant
 * @property {string} name `buggy`, `fixed` or `control`
 * @property {string} version what of the package it runs, in words
 * @property {'leak' | 'watertight'} verdict
 */

/**
 * @typedef {object} Expected
 * @property {Place[]} place empty where nothing on the heap stays
 * @property {string} resource what is left behind, such as `objects`, `timers`, `listeners`, `descriptors`
 * @property {{ name: string, low: number, high: number }} [perCycle] how much of what, for each client life
 */

/**
 * What the check is told, apart from the recipe.
 * @typedef {object} CheckOptions
 * @property {number} [settleMs]
 * @property {number} [cycles]
 * @property {number} [concurrency]
 * @property {number} [budgetMs]
 * @property {string} [only] one scenario, where the others see a defect that is not the one of the case
 */

/**
 * @typedef {object} Case
 * @property {string} id the name of its folder
 * @property {string} folder
 * @property {string} package
 * @property {'leak' | 'control'} kind
 * @property {string} mechanism
 * @property {string} trigger
 * @property {string} reference
 * @property {string} server its file
 * @property {Variant[]} variants
 * @property {Expected} expected
 * @property {CheckOptions} check
 * @property {Record<string, string>} environment of the server; PORT `free` where any port (0) would not do
 * @property {string[]} companions files next to the folder of the case that its server starts
 */

/** @returns {string[]} every id, in alphabetical order */
export function caseIds() {
  return readdirSync(CORPUS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(CORPUS, entry.name, 'case.json')))
    .map(({ name }) => name)
    .sort();
}

/**
 * @param {string} id
 * @returns {Case}
 */
export function readCase(id) {
  const folder = join(CORPUS, id);
  const file = join(folder, 'case.json');
  if (!existsSync(file)) throw new Error(`there is no case ${id}; npm run exam -- --list shows all`);
  const written = JSON.parse(readFileSync(file, 'utf8'));
  const problems = problemsOf(id, folder, written);
  if (problems.length > 0) throw new Error(`corpus/${id}/case.json: ${problems.join('; ')}`);
  return { check: {}, environment: {}, companions: [], ...written, folder };
}

/**
 * @param {string} id @param {string} folder @param {Record<string, any>} written
 * @returns {string[]}
 */
function problemsOf(id, folder, written) {
  const problems = [];
  if (written['id'] !== id) problems.push(`id is ${written['id']}, the folder ${id}`);
  if (!['leak', 'control'].includes(written['kind'])) problems.push(`kind is ${written['kind']}: leak or control`);
  for (const key of ['package', 'mechanism', 'trigger', 'reference', 'server']) {
    if (typeof written[key] !== 'string' || written[key] === '') problems.push(`${key} is missing`);
  }
  for (const file of [
    written['server'],
    'life.mjs',
    ...(written['companions'] ?? []).map((/** @type {string} */ it) => `../${it}`),
  ]) {
    if (!existsSync(join(folder, String(file)))) problems.push(`${file} does not exist`);
  }
  const variants = written['variants'] ?? [];
  const leaking = variants.filter((/** @type {Variant} */ it) => it.verdict === 'leak');
  if (written['kind'] === 'leak' && leaking.length === 0) problems.push('no variant leaks');
  if (written['kind'] === 'control' && leaking.length > 0) problems.push('a control has a variant that leaks');
  if (written['kind'] === 'leak' && !Array.isArray(written['expected']?.place))
    problems.push('expected.place is missing');
  return problems;
}
