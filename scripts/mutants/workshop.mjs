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
/** What a check says of a target that does not serve; everything else that ends a check early says nothing about the mutant. */
const TARGET_FAILED = /refused|exited|ended|crashed|listen/;
/** A mutant may keep the check from ending; then it is ended, and counts as noticed. */
const RUN_TIMEOUT_MS = 60_000;

/**
 * A folder in which the chat example runs on a copy of `@watertight/server` that may be changed.
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
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Puts a mutant in, runs the black-box scenarios, and takes it out again.
 * @param {string} folder
 * @param {import('./statements.mjs').Mutant} mutant
 * @returns {Promise<{ killed: boolean, by: string, elapsedMs: number }>}
 */
export async function tryMutant(folder, mutant) {
  const path = join(folder, 'node_modules/@watertight/server/dist', mutant.file);
  const original = await readFile(path, 'utf8');
  await writeFile(path, mutant.apply(original));
  try {
    return await runScenarios(folder);
  } finally {
    await writeFile(path, original);
  }
}

/**
 * The five scenarios against the chat server of a workshop, stopping at the first violation. What proves nothing is run again:
 * a mutant is killed by a violation, or by a server that cannot serve, and by nothing else.
 *
 * @param {string} folder
 * @param {string} [coverage] where V8 is to write what was executed
 */
export async function runScenarios(folder, coverage) {
  const startedAtMs = performance.now();
  let outcome = await runOnce(folder, coverage);
  for (let again = 0; again < 2 && outcome.proves === 'nothing'; again += 1) outcome = await runOnce(folder, coverage);
  return {
    killed: outcome.proves === 'wrong',
    by: outcome.by,
    elapsedMs: Math.round(performance.now() - startedAtMs),
  };
}

/**
 * @param {string} folder
 * @param {string} [coverage] where V8 is to write what was executed
 * @returns {Promise<{ proves: 'wrong' | 'right' | 'nothing', by: string }>}
 */
async function runOnce(folder, coverage) {
  const result = join(folder, 'result.json');
  await rm(result, { force: true });
  const server = [join(folder, 'chat/server.js'), '--heartbeat-interval-ms', '600', '--pending-deadline-ms', '1500'];
  const options = ['--limit', '20', '--deadline', '500', '--bail', '--json', result];
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
 * @returns {Promise<{ proves: 'wrong' | 'nothing', by: string }>}
 */
async function readVerdict(path) {
  try {
    const { scenarios, stopped } = JSON.parse(await readFile(path, 'utf8'));
    for (const { steps } of scenarios) {
      const red = steps.find((/** @type {{ status: string }} */ step) => step.status === 'broken');
      if (red !== undefined) return { proves: 'wrong', by: red.id };
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
