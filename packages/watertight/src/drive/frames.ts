import { randomBytes } from 'node:crypto';

/** FIN and the opcode of a text frame. */
const WHOLE_TEXT = 0x81;
const WHOLE_CLOSE = 0x88;
const WHOLE_PING = 0x89;
const NORMAL_CLOSURE = 1000;
/** The longest payload that a control frame may have (RFC 6455 section 5.5). */
const LONGEST_CONTROL_PAYLOAD_BYTES = 125;
const MASKED = 0x80;
/** The length stands in the next eight bytes. */
const LENGTH_IN_64_BITS = 127;
const RESERVED_OPCODE = 0x83;
/** The most that a length field can say: its highest bit has to be 0. */
const LARGEST_LENGTH = 2n ** 63n - 1n;
const HALF_FRAME_BYTES = 64 * 1024;
const MASK_BYTES = 4;

/** A masked close frame with the code 1000. */
export function goodbyeFrame(): Buffer {
  const mask = randomBytes(MASK_BYTES);
  const code = Buffer.from([NORMAL_CLOSURE >> 8, NORMAL_CLOSURE & 0xff]);
  const masked = code.map((byte, index) => byte ^ mask.readUInt8(index));
  return Buffer.concat([Buffer.from([WHOLE_CLOSE, MASKED | masked.length]), mask, masked]);
}

/** A frame with the reserved opcode 3, whole and masked as a client must: only the opcode is wrong. */
export function forbiddenFrame(): Buffer {
  const mask = randomBytes(MASK_BYTES);
  return Buffer.concat([Buffer.from([RESERVED_OPCODE, MASKED | 1]), mask, Buffer.from([0x21 ^ mask.readUInt8(0)])]);
}

/** A ping as long as one may be, and what its pong has to carry. */
export function longestPing(): { readonly payload: Buffer; readonly frame: Buffer } {
  const payload = randomBytes(LONGEST_CONTROL_PAYLOAD_BYTES);
  const mask = randomBytes(MASK_BYTES);
  const masked = payload.map((byte, index) => byte ^ mask.readUInt8(index % mask.length));
  return { payload, frame: Buffer.concat([Buffer.from([WHOLE_PING, MASKED | payload.length]), mask, masked]) };
}

/** So many pings that say nothing. */
export function emptyPings(count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, () => Buffer.concat([Buffer.from([WHOLE_PING, MASKED]), randomBytes(MASK_BYTES)])),
  );
}

/** A masked text frame that takes a little more than so many bytes, of spaces. */
export function longText(bytes: number): Buffer {
  const mask = randomBytes(MASK_BYTES);
  const masked = Buffer.alloc(bytes, ' ').map((byte, index) => byte ^ mask.readUInt8(index % mask.length));
  const head = headOf(BigInt(bytes));
  mask.copy(head, head.length - mask.length);
  return Buffer.concat([head, masked]);
}

/**
 * A text frame of so many bytes with a mask of zeros, which leaves it as it is: it may be sent again and again, and neither end has to do
 * more with it than its bytes take.
 */
export function bulkText(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = headOf(BigInt(payload.length));
  return Buffer.concat([head.fill(0, head.length - MASK_BYTES), payload]);
}

/** The head of a masked frame that is larger than any server takes. */
export function oversizedHead(): Buffer {
  return headOf(LARGEST_LENGTH);
}

/** Head and first half of a masked text frame of 128 KiB. */
export function partOfFrame(): Buffer {
  return Buffer.concat([headOf(BigInt(2 * HALF_FRAME_BYTES)), randomBytes(HALF_FRAME_BYTES)]);
}

function headOf(lengthBytes: bigint): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt8(WHOLE_TEXT, 0);
  head.writeUInt8(MASKED | LENGTH_IN_64_BITS, 1);
  head.writeBigUInt64BE(lengthBytes, 2);
  return Buffer.concat([head, randomBytes(MASK_BYTES)]);
}
