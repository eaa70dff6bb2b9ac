// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { ROOT } from '../root.mjs';

const CLI = join(ROOT, 'packages/watertight/dist/programs/watertight.js');
/** What a check says of a target that does not serve; everything else that ends a check early says nothing about the mutant. */
const TARGET_FAILED = /refused|exited|ended|crashed|listen/;
/** The factory of the target threw where it was asked: nothing can be said about what a step looks at, and all about the server. */
const INTERFACE_THROWS = /inside the target: (?:Type|Reference|Range)Error/;
/** A mutant may keep the check from ending; then it is ended, and proves nothing. */
const RUN_TIMEOUT_MS = 45_000;
/** So often a run is repeated until it is known what it proves. */
const TRIES = 3;

/** The servers that are examined, and what they are started with. */
const SERVERS = {
  chat: ['chat/server.js', '--heartbeat-interval-ms', '600', '--pending-deadline-ms', '1500'],
  other: ['other-server.mjs'],
};

const SCENARIOS = {
  limit: 'manager-creation-limit-enforcement',
  timing: 'manager-cleanup-timing-precision',
  comprehensive: 'resource-leak-detection-comprehensive',
  emergency: 'emergency-cleanup-threshold-trigger',
  cycles: 'rapid-connection-cycles-stress',
};

/**
 * @typedef {object} Run one scenario against one server
 * @property {string} name `timing on other`: the scenario as its steps begin, and the server
 * @property {string} scenario
 * @property {readonly string[]} server
 */

/** @type {readonly Run[]} */
export const RUNS = Object.entries(SCENARIOS).flatMap(([short, scenario]) =>
  Object.entries(SERVERS).map(([server, command]) => ({ name: `${short} on ${server}`, scenario, server: command })),
);

/**
 * @typedef {object} Verdict
 * @property {'wrong' | 'right' | 'nothing'} proves
 * @property {string} by the step that saw it, or what the check said
 */

/**
 * One run, and again while it proves nothing.
 *
 * @param {string} folder of a workshop
 * @param {Run} run
 * @param {string} [expected] what an earlier run of the same mutant was noticed by: seen again, that is twice
 * @returns {Promise<Verdict>} `wrong` only if it was seen twice: once may be the machine
 */
export async function examine(folder, run, expected) {
  /** @type {Verdict} */
  let verdict = { proves: 'nothing', by: '' };
  for (let tries = 0; tries < TRIES && verdict.proves === 'nothing'; tries += 1) {
    verdict = await runOnce(folder, run);
    if (verdict.proves !== 'wrong' || verdict.by === expected) continue;
    const again = await runOnce(folder, run);
    if (again.proves !== 'wrong') verdict = { proves: 'nothing', by: `once only: ${verdict.by}` };
  }
  return verdict;
}

/**
 * @param {string} folder
 * @param {Run} run
 * @param {string} [coverage] where V8 is to write what was executed
 * @returns {Promise<Verdict>}
 */
export async function runOnce(folder, { scenario, server: [entry = '', ...args] }, coverage) {
  const result = join(folder, 'result.json');
  await rm(result, { force: true });
  const server = [join(folder, entry), ...args];
  const options = ['--limit', '20', '--deadline', '500', '--bail', '--json', result, '--only', scenario];
  const child = spawn(process.execPath, [CLI, 'check', ...options, '--', process.execPath, ...server], {
    stdio: 'ignore',
    cwd: folder,
    env: { ...process.env, ...(coverage === undefined ? undefined : { NODE_V8_COVERAGE: coverage }) },
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), RUN_TIMEOUT_MS);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  if (code === 0) return { proves: 'right', by: '' };
  return await readVerdict(result);
}

/**
 * @param {string} path
 * @returns {Promise<Verdict>}
 */
async function readVerdict(path) {
  try {
    const { scenarios, stopped } = JSON.parse(await readFile(path, 'utf8'));
    for (const { steps } of scenarios) {
      const red = steps.find((/** @type {{ status: string }} */ step) => step.status === 'broken');
      if (red !== undefined) return { proves: 'wrong', by: red.id };
      const thrown = steps.find((/** @type {{ note?: string }} */ step) => INTERFACE_THROWS.test(step.note ?? ''));
      if (thrown !== undefined) return { proves: 'wrong', by: thrown.note.split('\n')[0].slice(0, 120) };
    }
    const [reason = ''] = String(stopped ?? '').split('\n');
    // Of a target that does not serve, the port says nothing.
    const told = reason.replaceAll(dirname(path), '<workshop>').replaceAll(process.execPath, 'node');
    return {
      proves: TARGET_FAILED.test(reason) ? 'wrong' : 'nothing',
      by: told.replace(/ws:\S+/, 'the server').slice(0, 120),
    };
  } catch {
    return { proves: 'nothing', by: 'no result was written' };
  }
}
