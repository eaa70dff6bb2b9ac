const BLOCK_LENGTH = 1 << 16;

/** Numbers below 2³² whose count is not known beforehand: grows by blocks, so that nothing is copied while it grows. */
export class GrowingNumbers {
  readonly #blocks: Uint32Array[] = [];
  #last: Uint32Array = new Uint32Array(0);
  #filled = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#filled === this.#last.length) {
      this.#last = new Uint32Array(BLOCK_LENGTH);
      this.#blocks.push(this.#last);
      this.#filled = 0;
    }
    this.#last[this.#filled] = value;
    this.#filled += 1;
    this.#length += 1;
  }

  /** All of them in one array; the blocks are let go. */
  take(): Uint32Array<ArrayBuffer> {
    const all = new Uint32Array(this.#length);
    for (const [index, block] of this.#blocks.entries()) {
      const from = index * BLOCK_LENGTH;
      all.set(block.subarray(0, Math.min(BLOCK_LENGTH, this.#length - from)), from);
    }
    this.#blocks.length = 0;
    this.#last = new Uint32Array(0);
    return all;
  }
}
