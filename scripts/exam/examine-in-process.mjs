// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { portFor } from './serve.mjs';
import { recipeOf } from './smoke.mjs';
import { prepareVariant } from './workshop.mjs';

const ENTRY = fileURLToPath(new URL('in-process.mjs', import.meta.url));

/** As long as the exam gives a check of the command line. */
const ENDS_WITHIN_MS = 300_000;

/**
 * Examines one variant as a test does that starts the server in its own process.
 *
 * @param {import('./cases.mjs').Case} one @param {string} variant
 * @param {import('../../packages/watertight/src/kit/expect-no-leaks-options.ts').ExpectNoLeaksOptions} options
 * @returns {Promise<import('../../packages/watertight/src/verdict/types.ts').CheckResult>}
 */
export async function examineInProcess(one, variant, options) {
  const workshop = await prepareVariant(one, variant);
  const { path } = await recipeOf(one);
  const told = {
    ...one.check,
    ...options,
    recipe: join(one.folder, 'life.mjs'),
    ...(path === undefined ? {} : { path }),
  };
  const child = spawn(process.execPath, [ENTRY, one.server, JSON.stringify(told)], {
    cwd: workshop.folder,
    env: { ...process.env, ...workshop.environment, PORT: await portFor(workshop), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let result = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => void (result += chunk));
  child.stderr
    .setEncoding('utf8')
    .on('data', (/** @type {string} */ chunk) => void (said = (said + chunk).slice(-4_000)));
  const overdue = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
  const [exitCode] = await once(child, 'close');
  clearTimeout(overdue);
  if (exitCode !== 0) throw new Error(`${one.id}/${variant} in process ended with ${exitCode}: ${said}`);
  // What the server prints stands before it.
  return JSON.parse(result.slice(result.lastIndexOf('\n{') + 1));
}
