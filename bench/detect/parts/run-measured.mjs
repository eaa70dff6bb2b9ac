// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('usage.cjs', import.meta.url));
const DEADLINE_MS = 600_000;

/** @typedef {{ wallSeconds: number, cpuSeconds: number, peakBytes: number, output: string }} Measured */

/**
 * Runs a whole Node process and says what it took, from its start to its end.
 *
 * @param {readonly string[]} args @param {readonly number[]} [goodCodes]
 * @returns {Promise<Measured>}
 */
export async function runMeasured(args, goodCodes = [0]) {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-bench-'));
  const file = join(folder, 'usage.json');
  try {
    const startedAtMs = performance.now();
    const child = spawn(process.execPath, ['--max-old-space-size=8192', '--require', PRELOAD, ...args], {
      env: { ...process.env, BENCH_USAGE_FILE: file },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const [code] = /** @type {[number | null]} */ (await once(child, 'close'));
    const wallSeconds = (performance.now() - startedAtMs) / 1000;
    if (code === null || !goodCodes.includes(code))
      throw new Error(`${args[0]} ended with ${code}: ${output.slice(-400)}`);
    const usage = /** @type {{ cpuSeconds: number, peakBytes: number }} */ (JSON.parse(readFileSync(file, 'utf8')));
    return { wallSeconds, ...usage, output };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
