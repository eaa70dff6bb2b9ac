// @ts-check
// What a hostile client does in one life. Each is told when to stop, and leaves no socket of its own behind.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Random } from './random.mjs';
import { CLOSE, answerPings, dial, frame, open, upgradeRequest } from './wire.mjs';

/** @import { Socket } from 'node:net' */
/** @import { Rage } from './rage.mjs' */

/** @typedef {{ port: number, random: Random, user: string, rage: Rage }} Life */

const MESSAGE = frame(2, Buffer.alloc(64, 'x'));
/** Behind the beginning of a request; made once. */
const BIG_HEADER = Buffer.from(`X-Junk: ${'x'.repeat(1024 * 1024)}`);
/** What ends the last line and the head. */
const END_OF_HEAD_CHARACTERS = 2;
const JUNK_BYTES = 16 * 1024;
const JUNK_CHUNKS = 20;
/** Made once: making it costs the generator more than sending it. */
const JUNK = junk(2 * JUNK_BYTES);
/** Asks for much. Together more than the system buffers on the way back: what the server cannot pass on is what is looked at. */
const MORE = frame(1, Buffer.from('more'));
const MORE_TIMES = 100;

/** @type {Record<string, (socket: Socket) => void>} */
const ENDINGS = {
  'close frame': (socket) => socket.end(CLOSE),
  fin: (socket) => socket.end(),
  rst: (socket) => socket.resetAndDestroy(),
  'protocol error': (socket) => socket.end(Buffer.from([0xff, 0xff, 0xff])),
};

/** @param {Life} life */
async function chatter(life) {
  const socket = dial(life.port);
  if (await open(socket, life.user)) {
    answerPings(socket);
    const messages = Math.floor(life.random.between(3, 24));
    for (let sent = 0; sent < messages && !socket.destroyed; sent += 1) {
      socket.write(MESSAGE);
      await life.rage.pause(life.random.between(50, 2000));
    }
    ENDINGS[life.random.oneOf(Object.keys(ENDINGS))]?.(socket);
    socket.resume();
    await life.rage.pause(100);
  }
  socket.destroy();
}

/** Leaves while it is being decided who it is. @param {Life} life */
async function leaver(life) {
  const socket = dial(life.port);
  socket.write(upgradeRequest(life.user));
  if (life.random.next() < 0.5)
    await Promise.race([once(socket, 'connect').catch(() => undefined), life.rage.pause(1000)]);
  if (life.random.next() < 0.5) socket.resetAndDestroy();
  else socket.destroy();
  await life.rage.pause(life.random.between(100, 1000));
}

/** Asks for more than it reads. @param {Life} life */
async function stalled(life) {
  const socket = dial(life.port);
  if (await open(socket, life.user)) {
    socket.pause();
    for (let sent = 0; sent < MORE_TIMES && socket.writable && !life.rage.isOver; sent += 1) {
      socket.write(MORE);
      await life.rage.pause(100);
    }
    await life.rage.pause(life.random.between(1000, 6000));
  }
  socket.destroy();
}

/** Behind a relay that loses its client and never tells the server. @param {Life} life */
async function halfOpen(life) {
  const relay = createServer((client) => {
    const upstream = dial(life.port);
    client.on('error', () => undefined);
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => (client.destroyed ? undefined : client.write(chunk)));
    gone = life.rage.letGo(upstream);
  });
  /** @type {Promise<void> | undefined} */
  let gone;
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const address = relay.address();
  const socket = dial(typeof address === 'object' && address !== null ? address.port : 0);
  if (await open(socket, life.user)) {
    socket.write(MESSAGE);
    await life.rage.pause(life.random.between(50, 500));
    socket.destroy();
    // The server has to find out by itself.
    await gone;
  }
  socket.destroy();
  relay.close();
}

/** Nothing but junk, for as long as it is listened to. @param {Life} life */
async function flooder(life) {
  const socket = dial(life.port);
  if (await open(socket, life.user)) {
    const from = Math.floor(life.random.between(0, JUNK_BYTES));
    for (let sent = 0; sent < JUNK_CHUNKS && socket.writable && !life.rage.isOver; sent += 1) {
      socket.write(JUNK.subarray(from, from + JUNK_BYTES));
      await life.rage.pause(5);
    }
  }
  socket.destroy();
  await life.rage.pause(life.random.between(100, 500));
}

/** A request that never gets ready, byte by byte. @param {Life} life */
async function loris(life) {
  const socket = dial(life.port);
  for (const byte of upgradeRequest(life.user)) {
    if (socket.destroyed || life.rage.isOver) break;
    socket.write(byte);
    await life.rage.pause(life.random.between(100, 400));
  }
  socket.destroy();
}

/** @param {Life} life */
async function bigHeader(life) {
  const socket = dial(life.port);
  socket.write(upgradeRequest(life.user).slice(0, -END_OF_HEAD_CHARACTERS));
  socket.write(BIG_HEADER);
  socket.resume();
  await life.rage.letGo(socket);
  await life.rage.pause(life.random.between(500, 2000));
}

/** Who does what, out of a hundred. @type {readonly { name: string, share: number, live: (life: Life) => Promise<void> }[]} */
const HABITS = [
  { name: 'chatter', share: 56, live: chatter },
  { name: 'leaver', share: 8, live: leaver },
  { name: 'stalled', share: 2, live: stalled },
  { name: 'half-open', share: 10, live: halfOpen },
  { name: 'flooder', share: 8, live: flooder },
  { name: 'loris', share: 14, live: loris },
  { name: 'big header', share: 2, live: bigHeader },
];

/** @param {number} place from 0 up to but not including 1 */
export function habitAt(place) {
  let left = place * 100;
  for (const habit of HABITS) {
    left -= habit.share;
    if (left < 0) return habit;
  }
  return HABITS[0];
}

/** One connection more of a user who collects them: kept when it is admitted. @param {number} port @param {Set<Socket>} kept */
export async function hoard(port, kept) {
  const socket = dial(port);
  if (!(await open(socket, 'hoarder'))) {
    socket.destroy();
    return;
  }
  answerPings(socket);
  socket.on('data', () => undefined);
  kept.add(socket);
  socket.once('close', () => {
    kept.delete(socket);
    socket.destroy();
  });
}

/** @param {number} bytes */
function junk(bytes) {
  const random = new Random(1);
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(random.between(0, 256))));
}
