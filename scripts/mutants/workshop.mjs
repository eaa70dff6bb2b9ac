// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { ROOT } from '../root.mjs';

const SERVER = join(ROOT, 'packages/server');
const CLI = join(ROOT, 'packages/watertight/dist/cli/main.js');
const CHAT = join(ROOT, 'examples/chat');
const OTHER = join(ROOT, 'scripts/mutants/other-server.mjs');
/** What a check says of a target that does not serve; everything else that ends a check early says nothing about the mutant. */
const TARGET_FAILED = /refused|exited|ended|crashed|listen/;
/** The factory of the target threw where it was asked: nothing can be said about what a step looks at, and all about the server. */
const INTERFACE_THROWS = /inside the target: (?:Type|Reference|Range)Error/;
/** A mutant may keep the check from ending; then it is ended, and counts as noticed. */
const RUN_TIMEOUT_MS = 60_000;

/**
 * A folder in which the chat example, and a server that uses what it leaves out, run on a copy of `@watertight/server` that may be changed.
 * @param {(folder: string) => Promise<void>} use
 */
export async function withWorkshop(use) {
  const folder = await mkdtemp(join(tmpdir(), 'watertight-mutant-'));
  try {
    await mkdir(join(folder, 'node_modules/@watertight'), { recursive: true });
    await cp(SERVER, join(folder, 'node_modules/@watertight/server'), {
      recursive: true,
      filter: (from) => !from.includes('node_modules') && !from.endsWith('.map'),
    });
    await symlink(join(ROOT, 'node_modules/ws'), join(folder, 'node_modules/ws'));
    await cp(CHAT, join(folder, 'chat'), { recursive: true });
    await cp(OTHER, join(folder, 'other-server.mjs'));
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Puts a mutant in, runs the black-box scenarios, and takes it out again.
 * @param {string} folder
 * @param {import('./statements.mjs').Mutant} mutant
 * @param {readonly string[]} [scenarios] default: all five
 * @returns {Promise<{ killed: boolean, by: string, elapsedMs: number }>}
 */
export async function tryMutant(folder, mutant, scenarios) {
  const path = join(folder, 'node_modules/@watertight/server/dist', mutant.file);
  const original = await readFile(path, 'utf8');
  await writeFile(path, mutant.apply(original));
  try {
    return await runScenarios(folder, { scenarios });
  } finally {
    await writeFile(path, original);
  }
}

/** The servers that are examined, and what they are started with. */
const SERVERS = [
  ['chat/server.js', '--heartbeat-interval-ms', '600', '--pending-deadline-ms', '1500'],
  ['other-server.mjs'],
];

/** So often a server is run until it is known what it proves. */
const TRIES = 3;

/**
 * The five scenarios against each server of a workshop, stopping at the first violation. What proves nothing is run again: a mutant
 * is killed by a violation that the same scenario sees once more, by a factory that throws when it is asked, or by a server that
 * cannot serve, and by nothing else.
 *
 * @param {string} folder
 * @param {{ readonly coverage?: string, readonly scenarios?: readonly string[] | undefined }} [how] `coverage`: where V8 is to write
 *   what was executed
 */
export async function runScenarios(folder, how = {}) {
  const startedAtMs = performance.now();
  /** @type {Verdict} */
  let verdict = { proves: 'nothing', by: '' };
  for (const server of SERVERS) {
    verdict = await runServer(folder, server, how);
    if (verdict.proves !== 'wrong') continue;
    if (server !== SERVERS[0]) verdict.by += ' (other server)';
    break;
  }
  return {
    killed: verdict.proves === 'wrong',
    by: verdict.by,
    elapsedMs: Math.round(performance.now() - startedAtMs),
  };
}

/**
 * @param {string} folder
 * @param {readonly string[]} server
 * @param {{ readonly coverage?: string, readonly scenarios?: readonly string[] | undefined }} how
 */
async function runServer(folder, server, { coverage, scenarios }) {
  /** @type {Verdict} */
  let verdict = { proves: 'nothing', by: '' };
  for (let tries = 0; tries < TRIES && verdict.proves === 'nothing'; tries += 1) {
    verdict = await runOnce(folder, server, { coverage, only: scenarios });
    if (verdict.scenario === undefined) continue;
    // Once may be the machine.
    const again = await runOnce(folder, server, { only: [verdict.scenario] });
    if (again.proves !== 'wrong') verdict = { ...again, proves: 'nothing' };
  }
  return verdict;
}

/**
 * @typedef {object} Verdict
 * @property {'wrong' | 'right' | 'nothing'} proves
 * @property {string} by
 * @property {string} [scenario] the one that saw a violation
 */

/**
 * @param {string} folder
 * @param {readonly string[]} server
 * @param {{ readonly coverage?: string | undefined, readonly only?: readonly string[] | undefined }} how
 * @returns {Promise<Verdict>}
 */
async function runOnce(folder, [entry = '', ...args], { coverage, only = [] }) {
  const result = join(folder, 'result.json');
  await rm(result, { force: true });
  const server = [join(folder, entry), ...args];
  const options = ['--limit', '20', '--deadline', '500', '--bail', '--json', result];
  for (const scenario of only) options.push('--only', scenario);
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
    for (const { name, steps } of scenarios) {
      const red = steps.find((/** @type {{ status: string }} */ step) => step.status === 'broken');
      const thrown = steps.find((/** @type {{ note?: string }} */ step) => INTERFACE_THROWS.test(step.note ?? ''));
      if (red === undefined && thrown !== undefined)
        return { proves: 'wrong', by: thrown.note.split('\n')[0].slice(0, 120), scenario: name };
      if (red !== undefined) return { proves: 'wrong', by: red.id, scenario: name };
    }
    const [reason = ''] = String(stopped ?? '').split('\n');
    return {
      proves: TARGET_FAILED.test(reason) ? 'wrong' : 'nothing',
      by: reason.replaceAll(dirname(path), '<workshop>').replaceAll(process.execPath, 'node').slice(0, 120),
    };
  } catch {
    return { proves: 'nothing', by: 'no result was written' };
  }
}
