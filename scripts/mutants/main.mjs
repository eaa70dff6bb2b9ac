// @ts-check
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { ROOT } from '../root.mjs';
import { readExecuted } from './executed.mjs';
import { mutantsOf } from './statements.mjs';
import { runScenarios, tryMutant, withWorkshop } from './workshop.mjs';

/** Where admission, release and cleanup are written. */
const FILES = [
  'admission-desk.js',
  'registry.js',
  'manager-record.js',
  'connection-record.js',
  'teardown.js',
  'finalizers.js',
  'emergency.js',
  'emergency-plan.js',
  'adapters/upgrade-intake.js',
];
const FLOOR = 0.9;
const RESULTS = join(ROOT, 'scripts/mutants/results.json');
const EXPLAINED = join(ROOT, 'scripts/mutants/explained.json');

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    workers: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false },
    scenario: { type: 'string', multiple: true },
    again: { type: 'boolean', default: false },
  },
});

/** @typedef {{ id: string, text: string, killed: boolean, by: string, elapsedMs: number }} Outcome */

const mutants = (
  await Promise.all(
    FILES.map(async (file) => mutantsOf(file, await readFile(join(ROOT, 'packages/server/dist', file), 'utf8'))),
  )
).flat();
const chosen = mutants.filter(({ id }) => values.only === undefined || values.only.some((part) => id.includes(part)));

if (values.list) {
  for (const { id, text } of chosen) process.stdout.write(`${id}  ${text}\n`);
} else {
  process.exitCode = await run();
}

async function run() {
  const isExecuted = await runControl();
  if (isExecuted === undefined) return 1;
  // By some of the scenarios a kill is a kill as well; who survives them has not been examined.
  const { scenario: scenarios } = values;
  const executed = chosen.filter(({ file, effect }) => isExecuted(file, effect));
  const known = values.again ? new Map() : await readResults();
  const open = executed.filter(({ id, text }) => known.get(id)?.text !== text);
  process.stdout.write(
    `${chosen.length} statements; ${chosen.length - executed.length} are never executed by the examined server and say nothing; ` +
      `${executed.length} mutants, ${open.length} to run\n`,
  );
  let done = 0;
  const queue = [...open];
  await Promise.all(
    Array.from({ length: Number(values.workers) }, () =>
      withWorkshop(async (folder) => {
        for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
          const outcome = await tryMutant(folder, mutant, scenarios);
          if (scenarios === undefined || outcome.killed)
            known.set(mutant.id, { id: mutant.id, text: mutant.text, ...outcome });
          done += 1;
          process.stdout.write(
            `${done}/${open.length} ${outcome.killed ? 'killed  ' : 'SURVIVED'} ${mutant.id}  ${outcome.by}\n`,
          );
          await writeResults(known);
        }
      }),
    ),
  );
  return report(executed.flatMap(({ id }) => known.get(id) ?? []));
}

/** The scenarios against the server as it is: they must be green, and say what it executed. */
async function runControl() {
  /** @type {((file: string, offset: number) => boolean) | undefined} */
  let isExecuted;
  await withWorkshop(async (folder) => {
    const coverage = join(folder, 'coverage');
    const { killed, by, elapsedMs } = await runScenarios(folder, { coverage, scenarios: values.scenario });
    process.stdout.write(`control without a mutant: ${killed ? `RED at ${by}` : 'green'} (${elapsedMs} ms)\n`);
    if (!killed) isExecuted = await readExecuted(coverage);
  });
  return isExecuted;
}

/**
 * An explanation begins with its kind. `equivalent`: the program does the same, which says nothing about the scenarios. `option`: it
 * matters only with an option that the examined servers do not set. `gap`: a scenario could have seen it.
 */
const SAYS_NOTHING = /^equivalent: /;

/** @param {Outcome[]} outcomes */
async function report(outcomes) {
  /** @type {Record<string, string>} */
  const explained = JSON.parse(await readFile(EXPLAINED, 'utf8'));
  const survivors = outcomes.filter(({ killed }) => !killed);
  const excused = survivors.filter(({ id }) => SAYS_NOTHING.test(explained[id] ?? ''));
  const killed = outcomes.length - survivors.length;
  const share = killed / (outcomes.length - excused.length);
  const percent = (/** @type {number} */ part, /** @type {number} */ of) => `${((part / of) * 100).toFixed(1)} %`;
  process.stdout.write(
    `\n${killed} of ${outcomes.length} killed (${percent(killed, outcomes.length)}); without ${excused.length} that change nothing ` +
      `${percent(killed, outcomes.length - excused.length)}, floor ${FLOOR * 100} %\n`,
  );
  let unexplained = 0;
  for (const { id, text } of survivors) {
    const reason = explained[id];
    if (reason === undefined) unexplained += 1;
    process.stdout.write(
      `  survived: ${id}\n    ${text}\n    ${reason ?? 'NOT EXPLAINED in scripts/mutants/explained.json'}\n`,
    );
  }
  const ids = new Set(survivors.map(({ id }) => id));
  const stale = Object.keys(explained).filter((id) => !ids.has(id) && outcomes.some((outcome) => outcome.id === id));
  for (const id of stale) process.stdout.write(`  explained, but killed: ${id}\n`);
  return share >= FLOOR && unexplained === 0 ? 0 : 1;
}

/** @returns {Promise<Map<string, Outcome>>} */
async function readResults() {
  try {
    /** @type {Outcome[]} */
    const outcomes = JSON.parse(await readFile(RESULTS, 'utf8'));
    return new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  } catch {
    return new Map();
  }
}

/** @param {Map<string, Outcome>} known */
async function writeResults(known) {
  await mkdir(dirname(RESULTS), { recursive: true });
  const outcomes = [...known.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  await writeFile(RESULTS, `${JSON.stringify(outcomes, null, 2)}\n`);
}
