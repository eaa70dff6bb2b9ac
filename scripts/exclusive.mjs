// @ts-check
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const HEARTBEAT_MS = 2_000;
/** A holder on another machine, or in another container, cannot be asked; its heartbeat can. */
const SILENT_AFTER_MS = 60_000;
const STEAL_TAKES_AT_MOST_MS = 10_000;

/**
 * Runs `work` while no other process that uses the same lock file does. The lock of a process that died is taken over,
 * but not while a child lives that it named with `adopt`: it may still be writing.
 *
 * @template T
 * @param {string} lockFile
 * @param {(adopt: (childPid: number | undefined) => void) => Promise<T>} work
 * @param {{ onWait?: (holder: string) => void, pollMs?: number }} [options]
 * @returns {Promise<T>}
 */
export async function exclusively(lockFile, work, options = {}) {
  const { onWait, pollMs = 100 } = options;
  mkdirSync(dirname(lockFile), { recursive: true });
  /** @param {number[]} children */
  const signed = (children) => JSON.stringify({ pids: [process.pid, ...children], host: hostname(), nonce });
  const nonce = randomUUID();
  let own = signed([]);
  let told = false;
  while (!take(lockFile, own)) {
    const holder = readIfThere(lockFile);
    if (holder === undefined) continue;
    if (isAbandoned(lockFile, holder)) {
      steal(lockFile, holder);
      continue;
    }
    if (!told) onWait?.(holder);
    told = true;
    await delay(pollMs);
  }
  const heartbeat = setInterval(() => touch(lockFile), HEARTBEAT_MS);
  const release = () => {
    if (readIfThere(lockFile) === own) rmSync(lockFile, { force: true });
  };
  process.once('exit', release);
  try {
    return await work((childPid) => {
      if (childPid === undefined || readIfThere(lockFile) !== own) return;
      own = signed([childPid]);
      writeFileSync(lockFile, own);
    });
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}

/** @param {string} lockFile @param {string} own */
function take(lockFile, own) {
  try {
    writeFileSync(lockFile, own, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} lockFile @param {string} holder */
function isAbandoned(lockFile, holder) {
  const silentForMs = ageMs(lockFile);
  if (silentForMs > SILENT_AFTER_MS) return true;
  try {
    const { pids, host } = JSON.parse(holder);
    return host === hostname() && !pids.some(isAlive);
  } catch {
    // Not JSON: its writer died between creating and filling the file, or has not come to it yet.
    return silentForMs > HEARTBEAT_MS;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/**
 * Two processes may see the same abandoned lock. Only the one that holds the guard removes it, and only if it is still
 * the same lock; otherwise the slower one would remove the lock the faster one has just taken.
 *
 * @param {string} lockFile @param {string} holder
 */
function steal(lockFile, holder) {
  const guard = `${lockFile}.guard`;
  if (!take(guard, holder)) {
    if (ageMs(guard) > STEAL_TAKES_AT_MOST_MS) rmSync(guard, { force: true });
    return;
  }
  if (readIfThere(lockFile) === holder) {
    const gone = `${lockFile}.${process.pid}.gone`;
    renameSync(lockFile, gone);
    rmSync(gone, { force: true });
  }
  rmSync(guard, { force: true });
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {string} file */
function touch(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Somebody removed it by hand; the work goes on.
  }
}

/** @param {string} file */
function ageMs(file) {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/** @param {unknown} error @returns {unknown} */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
