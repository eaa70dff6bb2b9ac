// @ts-check
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CORPUS } from './cases.mjs';

/**
 * One check of one variant.
 * @typedef {object} Row
 * @property {string} variant
 * @property {number} seed
 * @property {boolean} busy whether all cores were burnt meanwhile
 * @property {string} tool
 * @property {string} node
 * @property {string} date
 * @property {string} verdict
 * @property {number | null} exitCode
 * @property {import('./judge.mjs').Judgement['mark']} mark
 * @property {number | null} placeRank
 * @property {string | null} placeBy
 * @property {import('./judge.mjs').Top | null} top
 * @property {number} findingCount
 * @property {number} seconds
 * @property {number | null} peakBytes of the checker
 * @property {string} [note] why there is no result
 */

const FOLDER = join(CORPUS, 'results');

/**
 * @param {string} id
 * @returns {Row[]}
 */
export function readRows(id) {
  const file = join(FOLDER, `${id}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

/**
 * Puts a row in the place of an older one of the same variant, seed and load.
 *
 * @param {string} id @param {Row} row
 */
export function writeRow(id, row) {
  const others = readRows(id).filter((one) => !isSame(one, row));
  const rows = [...others, row].sort(
    (a, b) => a.variant.localeCompare(b.variant) || Number(a.busy) - Number(b.busy) || a.seed - b.seed,
  );
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${id}.json`);
  const text = rows.map((one) => JSON.stringify(one)).join(',\n');
  writeFileSync(`${file}.new`, `[\n${text}\n]\n`);
  renameSync(`${file}.new`, file);
}

/** @param {Pick<Row, 'variant' | 'seed' | 'busy'>} one @param {Pick<Row, 'variant' | 'seed' | 'busy'>} other */
export function isSame(one, other) {
  return one.variant === other.variant && one.seed === other.seed && one.busy === other.busy;
}
