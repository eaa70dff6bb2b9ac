// @ts-check
// What all clients of the storm are made of: bytes over TCP, so that they cost little and may do what no library would.
import { connect } from 'node:net';

/** @import { Socket } from 'node:net' */

/** Source addresses: each has its own ephemeral ports, and its own share of the limits by address. */
const ADDRESS_COUNT = 16;
const DIALLED_WITHIN_MS = 10_000;

/**
 * One masked frame of at most 125 bytes; the mask is zero, which is allowed and leaves the payload as it is.
 *
 * @param {number} opcode
 * @param {Buffer} payload
 */
export const frame = (opcode, payload) =>
  Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);

export const CLOSE = frame(8, Buffer.from([0x03, 0xe8]));
const PONG = frame(10, Buffer.alloc(0));
const PING_BYTE = 0x89;

/** @param {string} user @param {readonly string[]} [headers] */
export const upgradeRequest = (user, headers = []) =>
  [
    `GET /?user=${user} HTTP/1.1`,
    'Host: chaos',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
    '\r\n',
  ].join('\r\n');

let dialled = 0;

/** A socket that never throws, with whatever address is next. @param {number} port */
export function dial(port) {
  dialled += 1;
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (dialled % ADDRESS_COUNT)}` });
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  return socket;
}

/**
 * Opens a WebSocket. Answers nothing when it is refused, or let go of.
 *
 * @param {Socket} socket
 * @param {string} user
 * @returns {Promise<boolean>}
 */
export function open(socket, user) {
  socket.write(upgradeRequest(user));
  return new Promise((resolve) => {
    const tooLate = setTimeout(() => socket.destroy(), DIALLED_WITHIN_MS);
    const decided = (/** @type {Buffer | undefined} */ head) => {
      clearTimeout(tooLate);
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve(head?.subarray(0, 12).toString('latin1') === 'HTTP/1.1 101');
    };
    const onData = (/** @type {Buffer} */ head) => decided(head);
    const onClose = () => decided(undefined);
    socket.on('data', onData);
    socket.on('close', onClose);
  });
}

/** Answers pings. Control frames stand alone on an idle connection, which is all that is needed here. @param {Socket} socket */
export function answerPings(socket) {
  socket.on('data', (/** @type {Buffer} */ chunk) => {
    if (chunk[0] === PING_BYTE && !socket.destroyed) socket.write(PONG);
  });
}
