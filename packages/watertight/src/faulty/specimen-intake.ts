import type { SpecimenOptions } from './specimen-options.ts';

/** What somebody may send before it is answered. */
export class SpecimenIntake {
  readonly options: SpecimenOptions;

  constructor(options: SpecimenOptions) {
    this.options = options;
  }

  takes(early: Buffer): boolean {
    return this.takesBytes(early.length) && this.takesMessages(early);
  }

  takesBytes(bytes: number): boolean {
    return bytes <= this.options.maxEarlyBytes;
  }

  takesMessages(early: Buffer): boolean {
    return framesIn(early) <= this.options.maxEarlyMessages;
  }
}

/** WebSocket frames of a client that have begun in these bytes. */
function framesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + 2 <= bytes.length; count += 1) {
    const short = bytes.readUInt8(at + 1) & 0x7f;
    const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    const payloadAt = at + 2 + lengthBytes + 4;
    if (payloadAt > bytes.length) return count + 1;
    // Of a length in eight bytes the last six are all that is ever used.
    at =
      payloadAt +
      (lengthBytes === 0
        ? short
        : bytes.readUIntBE(payloadAt - 4 - Math.min(6, lengthBytes), Math.min(6, lengthBytes)));
  }
  return count;
}
