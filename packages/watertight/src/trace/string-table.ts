import { GrowingNumbers } from './growing-numbers.ts';

const BLOCK_BYTES = 1 << 20;
/** V8 itself cuts strings at 1 024 characters; names that tell something are shorter. */
const MAX_STRING_BYTES = 512;
const NOTHING = new Uint8Array(0);
const ELLIPSIS = new Uint8Array([0xe2, 0x80, 0xa6]);

/** The strings of a snapshot, kept as bytes and decoded when asked for. */
export class StringTable {
  readonly #blocks: readonly Uint8Array[];
  readonly #starts: Uint32Array;
  readonly #lengths: Uint32Array;
  readonly #decoder = new TextDecoder();

  constructor(blocks: readonly Uint8Array[], starts: Uint32Array, lengths: Uint32Array) {
    this.#blocks = blocks;
    this.#starts = starts;
    this.#lengths = lengths;
  }

  get count(): number {
    return this.#starts.length;
  }

  /** The index of a string, or -1. Nothing is decoded: the lengths alone rule nearly all out. */
  indexOf(text: string): number {
    const wanted = new TextEncoder().encode(text);
    for (
      let index = this.#lengths.indexOf(wanted.length);
      index !== -1;
      index = this.#lengths.indexOf(wanted.length, index + 1)
    ) {
      if (this.#bytes(index).every((byte, at) => byte === wanted[at])) return index;
    }
    return -1;
  }

  /** Strings over 512 bytes are cut and end in `…`; an index that is not in the table gives an empty one. */
  get(index: number): string {
    return this.#decoder.decode(this.#bytes(index));
  }

  #bytes(index: number): Uint8Array {
    const start = this.#starts[index] ?? 0;
    const offset = start % BLOCK_BYTES;
    const block = this.#blocks[Math.floor(start / BLOCK_BYTES)] ?? NOTHING;
    return block.subarray(offset, offset + (this.#lengths[index] ?? 0));
  }
}

/** Collects strings byte by byte. A string never straddles two blocks. */
export class StringTableBuilder {
  readonly #blocks: Uint8Array[] = [];
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

  take(): StringTable {
    return new StringTable(this.#blocks, this.#starts.take(), this.#lengths.take());
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
