// @ts-check
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { ROOT } from '../root.mjs';
import { buildKey, findReach } from './reach.mjs';
import { readResults, report, writeResults } from './results.mjs';
import { RUNS } from './runs.mjs';
import { mutantsOf } from './statements.mjs';
import { tryMutant, withWorkshop } from './workshop.mjs';

const HELP = `npm run mutants -- [options]

  Deletes one statement at a time from admission, release and cleanup of @watertight/server and has each mutant examined by
  the scenarios that execute the statement, until one of them notices. Results are kept in scripts/mutants/results.json with
  the fingerprint of the build, so that a run goes on where the one before ended.

  --for <seconds>   begin no mutant after this time: for runs in portions
  --only <part>     only mutants whose id has this part; repeatable
  --survivors       only those that survived when they were last run
  --again           also those that this build has a result for
  --workers <n>     so many at a time (2)
  --list            list the statements, run nothing
  --report          say what the results come to, run nothing but missing controls

  Exit code 0: the floor is reached and every survivor explained; 1: not so; 2: some are still to be run.
`;

/** Where admission, release and cleanup are written. */
const FILES = [
  'admission-desk.js',
  'slot-taker.js',
  'registry.js',
  'manager-record.js',
  'connection-record.js',
  'teardown.js',
  'finalizers.js',
  'emergency.js',
  'emergency-plan.js',
  'share-of-limit.js',
  'adapters/upgrade-intake.js',
  'adapters/web-socket-life.js',
];

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    workers: { type: 'string', default: '2' },
    for: { type: 'string', default: 'Infinity' },
    list: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    survivors: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const say = (/** @type {string} */ line) => void process.stdout.write(`${line}\n`);

const mutants = (
  await Promise.all(
    FILES.map(async (file) => mutantsOf(file, await readFile(join(ROOT, 'packages/server/dist', file), 'utf8'))),
  )
).flat();
const chosen = mutants.filter(({ id }) => values.only === undefined || values.only.some((part) => id.includes(part)));

if (values.help) process.stdout.write(HELP);
else if (values.list) for (const { id, text } of chosen) say(`${id}  ${text}`);
else process.exitCode = await run();

async function run() {
  const startedAtMs = performance.now();
  const workers = Number(values.workers);
  const build = await buildKey();
  const reach = await findReach(build, mutants, workers, say);
  if (reach === undefined) return 1;
  const known = await readResults();
  /** @param {import('./statements.mjs').Mutant} mutant */
  const runsFor = ({ id }) => RUNS.filter(({ name }) => reach[name]?.reaches.includes(id) === true);
  const executed = chosen.filter((mutant) => runsFor(mutant).length > 0);
  const isDone = (/** @type {import('./statements.mjs').Mutant} */ { id }) => known.get(id)?.build === build;
  const open = values.report
    ? []
    : executed.filter(
        (mutant) =>
          (values.again || !isDone(mutant)) &&
          (!values.survivors || known.get(mutant.id)?.killed !== true || known.get(mutant.id)?.text !== mutant.text),
      );
  say(
    `build ${build}: ${chosen.length} statements; ${chosen.length - executed.length} are never executed by the examined servers ` +
      `and say nothing; ${executed.length} mutants, ${open.length} to run`,
  );
  let doneCount = 0;
  const queue = [...open];
  const isTime = () => performance.now() - startedAtMs < Number(values.for) * 1_000;
  await Promise.all(
    Array.from({ length: Math.min(workers, open.length) }, () =>
      withWorkshop(async (folder) => {
        for (let mutant = queue.shift(); mutant !== undefined && isTime(); mutant = queue.shift()) {
          const { id, text } = mutant;
          const before = known.get(id)?.text === text ? known.get(id) : undefined;
          const runs = runsFor(mutant).sort((one, other) => dearness(one.name) - dearness(other.name));
          const promising = runs.filter(({ name }) => name === before?.run);
          const outcome = await tryMutant(folder, mutant, [...new Set([...promising, ...runs])], before?.by);
          known.set(id, { id, text, ...outcome, build });
          doneCount += 1;
          const said = outcome.killed
            ? `killed   ${id}  ${outcome.by} (${outcome.run})`
            : `SURVIVED ${id}  ${outcome.by}`;
          say(`${doneCount}/${open.length} ${said}`);
          await writeResults(known);
        }
      }),
    ),
  );
  const outcomes = executed.flatMap(({ id, text }) => (known.get(id)?.text === text ? (known.get(id) ?? []) : []));
  const isEnough = await report(outcomes, { deletableCount: chosen.length, statements: mutants }, say);
  const missing = executed.length - outcomes.length;
  const older = outcomes.filter((outcome) => outcome.build !== build).length;
  if (missing > 0 || older > 0) say(`not of this build: ${missing} not run, ${older} run with another build`);
  if (missing > 0 || older > 0) return 2;
  return isEnough ? 0 : 1;

  /** What a run of the server as it is takes. @param {string} name */
  function dearness(name) {
    return reach?.[name]?.elapsedMs ?? Infinity;
  }
}
