// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { listenersOf } from '../../packages/watertight/dist/target/listening.js';

/**
 * A server of a case, started by hand.
 * @typedef {object} Served
 * @property {number} port
 * @property {number} pid
 * @property {() => string} output its last words
 * @property {() => Promise<void>} end
 */

const STARTS_WITHIN_MS = 30_000;

/**
 * Starts a server and waits until it listens. Its port is read from `/proc`: a connection made to see whether it is there
 * would be one more client, and can meet somebody else.
 *
 * @param {import('./workshop.mjs').Workshop} workshop
 * @param {{ inspectPort?: number }} [options]
 * @returns {Promise<Served>}
 */
export async function serve(workshop, { inspectPort } = {}) {
  const [, ...rest] = workshop.command;
  const inspect = inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`];
  const child = spawn(process.execPath, [...inspect, ...rest], {
    cwd: workshop.folder,
    env: { ...process.env, ...workshop.environment, PORT: await portFor(workshop) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => void (said = (said + chunk).slice(-4_000)));
  }
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      endGroup(child.pid);
      await ended;
    }
    endGroup(child.pid);
  };
  const pid = child.pid ?? 0;
  const deadline = performance.now() + STARTS_WITHIN_MS;
  for (;;) {
    const listener = listenersOf([pid]).find(({ port }) => port !== inspectPort);
    if (listener !== undefined) return { port: listener.port, pid, output: () => said, end };
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline) {
      await end();
      throw new Error(`the server does not listen: ${said.trim() || 'it said nothing'}`);
    }
    await delay(20);
  }
}

/**
 * Any port (0), but for those of the old servers that have to be given one.
 *
 * @param {import('./workshop.mjs').Workshop} workshop
 */
export async function portFor({ environment }) {
  return environment['PORT'] === 'free' ? String(await freePort()) : '0';
}

/**
 * The companions that a server forks are in its process group.
 *
 * @param {number | undefined} pid
 */
function endGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address === null || typeof address === 'string' ? 0 : address.port;
}
