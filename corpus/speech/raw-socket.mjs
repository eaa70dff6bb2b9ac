// @ts-check
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/** A peer that does only what it is told: no closing handshake, no pong, and half a frame if need be. */

const ANSWERS_WITHIN_MS = 5_000;

/**
 * Asks for an upgrade over a bare TCP connection, and does not wait for the answer.
 *
 * @param {URL} url
 * @param {{ protocol?: string }} [options]
 */
async function knock(url, { protocol } = {}) {
  const socket = connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => undefined);
  socket.write(
    [
      `GET ${url.pathname}${url.search} HTTP/1.1`,
      `Host: ${url.host}`,
      `Origin: http://${url.host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
      '\r\n',
    ].join('\r\n'),
  );
  return socket;
}

/**
 * Asks for an upgrade, and resolves with the answer.
 *
 * @param {URL} url
 * @param {{ protocol?: string }} [options]
 */
export async function openRaw(url, options) {
  const socket = await knock(url, options);
  let received = Buffer.alloc(0);
  /** @param {(bytes: Buffer) => boolean} fits */
  const receive = (fits) =>
    new Promise((/** @type {(bytes: Buffer) => void} */ resolve, reject) => {
      const timer = setTimeout(() => settle(new Error('no answer that fits')), ANSWERS_WITHIN_MS);
      const look = (/** @type {Buffer | undefined} */ chunk) => {
        if (chunk !== undefined) received = Buffer.concat([received, chunk]);
        if (fits(received)) settle(undefined);
      };
      const ended = () => settle(new Error('the server ended the connection'));
      const settle = (/** @type {Error | undefined} */ error) => {
        clearTimeout(timer);
        socket.off('data', look).off('close', ended);
        if (error === undefined) resolve(received);
        else reject(error);
      };
      socket.on('data', look).once('close', ended);
      look(undefined);
    });

  const head = await receive((bytes) => bytes.includes('\r\n\r\n'));
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head.toString('latin1'))?.[1]);
  received = received.subarray(received.indexOf('\r\n\r\n') + 4);
  return {
    socket,
    status,
    receive,
    /** @param {string} text */
    send: (text) => socket.write(frame(Buffer.from(text), Buffer.byteLength(text))),
    /**
     * The head of a text frame, and some of its bytes.
     *
     * @param {number} announcedBytes @param {number} sentBytes
     */
    sendPart: (announcedBytes, sentBytes) =>
      new Promise((resolve) => socket.write(frame(randomBytes(sentBytes), announcedBytes), resolve)),
    destroy: () => socket.destroy(),
  };
}

/**
 * @param {Buffer} payload @param {number} announcedBytes
 */
function frame(payload, announcedBytes) {
  const mask = randomBytes(4);
  const masked = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  if (announcedBytes < 126) return Buffer.concat([Buffer.from([0x81, 0x80 | announcedBytes]), mask, masked]);
  const head = Buffer.alloc(10);
  head[0] = 0x81;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(announcedBytes), 2);
  return Buffer.concat([head, mask, masked]);
}
