// @ts-check
// A client that costs as little as possible: fixed bytes over TCP, so that the second core is enough for it.
import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { answer } from './answering.mjs';
import { CLOSE, ECHO_BYTES, MESSAGE, request } from './bytes.mjs';

/** @import { Socket } from 'node:net' */

/** Source addresses: each has its own ephemeral ports. */
const ADDRESS_COUNT = 16;
const USER_COUNT = 1000;

let opened = 0;
/** @type {Socket[]} */
let held = [];

/** @param {number} port */
function ask(port) {
  opened += 1;
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${1 + (opened % ADDRESS_COUNT)}` });
  socket.setNoDelay(true);
  socket.write(request(`user-${opened % USER_COUNT}`, opened));
  return socket;
}

/** @param {number} port */
async function open(port) {
  const socket = ask(port);
  const [head] = /** @type {[Buffer]} */ (await once(socket, 'data'));
  if (!head.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(`refused: ${head.toString('latin1')}`);
  return socket;
}

/** @param {number} port */
async function cycle(port) {
  const socket = await open(port);
  socket.resume();
  socket.write(CLOSE);
  await once(socket, 'close');
}

/** Asks, and waits until it is let go of; whoever is told so by a close frame answers it. @param {number} port */
async function askInVain(port) {
  const socket = ask(port);
  socket.on('error', () => undefined);
  socket.once('data', (/** @type {Buffer} */ head) => {
    if (head.toString('latin1', 0, 12) === 'HTTP/1.1 101') socket.write(CLOSE);
  });
  await once(socket, 'close');
}

/**
 * @param {Socket} socket
 * @param {number} count
 * @returns {Promise<void>}
 */
function echo(socket, count) {
  return new Promise((resolve) => {
    let expectedBytes = count * ECHO_BYTES;
    let pendingBytes = ECHO_BYTES;
    const onData = (/** @type {Buffer} */ chunk) => {
      expectedBytes -= chunk.length;
      pendingBytes -= chunk.length;
      if (expectedBytes === 0) {
        socket.off('data', onData);
        resolve();
      } else if (pendingBytes === 0) {
        pendingBytes = ECHO_BYTES;
        socket.write(MESSAGE);
      }
    };
    socket.on('data', onData);
    socket.write(MESSAGE);
  });
}

/**
 * @param {number} total
 * @param {number} atOnce
 * @param {() => Promise<unknown>} work
 */
async function spread(total, atOnce, work) {
  let left = total;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

answer({
  async cycles({ port, count }) {
    await spread(Number(count), 20, () => cycle(Number(port)));
    return {};
  },
  async refusals({ port, count }) {
    await spread(Number(count), 20, () => askInVain(Number(port)));
    return {};
  },
  async hold({ port, count }) {
    await spread(Number(count), 50, async () => held.push(await open(Number(port))));
    return { held: held.length };
  },
  async echoes({ from, to, each }) {
    await Promise.all(held.slice(Number(from), Number(to)).map((socket) => echo(socket, Number(each))));
    return {};
  },
  /** Reads a page, to its end, or a stream, from its beginning on. */
  async read({ port, path }) {
    const asked = get({ port: Number(port), host: '127.0.0.1', path: String(path), agent: false });
    const [response] = /** @type {[import('node:http').IncomingMessage]} */ (await once(asked, 'response'));
    if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}`);
    response.resume().on('error', () => undefined);
    await once(response, response.headers['content-length'] === undefined ? 'data' : 'end');
    return {};
  },
  async release() {
    const closed = held.map((socket) => once(socket.resume(), 'close'));
    for (const socket of held) socket.write(CLOSE);
    held = [];
    await Promise.all(closed);
    return {};
  },
});
