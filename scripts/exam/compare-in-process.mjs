// @ts-check
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CORPUS } from './cases.mjs';
import { examineInProcess } from './examine-in-process.mjs';
import { examine, toolVersion } from './examine.mjs';
import { inLanes } from './lanes.mjs';
import { readRows } from './results.mjs';
import { InstallError } from './workshop.mjs';

/**
 * One variant, examined as a test does that starts the server in its own process, beside what the command line said of it.
 * @typedef {object} Comparison
 * @property {string} id
 * @property {string} variant
 * @property {string} expected
 * @property {string} commandLine
 * @property {string} inProcess
 * @property {number} seconds of the check in process
 * @property {string} tool
 * @property {string} [note]
 *
 * @typedef {{ one: import('./cases.mjs').Case, variant: string, verdict: string }} Candidate
 */

const SEED = 1;
const USUAL_SCENARIO = 'rapid-connection-cycles-stress';
const ROWS = join(CORPUS, 'in-process.json');
const TABLE = join(CORPUS, 'IN-PROCESS.md');

/**
 * Examines every variant in process, unless this version has done so, and writes what came of it into corpus/IN-PROCESS.md.
 *
 * @param {readonly Candidate[]} candidates
 * @param {{ readonly again: boolean, readonly jobs: number, readonly say: (line: string) => void }} options
 */
export async function compareInProcess(candidates, { again, jobs, say }) {
  const tool = toolVersion();
  const missing = candidates.filter(({ one, variant }) => again || !isKnown(one.id, variant, tool));
  say(`${candidates.length} variants, ${candidates.length - missing.length} of them were examined in process already`);
  /** @param {Candidate} candidate */
  const nameOf = ({ one, variant }) => `${one.id}/${variant}`;
  await inLanes(missing, { jobs, nameOf, say }, async (candidate) => {
    const row = await compare(candidate, tool);
    write(row);
    say(`${nameOf(candidate)}: ${row.commandLine} by the command line, ${row.inProcess} in process, ${row.seconds} s`);
  });
}

/** @param {Candidate} candidate @param {string} tool @returns {Promise<Comparison>} */
async function compare({ one, variant, verdict: expected }, tool) {
  // Whether it is convicted is all that is asked: no snapshots, and no more endings once it is.
  const bail = expected === 'leak';
  const only = one.check.only ?? USUAL_SCENARIO;
  const startedAtMs = performance.now();
  const told = await examineInProcess(one, variant, { only: [only], noTrace: true, seed: SEED, bail }).then(
    ({ verdict, stopped }) => ({ verdict, note: stopped ?? undefined }),
    (error) => {
      if (error instanceof InstallError) throw error;
      return { verdict: 'no result', note: String(error.message).trim().split('\n').at(-1) };
    },
  );
  const seconds = Number(((performance.now() - startedAtMs) / 1_000).toFixed(1));
  const recorded = readRows(one.id).find((row) => row.variant === variant && row.seed === SEED && !row.busy)?.verdict;
  const isRepeated = recorded !== told.verdict;
  const flags = ['--only', only, '--no-trace', ...(bail ? ['--bail'] : [])];
  // Recorded with all scenarios and perhaps by an older version: in doubt the same question is put to the command line now.
  const commandLine = isRepeated ? (await examine(one, variant, SEED, flags)).result?.verdict : recorded;
  const note = told.note ?? (isRepeated && recorded !== undefined ? `the exam recorded ${recorded}` : undefined);
  return {
    id: one.id,
    variant,
    expected,
    commandLine: commandLine ?? 'no result',
    inProcess: told.verdict,
    seconds,
    tool,
    ...(note === undefined ? {} : { note }),
  };
}

/** @returns {Comparison[]} */
function readAll() {
  return existsSync(ROWS) ? JSON.parse(readFileSync(ROWS, 'utf8')) : [];
}

/** @param {string} id @param {string} variant @param {string} tool */
function isKnown(id, variant, tool) {
  return readAll().some((row) => row.id === id && row.variant === variant && row.tool === tool);
}

/** @param {Comparison} row */
function write(row) {
  const rows = [...readAll().filter(({ id, variant }) => id !== row.id || variant !== row.variant), row].sort(
    (a, b) => a.id.localeCompare(b.id) || a.variant.localeCompare(b.variant),
  );
  writeFileSync(`${ROWS}.new`, `[\n${rows.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
  renameSync(`${ROWS}.new`, ROWS);
  writeFileSync(TABLE, comparisonTable(rows));
}

/**
 * @param {readonly Comparison[]} rows
 * @returns {string}
 */
function comparisonTable(rows) {
  const agreeing = rows.filter(agrees).length;
  const tools = [...new Set(rows.map(({ tool }) => tool))].join(', ');
  const lines = rows.map((row) => {
    const { id, variant, expected, commandLine, inProcess, seconds, note = '' } = row;
    const cells = [id, variant, expected, commandLine, inProcess, agrees(row) ? 'agree' : 'DISAGREE', seconds, note];
    return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '# Verdicts in process',
    '',
    'Written by `npm run exam -- --in-process`: each server runs in the process that calls `expectNoLeaks`, which examines it there, with seed 1. That',
    'process is plain Node without a test runner; what a runner adds to it is seen by `runner-modes.deep.test.ts`, on one server. Beside it stands what',
    'the command line says of the same server in a process of its own. Rows are in `in-process.json`.',
    '',
    `- ${agreeing} of ${rows.length} agree; ${tools}`,
    '',
    '| case | variant | expected | command line | in process | | s | |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

/** @param {Comparison} row */
function agrees({ commandLine, inProcess }) {
  return commandLine === inProcess && inProcess !== 'no result';
}
