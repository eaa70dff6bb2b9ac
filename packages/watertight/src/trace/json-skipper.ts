/** Finds the end of a JSON value that nobody asked for, or whose text is wanted as a whole, over any boundary of chunks. */
export class JsonSkipper {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #started = false;

  /**
   * Answers the position behind the value, or -1 when it goes on behind `bytes`. A bare number or word ends *before* the
   * comma or bracket that follows it.
   */
  scan(bytes: Uint8Array, from: number): number {
    for (let position = from; position < bytes.length; position += 1) {
      const byte = bytes[position] as number;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === 92) this.#escaped = true;
        else if (byte === 34) {
          this.#inString = false;
          if (this.#depth === 0) return position + 1;
        }
        continue;
      }
      if (byte === 34) this.#inString = true;
      else if (byte === 91 || byte === 123) this.#depth += 1;
      else if (byte === 93 || byte === 125) {
        if (this.#depth === 0) return position;
        this.#depth -= 1;
        if (this.#depth === 0) return position + 1;
      } else if (byte === 44 && this.#depth === 0 && this.#started) return position;
      this.#started = true;
    }
    return -1;
  }
}
