/** The longest header of a frame: two bytes, eight of length, four of mask. */
const MAX_HEADER_BYTES = 14;

/** Follows the frames in a stream of bytes (RFC 6455 section 5.2) without keeping any: says which kind begins, and skips its payload. */
export class FrameWatch {
  readonly #onFrame: (opcode: number, payloadBytes: number) => void;
  readonly #header = Buffer.alloc(MAX_HEADER_BYTES);
  #headerBytes = 0;
  #payloadBytesLeft = 0;

  constructor(onFrame: (opcode: number, payloadBytes: number) => void) {
    this.#onFrame = onFrame;
  }

  /** No frame is under way. */
  get isBetween(): boolean {
    return this.#headerBytes === 0 && this.#payloadBytesLeft === 0;
  }

  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadBytesLeft > 0) {
        const skipped = Math.min(this.#payloadBytesLeft, chunk.length - at);
        this.#payloadBytesLeft -= skipped;
        at += skipped;
      } else {
        this.#headerBytes += chunk.copy(this.#header, this.#headerBytes, at, at + 1);
        at += 1;
        if (this.#headerBytes >= 2) this.#endOfHeader();
      }
    }
  }

  #endOfHeader(): void {
    const header = this.#header;
    const second = header.readUInt8(1);
    const lengthCode = second & 0x7f;
    const lengthBytes = lengthCode === 127 ? 8 : lengthCode === 126 ? 2 : 0;
    const maskBytes = second >= 0x80 ? 4 : 0;
    if (this.#headerBytes < 2 + lengthBytes + maskBytes) return;
    this.#payloadBytesLeft =
      lengthBytes === 8 ? Number(header.readBigUInt64BE(2)) : lengthBytes === 2 ? header.readUInt16BE(2) : lengthCode;
    this.#headerBytes = 0;
    this.#onFrame(header.readUInt8(0) & 0x0f, this.#payloadBytesLeft);
  }
}
