// @ts-check
import { shownFrames } from '../../packages/watertight/dist/report/shown-frames.js';
/**
 * @typedef {import('./cases.mjs').Case} Case
 * @typedef {import('./cases.mjs').Place} Accepted
 * @typedef {import('../../packages/watertight/src/verdict/finding.ts').Finding} Finding
 * @typedef {import('../../packages/watertight/src/verdict/finding.ts').Place} Place
 */

/**
 * What a check came to, as far as the exam reads it.
 * @typedef {object} Result
 * @property {string} verdict
 * @property {number} exitCode
 * @property {string | null} [stopped]
 * @property {readonly Finding[]} findings
 */

/**
 * @typedef {object} Judgement
 * @property {'right' | 'missed' | 'false alarm' | 'inconclusive'} mark
 * @property {number | null} placeRank which finding, from 1, names an accepted place; null when none does
 * @property {string | null} placeBy what of the finding names it: `allocated`, `stack`, `defined` or `retained`
 * @property {Top | null} top the first finding
 * @property {number} findingCount findings that say leak
 */

/**
 * @typedef {object} Top
 * @property {string} kind
 * @property {string} name
 * @property {number | null} perCycle
 * @property {number | null} bytesPerCycle
 * @property {string | null} at
 */

/**
 * @param {Case} one @param {string} variant
 * @param {Result} result
 * @returns {Judgement}
 */
export function judge(one, variant, result) {
  const expected = one.variants.find(({ name }) => name === variant)?.verdict;
  const leaks = result.findings.filter(({ growth, allowed }) => growth.is === 'leak' && allowed === null);
  const places = leaks.map((finding) => placeIn(finding, one.expected.place ?? []));
  const rank = places.findIndex((by) => by !== null);
  return {
    mark: markOf(expected, result.exitCode),
    placeRank: rank === -1 ? null : rank + 1,
    placeBy: places[rank] ?? null,
    top: topOf(leaks[0]),
    findingCount: leaks.length,
  };
}

/**
 * @param {'leak' | 'watertight' | undefined} expected @param {number} exitCode
 * @returns {Judgement['mark']}
 */
function markOf(expected, exitCode) {
  if (exitCode === 1) return expected === 'leak' ? 'right' : 'false alarm';
  if (exitCode !== 0) return 'inconclusive';
  return expected === 'leak' ? 'missed' : 'right';
}

/**
 * @param {Finding} finding @param {readonly Accepted[]} accepted
 * @returns {string | null}
 */
function placeIn(finding, accepted) {
  const is = (/** @type {Place | null | undefined} */ place) =>
    place !== null && place !== undefined && accepted.some((one) => isSame(place, one));
  if (is(finding.allocatedAt)) return 'allocated';
  if (shownFrames(finding.allocationStack).some(is)) return 'stack';
  if (is(finding.definedAt)) return 'defined';
  const holds = finding.retainedBy?.some(
    ({ place, edge }) => is(place) || (place !== null && is({ ...place, functionName: edge })),
  );
  return holds ? 'retained' : null;
}

/** @param {Place} place @param {Accepted} accepted */
function isSame(place, accepted) {
  const file = place.file.replaceAll('\\', '/').replace(/^file:\/\//, '');
  if (file.includes('node_modules/') !== accepted.file.includes('node_modules/')) return false;
  if (file !== accepted.file && !file.endsWith(`/${accepted.file}`)) return false;
  // A closure that is kept is told with its brackets.
  const name = place.functionName.replace(/\(\)$/, '') || '(anonymous)';
  return accepted.functions?.some((one) => one === name || name.endsWith(`.${one}`)) ?? true;
}

/**
 * @param {Finding | undefined} finding
 * @returns {Top | null}
 */
function topOf(finding) {
  if (finding === undefined) return null;
  const { kind, name, growth, bytesPerCycle, allocatedAt } = finding;
  return {
    kind,
    name,
    perCycle: growth.is === 'leak' ? growth.perCycle : null,
    bytesPerCycle,
    at:
      allocatedAt &&
      `${allocatedAt.functionName || '(anonymous)'} ${withoutFolder(allocatedAt.file)}:${allocatedAt.line}`,
  };
}

/** Results are kept in the repository: no folder of a machine belongs into them. @param {string} file */
function withoutFolder(file) {
  return file.replace(/^.*?(?=node_modules\/)/, '').replace(/^\/.*\//, '');
}
