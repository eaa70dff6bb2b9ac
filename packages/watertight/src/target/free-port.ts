import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give away by themselves (from 32 768 on Linux, from 49 152 elsewhere). */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
/** `node:cluster` gives its workers the numbers that follow. */
const FOLLOWING_COUNT = 16;
const TRIES = 50;

/**
 * A port that was free a moment ago, and so were those behind it. The inspector needs a number beforehand: with 0,
 * `node:cluster` would hand the ports 1, 2, 3 … to its workers, and Node refuses to start with those. None that the system
 * gives away: the server's own, or one of a client's, would be the next in line too often.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const first = randomInt(LOWEST_PORT, HIGHEST_PORT - FOLLOWING_COUNT);
    const ports = Array.from({ length: FOLLOWING_COUNT }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  return 0;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
