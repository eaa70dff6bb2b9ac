// @ts-check
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { ROOT } from '../root.mjs';
import { readExecuted } from './executed.mjs';
import { RUNS, runOnce } from './runs.mjs';
import { withWorkshop } from './workshop.mjs';

/** What decides over a verdict: the runtime, the scenarios, and the servers that are examined. */
const JUDGES = [
  'packages/server/dist',
  'packages/watertight/dist',
  'examples/chat',
  'scripts/mutants/other-server.mjs',
];
/** The machine may spoil a control run too. */
const TRIES = 3;

/** @typedef {Record<string, { reaches: string[], elapsedMs: number }>} Reach by name of the run: the ids of the mutants that it executes */

/** A fingerprint of all that decides over a verdict: results of another build are not results of this one. */
export async function buildKey() {
  const hash = createHash('sha256');
  for (const judge of JUDGES) {
    for (const path of await programsIn(join(ROOT, judge)))
      hash
        .update(relative(ROOT, path))
        .update('\0')
        .update(await readFile(path))
        .update('\0');
  }
  return hash.digest('hex').slice(0, 12);
}

/** @param {string} path */
async function programsIn(path) {
  if (/\.m?js$/.test(path)) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.m?js$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * Which run executes which mutant, from control runs of the server as it is; they must be green. Remembered for a build.
 *
 * @param {string} key
 * @param {readonly import('./statements.mjs').Mutant[]} mutants
 * @param {number} workers
 * @param {(line: string) => void} say
 * @returns {Promise<Reach | undefined>} `undefined` when a control is red
 */
export async function findReach(key, mutants, workers, say) {
  const memory = join(ROOT, `.watertight/mutants-${key}.json`);
  try {
    return JSON.parse(await readFile(memory, 'utf8'));
  } catch {
    // Not known yet.
  }
  /** @type {Map<string, { executed: import('./executed.mjs').Executed, elapsedMs: number }>} */
  const controls = new Map();
  let isGreen = true;
  const queue = [...RUNS];
  await Promise.all(
    Array.from({ length: workers }, () =>
      withWorkshop(async (folder) => {
        for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
          const startedAtMs = performance.now();
          const coverage = join(folder, 'coverage', run.name);
          let verdict = await runOnce(folder, run, coverage);
          for (let tries = 1; tries < TRIES && verdict.proves !== 'right'; tries += 1)
            verdict = await runOnce(folder, run, coverage);
          const elapsedMs = Math.round(performance.now() - startedAtMs);
          controls.set(run.name, { executed: await readExecuted(coverage), elapsedMs });
          if (verdict.proves !== 'right') isGreen = false;
          const colour = verdict.proves === 'right' ? 'green' : `RED: ${verdict.by}`;
          say(`control ${run.name}: ${colour} (${elapsedMs} ms)`);
        }
      }),
    ),
  );
  if (!isGreen) return undefined;
  // What one run leaves open, another may know: a scenario that samples the heap executes nothing that none of the others does.
  const known = mutants.filter(({ file, effect }) =>
    [...controls.values()].some((it) => it.executed(file, effect) === 'yes'),
  );
  /** @type {Reach} */
  const reach = {};
  for (const [name, { executed, elapsedMs }] of controls) {
    const reaches = known.filter(({ file, effect }) => executed(file, effect) !== 'no').map(({ id }) => id);
    reach[name] = { reaches, elapsedMs };
  }
  await mkdir(dirname(memory), { recursive: true });
  await writeFile(memory, JSON.stringify(reach));
  return reach;
}
