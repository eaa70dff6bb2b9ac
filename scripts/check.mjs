// @ts-check
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { checkParts, partsOf } from './check-parts.mjs';
import { PrepareError, prepare } from './prepare.mjs';
import { ROOT } from './root.mjs';

/** Compiles what the others read; they start when it has ended. */
const FIRST = 'check:types';

/** @typedef {{ name: string, exitCode: number, output: string, tookMs: number }} Outcome */

/**
 * @param {string} name @param {string} command
 * @returns {Promise<Outcome>}
 */
function runPart(name, command) {
  const startedAtMs = performance.now();
  const bin = join(ROOT, 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, NO_COLOR: '1' };
  return new Promise((resolve) => {
    const child = spawn(command, { cwd: ROOT, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => (output += chunk.toString()));
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => (output += chunk.toString()));
    child.once('error', (error) => (output += error.message));
    child.once('close', (code) => {
      resolve({ name, exitCode: code ?? 1, output, tookMs: performance.now() - startedAtMs });
    });
  });
}

/** @param {Outcome} outcome */
function report({ name, exitCode, output, tookMs }) {
  const time = `${(tookMs / 1_000).toFixed(1)} s`;
  process.stdout.write(`${exitCode === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(26)} ${time}\n`);
  if (exitCode !== 0) process.stdout.write(`${stripVTControlCharacters(output).trimEnd().replace(/^/gm, '    ')}\n`);
}

/**
 * @param {[string, string][]} parts
 * @returns {Promise<Outcome[]>}
 */
async function runAll(parts) {
  /** @type {Outcome[]} */
  const outcomes = [];
  const queue = [...parts];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const outcome = await runPart(...next);
      report(outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(availableParallelism(), 4)) }, worker));
  return outcomes;
}

async function main() {
  const startedAtMs = performance.now();
  // Installs; a build that fails is the business of the first part.
  await prepare().catch((error) => {
    if (!(error instanceof PrepareError)) throw error;
  });
  const missing = checkParts(ROOT);
  const parts = [...partsOf(ROOT)];
  const outcomes = [
    ...(await runAll(parts.filter(([name]) => name === FIRST))),
    ...(await runAll(parts.filter(([name]) => name !== FIRST))),
  ];
  const failed = outcomes.filter(({ exitCode }) => exitCode !== 0).map(({ name }) => name);
  const time = `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
  if (failed.length === 0 && missing.length === 0) {
    process.stdout.write(`All ${outcomes.length} parts of the check are in order (${time}).\n`);
    return;
  }
  process.stdout.write(
    `${failed.length} of ${outcomes.length} parts failed (${time}): ${failed.join(', ') || 'none'}\n`,
  );
  for (const problem of missing) process.stdout.write(`${problem}\n`);
  process.exitCode = 1;
}

await main();
