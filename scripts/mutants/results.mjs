// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ROOT } from '../root.mjs';

const RESULTS = join(ROOT, 'scripts/mutants/results.json');
const EXPLAINED = join(ROOT, 'scripts/mutants/explained.json');
const FLOOR = 0.9;

/**
 * @typedef {object} Outcome
 * @property {string} id
 * @property {string} text the deleted statement
 * @property {boolean} killed
 * @property {string} by the step that noticed it
 * @property {string} run which scenario that was, and on which server
 * @property {number} elapsedMs
 * @property {string} build the fingerprint of what it was tried with
 */

/**
 * What an explanation goes by: the function and the statement. The number of a statement changes with every edit above it.
 * @param {{ id: string, text: string }} outcome
 */
function keyOf({ id, text }) {
  return `${id.slice(0, id.lastIndexOf(':'))} | ${text}`;
}

/** @returns {Promise<Map<string, Outcome>>} */
export async function readResults() {
  try {
    /** @type {Outcome[]} */
    const outcomes = JSON.parse(await readFile(RESULTS, 'utf8'));
    return new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  } catch {
    return new Map();
  }
}

/** @param {Map<string, Outcome>} known */
export async function writeResults(known) {
  const outcomes = [...known.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  await writeFile(RESULTS, `${JSON.stringify(outcomes, null, 2)}\n`);
}

/**
 * An explanation begins with its kind. `equivalent`: the program does the same, which says nothing about the scenarios. `option`: it
 * matters only with an option that the examined servers do not set. `gap`: a scenario could have seen it.
 */
const SAYS_NOTHING = /^equivalent: /;

/**
 * Says what the outcomes come to; answers whether they are enough.
 *
 * @param {Outcome[]} outcomes of mutants that are executed
 * @param {{ deletableCount: number, statements: readonly { id: string, text: string }[] }} of how many were chosen, those that are never
 * executed too; and all there are, of which each explanation has to be of one
 * @param {(line: string) => void} say
 */
export async function report(outcomes, { deletableCount, statements }, say) {
  /** @type {Record<string, string>} */
  const explained = JSON.parse(await readFile(EXPLAINED, 'utf8'));
  const survivors = outcomes.filter(({ killed }) => !killed);
  const excused = survivors.filter((outcome) => SAYS_NOTHING.test(explained[keyOf(outcome)] ?? ''));
  const killed = outcomes.length - survivors.length;
  const percent = (/** @type {number} */ of) => `${((killed / of) * 100).toFixed(1)} %`;
  say('');
  say(
    `${killed} of ${outcomes.length} killed (${percent(outcomes.length)}); without ${excused.length} that change nothing ` +
      `${percent(outcomes.length - excused.length)}; floor ${FLOOR * 100} % of all that are executed; of all ${deletableCount} statements ${percent(deletableCount)}`,
  );
  let unexplained = 0;
  for (const outcome of survivors) {
    const { id, text, by } = outcome;
    const reason = explained[keyOf(outcome)];
    if (reason === undefined) unexplained += 1;
    say(`  survived: ${id}${by === '' ? '' : ` (${by})`}`);
    say(`    ${text}`);
    say(`    ${reason ?? 'NOT EXPLAINED in scripts/mutants/explained.json'}`);
  }
  const surviving = new Set(survivors.map(keyOf));
  const existing = new Set(statements.map(keyOf));
  const ofNone = Object.keys(explained).filter((key) => !existing.has(key));
  for (const key of ofNone) say(`  EXPLAINED, AND NO STATEMENT: ${key}`);
  for (const key of Object.keys(explained))
    if (existing.has(key) && !surviving.has(key)) say(`  explained, and not a survivor: ${key}`);
  return killed / outcomes.length >= FLOOR && unexplained === 0 && ofNone.length === 0;
}
