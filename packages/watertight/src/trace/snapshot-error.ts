/** Why a text is no heap snapshot that can be read, and at which byte of it that was seen. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
  /** The message without the place. */
  readonly what: string;
  /** Counted from the start of the text, from 0. */
  readonly byteOffset: number;

  constructor(what: string, byteOffset: number) {
    super(`${what} (at byte ${byteOffset})`);
    this.what = what;
    this.byteOffset = byteOffset;
  }
}

/** A byte the way a person reads it: `'P'`, or `0x1f` when it cannot be printed. */
export function showByte(byte: number): string {
  return byte > 32 && byte < 127 ? `'${String.fromCharCode(byte)}'` : `0x${byte.toString(16).padStart(2, '0')}`;
}
