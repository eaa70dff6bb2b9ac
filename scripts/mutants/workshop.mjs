// @ts-check
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ROOT } from '../root.mjs';

const SERVER = join(ROOT, 'packages/server');
const CLI = join(ROOT, 'packages/watertight/dist/cli/main.js');
const CHAT = join(ROOT, 'examples/chat');
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
 * The five scenarios against the chat server of a workshop, stopping at the first violation.
 * @param {string} folder
 */
export async function runScenarios(folder) {
  const result = join(folder, 'result.json');
  await rm(result, { force: true });
  const startedAtMs = performance.now();
  const command = [
    process.execPath,
    join(folder, 'chat/server.js'),
    '--heartbeat-interval-ms',
    '600',
    '--pending-deadline-ms',
    '1500',
  ];
  const exit = await new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [CLI, 'check', '--limit', '20', '--deadline', '500', '--bail', '--json', result, '--', ...command],
      {
        stdio: 'ignore',
        cwd: folder,
      },
    );
    const timer = setTimeout(() => child.kill('SIGTERM'), RUN_TIMEOUT_MS);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(code ?? signal);
    });
  });
  return {
    killed: exit !== 0,
    by: exit === 0 ? '' : await noticedBy(result, exit),
    elapsedMs: Math.round(performance.now() - startedAtMs),
  };
}

/**
 * @param {string} path
 * @param {number | string} exit
 */
async function noticedBy(path, exit) {
  try {
    const { scenarios } = JSON.parse(await readFile(path, 'utf8'));
    for (const { steps } of scenarios) {
      const red = steps.find((/** @type {{ status: string }} */ step) => step.status === 'broken');
      if (red !== undefined) return red.id;
    }
    for (const { steps } of scenarios) {
      const open = steps.find((/** @type {{ status: string }} */ step) => step.status === 'inconclusive');
      if (open !== undefined) return `${open.id} (inconclusive)`;
    }
  } catch {
    // No result was written: the target did not even start, or the check was ended.
  }
  return `exit ${exit}`;
}
