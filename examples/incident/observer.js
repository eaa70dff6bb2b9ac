// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('dist/programs/watertight.js', import.meta.resolve('watertight/package.json')));
/** In production a window of 5 minutes and a sample for each 512 KB, the defaults. The night has a few seconds. */
const OPTIONS = ['--window', '500ms', '--windows', '4', '--sample', '4096', '--max-share', '50', '--for', '40s'];

/** @typedef {{ readonly file: string, readonly line: number, readonly functionName: string }} Place */
/** @typedef {{ readonly place: Place, readonly stack: readonly Place[], readonly growth: { readonly bytesPerConnection: number | null } }} Growing */

/** What was typed. @param {number} pid */
export const observeCommand = (pid) => `watertight observe ${pid} ${OPTIONS.slice(0, -2).join(' ')}`;

/**
 * Watches the process under its traffic until a place in its source is told to keep growing.
 *
 * @param {number} pid
 * @returns {Promise<Growing | undefined>} `undefined`: nothing grew for as long as it looked
 */
export async function observe(pid) {
  const child = spawn(process.execPath, [COMMAND, 'observe', String(pid), ...OPTIONS, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  /** @type {Growing | undefined} */
  let growing;
  for await (const line of createInterface(child.stdout)) {
    const told = /** @type {Growing & { readonly type: string }} */ (JSON.parse(line));
    if (told.type !== 'alert' || growing !== undefined) continue;
    growing = told;
    child.kill('SIGINT');
  }
  await gone;
  return growing;
}
