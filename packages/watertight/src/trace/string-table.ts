import { GrowingNumbers } from './growing-numbers.ts';
import { SIMPLE_ESCAPE_BYTES } from './json-escapes.ts';

const BLOCK_BYTES = 1 << 20;
/** V8 itself cuts strings at 1 024 characters; names that tell something are shorter. */
const MAX_STRING_BYTES = 512;
const QUOTE = 34;
const BACKSLASH = 92;
const ZERO = 48;
const NINE = 57;
const NOTHING = new Uint8Array(0);
const ELLIPSIS = new Uint8Array([0xe2, 0x80, 0xa6]);

/** Strings as bytes in blocks, and where each begins and how long it is. */
export interface StringColumns {
  readonly blocks: readonly Uint8Array<ArrayBuffer>[];
  readonly starts: Uint32Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
}

/** The strings of a snapshot, kept as bytes and decoded when asked for. */
export class StringTable {
  readonly #blocks: readonly Uint8Array[];
  readonly #starts: Uint32Array;
  readonly #lengths: Uint32Array;
  readonly #decoder = new TextDecoder();
  readonly #found = new Map<string, number>();

  constructor({ blocks, starts, lengths }: StringColumns) {
    this.#blocks = blocks;
    this.#starts = starts;
    this.#lengths = lengths;
  }

  get count(): number {
    return this.#starts.length;
  }

  /** The index of a string, or -1. Nothing is decoded: the lengths alone rule nearly all out. */
  indexOf(text: string): number {
    const known = this.#found.get(text);
    if (known !== undefined) return known;
    const wanted = new TextEncoder().encode(text);
    let index = this.#lengths.indexOf(wanted.length);
    while (index !== -1 && !this.#equals(index, wanted)) index = this.#lengths.indexOf(wanted.length, index + 1);
    this.#found.set(text, index);
    return index;
  }

  byteLength(index: number): number {
    return this.#lengths[index] ?? 0;
  }

  /** How many of its first bytes are digits. */
  leadingDigits(index: number): number {
    const length = this.byteLength(index);
    const block = this.#blockOf(index);
    const offset = this.#offsetOf(index);
    let count = 0;
    while (count < length && isDigit(block[offset + count] as number)) count += 1;
    return count;
  }

  /** Strings over 512 bytes are cut and end in `…`; an index that is not in the table gives an empty one. */
  get(index: number): string {
    return this.#decoder.decode(this.#bytes(index));
  }

  #equals(index: number, wanted: Uint8Array): boolean {
    const block = this.#blockOf(index);
    const offset = this.#offsetOf(index);
    for (let at = 0; at < wanted.length; at += 1) if (block[offset + at] !== wanted[at]) return false;
    return true;
  }

  #bytes(index: number): Uint8Array {
    const offset = this.#offsetOf(index);
    return this.#blockOf(index).subarray(offset, offset + this.byteLength(index));
  }

  #blockOf(index: number): Uint8Array {
    return this.#blocks[Math.floor((this.#starts[index] ?? 0) / BLOCK_BYTES)] ?? NOTHING;
  }

  #offsetOf(index: number): number {
    return (this.#starts[index] ?? 0) % BLOCK_BYTES;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Collects strings byte by byte. A string never straddles two blocks. */
export class StringTableBuilder {
  readonly #blocks: Uint8Array<ArrayBuffer>[] = [];
  readonly #starts = new GrowingNumbers();
  readonly #lengths = new GrowingNumbers();
  #block = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #full = false;

  begin(): void {
    if (this.#end + MAX_STRING_BYTES + ELLIPSIS.length > this.#block.length) {
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#blocks.push(this.#block);
      this.#end = 0;
    }
    this.#start = this.#end;
    this.#full = false;
  }

  /**
   * Takes what stands between `from` and the closing quote, if all of it is here and it has none but simple escapes, as nearly all
   * have. Answers where the quote stands, or -1 when the string has to be taken piece by piece.
   */
  takeWhole(bytes: Uint8Array, from: number): number {
    this.begin();
    const block = this.#block;
    const limit = this.#start + MAX_STRING_BYTES;
    let end = this.#end;
    for (let at = from; at < bytes.length; at += 1) {
      let byte = bytes[at] as number;
      if (byte === QUOTE) {
        if (!this.#full) this.#end = end;
        this.finish();
        return at;
      }
      if (byte === BACKSLASH) {
        at += 1;
        byte = at < bytes.length ? (SIMPLE_ESCAPE_BYTES[bytes[at] as number] as number) : 0;
        if (byte === 0) return -1;
      }
      if (this.#full) continue;
      if (end < limit) {
        block[end] = byte;
        end += 1;
      } else {
        this.#end = end;
        this.#cut();
      }
    }
    return -1;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    if (this.#full) return;
    const room = MAX_STRING_BYTES - (this.#end - this.#start);
    const stop = Math.min(to, from + room);
    for (let at = from; at < stop; at += 1) {
      this.#block[this.#end] = bytes[at] as number;
      this.#end += 1;
    }
    if (stop < to) this.#cut();
  }

  finish(): void {
    this.#starts.push((this.#blocks.length - 1) * BLOCK_BYTES + this.#start);
    this.#lengths.push(this.#end - this.#start);
  }

  take(): StringColumns {
    return { blocks: this.#blocks, starts: this.#starts.take(), lengths: this.#lengths.take() };
  }

  /** Ends the string before the character that did not fit as a whole. */
  #cut(): void {
    let end = this.#end;
    while (end > this.#start && ((this.#block[end - 1] as number) & 0xc0) === 0x80) end -= 1;
    if (end > this.#start && (this.#block[end - 1] as number) >= 0xc0) end -= 1;
    this.#block.set(ELLIPSIS, end);
    this.#end = end + ELLIPSIS.length;
    this.#full = true;
  }
}
