// @ts-check
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ROOT } from '../root.mjs';
import { portFor } from './serve.mjs';
import { recipeOf } from './smoke.mjs';
import { prepareVariant } from './workshop.mjs';

/**
 * @typedef {import('./cases.mjs').Case} Case
 * @typedef {import('./judge.mjs').Result} Result
 * @typedef {{ result: Result | null, seconds: number, peakBytes: number | null, said: string }} Examined
 */

const PACKAGE = join(ROOT, 'packages/watertight');
const CLI = join(PACKAGE, 'dist/programs/watertight.js');
/** A check that is not through by then is ended and counts as inconclusive. */
const ENDS_WITHIN_MS = 300_000;
const LOOK_AT_MEMORY_EVERY_MS = 50;
/** What a check waits at most by itself; longer waits have to be asked for. */
const DEFAULT_SETTLE_MS = 5_000;

/** Version of the tool and of its built code: rows of another one are out of date. */
export function toolVersion() {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  const hash = createHash('sha256');
  const files = readdirSync(join(PACKAGE, 'dist'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.js')).sort()) {
    hash.update(file).update(readFileSync(join(PACKAGE, 'dist', file)));
  }
  return `${version}+${hash.digest('hex').slice(0, 8)}`;
}

/**
 * Runs `watertight check` against one variant, as a user would.
 *
 * @param {Case} one @param {string} variant @param {number} seed
 * @param {readonly string[]} [more] options of the check besides those of the case
 * @param {string} [reports] a folder where its JSON is kept
 * @returns {Promise<Examined>}
 */
export async function examine(one, variant, seed, more = [], reports) {
  const workshop = await prepareVariant(one, variant);
  const recipe = await recipeOf(one);
  const folder = mkdtempSync(join(tmpdir(), 'watertight-exam-'));
  const json = join(folder, 'result.json');
  const startedAtMs = performance.now();
  try {
    const args = [CLI, 'check', '--recipe', join(one.folder, 'life.mjs'), '--seed', String(seed), '--json', json];
    if (recipe.path !== undefined) args.push('--path', recipe.path);
    const child = spawn(process.execPath, [...args, ...optionsOf(one), ...more, '--', ...workshop.command], {
      cwd: workshop.folder,
      env: { ...process.env, ...workshop.environment, PORT: await portFor(workshop), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream
        .setEncoding('utf8')
        .on('data', (/** @type {string} */ chunk) => void (said = (said + chunk).slice(-4_000)));
    }
    /** @type {number | null} */
    let peakBytes = null;
    const looking = setInterval(() => {
      peakBytes = peakOf(child.pid) ?? peakBytes;
    }, LOOK_AT_MEMORY_EVERY_MS);
    // SIGINT: it ends what it started, and gives a partial verdict.
    const overdue = setTimeout(() => child.kill('SIGINT'), ENDS_WITHIN_MS);
    const [exitCode] = await once(child, 'close');
    clearInterval(looking);
    clearTimeout(overdue);
    if (reports !== undefined && existsSync(json)) {
      mkdirSync(reports, { recursive: true });
      cpSync(json, join(reports, `${one.id}-${variant}-${seed}.json`));
    }
    return { result: readResult(json, exitCode), seconds: (performance.now() - startedAtMs) / 1_000, peakBytes, said };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const CHECK_TIMEOUT_MS = 280_000;

/** @param {Case} one */
function optionsOf({ check }) {
  const { settleMs = 0, ...others } = check;
  const wanted = {
    settle: settleMs > DEFAULT_SETTLE_MS ? settleMs : undefined,
    cycles: others.cycles,
    concurrency: others.concurrency,
    budget: others.budgetMs,
    only: others.only,
    // Longer than any case should take: what runs out of time is cut by us, not by the check.
    timeout: CHECK_TIMEOUT_MS,
  };
  const known = flags();
  return Object.entries(wanted).flatMap(([flag, value]) =>
    value === undefined || !known.has(`--${flag}`) ? [] : [`--${flag}`, String(value)],
  );
}

/** @type {Set<string> | undefined} */
let knownFlags;
function flags() {
  knownFlags ??= new Set(
    execFileSync(process.execPath, [CLI, 'check', '--help'], { encoding: 'utf8' }).match(/--[a-z-]+/g),
  );
  return knownFlags;
}

/**
 * @param {string} file @param {number | null} exitCode
 * @returns {Result | null} null when the check gave none
 */
function readResult(file, exitCode) {
  try {
    /** @type {import('../../packages/watertight/src/verdict/types.ts').CheckResult} */
    const { verdict, stopped, scenarios } = JSON.parse(readFileSync(file, 'utf8'));
    return { verdict, exitCode: exitCode ?? 3, stopped, findings: scenarios.flatMap(({ findings }) => findings) };
  } catch {
    return null;
  }
}

/** @param {number | undefined} pid */
function peakOf(pid) {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
  } catch {
    return null;
  }
}
