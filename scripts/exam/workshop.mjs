// @ts-check
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

import { exclusively } from '../exclusive.mjs';
import { CORPUS } from './cases.mjs';

/** @typedef {import('./cases.mjs').Case} Case */

/**
 * A variant, ready to be started.
 * @typedef {object} Workshop
 * @property {string} folder where its server runs
 * @property {string[]} command
 * @property {Record<string, string>} environment what the server gets besides our own
 */

/** npm could not bring a package; nothing is known about the variant then. */
export class InstallError extends Error {}

const INSTALL = ['ci', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'];

/** Outside the workspace, so that a server finds the versions it is pinned to or none. */
function cacheFolder() {
  const { WATERTIGHT_EXAM_CACHE, XDG_CACHE_HOME } = process.env;
  return WATERTIGHT_EXAM_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'watertight-exam');
}

/**
 * Installs what a variant is pinned to, if it is not there yet, and puts the server beside it. A variant without a
 * package.json of its own runs where it stands, on the packages of the workspace.
 *
 * @param {Case} one @param {string} variant
 * @returns {Promise<Workshop>}
 * @throws {InstallError}
 */
export async function prepareVariant(one, variant) {
  const command = ['node', '--no-deprecation', one.server];
  const environment = { VARIANT: variant, NODE_ENV: 'production', ...one.environment };
  const pinned = join(one.folder, variant);
  if (!existsSync(join(pinned, 'package.json'))) return { folder: one.folder, command, environment };

  const folder = join(cacheFolder(), one.id, variant);
  mkdirSync(folder, { recursive: true });
  await exclusively(`${folder}.lock`, () => install(pinned, folder));
  for (const file of filesOf(one)) cpSync(file, join(folder, basename(file)), { recursive: true });
  return { folder, command, environment };
}

/**
 * What a server may need beside itself: everything in the folder of its case but the variants and what only we read.
 *
 * @param {Case} one
 */
function filesOf(one) {
  const ours = new Set(['case.json', 'life.mjs', ...one.variants.map(({ name }) => name)]);
  const beside = readdirSync(one.folder).filter((name) => !ours.has(name));
  return [...beside.map((name) => join(one.folder, name)), ...one.companions.map((name) => join(CORPUS, name))];
}

/** @param {string} pinned @param {string} folder */
async function install(pinned, folder) {
  const wanted = ['package.json', 'package-lock.json'].map((name) => readFileSync(join(pinned, name), 'utf8'));
  const stamp = createHash('sha256').update(wanted.join('\0')).digest('hex');
  const stampFile = join(folder, '.installed');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  rmSync(stampFile, { force: true });
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(pinned, name), join(folder, name));
  const npm = spawn('npm', INSTALL, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => void (said = (said + chunk).slice(-2_000)));
  }
  const [code] = await once(npm, 'close');
  if (code !== 0) throw new InstallError(`npm ci failed for ${folder}: ${said.trim()}`);
  writeFileSync(stampFile, stamp);
}
