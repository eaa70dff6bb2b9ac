import { boundFrames } from './bounded-frames.ts';
import { FrameWatch } from './frame-watch.ts';
import type { Speaker, UpgradeIntake } from './upgrade-intake.ts';

const PING_FRAME = Buffer.from([0x89, 0]);
const CLOSE = 8;
/** Continuation, text and binary; above are control frames. */
const LAST_DATA_OPCODE = 2;

interface RawWebSocketOptions {
  /** A frame of data is use. Default `true`; `false` where a protocol of its own rides in them. */
  readonly framesAreUse?: boolean;
  /** Frames are counted against `maxBufferedBytes`. Default `true`; `false` where that is done before they are frames. */
  readonly framesAreBounded?: boolean;
  /** Bytes that wait to be sent, the socket's among them. Default: those of the socket. */
  readonly unsentBytes?: () => number;
}

/**
 * Speaks just enough of RFC 6455 for the runtime on a socket that somebody else reads and writes: it asks for a sign of life, says
 * goodbye, and notices use and the goodbye of the client. Whoever owns the socket writes whole frames, so ours fall between them.
 */
class RawWebSocket implements Speaker {
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readyState: number = this.OPEN;
  readonly #intake: UpgradeIntake;
  readonly #frames = new FrameWatch((opcode) => this.#arrived(opcode));
  readonly #framesAreUse: boolean;
  readonly #framesAreBounded: boolean;
  readonly #unsentBytes: (() => number) | undefined;
  #saidGoodbye = false;

  constructor(
    intake: UpgradeIntake,
    { framesAreUse = true, framesAreBounded = true, unsentBytes }: RawWebSocketOptions,
  ) {
    this.#intake = intake;
    this.#framesAreUse = framesAreUse;
    this.#framesAreBounded = framesAreBounded;
    this.#unsentBytes = unsentBytes;
  }

  get bufferedAmount(): number {
    return this.#unsentBytes?.() ?? this.#intake.socket.writableLength;
  }

  listen(): void {
    const { socket, connection } = this.#intake;
    socket.on('data', (chunk: Buffer) => this.#frames.feed(chunk));
    this.#intake.accepted(this);
    // Nobody else has to listen for it to keep the process alive.
    socket.on('error', () => this.#intake.ended('client-error'));
    if (connection.isBounded && this.#framesAreBounded) boundFrames(socket, connection);
  }

  ping(): void {
    if (this.#intake.socket.writable) this.#intake.socket.write(PING_FRAME);
  }

  close(code: number, reason: string): void {
    if (this.#saidGoodbye || !this.#intake.socket.writable) return;
    this.#saidGoodbye = true;
    this.#intake.socket.write(closeFrame(code, reason));
  }

  #arrived(opcode: number): void {
    if (opcode <= LAST_DATA_OPCODE) {
      if (this.#framesAreUse) this.#intake.connection.used();
    } else if (opcode === CLOSE) {
      this.readyState = this.CLOSING;
      this.#intake.ended('client-close');
      // It answers ours: both have said goodbye, and the server closes first (RFC 6455 section 7.1.1).
      if (this.#saidGoodbye) this.#intake.socket.end();
    }
  }
}

/** The socket of the intake speaks WebSocket now, by whatever means. */
export function acceptRawWebSocket(intake: UpgradeIntake, options: RawWebSocketOptions = {}): void {
  new RawWebSocket(intake, options).listen();
}

/** The core has cut the reason to what a close frame has room for. */
function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason);
  const head = Buffer.from([0x80 | CLOSE, text.length + 2, code >> 8, code & 0xff]);
  return Buffer.concat([head, text]);
}
