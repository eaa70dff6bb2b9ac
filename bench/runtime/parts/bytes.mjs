// @ts-check
// What clients of the benches say, as bytes.
const MESSAGE_BYTES = 64;

/**
 * One masked frame; the mask is zero, which is allowed and leaves the payload as it is.
 *
 * @param {number} opcode
 * @param {Buffer} payload
 */
const frame = (opcode, payload) =>
  Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);

export const CLOSE = frame(8, Buffer.from([0x03, 0xe8]));
export const MESSAGE = frame(2, Buffer.alloc(MESSAGE_BYTES, 'x'));
/** What a message is when it comes back. */
export const ECHO_BYTES = MESSAGE_BYTES + 2;

/** Where clients come from. */
export const ADDRESSES = Array.from({ length: 16 }, (_, n) => `198.51.100.${n + 1}`);

/** Of the client with that number, behind a proxy that says where it comes from. @param {string} user @param {number} number */
export const request = (user, number) =>
  Buffer.from(
    `GET /?user=${user} HTTP/1.1\r\nHost: bench\r\nX-Forwarded-For: ${ADDRESSES[number % ADDRESSES.length]}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
