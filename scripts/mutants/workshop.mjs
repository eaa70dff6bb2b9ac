// @ts-check
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ROOT } from '../root.mjs';
import { examine } from './runs.mjs';

const SERVER = join(ROOT, 'packages/server');
const CHAT = join(ROOT, 'examples/chat');
const OTHER = join(ROOT, 'scripts/mutants/other-server.mjs');

/**
 * A folder in which the chat example, and a server that uses what it leaves out, run on a copy of `@watertight/server` that may be changed.
 *
 * @template Result
 * @param {(folder: string) => Promise<Result>} use
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
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Puts a mutant in, examines it run by run until one of them notices it, and takes it out again.
 *
 * @param {string} folder
 * @param {import('./statements.mjs').Mutant} mutant
 * @param {readonly import('./runs.mjs').Run[]} runs those that reach it, the most promising first
 * @param {string} [expected] what an earlier run noticed it by
 * @returns {Promise<{ killed: boolean, by: string, run: string, elapsedMs: number }>}
 */
export async function tryMutant(folder, mutant, runs, expected) {
  const startedAtMs = performance.now();
  const path = join(folder, 'node_modules/@watertight/server/dist', mutant.file);
  const original = await readFile(path, 'utf8');
  await writeFile(path, mutant.apply(original));
  const elapsedMs = () => Math.round(performance.now() - startedAtMs);
  const doubts = [];
  try {
    for (const run of runs) {
      const { proves, by } = await examine(folder, run, expected);
      if (proves === 'wrong') return { killed: true, by, run: run.name, elapsedMs: elapsedMs() };
      if (proves === 'nothing') doubts.push(`${run.name} proved nothing${by === '' ? '' : `: ${by}`}`);
    }
  } finally {
    await writeFile(path, original);
  }
  return { killed: false, by: doubts.join('; '), run: '', elapsedMs: elapsedMs() };
}
