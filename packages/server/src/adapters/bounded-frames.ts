import type { Duplex } from 'node:stream';

import type { Connection } from '../index.ts';
import { FrameWatch } from './frame-watch.ts';
import { tellNotSent } from './not-sent.ts';

const BOUND: unique symbol = Symbol('watertight.bound');

type Bounded = Pick<Connection, 'maySend'>;

type Write = (this: Duplex, chunk: unknown, encoding?: unknown, done?: unknown) => boolean;

interface BoundedSocket extends Duplex {
  [BOUND]?: BoundedFrames;
}

/** Text and binary begin a message, a continuation goes on with it; above are control frames. */
const CONTINUATION = 0;
const LAST_DATA_OPCODE = 2;

/**
 * Follows the frames that somebody else writes to a raw socket, and says of each write whether it may pass: whole messages are dropped or
 * none of them, however many frames and writes they come in. Control frames pass.
 */
class BoundedFrames {
  readonly write: Write;
  readonly #connection: Bounded;
  readonly #frames = new FrameWatch((_opcode, payloadBytes) => {
    this.#payloadBytes ??= payloadBytes;
  });
  /** Of the first frame that begins in the write that is looked at. */
  #payloadBytes: number | undefined;
  #dropsFrame = false;
  #dropsMessage = false;

  constructor(write: Write, connection: Bounded) {
    this.write = write;
    this.#connection = connection;
  }

  mayPass(bytes: Buffer): boolean {
    const [first = 0] = bytes;
    const beginsFrame = bytes.length > 0 && this.#frames.isBetween;
    this.#payloadBytes = undefined;
    this.#frames.feed(bytes);
    if (!beginsFrame) return !this.#dropsFrame;
    const opcode = first & 0x0f;
    if (opcode > LAST_DATA_OPCODE) {
      this.#dropsFrame = false;
      return true;
    }
    const frameBytes = Math.max(bytes.length, this.#payloadBytes ?? 0);
    if (opcode !== CONTINUATION) this.#dropsMessage = !this.#connection.maySend(frameBytes);
    else if (!this.#dropsMessage) this.#dropsMessage = !this.#connection.maySend(frameBytes, true);
    this.#dropsFrame = this.#dropsMessage;
    return !this.#dropsFrame;
  }
}

/** From now on every message is counted before it is written. Whoever owns the socket writes WebSocket frames, a write begins with one or goes on with it. */
export function boundFrames(socket: Duplex, connection: Bounded): void {
  const { write } = socket as unknown as { readonly write: Write };
  (socket as BoundedSocket)[BOUND] = new BoundedFrames(write, connection);
  socket.write = writeWithinBound;
}

function writeWithinBound(this: BoundedSocket, chunk: unknown, encoding?: unknown, done?: unknown): boolean {
  const frames = this[BOUND];
  if (frames === undefined) return false;
  if (this.destroyed || frames.mayPass(bytesOf(chunk, encoding))) return frames.write.call(this, chunk, encoding, done);
  tellNotSent(this, [encoding, done]);
  return !this.writableNeedDrain;
}

/** What is no bytes at all is for the socket to refuse. */
function bytesOf(chunk: unknown, encoding: unknown): Buffer {
  if (typeof chunk === 'string')
    return Buffer.from(chunk, typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8');
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return EMPTY;
}

const EMPTY = Buffer.alloc(0);
