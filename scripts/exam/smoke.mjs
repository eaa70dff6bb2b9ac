// @ts-check
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

import { freePort, serve } from './serve.mjs';
import { straightDrive } from './straight-life.mjs';
import { openSurvivors } from './survivors.mjs';
import { prepareVariant } from './workshop.mjs';

/** @typedef {import('./cases.mjs').Case} Case */

const LIVES = 5;
const LIVES_AT_ONCE = 4;
const MEASURED_LIVES = 60;
const SHOWN_SITES = 12;

/**
 * @param {Case} one
 * @returns {Promise<import('watertight').Recipe>}
 */
export async function recipeOf(one) {
  const { default: recipe } = await import(`${pathToFileURL(join(one.folder, 'life.mjs')).href}?${one.id}`);
  return recipe;
}

/**
 * Five lives of a case on one of its variants: whether the server starts and serves them.
 *
 * @param {Case} one @param {string} variant
 * @returns {Promise<string>} one line
 */
export async function smoke(one, variant) {
  const startedAtMs = performance.now();
  const workshop = await prepareVariant(one, variant);
  if (one.variants.some(({ name, verdict }) => name === variant && verdict === 'leak'))
    checkPlaces(one, workshop.folder);
  const server = await serve(workshop);
  const recipe = await recipeOf(one);
  const drive = straightDrive(recipe, server.port);
  try {
    await drive.setup();
    for (let index = 0; index < LIVES; index += 1) await drive.live(index);
    return `${LIVES} lives served in ${Math.round(performance.now() - startedAtMs)} ms`;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${server.output().trim()}`, {
      cause: error,
    });
  } finally {
    await drive.end();
    await server.end();
  }
}

/**
 * Whether the places that are to be named exist in what is installed.
 *
 * @param {Case} one @param {string} folder
 */
function checkPlaces(one, folder) {
  for (const { file, functions = [] } of one.expected.place) {
    const text = readFileSync(join(folder, file), 'utf8');
    const unknown = functions.filter((name) => name !== '(anonymous)' && !new RegExp(`\\b${name}\\b`).test(text));
    if (unknown.length > 0) throw new Error(`${file} has no ${unknown.join(', ')}`);
  }
}

/**
 * What stays behind after sixty lives: bytes, descriptors, and where it was allocated.
 *
 * @param {Case} one @param {string} variant
 * @returns {Promise<string>} some lines
 */
export async function survey(one, variant) {
  const inspectPort = await freePort();
  const server = await serve(await prepareVariant(one, variant), { inspectPort });
  const drive = straightDrive(await recipeOf(one), server.port);
  const inside = await openSurvivors(inspectPort);
  let index = 0;
  const live = async (/** @type {number} */ count) => {
    const until = index + count;
    const lane = async () => {
      while (index < until) await drive.live(index++);
    };
    await Promise.all(Array.from({ length: one.check.concurrency ?? LIVES_AT_ONCE }, lane));
    await delay(one.check.settleMs ?? 500);
  };
  try {
    await drive.setup();
    await live(MEASURED_LIVES);
    const before = { bytes: await inside.heapObjectsBytes(), files: filesOf(server.pid) };
    await live(MEASURED_LIVES / 3);
    await inside.start();
    await live(MEASURED_LIVES);
    const sites = await inside.read();
    const after = { bytes: await inside.heapObjectsBytes(), files: filesOf(server.pid) };
    const lives = MEASURED_LIVES / 3 + MEASURED_LIVES;
    const perLife = (/** @type {number} */ amount, /** @type {number} */ count) => (amount / count).toFixed(1);
    return [
      `heap ${perLife(after.bytes - before.bytes, lives)} B, descriptors ${perLife(after.files - before.files, lives)} a life; allocated at, in bytes a life:`,
      ...sites
        .slice(0, SHOWN_SITES)
        .map(({ site, bytes }) => `  ${perLife(bytes, MEASURED_LIVES).padStart(9)}  ${site}`),
    ].join('\n');
  } finally {
    inside.end();
    await drive.end();
    await server.end();
  }
}

/** @param {number} pid */
function filesOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
